"""Every equality of the documents against `jax.grad`: all sides at one point in float64, without the engine.

The first side says what a statement speaks of, and takes its derivatives by JAX's autodiff. What is printed wrong must
differ from it, and its correction must not.
"""

import math
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from run_by_numpy import run

from gradproof import Binary, Function, Functional, Index, OneHot, Positive, Real, claim, derivative, misprint
from gradproof.catalogue.collect import installed
from gradproof.claims import Equality, Misprint

CLAIMS = [claim for claim in installed() if claim.source is not None and isinstance(claim, Equality)]

ROUNDING = 1e-9
"""What rounding may make of the sides, relative to their largest entry or to 1.

A side is made of numbers of magnitude 1 to 1,000 in no more than some thousand operations, each of them off by 2^-53:
together by less than 1,000 * 10,000 * 2^-53, about 1e-9.
"""

APART = 1e-6
"""How far from the truth a misprint has to be: farther than rounding could take it."""


def numbers(name: str, shape: tuple[int, ...] = ()) -> np.ndarray:
    """Numbers that belong to a name, between 1/2 and 3/2."""
    return np.random.default_rng(zlib.crc32(name.encode())).uniform(0.5, 1.5, shape)


def function(name: str) -> Callable[[jax.Array], jax.Array]:
    """A smooth function of one number, applied element by element."""
    shift = float(numbers(name))
    return lambda x: lax.sin(lax.add(x, shift))


def functional(name: str) -> Callable[..., jax.Array]:
    """A smooth real function of arrays, with a Hessian that is neither diagonal nor singular."""

    def value(*arrays: jax.Array) -> jax.Array:
        flat = lax.concatenate([lax.reshape(array, (array.size,)) for array in arrays], 0)
        frequencies, shifts, amplitudes = numbers(name, (3, flat.size))
        return lax.square(lax.dot(amplitudes, lax.sin(lax.add(lax.mul(flat, frequencies), shifts))))

    return value


def drawn(symbol: Any, sizes: Mapping[str, int], generator: np.random.Generator, sign: float) -> np.ndarray:
    """Values of a symbol, reals with this sign before them; of labels as many kinds as there can be."""
    shape = symbol.shape(sizes)

    def labels(shape: tuple[int, ...], kinds: int) -> np.ndarray:
        different = (generator.integers(kinds) + np.arange(math.prod(shape))) % kinds
        return generator.permutation(different).reshape(shape)

    match symbol:
        case Index():
            return labels(shape, symbol.below.at(sizes))
        case Binary():
            return labels(shape, 2).astype(float)
        case OneHot():
            return np.eye(shape[-1])[labels(shape[:-1], shape[-1])]
        case Positive():
            return generator.uniform(0.25, 1.5, shape)
        case Real():
            return sign * generator.uniform(-1.5, 1.5, shape)
    raise TypeError(f"no values for {symbol!r}")


def sizes_of(claim: Equality) -> dict[str, int]:
    """Sizes from 2 on, all different, also from those that the claim itself fixes."""
    fixed = {
        dimension.offset for symbol in claim.symbols.values() for dimension in symbol.dimensions if not dimension.names
    }
    free = (size for size in count(2) if size not in fixed | set(claim.sizes.values()))
    return {**claim.sizes, **dict(zip(claim.size_names(), free, strict=False))}


def steps(claim: Equality, signs: Sequence[float]) -> Iterator[list[list[list[np.ndarray]]]]:
    """For each sign the arrays of each side; of a misprint those that are printed, and then those that are correct."""
    sizes = sizes_of(claim)
    unknown = {Function: function, Functional: functional}
    functions = {name: unknown[type(s)](name) for name, s in claim.symbols.items() if type(s) in unknown}

    def point(sign: float) -> dict[str, np.ndarray]:
        generator = np.random.default_rng(zlib.crc32(claim.id.encode()))
        arrays = {name: symbol for name, symbol in claim.symbols.items() if name not in functions}
        return {name: drawn(symbol, sizes, generator, sign) for name, symbol in arrays.items()}

    def sides(arrays: Mapping[str, jax.Array]) -> list[list[Any]]:
        yielded = claim.sides(**claim.arguments({**arrays, **functions}))
        return [[side.printed, side.correct] if isinstance(side, Misprint) else [side] for side in yielded]

    # A shape that is printed wrong may meet another one.
    with jax.numpy_rank_promotion("allow"):
        closed, structure = jax.make_jaxpr(sides, return_shape=True)(point(1.0))
    for sign in signs:
        values = iter(run(closed, jax.tree.leaves(point(sign))))
        yield [[[next(values) for _ in jax.tree.leaves(part)] for part in parts] for parts in structure]


def distance(side: list[np.ndarray], first: list[np.ndarray]) -> float:
    """The largest difference, relative to the largest entry or to 1; infinite where shapes differ."""
    if [array.shape for array in side] != [array.shape for array in first]:
        return np.inf
    largest = max(1.0, *(np.max(np.abs(array), initial=0.0) for array in (*side, *first)))
    return max(np.max(np.abs(a - b), initial=0.0) for a, b in zip(side, first, strict=True)) / largest


def faults(claim: Equality) -> set[str]:
    """Which sides do not say what the claim says of them."""
    found = set()
    # Where the sides jump, a point and its opposite are on both sides of the jump.
    for (first,), *others in steps(claim, (1.0, -1.0) if claim.kinks else (1.0,)):
        for number, parts in enumerate(others, 1):
            if not distance(parts[-1], first) < ROUNDING:
                found.add(f"side {number} differs from side 0")
            if len(parts) == 2 and not distance(parts[0], first) > APART:
                found.add(f"side {number} is right as it is printed")
    return found


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_all_sides_agree_with_autodiff(claim):
    assert not faults(claim)


def that_the_derivative_is(side: Callable[..., Any]) -> Equality:
    """A claim with this for its second side, made of x, y, f'(x) and f(x)."""

    def sides(x=Real("n m"), y=Real("n m"), f=Function()):
        yield derivative(lambda x: jnp.sum(f(x) ** 2 * y), x)
        yield side(x, y, derivative(lambda x: jnp.sum(f(x)), x), f(x))

    return claim("a.derivative")(sides)


@pytest.mark.parametrize(
    ("side", "found"),
    [
        (lambda x, y, slope, f: 2 * f * slope * y, set()),
        (lambda x, y, slope, f: -2 * f * slope * y, {"side 1 differs from side 0"}),
        (lambda x, y, slope, f: (2 * f * slope * y).at[-1, -1].add(1e-8), {"side 1 differs from side 0"}),
        (lambda x, y, slope, f: (2 * f * slope * y).T, {"side 1 differs from side 0"}),
        (lambda x, y, slope, f: jnp.full_like(x, jnp.nan), {"side 1 differs from side 0"}),
        (lambda x, y, slope, f: misprint(printed=f * slope * y, correct=2 * f * slope * y), set()),
        (
            lambda x, y, slope, f: misprint(printed=2 * f * slope * y, correct=f * slope * y),
            {"side 1 differs from side 0", "side 1 is right as it is printed"},
        ),
    ],
)
def test_a_side_that_is_wrong_is_found(side, found):
    assert faults(that_the_derivative_is(side)) == found


def test_both_sides_of_a_jump_are_seen():
    @claim("slope", kinks="at 0 anything")
    def slope(z=Real()):
        yield derivative(lambda z: jnp.maximum(z, 0.0), z)
        yield jnp.zeros_like(z)

    assert faults(slope) == {"side 1 differs from side 0"}
