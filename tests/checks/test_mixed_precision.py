"""Casts to lower precision are measured: no gradient is refuted for them, and a wrong one is refused all the same."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from stated import stated

from gradproof import Real, check, derivative, verify

FORMATS = ("bfloat16", "float16", "float32")
X = np.array([-0.5, 0.25, 1.5])


def rectified(t):
    return lambda W, x: jnp.sum(jax.nn.relu(x.astype(t) @ W.astype(t)).astype(jnp.float32))


def attention(t):
    def loss(q, k):
        scores = (q.astype(t) @ k.astype(t).T).astype(jnp.float32)
        return jnp.sum(jax.nn.softmax(scores, axis=-1)[:, 0])

    return loss


def scaled(t):
    return lambda w: jnp.sum((w * 1024.0).astype(t) ** 2).astype(jnp.float32) / 1024.0**2


def normed(t):
    def loss(w):
        low = w.astype(t)
        return ((low - jnp.mean(low)) * jax.lax.rsqrt(jnp.var(low) + t(1e-3)))[0].astype(jnp.float32)

    return loss


LOSSES = {
    "product": (rectified, (np.ones((3, 2)), X)),
    "attention": (attention, (np.ones((2, 2)), np.ones((3, 2)))),
    "scaled": (scaled, (X,)),
    "normed": (normed, (X,)),
    "largest": (lambda t: lambda w: jnp.max(w.astype(t)).astype(jnp.float32), (X,)),
    "with a constant": (lambda t: lambda w: jnp.sum(jnp.maximum(w.astype(t), 0.1)).astype(jnp.float32), (X,)),
    "of the logarithm": (lambda t: lambda z: jax.nn.logsumexp(z.astype(t)).astype(jnp.float32), (X,)),
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", LOSSES)
def test_the_gradient_of_jax_against_itself_is_proved(name, form):
    loss, arguments = LOSSES[name]
    loss = loss(jnp.dtype(form).type)
    verdict = check(loss, jax.grad(loss), arguments, quick=True)
    assert verdict, verdict.why


@pytest.mark.parametrize("form", FORMATS)
def test_a_formula_by_hand_is_not_refuted_for_a_cast_and_a_wrong_one_is(form):
    def loss(w):
        return jnp.sum(jnp.exp(w.astype(form)).astype(w.dtype))

    assert check(loss, jnp.exp, (X,), quick=True)
    assert check(loss, lambda w: 1.001 * jnp.exp(w), (X,), quick=True).verdict == "refuted"


@pytest.mark.parametrize("form", FORMATS)
def test_example_arguments_may_be_of_low_precision(form):
    example = (jnp.ones(3, form),)
    assert check(lambda w: jnp.sum(w**2), lambda w: 2 * w, example)
    assert check(lambda w: jnp.sum(w**2), lambda w: w, example).verdict == "refuted"


@pytest.mark.parametrize("form", FORMATS)
def test_what_must_be_stable_is_measured_against_its_own_format(form):
    def loss(w):
        return jax.nn.logsumexp(w.astype(form)).astype(w.dtype)

    assert check(loss, jax.grad(loss), (X,), stable=True, quick=True)


CONSTANTS = {
    "of one digit": (0.1, 0.1, "proved"),
    "of more digits": (1.7, 1.7, "up to constants"),
    "of another size": (0.1, 0.2, "refuted"),
}


@pytest.mark.parametrize("form", ["bfloat16", "float16"])
@pytest.mark.parametrize("name", CONSTANTS)
def test_a_constant_that_a_cast_rounds_refutes_nothing(name, form):
    low, full, expected = CONSTANTS[name]
    claim = stated(
        lambda x: derivative(lambda x: jnp.sum(x.astype(form) * low).astype(x.dtype), x),
        lambda x: full * jnp.ones_like(x),
        x=Real("n"),
    )
    assert verify(claim, quick=True).verdict == expected


@pytest.mark.parametrize("form", ["bfloat16", "float16"])
def test_a_tie_at_such_a_constant_is_none_that_is_known(form):
    claim = stated(
        lambda x: derivative(lambda x: jnp.sum(jnp.maximum(x.astype(form), 0.1)).astype(x.dtype), x),
        lambda x: jnp.where(x > 0.1, 1.0, 0.0),
        x=Real(),
        kinks="left open",
    )
    assert verify(claim, quick=True).verdict != "refuted"
