"""Jacobians and products of `manual_grads.activations`, and the activations of rows, against JAX and mpmath."""

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


def drawn(name, dtype=FLOAT):
    rng = np.random.default_rng(1)
    logits = np.array(TABLE, dtype)
    return getattr(activations, name), logits, *(rng.normal(size=logits.shape).astype(dtype) for _ in range(2))


@pytest.mark.parametrize("dtype", [*DTYPES, "bfloat16"])
@pytest.mark.parametrize("name", NAMES)
def test_jacobian_and_products_belong_together(name, dtype):
    activation, logits, tangent, cotangent = (
        jnp.asarray(part, dtype) if isinstance(part, np.ndarray) else part for part in drawn(name)
    )
    jacobian = activation.jacobian(logits)
    right = activation.jacobian_vector_product(logits, tangent)
    left = activation.vector_jacobian_product(logits, cotangent)
    assert {part.dtype for part in (jacobian, right, left)} == {logits.dtype}
    assert jacobian.shape == (*logits.shape, 3)
    wide = jacobian.astype(FLOAT)
    # Six roundings of each form, of terms up to the largest entry of the vector; a difference of tangents is twice it.
    for actual, subscripts, vector in ((right, "ikl,il->ik", tangent), (left, "ikl,ik->il", cotangent)):
        expected = jnp.einsum(subscripts, wide, vector.astype(FLOAT))
        assert jnp.abs(actual.astype(FLOAT) - expected).max() <= 24 * jnp.finfo(dtype).eps * jnp.abs(vector).max()
    if name != "log_softmax":
        assert jnp.array_equal(jacobian, jacobian.swapaxes(-1, -2))


@pytest.mark.parametrize("name", NAMES)
def test_under_jit_and_vmap(name):
    activation, logits, tangent, cotangent = drawn(name)
    calls = [
        (activation, logits),
        (activation.jacobian, logits),
        (activation.jacobian_vector_product, logits, tangent),
        (activation.vector_jacobian_product, logits, cotangent),
    ]
    for function, *arguments in calls:
        expected = function(*arguments)
        for other in (jax.jit(function), jax.vmap(function)):
            np.testing.assert_allclose(other(*arguments), expected, rtol=4 * np.finfo(FLOAT).eps, atol=0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ROWS)
def test_rows_equal_to_automatic_differentiation_of_jax_nn(name, dtype):
    activation, logits, tangent, cotangent = drawn(name, dtype)
    oracle = getattr(jax.nn, name)
    value, pullback = jax.vjp(oracle, logits)
    pairs = [
        (activation(logits), value),
        (activation.jacobian(logits), jax.vmap(jax.jacrev(oracle))(logits)),
        (activation.jacobian_vector_product(logits, tangent), jax.jvp(oracle, (logits,), (tangent,))[1]),
        (activation.vector_jacobian_product(logits, cotangent), pullback(cotangent)[0]),
    ]
    # Each side has ten roundings of terms up to the size of the value and of the vectors, which are below 4.
    largest = np.maximum(1, np.abs(value)).max(axis=1)
    for ours, theirs in pairs:
        bound = 20 * 4 * np.finfo(dtype).eps * largest.reshape(-1, *(1,) * (ours.ndim - 1)) * np.ones(ours.shape)
        np.testing.assert_array_less(np.abs(np.asarray(ours) - np.asarray(theirs)), bound)


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
    activation, logits, tangent, cotangent = drawn(name, dtype)
    tables = [
        activation(logits),
        activation.jacobian(logits),
        activation.jacobian_vector_product(logits, tangent),
        activation.vector_jacobian_product(logits, cotangent),
    ]
    columns = [np.asarray(table).reshape(len(logits), -1).tolist() for table in tables]
    eps, least = np.finfo(dtype).eps, np.finfo(dtype).tiny
    with mpmath.workdps(60):
        for row, v, u, *values in zip(logits.tolist(), tangent.tolist(), cotangent.tolist(), *columns, strict=True):
            for ours, truths in zip(values, exact_rows(row, v, u)[name], strict=True):
                for value, (truth, scale) in zip(ours, truths, strict=True):
                    # Exponentials, a sum of three, quotients and products. The differences of these logits are exact.
                    assert abs(mpmath.mpf(value) - truth) <= 16 * eps * scale + 4 * least, (row, value)


def test_a_single_class():
    logits, tangent = jnp.array([[3.0], [-1e4]]), jnp.array([[2.0], [1.0]])
    assert activations.softmax(logits).tolist() == [[1], [1]]
    assert activations.log_softmax(logits).tolist() == [[0], [0]]
    for name in ROWS:
        activation = getattr(activations, name)
        assert not activation.jacobian(logits).any()
        assert not activation.jacobian_vector_product(logits, tangent).any()
        assert not activation.vector_jacobian_product(logits, tangent).any()


def test_products_with_softmax_keep_what_differs_between_large_numbers():
    logits, tangent = jnp.array([0.0, 1.0, 2.0]), jnp.array([1.0, 2.0, 4.0])
    shifted = activations.softmax.jacobian_vector_product(logits, tangent + 2.0**40)
    assert jnp.array_equal(shifted, activations.softmax.jacobian_vector_product(logits, tangent))
    assert jnp.abs(jnp.sum(shifted)) <= 4 * np.finfo(FLOAT).eps
