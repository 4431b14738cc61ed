"""The accuracy of `manual_grads.losses` against mpmath, in the tails, too."""

from functools import cache

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from manual_grads import losses

DTYPES = ["float32", "float64"] if jax.config.jax_enable_x64 else ["float32"]


def numbers(dtype):
    """Zero, and numbers of either sign: of 80 binary exponents up to 1e4, and more of moderate size."""
    info = np.finfo(dtype)
    rng = np.random.default_rng(0)
    powers = np.linspace(info.minexp - info.nmant, 13, 80).astype(int)
    sizes = np.concatenate([np.ldexp(rng.uniform(1, 2, len(powers)), powers), [1e4]])
    sizes = np.concatenate([sizes, *(rng.uniform(0, size, 30) for size in (1, 5, 20, 120, 800))]).astype(dtype)
    return np.concatenate([[0], sizes, -sizes]).astype(dtype)


@cache
def everything(loss):
    """Value, gradient, second derivative, and its product with a tangent, in one program."""
    return jax.jit(
        lambda logits, labels, tangent: (
            *loss.value_and_gradient(logits, labels),
            loss.second_derivative(logits, labels),
            loss.hessian_vector_product(logits, labels, tangent),
        )
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("label", [0, 1])
def test_logistic_losses_are_accurate_relative_to_the_value(label, dtype):
    logits = numbers(dtype)
    labels = np.full(logits.shape, label)
    *parts, _ = everything(losses.sigmoid_binary_cross_entropy)(logits, labels, logits)
    eps, least = np.finfo(dtype).eps, np.finfo(dtype).tiny
    with mpmath.workdps(60):
        for z, *values in zip(logits.tolist(), *(np.asarray(part).tolist() for part in parts), strict=True):
            away = (1 - 2 * label) * mpmath.mpf(z)
            wrong, right = 1 / (1 + mpmath.exp(-away)), 1 / (1 + mpmath.exp(away))
            truths = mpmath.log1p(mpmath.exp(away)), (1 - 2 * label) * wrong, wrong * right
            for value, truth in zip(values, truths, strict=True):
                assert abs(mpmath.mpf(value) - truth) <= 8 * eps * abs(truth) + 2 * least, (z, value)


def exact_rows(row, label, tangent):
    """Loss, gradient, second derivative and its product by the logits; each with the sum of its terms."""
    z, v = ([mpmath.mpf(entry) for entry in entries] for entries in (row, tangent))
    classes = range(len(z))
    exponentials = [mpmath.exp(entry) for entry in z]
    p = [e / mpmath.fsum(exponentials) for e in exponentials]
    rest = [mpmath.fsum(p[j] for j in classes if j != k) for k in classes]
    others = mpmath.fsum(mpmath.exp(z[j] - z[label]) for j in classes if j != label)
    product = [[p[k] * p[j] * (v[k] - v[j]) for j in classes] for k in classes]
    own = [[mpmath.log1p(others)], *([-rest[k]] if k == label else [p[k]] for k in classes)]
    hessian = [[p[k] * rest[k]] if k == j else [-p[k] * p[j]] for k in classes for j in classes]
    return [(mpmath.fsum(terms), mpmath.fsum(map(abs, terms))) for terms in (*own, *hessian, *product)]


TABLE = [[0, 0, 0], [1e4, 1e4, -1e4], [-3, 2.5, 0.25], [40, 0, 0], [0, 800, 1], [-1e4, -1e4, -1e4], [1e4, 0, -1e4]]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("integers", [True, False])
def test_losses_of_classes_are_accurate_relative_to_the_value(integers, dtype):
    name = "softmax_cross_entropy_with_integer_labels" if integers else "softmax_cross_entropy"
    loss, logits = getattr(losses, name), np.array(TABLE, dtype)
    tangent = np.random.default_rng(3).normal(size=logits.shape).astype(dtype)
    eps, least = np.finfo(dtype).eps, np.finfo(dtype).tiny
    for label in range(3):
        chosen = np.full(len(logits), label)
        labels = chosen if integers else np.eye(3, dtype=dtype)[chosen]
        columns = [np.asarray(part).reshape(len(logits), -1) for part in everything(loss)(logits, labels, tangent)]
        for row, v, values in zip(logits.tolist(), tangent.tolist(), np.hstack(columns).tolist(), strict=True):
            with mpmath.workdps(60):
                for ours, (truth, scale) in zip(values, exact_rows(row, label, v), strict=True):
                    # Exponentials, a sum of three, quotients and products. The differences of these logits are exact.
                    assert abs(mpmath.mpf(ours) - truth) <= 16 * eps * scale + 4 * least, (row, label, ours)


def test_right_where_the_textbook_and_automatic_differentiation_have_nothing_left():
    """At z = 40: p - y is 0, and so is what JAX makes of the second derivative."""
    loss, z, y = losses.sigmoid_binary_cross_entropy, np.float64(40), np.float64(1)
    expected = 4.248354255291589e-18
    assert abs(loss.gradient(z, y).item() / -expected - 1) <= 8 * np.finfo(float).eps
    assert abs(loss.second_derivative(z, y).item() / expected - 1) <= 8 * np.finfo(float).eps
    assert np.asarray(jax.nn.sigmoid(z)) - y == 0
    assert jax.jit(jax.grad(jax.grad(jax.nn.softplus)))(z) == 0


@pytest.mark.parametrize("dtype", [*DTYPES, "bfloat16"])
def test_finite_for_every_finite_logit(dtype):
    info = jnp.finfo(dtype)
    powers = np.arange(info.minexp - info.nmant, info.maxexp, dtype=int)
    sizes = np.ldexp(1.5, powers).astype(dtype)
    logits = np.concatenate([sizes, -sizes, np.zeros(1, dtype)])
    for label in (0.0, 0.25, 1.0):
        parts = everything(losses.sigmoid_binary_cross_entropy)(logits, np.full_like(logits, label), logits)
        assert all(np.isfinite(part).all() for part in parts)
    # Of each size alone, with another and with its opposite, of which the difference may be too large a number.
    rows = np.stack([np.stack([logits, np.zeros_like(logits), -logits], 1), np.stack([logits] * 3, 1)])
    tangent = np.ones_like(rows)
    for label in range(3):
        labels = np.full(rows.shape[:2], label)
        for loss, given in (
            (losses.softmax_cross_entropy_with_integer_labels, labels),
            (losses.softmax_cross_entropy, np.eye(3, dtype=dtype)[labels]),
        ):
            value, *derivatives = everything(loss)(rows, given, tangent)
            assert all(np.isfinite(part).all() for part in derivatives)
            # The loss is infinite where it is larger than every number.
            halves = rows.max(axis=2) / 2 - rows[..., label] / 2
            assert np.array_equal(np.isfinite(value), halves < info.max / 2)
