"""False claims about roots and what is not real, each of them proved once by a mistake in the argument of its own."""

import jax.numpy as jnp
import pytest
from exactly import proved

from gradproof import Function, Real

X, XY = {"x": Real()}, {"x": Real(), "y": Real()}


def _root(x):
    return jnp.sqrt(jnp.where(x > 0, x, 1.0))


def _after_a_root(side):
    """A root is taken before, of which others are multiples."""
    return lambda x: jnp.stack([jnp.sqrt(1 + x * x), side(x)])


def _with_logarithms(y_times):
    """Logarithms of the root of x, of y, and where x is negative of their product."""

    def side(x, y):
        both = (x < 0) & (x * y > 0)
        logs = jnp.log(_root(x)), jnp.log(jnp.where(y > 0, y, 1.0)), jnp.log(jnp.where(both, x * y, 1.0))
        return jnp.stack([*(0 * log for log in logs), jnp.where(both, y_times(y), 0.0)])

    return side


def _angles_beside(last):
    """A number that is zero in a region, as a square of which a root is taken."""

    def side(x, y):
        angles = jnp.arctan(x) + jnp.arctan(1 / x) - jnp.pi / 2
        root = jnp.sqrt(angles * angles * (1 + y * y))
        return jnp.stack([jnp.sqrt(1 + y * y), 0 * root + angles, last(angles, x)])

    return side


def _implied(slope):
    """Where x is negative, signs of the root of x follow from nothing."""

    def side(x, y, z):
        root = _root(x)

        def chosen(c, a):
            return jnp.where(c > 0, 0.0, a)

        gates = chosen(z, 1.0) + chosen(x * z, 3.0) + chosen(root * y, 5.0) + chosen(root * y * z, 7.0)
        return jnp.where(x < 0, slope * x, 0.0) + y * y + gates

    return side


def _cube_root(early):
    """Of a product with a square, before its square root is taken and after."""

    def side(x, y):
        product = x * x * (1 + y * y)
        before = jnp.power(product, 1 / 3)
        roots = 0 * jnp.sqrt(1 + y * y) + 0 * jnp.sqrt(product)
        after = jnp.where(x > 0, 1, -1) * jnp.power(product, 1 / 3)
        return roots + (before if early else after)

    return side


def _difference_beside(last):
    """Of an unknown function, which may be zero in a region, as its square may."""
    return lambda f, x, y: jnp.stack([jnp.sqrt(1 + x * x), f(x) - f(y), last(f(x) - f(y), x)])


FALSE = {
    "a cube root before a square root": (_cube_root(early=True), _cube_root(early=False), XY),
    "the square of what may be zero in a region": (
        _difference_beside(lambda z, x: jnp.where(z**2 > 0, x, 2 * x)),
        lambda f, x, y: jnp.stack([jnp.sqrt(x * x + 1), f(x) - f(y), x]),
        {"f": Function(), **XY},
    ),
    "signs that follow from a root that is not real": (_implied(1.0), _implied(2.0), {**XY, "z": Real()}),
    "the square of a root that is not real": (
        lambda x: jnp.where(x > 0, jnp.log(_root(x)), jnp.exp(jnp.log(jnp.where(x < 0, -x, 1.0)))),
        lambda x: jnp.where(x > 0, jnp.log(_root(x)), x),
        X,
    ),
    "the square of a root that is not real, and another number": (
        lambda x, y: jnp.where(x > 0, jnp.log(y * _root(x)), jnp.exp(jnp.log(jnp.where(x < 0, -x * y * y, 1.0)))),
        lambda x, y: jnp.where(x > 0, jnp.log(y * _root(x)), x * y * y),
        XY,
    ),
    "roots of squares of numbers that are negative": (
        lambda x, y: jnp.sqrt(1 + (y / x) ** 2) * x,
        lambda x, y: jnp.sqrt(x * x + y * y),
        XY,
    ),
    "exponentials of logarithms of numbers that are negative": (
        lambda x, y: jnp.exp(jnp.log(jnp.abs(x)) + jnp.log(jnp.abs(y))),
        lambda x, y: x * y,
        XY,
    ),
    "the root of a square in an exponential": (
        _after_a_root(lambda x: jnp.exp(jnp.log(x * x) / 2)),
        _after_a_root(lambda x: 1 * x),
        X,
    ),
    "the root of a square in an exponential, negative": (
        _after_a_root(lambda x: jnp.exp(jnp.log(x * x) / 2)),
        _after_a_root(lambda x: -x),
        X,
    ),
    "a cube root after a square root": (
        _after_a_root(lambda x: jnp.sqrt(x * x * (1 + x * x)) + jnp.cbrt(x * x * (1 + x * x))),
        _after_a_root(
            lambda x: jnp.sqrt(x * x * (1 + x * x)) + jnp.where(x > 0, 1, -1) * jnp.cbrt(x * x * (1 + x * x))
        ),
        X,
    ),
    "an even power of what is not real, in a logarithm": (
        _with_logarithms(lambda y: jnp.where(y > 0, 3 * y, 2 * y)),
        _with_logarithms(lambda y: 3 * y),
        XY,
    ),
    "the sign of what was squared and may be zero": (
        _angles_beside(lambda z, x: jnp.where(z > 0, x, jnp.where(z < 0, x, 2 * x))),
        _angles_beside(lambda z, x: x),
        XY,
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_it_is_not_proved(name):
    one, other, symbols = FALSE[name]
    assert not proved(one, other, symbols)
