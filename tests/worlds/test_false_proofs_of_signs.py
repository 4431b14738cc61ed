"""False claims about signs of what is made in regions only, each proved once, and true ones beside them."""

import jax.numpy as jnp
import pytest
from exactly import proved

from gradproof import Positive, Real

XYQ = {"x": Real(), "y": Real(), "q": Real(), "w": Positive()}


def _root(x):
    return jnp.sqrt(jnp.where(x > 0, x, 1.0))


def _root_of_product(made):
    """What is made of the root of x y q q where all three are negative, and it is a variable of its own."""

    def side(x, y, q, w):
        before = 0 * _root(x), 0 * _root(y), 0 * q**2
        root = jnp.sqrt(jnp.where(x * y > 0, x * y * q**2, 1.0))
        return jnp.stack([*before, jnp.where((x < 0) & (y < 0) & (q < 0), made(root, q, w), 0.0)])

    return side


def _beside_a_square(made):
    """What is made of four squares of the sine, negative, which are the square of a number that is not real."""

    def side(x):
        square = 2 * jnp.cos(2 * x) - 2
        return jnp.stack([jnp.sin(x), jnp.where(square > 0, jnp.sqrt(square), 0.0), made(square, x)])

    return side


CLAIMS = {
    "the square of what is not real": (
        _beside_a_square(lambda square, x: jnp.abs(square)),
        _beside_a_square(lambda square, x: square),
        _beside_a_square(lambda square, x: jnp.where(square > 0, square, -square)),
        {"x": Real()},
    ),
    "a comparison of the square of what is not real": (
        _beside_a_square(lambda square, x: jnp.where(square > 0, 5.0, x)),
        _beside_a_square(lambda square, x: 5.0 + 0 * x),
        _beside_a_square(lambda square, x: jnp.where(square < 0, x, 5.0)),
        {"x": Real()},
    ),
    "the root of its square": (
        _root_of_product(lambda root, q, w: jnp.sqrt(root**2) * root),
        _root_of_product(lambda root, q, w: -root * root),
        _root_of_product(lambda root, q, w: root * root),
        XYQ,
    ),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_what_is_false_is_not_proved_and_what_is_true_is(name):
    one, false, true, symbols = CLAIMS[name]
    assert not proved(one, false, symbols)
    assert proved(one, true, symbols)
