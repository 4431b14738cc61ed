"""Functions of numbers, element by element, and comparisons."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.lax import RoundingMethod

from gradproof.errors import Undecided
from gradproof.interpreter.rules import whole
from gradproof.interpreter.running import Running

LARGEST_POWER = 1000
"""Powers to a rational number below it are powers; others are exponentials."""

LARGEST_ROOT = 12


def elementwise(method: str) -> Callable[..., Any]:
    """By the operation of the arithmetic of this name."""

    def rule(run: Running, equation: Any, *xs: Any) -> Any:
        return getattr(run.arithmetic, method)(*run.numbers(xs))

    return rule


def comparison(holds: Callable[[np.ndarray], np.ndarray]) -> Callable[..., Any]:
    """By what it makes of the sign of the difference."""

    def rule(run: Running, equation: Any, a: Any, b: Any) -> Any:
        x, y = run.numbers((a, b))
        return run.arithmetic.compare(x, y, holds)

    return rule


def before(run: Running, equation: Any, a: Any, b: Any) -> Any:
    """In an order of all values: what is none comes last."""
    x, y = run.numbers((a, b))
    return run.arithmetic.is_beyond(y, x, 1)


def not_after(run: Running, equation: Any, a: Any, b: Any) -> Any:
    return ~before(run, equation, b, a)


def same(run: Running, equation: Any, x: Any) -> Any:
    return x


def rounded(run: Running, equation: Any, x: Any, *, exponent_bits: int, mantissa_bits: int) -> Any:
    return run.arithmetic.cast(x, exponent_bits, mantissa_bits)


def barrier(run: Running, equation: Any, *xs: Any, **_: Any) -> list[Any]:
    return list(xs)


def empty(run: Running, equation: Any, **_: Any) -> Any:
    """Memory that nobody has written to: no number, wherever it is used."""
    (out,) = equation.outvars
    return run.known(np.full(out.aval.shape, np.nan if out.aval.dtype.kind not in "biu" else 0, out.aval.dtype))


def iota(run: Running, equation: Any, *, dtype: Any, shape: Sequence[int], dimension: int) -> Any:
    return run.number(whole.iota(dtype=np.int64, shape=shape, dimension=dimension))


def convert(run: Running, equation: Any, x: Any, *, new_dtype: Any) -> Any:
    dtype = np.dtype(new_dtype)
    if jnp.issubdtype(dtype, jnp.floating):
        format = jnp.finfo(dtype)
        return run.arithmetic.cast(run.number(x), format.nexp, format.nmant)
    if dtype.kind not in "biu":
        return run.number(x)
    if dtype == np.bool_:
        return run.arithmetic.sign(x) != 0
    known = run.arithmetic.rationals(x)
    if known is None:
        raise Undecided("a real number is converted to an integer")
    whole, limits = [math.trunc(v) for v in known.ravel()], jnp.iinfo(dtype)
    if any(not limits.min <= n <= limits.max for n in whole):
        raise Undecided(f"a number is converted to {dtype}, which does not have it")
    return np.array(whole, dtype).reshape(x.shape)


def square(run: Running, equation: Any, x: Any) -> Any:
    return run.arithmetic.integer_power(run.number(x), 2)


def integer_pow(run: Running, equation: Any, x: Any, *, y: int) -> Any:
    return run.arithmetic.integer_power(run.number(x), y)


def power(run: Running, equation: Any, a: Any, b: Any) -> Any:
    arithmetic = run.arithmetic
    if isinstance(b, np.ndarray):
        shape = np.broadcast_shapes(a.shape, b.shape)
        base, exponents = run.spread(run.number(a), shape), np.broadcast_to(b, shape)
        cases = {n: arithmetic.integer_power(base, int(n)) for n in np.unique(exponents)}
        which = np.searchsorted(list(cases), exponents)
        return arithmetic.select(which, list(cases.values()))
    base, b = run.numbers((a, b))
    if (fraction := arithmetic.fraction(b)) is not None and abs(fraction) < LARGEST_POWER:
        if fraction.denominator == 1:
            return arithmetic.integer_power(base, int(fraction))
        if fraction.denominator <= LARGEST_ROOT:
            return arithmetic.power(base, fraction)
    return arithmetic.general_power(base, b)


def root(exponent: Fraction) -> Callable[..., Any]:
    def rule(run: Running, equation: Any, x: Any) -> Any:
        return run.arithmetic.power(run.number(x), exponent)

    return rule


def cbrt(run: Running, equation: Any, x: Any) -> Any:
    arithmetic = run.arithmetic
    sign = arithmetic.sign(x)
    size = arithmetic.power(arithmetic.absolute(x), Fraction(1, 3))
    return arithmetic.multiply(arithmetic.constant(sign), size)


def exp2(run: Running, equation: Any, x: Any) -> Any:
    arithmetic = run.arithmetic
    return arithmetic.exp(arithmetic.multiply(arithmetic.log(arithmetic.filled(2.0, x.shape)), x))


def sign(run: Running, equation: Any, x: Any) -> Any:
    return run.number(run.arithmetic.sign(x))


def round_off(run: Running, equation: Any, x: Any, *, rounding_method: Any) -> Any:
    return run.arithmetic.round(run.number(x), to_even=rounding_method == RoundingMethod.TO_NEAREST_EVEN)


def clamp(run: Running, equation: Any, low: Any, x: Any, high: Any) -> Any:
    arithmetic = run.arithmetic
    low, x, high = run.numbers((low, x, high))
    return arithmetic.minimum(arithmetic.maximum(x, low), high)


def is_finite(run: Running, equation: Any, x: Any) -> Any:
    return run.arithmetic.finite(run.number(x))


def unknown(run: Running, equation: Any, x: Any, *, name: str, order: int, event: bool) -> Any:
    return run.arithmetic.unknown(run.number(x), name, order, event)
