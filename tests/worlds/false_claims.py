"""Claims that are false, and are accepted about as often as the bound on one of its events allows.

Over primes of five bits there is one, 23, and 11 squares: what is compared is chosen so that many of them are roots.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax.numpy as jnp
import numpy as np

from gradproof import Function, Positive, Real
from gradproof.claims import Equality
from gradproof.worlds.draws import Plan, primes_for


@dataclass(frozen=True)
class FalseClaim:
    """Sides that are not equal.

    Arguments:
        event: what it tries: a draw that is a root, all of one prime that are, a prime that is bad, or all together.
        wrong: how many decisions of a run may be wrong, each of which has it accepted.
        trials: how many, fixed beforehand.
        plan: what is drawn in each.
        prime: the only one of which this is so, if it is not so of all.
    """

    sides: tuple[Callable[..., Any], Callable[..., Any]]
    symbols: Mapping[str, Any]
    trials: int
    event: str = "draw"
    wrong: int = 1
    plan: Mapping[str, int] = field(default_factory=lambda: {"bits": 5, "primes": 1, "repeats": 1})
    prime: int | None = None

    @property
    def claim(self) -> Equality:
        def chain(**values: Any) -> Any:
            for side in self.sides:
                yield side(*(values[name] for name in self.symbols))

        return Equality(id="false", title="false", sides=chain, symbols=dict(self.symbols))

    def plans(self) -> Iterator[Plan]:
        """Of each trial, with other draws."""
        tried = (Plan(f"trial {number}".encode().ljust(64), **self.plan) for number in itertools.count())
        if self.prime is not None:
            tried = (plan for plan in tried if primes_for(plan.entropy, 1, plan.bits) == [self.prime])
        return itertools.islice(tried, self.trials)


def of(bits: int, primes: int = 1, repeats: int = 1, **more: int) -> Mapping[str, int]:
    return {"bits": bits, "primes": primes, "repeats": repeats, **more}


X = {"x": Positive()}


def above(x):
    return x**3 + 15 * x**2 + 9 * x + 7


def below(x):
    return 14 / (x**3 + 20 * x + 1)


def of_root(x):
    return x + jnp.cbrt(x)


def linear_factors(x, rows, columns):
    """In each row the product of a few, other ones for each."""
    return jnp.prod(x - jnp.asarray(np.arange(1.0, 1 + rows * columns).reshape(rows, columns)), axis=1)


def residues_of(roots, poles, p):
    """What the product of x - root over that of x - pole has at its poles, modulo a prime."""
    above = np.array([math.prod(int(a - root) for root in roots) % p for a in poles])
    below = np.array([math.prod(int(a - b) for b in poles if b != a) % p for a in poles])
    return np.array([int(a) * pow(int(b), -1, p) % p for a, b in zip(above, below, strict=True)], float)


POLES = np.arange(1.0, 101.0)
RESIDUES = residues_of(range(101, 200), range(1, 101), 2063)


def partial_fractions(x):
    """The sum of a hundred fractions, whose numerator is the product of 99 linear factors."""
    return jnp.sum(RESIDUES / (x - POLES))


def gates(x):
    """How many are positive, less each of the numbers that are not meant: a polynomial in the outcomes."""
    return jnp.prod(jnp.sum(jnp.where(x > 0, 1.0, 0.0)) - jnp.arange(1.0, 61.0))


def coincidence(x):
    other = jnp.asarray(~np.eye(len(x), dtype=bool))
    return jnp.where(jnp.any((x[:, None] == x[None, :]) & other), 0.0, x[0])


def bells(x):
    return jnp.exp(x) + jnp.exp(-x)


PRIMES_OF_TEN_BITS = np.array([563.0, 587, 599, 647, 683, 719, 839, 863, 887, 947, 983, 1019])
PRODUCT_OF_FIVE = float(np.prod(PRIMES_OF_TEN_BITS[:5]))

CLAIMS = {
    "fractions of polynomials": FalseClaim((above, below), X, 250),
    "fractions, in two draws": FalseClaim((above, below), X, 200, event="draws", plan=of(5, repeats=2)),
    "roots of odd order": FalseClaim((of_root, lambda x: 16 / (of_root(x) + 6)), X, 200),
    "roots of positive numbers": FalseClaim(
        (lambda x: x + 18 * jnp.sqrt(x) + 5, lambda x: 1 / (x + 18 * jnp.sqrt(x) + 5)), X, 400
    ),
    "negative exponents": FalseClaim((bells, lambda x: 5 / (bells(x) + 2)), {"x": Real()}, 400),
    "large coefficients": FalseClaim(
        (lambda x: 301921517649.0 * x, lambda x: x / 301672609195.0), X, 150, event="prime", plan=of(10)
    ),
    "large coefficients of roots": FalseClaim(
        (
            lambda x: (10637886043.0 * jnp.cbrt(2.0) - 35791940805.0) * x,
            lambda x: -2528348552.0 * jnp.cbrt(2.0) * jnp.cbrt(2.0) * x,
        ),
        X,
        120,
        event="prime",
        plan=of(10),
    ),
    "exponentials of logarithms": FalseClaim(
        (lambda x: jnp.prod(jnp.exp(jnp.log(linear_factors(x, 40, 20) ** 2 + 1)) - 1), lambda x: 0 * x),
        {"x": Real()},
        40,
        plan=of(11),
    ),
    "logarithms of exponentials": FalseClaim(
        (lambda x: jnp.prod(jnp.log(jnp.exp(linear_factors(x, 25, 32)))), lambda x: 0 * x),
        {"x": Real()},
        40,
        plan=of(11),
    ),
    "coefficients in logarithms": FalseClaim(
        (lambda x: jnp.prod(jnp.exp(jnp.log((PRIMES_OF_TEN_BITS + 1) * x)) - x), lambda x: 0 * x),
        X,
        30,
        event="prime",
        plan=of(10),
    ),
    "a hundred denominators": FalseClaim(
        (partial_fractions, lambda x: 0 * x), {"x": Real()}, 150, plan=of(12), prime=2063
    ),
    "signs of roots of squares": FalseClaim(
        (lambda x: jnp.sqrt(x**2 - 2 * x + 1), lambda x: x - 1), {"x": Real()}, 300, event="all", plan=of(14, repeats=3)
    ),
    "a sign for each prime": FalseClaim(
        (lambda x: jnp.sqrt(4 * x**4), lambda x: -2 * x**2), {"x": Real()}, 250, event="all", plan=of(14, repeats=3)
    ),
    "two roots of squares": FalseClaim(
        (
            lambda x, y: (jnp.sqrt(x**2 - 2 * x + 1) - x + 1) * (jnp.sqrt(y**2 + 2 * y + 1) - y - 1),
            lambda x, y: 0 * x,
        ),
        {"x": Real(), "y": Real()},
        110,
        event="all",
        plan=of(14, repeats=4),
    ),
    "products of roots": FalseClaim(
        (lambda x, y: jnp.sqrt(x + 1) * jnp.sqrt(y + 1), lambda x, y: jnp.sqrt(x * y + 1)),
        {"x": Positive(), "y": Positive()},
        100,
        plan=of(8),
    ),
    "proportions": FalseClaim(
        (lambda y, x: 0 * jnp.sum(1 + x**2) + jnp.abs(y), lambda y, x: 0 * jnp.sum(1 + x**2) + y),
        {"y": Real(), "x": Real("100")},
        250,
        event="draws",
        wrong=100,
        plan=of(12, repeats=2, spare=0),
    ),
    "coincidences": FalseClaim((coincidence, lambda x: 0 * x[0]), {"x": Real("12")}, 100, wrong=66, plan=of(10)),
    "unknown functions": FalseClaim(
        (lambda x, f: f(above(x)), lambda x, f: f(below(x))), {"x": Positive(), "f": Function()}, 100, wrong=2
    ),
    "sines of angles": FalseClaim(
        (lambda x: jnp.sin(2 * jnp.arctan(above(x))), lambda x: jnp.sin(2 * jnp.arctan(below(x)))),
        X,
        150,
        wrong=4,
        plan=of(13),
    ),
    "whole numbers": FalseClaim(
        (lambda x: jnp.floor(above(x)), lambda x: jnp.floor(below(x))),
        X,
        250,
        event="draws",
        wrong=4,
        plan=of(8, repeats=2, spare=0),
    ),
    "nested exponentials": FalseClaim(
        (lambda x: jnp.exp(jnp.exp(above(x))), lambda x: jnp.exp(jnp.exp(below(x)))), X, 100, wrong=3
    ),
    "nested logarithms": FalseClaim(
        (lambda x: jnp.log(1 + jnp.exp(above(x))), lambda x: jnp.log(1 + jnp.exp(below(x)))), X, 100, wrong=3
    ),
    "loosened sums": FalseClaim(
        (gates, lambda x: 0 * x[0]), {"x": Real("8")}, 180, event="draws", plan=of(7, repeats=2, combinations=4)
    ),
    "regions": FalseClaim(
        (lambda x, y: jnp.where(x > 0, 1.0, 0.0) * y, lambda x, y: jnp.where(y > 0, 1.0, 0.0) * y),
        {"x": Real(), "y": Real()},
        100,
        event="draws",
        wrong=3,
        plan=of(8, repeats=2, spare=0),
    ),
    "relations of exponents": FalseClaim(
        (lambda x, w: jnp.sum(jnp.exp(x @ w)), lambda x, w: jnp.prod(jnp.exp(x @ w))),
        {"x": Real("2 2"), "w": Real("2")},
        20,
        event="all",
        wrong=3,
        plan=of(12, primes=2, witnesses=16),
    ),
    "outcomes that contradict each other": FalseClaim(
        (
            lambda x, t: jnp.where((x > 0) & (x + PRODUCT_OF_FIVE * t < 0), 5.0, x),
            lambda x, t: x + 0 * t,
        ),
        {"x": Real(), "t": Real()},
        40,
        event="all",
        wrong=3,
        plan=of(10, primes=2, repeats=2, witnesses=16),
    ),
}
