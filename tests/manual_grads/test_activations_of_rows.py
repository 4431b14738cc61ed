"""Jacobians and products of `manual_grads.activations`, and the activations of rows, against JAX and mpmath."""

from functools import cache, partial
from itertools import product

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from manual_grads import activations

DTYPES = ["float32", "float64"] if jax.config.jax_enable_x64 else ["float32"]


FLOAT = DTYPES[-1]


NAMES = [
    *("identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "silu", "gelu", "gelu_tanh"),
    *("softmax", "log_softmax"),
]


ROWS = NAMES[-2:]


# Logits of three classes, with ties and with differences from 0 to 2e4.
TABLE = [[0, 0, 0], [1e4, 1e4, -1e4], [-3, 2.5, 0.25], [40, 0, 0], [0, 800, 1], [-1e4, -1e4, -1e4], [1e4, 0, -1e4]]


def drawn(dtype):
    """Logits, a tangent and a cotangent."""
    rng = np.random.default_rng(1)
    logits = np.array(TABLE, dtype)
    return logits, *(rng.normal(size=logits.shape).astype(dtype) for _ in range(2))


@cache
def everything(name):
    """Value, Jacobian and products, in one program."""
    activation = getattr(activations, name)
    return jax.jit(
        lambda logits, tangent, cotangent: (
            activation(logits),
            activation.jacobian(logits),
            activation.jacobian_vector_product(logits, tangent),
            activation.vector_jacobian_product(logits, cotangent),
        )
    )


# One piece of code makes the Jacobian and the products of every element-wise activation from its derivative.
ONE_OF_EACH = ["silu", *ROWS]


@pytest.mark.parametrize(
    ("name", "dtype"), [*((name, FLOAT) for name in NAMES), *product(ONE_OF_EACH, [*DTYPES[:-1], "bfloat16"])]
)
def test_jacobian_and_products_belong_together(name, dtype):
    logits, tangent, cotangent = drawn(dtype)
    _, jacobian, right, left = map(np.asarray, everything(name)(logits, tangent, cotangent))
    assert jacobian.dtype == right.dtype == left.dtype == logits.dtype
    assert jacobian.shape == (*logits.shape, 3)
    wide = jacobian.astype(FLOAT)
    # Six roundings of each form, of terms up to the largest entry of the vector; a difference of tangents is twice it.
    for actual, subscripts, vector in ((right, "ikl,il->ik", tangent), (left, "ikl,ik->il", cotangent)):
        expected = np.einsum(subscripts, wide, vector.astype(FLOAT))
        bound = 24 * float(jnp.finfo(dtype).eps) * np.abs(vector.astype(FLOAT)).max()
        assert np.abs(actual.astype(FLOAT) - expected).max() <= bound
    if name != "log_softmax":
        assert np.array_equal(jacobian, jacobian.swapaxes(-1, -2))


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_jacobian_of_softmax_is_that_of_its_value(dtype):
    p, expected, _, _ = map(np.asarray, everything("softmax")(*drawn(dtype)))
    # One less a probability is off by as much as the probability is.
    found = np.asarray(activations.softmax.jacobian_from_value(p))
    assert np.abs(found - expected).max() <= 4 * np.finfo(dtype).eps


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_under_vmap(name):
    expected, ours = everything(name)(*drawn(FLOAT)), jax.vmap(everything(name))(*drawn(FLOAT))
    jax.tree.map(partial(np.testing.assert_allclose, rtol=4 * np.finfo(FLOAT).eps, atol=0), ours, expected)


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_called_one_by_one(name):
    activation, arguments = getattr(activations, name), drawn(FLOAT)
    logits, tangent, cotangent = arguments
    ours = (
        activation(logits),
        activation.jacobian(logits),
        activation.jacobian_vector_product(logits, tangent),
        activation.vector_jacobian_product(logits, cotangent),
    )
    expected = everything(name)(*arguments)
    jax.tree.map(partial(np.testing.assert_allclose, rtol=4 * np.finfo(FLOAT).eps, atol=0), ours, expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ROWS)
def test_rows_equal_to_automatic_differentiation_of_jax_nn(name, dtype):
    oracle = getattr(jax.nn, name)

    @jax.jit
    def by_jax(logits, tangent, cotangent):
        value, right = jax.jvp(oracle, (logits,), (tangent,))
        return value, jax.vmap(jax.jacrev(oracle))(logits), right, jax.vjp(oracle, logits)[1](cotangent)[0]

    value, *_ = pairs = [
        (np.asarray(ours), np.asarray(theirs))
        for ours, theirs in zip(everything(name)(*drawn(dtype)), by_jax(*drawn(dtype)), strict=True)
    ]
    # Each side has ten roundings of terms up to the size of the value and of the vectors, which are below 4.
    largest = np.maximum(1, np.abs(value[1])).max(axis=1)
    for ours, theirs in pairs:
        bound = 20 * 4 * np.finfo(dtype).eps * largest.reshape(-1, *(1,) * (ours.ndim - 1)) * np.ones(ours.shape)
        np.testing.assert_array_less(np.abs(ours - theirs), bound)


def exact_rows(logits, tangent, cotangent):
    """Of softmax and of log-softmax: value, Jacobian and products, the last with the sums of their terms."""
    z, v, u = ([mpmath.mpf(entry) for entry in row] for row in (logits, tangent, cotangent))
    exponentials = [mpmath.exp(entry) for entry in z]
    classes = range(len(z))
    p = [e / mpmath.fsum(exponentials) for e in exponentials]
    rest = [mpmath.fsum(p[j] for j in classes if j != k) for k in classes]
    total = mpmath.log(mpmath.fsum(exponentials))

    def summed(terms):
        return mpmath.fsum(terms), mpmath.fsum(map(abs, terms))

    softmax = (
        [(value, value) for value in p],
        [summed([p[k] * rest[k] if k == j else -p[k] * p[j]]) for k in classes for j in classes],
        [summed([p[k] * p[j] * (v[k] - v[j]) for j in classes]) for k in classes],
        [summed([p[k] * p[j] * (u[k] - u[j]) for j in classes]) for k in classes],
    )
    log_softmax = (
        [summed([entry - total]) for entry in z],
        [summed([rest[k] if k == j else -p[j]]) for k in classes for j in classes],
        [summed([p[j] * (v[k] - v[j]) for j in classes]) for k in classes],
        [summed([rest[k] * u[k], *(-p[k] * u[j] for j in classes if j != k)]) for k in classes],
    )
    return {"softmax": softmax, "log_softmax": log_softmax}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ROWS)
