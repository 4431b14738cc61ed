"""Hand-written derivatives in place of those that JAX would make: registers rules, and differentiates nothing."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero


def with_gradient(
    function: Callable[..., Any],
    gradient: Callable[..., Any],
    hessian_vector_product: Callable[..., Any] | None = None,
) -> Callable[..., Any]:
    r"""The same function, with a derivative by the first argument that JAX takes from the gradient by hand.

    $$ \mathrm{d} f = \langle \nabla f(x, \dots), \mathrm{d} x \rangle, \qquad
    \mathrm{d} \nabla f = \nabla^2 f(x, \dots) \, \mathrm{d} x $$

    `jax.grad`, `jax.vjp`, `jax.jvp` and `jax.hessian` of the result use the rules, under `jit`, `vmap`, `scan` and
    `shard_map`, too. Without a Hessian-vector product, JAX differentiates the gradient.

    Arguments:
        function: of a pytree of reals and other positional arguments. Its value is a number; or an array, each entry of
            which depends only on its own part of the first argument, where the parts lie along the first axes.
        gradient: of the same arguments: the gradient of each entry by its own part, in the structure of the first
            argument. Element by element it is the derivative.
        hessian_vector_product: of the same arguments and a tangent in the structure of the first one.

    Returns a function of the same positional arguments.

    When it is differentiated, it raises `TypeError` for a derivative by another argument than the first and for a
    gradient of another structure, and `ValueError` for a gradient of another shape.

    Source: the rules are those of `jax.custom_jvp`.

    >>> from manual_grads import losses
    >>> loss = losses.sigmoid_binary_cross_entropy
    >>> by_hand = with_gradient(loss, loss.gradient, loss.hessian_vector_product)
    >>> print(f"{jax.grad(jax.grad(by_hand))(40.0, 1.0):.3e}")  # where JAX's own rule gives 0
    4.248e-18
    """

    @jax.custom_jvp
    def value(parameters: Any, *others: Any) -> Any:
        return function(parameters, *others)

    slope = gradient if hessian_vector_product is None else _with_product(gradient, hessian_vector_product)

    def value_rule(primals: Any, tangents: Any) -> Any:
        tangent = _only_first(tangents)
        out = value(*primals)
        return out, _contracted(slope(*primals), tangent, jnp.ndim(out))

    value.defjvp(value_rule, symbolic_zeros=True)
    return value


def _with_product(gradient: Callable[..., Any], hessian_vector_product: Callable[..., Any]) -> Callable[..., Any]:
    """The gradient, with the Hessian-vector product as its derivative."""

    @jax.custom_jvp
    def slope(parameters: Any, *others: Any) -> Any:
        return gradient(parameters, *others)

    def slope_rule(primals: Any, tangents: Any) -> Any:
        return slope(*primals), hessian_vector_product(*primals, _only_first(tangents))

    slope.defjvp(slope_rule, symbolic_zeros=True)
    return slope


def _only_first(tangents: Any) -> Any:
    """The tangent of the first argument, with its zeros filled in."""
    first, *others = tangents
    for position, tangent in enumerate(others, 1):
        if not all(isinstance(leaf, SymbolicZero) for leaf in jax.tree.leaves(tangent)):
            raise TypeError(
                "the derivative is by hand, and by the first argument only; "
                f"argument {position} is differentiated, too: hold it fixed, or give it first"
            )
    return jax.tree.map(
        lambda leaf: jnp.zeros(leaf.shape, leaf.dtype) if isinstance(leaf, SymbolicZero) else leaf, first
    )


def _contracted(gradient: Any, tangent: Any, axes: int) -> Any:
    """The sum of all products over all axes but the first ones, which are those of the value."""
    given, expected = jax.tree.structure(gradient), jax.tree.structure(tangent)
    if str(given) != str(expected):
        raise TypeError(f"gradient must return the structure of the first argument, {expected}, got {given}")
    total: Any = 0
    for slope, direction in zip(jax.tree.leaves(gradient), jax.tree.leaves(tangent), strict=True):
        if jnp.shape(slope) != jnp.shape(direction):
            shapes = f"shape {jnp.shape(direction)} as the first argument, got shape {jnp.shape(slope)}"
            raise ValueError(f"gradient must return {shapes}")
        total = total + jnp.sum(slope * direction, axis=tuple(range(axes, jnp.ndim(slope))))
    return total
