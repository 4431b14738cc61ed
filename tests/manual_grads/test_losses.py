"""`manual_grads.losses` against optax and JAX's own derivatives."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from manual_grads import activations, losses
from manual_grads.losses import ElementwiseLoss

DTYPES = ["float32", "float64"] if jax.config.jax_enable_x64 else ["float32"]


FLOAT = DTYPES[-1]


def entropy(probabilities, labels):
    """Of classes, with 0 log 0 = 0 and a derivative of 0 there."""
    positive = labels > 0
    return -jnp.sum(labels * jnp.log(jnp.where(positive, probabilities, 1)), axis=-1)


def both_entropies(probabilities, labels):
    return entropy(jnp.stack([probabilities, 1 - probabilities], -1), jnp.stack([labels, 1 - labels], -1))


ORACLES = {
    "squared_error": optax.losses.squared_error,
    "l2_loss": optax.losses.l2_loss,
    "sigmoid_binary_cross_entropy": optax.losses.sigmoid_binary_cross_entropy,
    "binary_cross_entropy": both_entropies,
    "softmax_cross_entropy": optax.losses.softmax_cross_entropy,
    "softmax_cross_entropy_with_integer_labels": optax.losses.softmax_cross_entropy_with_integer_labels,
    "categorical_cross_entropy": entropy,
    "categorical_cross_entropy_with_integer_labels": lambda p, y: entropy(p, jax.nn.one_hot(y, p.shape[-1])),
}


NAMES = list(ORACLES)


def case(name, dtype=FLOAT, labels="hard"):
    """Predictions of five examples, labels, a tangent and a cotangent."""
    rng = np.random.default_rng(2)
    loss = getattr(losses, name)
    shape = (5, 4) if loss.axes else (5, 2)
    logits = rng.normal(size=shape)
    integers = rng.integers(0, 4 if loss.axes else 2, shape[: 1 if loss.axes else 2])
    if "integer" in name:
        drawn = integers
    elif loss.axes:
        drawn = {"hard": np.eye(4)[integers], "soft": rng.dirichlet(np.ones(4), 5)}[labels]
    else:
        drawn = {"hard": integers, "soft": rng.uniform(size=shape)}[labels]
    if "softmax" not in name and "cross_entropy" in name and "sigmoid" not in name:
        exponentials = np.exp(logits)
        logits = exponentials / exponentials.sum(axis=1, keepdims=True)
    dtype_of_labels = drawn.dtype if "integer" in name else dtype
    tangent, cotangent = rng.normal(size=shape), rng.normal(size=shape[: len(shape) - loss.axes])
    return loss, *(
        array.astype(kind)
        for array, kind in ((logits, dtype), (drawn, dtype_of_labels), (tangent, dtype), (cotangent, dtype))
    )


def whole_hessian(loss, second):
    """The Hessian by all predictions, as a matrix, from the second derivative by each."""
    blocks = second.reshape(-1, *second.shape[-2:]) if loss.axes else second.reshape(-1, 1, 1)
    return jax.scipy.linalg.block_diag(*blocks)


@pytest.mark.parametrize("labels", ["hard", "soft"])
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("name", NAMES)
def test_equal_to_automatic_differentiation_of_optax(name, reduction, labels):
    loss, predictions, targets, tangent, cotangent = case(name, labels=labels)
    reduce = {"none": lambda values: values, "sum": jnp.sum, "mean": lambda values: jnp.sum(values) / len(predictions)}
    if reduction != "none":
        cotangent = np.asarray(-1.75, FLOAT)

    def oracle(predictions):
        return reduce[reduction](ORACLES[name](predictions, targets))

    def total(predictions):
        return jnp.sum(cotangent * oracle(predictions))

    hessian = jax.hessian(total)(predictions).reshape(predictions.size, -1)
    arguments = predictions, targets
    pairs = [
        (loss(*arguments, reduction=reduction), oracle(predictions)),
        (loss.gradient(*arguments, cotangent, reduction=reduction), jax.grad(total)(predictions)),
        (
            whole_hessian(loss, loss.second_derivative(*arguments, cotangent, reduction=reduction)),
            hessian,
        ),
        (
            loss.hessian_vector_product(*arguments, tangent, cotangent, reduction=reduction).ravel(),
            hessian @ tangent.ravel(),
        ),
        (
            loss.value_and_gradient(*arguments, reduction=reduction)[1],
            jax.grad(lambda predictions: jnp.sum(oracle(predictions)))(predictions),
        ),
    ]
    # Probabilities are above 1/50, so that the derivatives have no terms above 50 and 50^2, and vectors none above 4.
    bound = 40 * np.finfo(FLOAT).eps * 4 * (50**2 if "softmax" not in name and "sigmoid" not in name else 4)
    for ours, theirs in pairs:
        assert ours.shape == theirs.shape
        assert jnp.abs(ours - theirs).max() <= bound
    assert jnp.array_equal(loss.value_and_gradient(*arguments, reduction=reduction)[0], pairs[0][0])


@pytest.mark.parametrize("name", NAMES)
def test_names_are_those_of_optax(name):
    loss, predictions, labels, tangent, cotangent = case(name)
    first, second = {"squared_error": ("predictions", "targets"), "l2_loss": ("predictions", "targets")}.get(
        name, ("logits", "labels") if name.startswith(("softmax", "sigmoid")) else ("probabilities", "labels")
    )
    named = {first: predictions, second: labels}
    assert jnp.array_equal(loss(**named), loss(predictions, labels))
    assert jnp.array_equal(loss(predictions=predictions, labels=labels), loss(predictions, labels))
    assert jnp.array_equal(loss.gradient(**named, cotangent=cotangent), loss.gradient(predictions, labels, cotangent))
    product = loss.hessian_vector_product(**named, tangent=tangent)
    assert jnp.array_equal(product, loss.hessian_vector_product(predictions, labels, tangent))
    if not name.startswith(("binary", "categorical")):
        assert ORACLES[name](**named).shape == loss(**named).shape


@pytest.mark.parametrize("dtype", [*DTYPES, "bfloat16"])
@pytest.mark.parametrize("name", NAMES)
def test_the_dtype_is_that_of_the_predictions(name, dtype):
    loss, predictions, labels, tangent, cotangent = case(name)
    predictions, tangent, cotangent = (jnp.asarray(part, dtype) for part in (predictions, tangent, cotangent))
    parts = (
        loss.value_and_gradient(predictions, labels, reduction="mean"),
        loss.gradient(predictions, labels, cotangent),
        loss.second_derivative(predictions, labels, cotangent),
        loss.hessian_vector_product(predictions, labels, tangent, cotangent),
    )
    assert {part.dtype.name for part in jax.tree.leaves(parts)} == {dtype}


@pytest.mark.parametrize("name", NAMES)
def test_under_jit_and_vmap_and_for_one_example(name):
    loss, predictions, labels, tangent, _ = case(name)
    for function, *arguments in (
        (loss, predictions, labels),
        (loss.gradient, predictions, labels),
        (loss.second_derivative, predictions, labels),
        (loss.hessian_vector_product, predictions, labels, tangent),
    ):
        expected = function(*arguments)
        alone = jnp.stack([function(*example) for example in zip(*arguments, strict=True)])
        for other in (jax.jit(function)(*arguments), jax.vmap(function)(*arguments), alone):
            np.testing.assert_allclose(other, expected, rtol=8 * np.finfo(FLOAT).eps, atol=0)
    one = predictions[0], labels[0]
    assert loss(*one, reduction="sum") == jnp.sum(loss(*one))


def test_the_mean_is_over_the_first_axis():
    predictions = np.zeros((2, 3, 4), FLOAT)
    assert losses.squared_error(predictions + 1, predictions, reduction="mean") == 12
    assert losses.l2_loss(2.0, 0.0, reduction="mean") == 2
    rows = np.full((2, 3, 4), 0.25, FLOAT)
    value = losses.softmax_cross_entropy(predictions, rows, reduction="mean")
    assert jnp.abs(value - 3 * np.log(4)) <= 8 * np.finfo(FLOAT).eps * 3 * np.log(4)


def test_probabilities_of_zero():
    p = jnp.array([0.0, 0.0, 1.0, 1.0])
    y = jnp.array([0, 1, 0, 1])
    loss = losses.binary_cross_entropy
    assert loss(p, y).tolist() == [0, np.inf, np.inf, 0]
    assert loss.gradient(p, y).tolist() == [1, -np.inf, np.inf, -1]
    assert loss.second_derivative(p, y).tolist() == [1, np.inf, np.inf, 1]
    rows, labels = jnp.array([[0.0, 1.0], [1.0, 0.0]]), jnp.array([[0, 1], [0, 1]])
    loss, integers = losses.categorical_cross_entropy, losses.categorical_cross_entropy_with_integer_labels
    for values, slopes, seconds in (
        (loss(rows, labels), loss.gradient(rows, labels), loss.second_derivative(rows, labels)),
        (integers(rows, y[1::2]), integers.gradient(rows, y[1::2]), integers.second_derivative(rows, y[1::2])),
    ):
        assert values.tolist() == [0, np.inf]
        assert slopes.tolist() == [[0, -1], [0, -np.inf]]
        assert seconds.tolist() == [[[0, 0], [0, 1]], [[0, 0], [0, np.inf]]]


def test_from_logits():
    pairs = {
        "binary_cross_entropy": (activations.sigmoid, losses.sigmoid_binary_cross_entropy),
        "categorical_cross_entropy": (activations.softmax, losses.softmax_cross_entropy),
        "categorical_cross_entropy_with_integer_labels": (
            activations.softmax,
            losses.softmax_cross_entropy_with_integer_labels,
        ),
    }
    every = [activations.identity, activations.sigmoid, activations.softmax, activations.log_softmax, activations.gelu]
    for name in NAMES:
        activation, expected = pairs.get(name, (None, None))
        for other in every:
            assert getattr(losses, name).from_logits(other) is (expected if other == activation else None)


@pytest.mark.parametrize("dtype", DTYPES)
def test_smooth_labels(dtype):
    labels = np.eye(4, dtype=dtype)[[0, 2, 3]]
    actual = losses.smooth_labels(labels, 0.3)
    assert actual.dtype == dtype
    assert jnp.abs(actual - optax.smooth_labels(labels, 0.3)).max() <= 2 * np.finfo(dtype).eps
    assert jnp.array_equal(losses.smooth_labels(labels, 0), labels)
    assert jnp.isfinite(losses.softmax_cross_entropy(np.zeros((3, 4), dtype), actual)).all()


def test_a_loss_of_ones_own():
    class Quartic(ElementwiseLoss):
        def evaluate(self, predictions, labels, cotangent):
            errors = predictions - labels
            return errors**4, cotangent * 4 * errors**3

        def curvature(self, predictions, labels):
            return 12 * (predictions - labels) ** 2

    loss, predictions = Quartic(), np.array([1.0, 3.0], FLOAT)
    assert loss(predictions, 0 * predictions, reduction="mean") == 41
    assert loss.gradient(predictions, 0 * predictions, reduction="mean").tolist() == [2, 54]
    assert loss.hessian_vector_product(predictions, 0 * predictions, predictions).tolist() == [12, 324]
