"""Lengths of axes as they are written: names, multiples, sums and numbers."""

import re

import jax
import jax.numpy as jnp
import pytest

from gradproof import GradproofError, Index, Real, claim, derivative, verify
from gradproof.claims.symbols.dimensions import dimensions

SIZES = {"m": 2, "k": 5, "m_2": 7}


@pytest.mark.parametrize(
    ("text", "length", "written"),
    [
        ("m", 2, "m"),
        ("m+1", 3, "m+1"),
        ("1+m", 3, "m+1"),
        ("m-1", 1, "m-1"),
        ("4m", 8, "4m"),
        ("m+k", 7, "m+k"),
        ("m+m", 4, "2m"),
        ("2m+3k-4", 15, "2m+3k-4"),
        ("m_2+k", 12, "m_2+k"),
        ("12", 12, "12"),
        ("0", 0, "0"),
    ],
)
def test_a_length(text, length, written):
    (dimension,) = dimensions(text)
    assert (dimension.at(SIZES), str(dimension)) == (length, written)
    assert repr(Real(f"k {text}")) == f'Real("k {written}")'


@pytest.mark.parametrize("text", ["n,m", "(n,m)", "n*m", "m++k", "m+", "k-m", "m²", "-m", "+1", "0m", "...", "*b"])
def test_what_is_no_length_is_refused_in_a_sentence(text):
    message = f'a shape is sums of names and numbers, apart by spaces, such as "n m+1 4m 3"; {text!r} in "{text} 3" is'
    with pytest.raises(GradproofError, match=re.escape(message)):
        Real(f"{text} 3")


@pytest.mark.parametrize("given", [3, (2, 3), None, ["n"]])
def test_a_shape_is_a_text(given):
    with pytest.raises(GradproofError, match=re.escape(f'"n m+1 4m 3"; given {given!r}')):
        Real(given)


@pytest.mark.parametrize(
    ("symbol", "message"),
    [
        (Real("m-2"), "the length 'm-2' of 'x' is negative at m = 1; give the least length a name"),
        (Real("m+k-3"), "the length 'm+k-3' of 'x' is negative at m = 1 and k = 1"),
        (Index("K", below="K-1"), "'x' is below 'K-1', which is no class at K = 1"),
        (Index(below="0"), "'x' is below '0', which is no class; give"),
    ],
)
def test_a_length_that_may_be_negative_is_refused(symbol, message):
    def declared(x=symbol):
        yield x

    with pytest.raises(GradproofError, match=re.escape(f"claim 'c': {message}")):
        claim("c")(declared)


def test_a_size_that_is_fixed_makes_it_long_enough():
    @claim("c", sizes={"m": 5})
    def fixed(x=Real("m-2")):
        yield x

    assert fixed.arrays["x"].shape({"m": 5}) == (3,)


def test_the_gates_of_a_cell():
    def loss(W, h, x):
        i, f = jnp.split(W @ jnp.concatenate([h, x]), 2)
        return jnp.sum(jax.nn.sigmoid(i) * jnp.tanh(f))

    @claim("gates")
    def gates(W=Real("2m m+k"), h=Real("m"), x=Real("k")):
        yield derivative(lambda W: loss(W, h, x), W)
        i, f = jnp.split(W @ jnp.concatenate([h, x]), 2)
        s, t = jax.nn.sigmoid(i), jnp.tanh(f)
        yield jnp.outer(jnp.concatenate([s * (1 - s) * t, s * (1 - t**2)]), jnp.concatenate([h, x]))

    verdict = verify(gates)
    assert verdict, verdict.why
    assert {"m": 2, "k": 3} in verdict.exact.sizes