def test_rows_are_accurate_relative_to_the_value(name, dtype):
    logits, tangent, cotangent = drawn(dtype)
    tables = everything(name)(logits, tangent, cotangent)
    columns = [np.asarray(table).reshape(len(logits), -1).tolist() for table in tables]
    eps, least = np.finfo(dtype).eps, np.finfo(dtype).tiny
    with mpmath.workdps(60):
        for row, v, u, *values in zip(logits.tolist(), tangent.tolist(), cotangent.tolist(), *columns, strict=True):
            for ours, truths in zip(values, exact_rows(row, v, u)[name], strict=True):
                for value, (truth, scale) in zip(ours, truths, strict=True):
                    # Exponentials, a sum of three, quotients and products. The differences of these logits are exact.
                    assert abs(mpmath.mpf(value) - truth) <= 16 * eps * scale + 4 * least, (row, value)


def test_a_single_class():
    logits, tangent = np.array([[3.0], [-1e4]]), np.array([[2.0], [1.0]])
    for name, expected in (("softmax", 1), ("log_softmax", 0)):
        value, *derivatives = everything(name)(logits, tangent, tangent)
        assert value.tolist() == [[expected], [expected]]
        assert not any(np.asarray(part).any() for part in derivatives)


def test_products_with_softmax_keep_what_differs_between_large_numbers():
    logits, tangent = np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 4.0])
    shifted, plain = (
        np.asarray(activations.softmax.jacobian_vector_product(logits, vector))
        for vector in (tangent + 2.0**40, tangent)
    )
    assert np.array_equal(shifted, plain)
    assert np.abs(np.sum(shifted)) <= 4 * np.finfo(FLOAT).eps
