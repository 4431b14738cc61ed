"""The claims about `manual_grads.activations` against mistakes that people make."""

import jax
import jax.numpy as jnp
import pytest

from derivations.library import activations as claims
from gradproof import verify
from manual_grads import activations

# Mistakes that people make: the name of the activation, its method, what is in its place, and the claim it falls by.
PLANTED = [
    ("sigmoid", "derivative", lambda self, z: z * (1 - z), claims.sigmoid),
    ("sigmoid", "derivative_from_value", lambda self, h: h, claims.sigmoid),
    ("tanh", "derivative", lambda self, z: 1 - jnp.tanh(z), claims.tanh_derivative),
    ("relu", "derivative", lambda self, z: jnp.ones_like(z), claims.relu),
    ("softplus", "derivative", lambda self, z: 1 - jnp.exp(-z), claims.softplus),
    ("silu", "derivative", lambda self, z: jax.nn.sigmoid(z), claims.silu_derivative),
    ("gelu", "derivative", lambda self, z: jax.scipy.stats.norm.cdf(z), claims.gelu_derivative),
    (
        "gelu_tanh",
        "__call__",
        lambda self, z: z * jax.nn.sigmoid(jnp.sqrt(8 / jnp.pi) * (z + 0.0447 * z**3)),
        claims.gelu_tanh,
    ),
    ("softmax", "jacobian", lambda self, z: jnp.diag(self(z) * (1 - self(z))), claims.softmax),
    ("softmax", "vector_jacobian_product", lambda self, z, u: self(z) * u, claims.softmax),
    ("log_softmax", "vector_jacobian_product", lambda self, z, u: self.jacobian(z) @ u, claims.log_softmax),
]


@pytest.mark.parametrize(("name", "method", "wrong", "claim"), PLANTED)
def test_a_planted_mistake_is_refused(monkeypatch, name, method, wrong, claim):
    right = getattr(activations, name)
    # A class of its own, so that nothing compiled for the right one is used.
    monkeypatch.setattr(activations, name, type("Wrong", (type(right),), {method: wrong})())
    assert verify(claim, quick=True).verdict == "refuted"
