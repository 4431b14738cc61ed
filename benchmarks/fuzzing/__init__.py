"""Random programs with derivatives by hand, one right and one with a mistake, and a referee that knows which is which.

A program is a tree of operations. Each operation has its code in JAX, its value in any arithmetic, and rules for slopes
and for cotangents, which are written by hand: `jax.grad` is never asked. The referee runs the same rules in balls of
high precision, compares them with quotients of differences of the value, and shares no code with gradproof.
"""
