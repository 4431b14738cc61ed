"""`manual_grads.losses` against optax and JAX's own derivatives."""

from functools import cache, partial
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from scipy.linalg import block_diag

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


@cache
def by_hand(loss, reduction="none"):
    """All that a loss has, in one program."""

    @jax.jit
    def program(predictions, labels, tangent, cotangent):
        arguments = predictions, labels
        return {
            "value": loss(*arguments, reduction=reduction),
            "value and gradient": loss.value_and_gradient(*arguments, reduction=reduction),
            "gradient": loss.gradient(*arguments, cotangent, reduction=reduction),
            "second derivative": loss.second_derivative(*arguments, cotangent, reduction=reduction),
            "product": loss.hessian_vector_product(*arguments, tangent, cotangent, reduction=reduction),
        }

    return program


@cache
def by_jax(name):
    """The losses, with the gradient and the Hessian of their sum by weights."""

    @jax.jit
    def program(predictions, labels, weights):
        def total(predictions):
            values = ORACLES[name](predictions, labels)
            return jnp.sum(weights * values), values

        slope, values = jax.grad(total, has_aux=True)(predictions)
        return values, slope, jax.hessian(lambda predictions: total(predictions)[0])(predictions)

    return program


def whole_hessian(loss, second):
    """The Hessian by all predictions, as a matrix, from the second derivative by each."""
    blocks = second.reshape(-1, *second.shape[-2:]) if loss.axes else second.reshape(-1, 1, 1)
    return block_diag(*blocks)


# What becomes of the losses is one piece of code for all of them, but for the axes of a prediction.
REDUCED = [
    *((name, "none") for name in NAMES),
    *product(("binary_cross_entropy", "categorical_cross_entropy"), ("sum", "mean")),
]


@pytest.mark.parametrize("labels", ["hard", "soft"])
@pytest.mark.parametrize(("name", "reduction"), REDUCED)
def test_equal_to_automatic_differentiation_of_optax(name, reduction, labels):
    loss, predictions, targets, tangent, cotangent = case(name, labels=labels)
    ones = np.ones_like(cotangent)
    count = len(predictions) if reduction == "mean" else 1
    if reduction != "none":
        cotangent = np.asarray(-1.75, FLOAT)
    found = jax.tree.map(np.asarray, by_hand(loss, reduction)(predictions, targets, tangent, cotangent))
    values, slope, hessian = map(np.asarray, by_jax(name)(predictions, targets, cotangent * ones / count))
    hessian = hessian.reshape(predictions.size, -1)
    value = values if reduction == "none" else values.sum() / count
    pairs = [
        (found["value"], value),
        (found["value and gradient"][0], value),
        (found["value and gradient"][1], np.asarray(by_jax(name)(predictions, targets, ones / count)[1])),
        (found["gradient"], slope),
        (whole_hessian(loss, found["second derivative"]), hessian),
        (found["product"].ravel(), hessian @ tangent.ravel()),
    ]
    # Probabilities are above 1/50, so that the derivatives have no terms above 50 and 50^2, and vectors none above 4.
    bound = 40 * np.finfo(FLOAT).eps * 4 * (50**2 if "softmax" not in name and "sigmoid" not in name else 4)
    for ours, theirs in pairs:
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).max() <= bound


def assert_close(actual, expected):
    jax.tree.map(partial(np.testing.assert_allclose, rtol=8 * np.finfo(FLOAT).eps, atol=0), actual, expected)


@pytest.mark.parametrize("labels", ["hard", "soft"])
@pytest.mark.parametrize("name", NAMES)
def test_names_are_those_of_optax(name, labels):
    loss, predictions, targets, tangent, cotangent = case(name, labels=labels)
    first, second = {"squared_error": ("predictions", "targets"), "l2_loss": ("predictions", "targets")}.get(
        name, ("logits", "labels") if name.startswith(("softmax", "sigmoid")) else ("probabilities", "labels")
    )
    named = {first: predictions, second: targets}
    expected = by_hand(loss)(predictions, targets, tangent, cotangent)["gradient"]
    for names in named, {"predictions": predictions, "labels": targets}:
        assert_close(loss.gradient(**names, cotangent=cotangent), expected)
    vectors = {"tangent": tangent, "cotangent": cotangent}
    assert jax.eval_shape(loss.hessian_vector_product, **named, **vectors).shape == tangent.shape
    for method in loss, loss.value_and_gradient, loss.second_derivative:
        value = jax.tree.leaves(jax.eval_shape(method, **named))[0]
        assert value.shape[: cotangent.ndim] == cotangent.shape
    if not name.startswith(("binary", "categorical")):
        assert jax.eval_shape(ORACLES[name], **named).shape == cotangent.shape


@pytest.mark.parametrize("dtype", [*DTYPES, "bfloat16"])
@pytest.mark.parametrize("name", NAMES)
def test_the_dtype_is_that_of_the_predictions(name, dtype):
    loss, predictions, labels, tangent, cotangent = case(name)
    predictions, tangent, cotangent = (part.astype(dtype) for part in (predictions, tangent, cotangent))
    parts = jax.eval_shape(by_hand(loss), predictions, labels, tangent, cotangent)
    mean = jax.eval_shape(partial(loss.value_and_gradient, reduction="mean"), predictions, labels)
    assert {part.dtype.name for part in jax.tree.leaves((parts, mean))} == {dtype}


@pytest.mark.parametrize("name", NAMES)
def test_under_vmap(name):
    loss, *arguments = case(name)
    assert_close(jax.vmap(by_hand(loss))(*arguments), by_hand(loss)(*arguments))


@pytest.mark.parametrize("name", ["binary_cross_entropy", "softmax_cross_entropy_with_integer_labels"])
def test_of_one_example(name):
    loss, *arguments = case(name)
    each = [by_hand(loss)(*example) for example in zip(*arguments, strict=True)]
    assert_close(jax.tree.map(lambda *parts: np.stack(parts), *each), by_hand(loss)(*arguments))


def test_the_mean_is_over_the_first_axis():
    predictions = np.zeros((2, 3, 4), FLOAT)
    assert losses.squared_error(predictions + 1, predictions, reduction="mean") == 12
    assert losses.l2_loss(2.0, 0.0, reduction="mean") == 2
    mean = jax.jit(partial(losses.softmax_cross_entropy_with_integer_labels, reduction="mean"))
    for logits, expected in ((predictions, 3 * np.log(4)), (predictions[0, 0], np.log(4))):
        value = mean(logits, np.ones(logits.shape[:-1], int))
        assert abs(value.item() - expected) <= 8 * np.finfo(FLOAT).eps * expected


def test_probabilities_of_zero():
    p = np.array([0.0, 0.0, 1.0, 1.0])
    y = np.array([0, 1, 0, 1])
    assert listed(losses.binary_cross_entropy, p, y) == [
        [0, np.inf, np.inf, 0],
        [1, -np.inf, np.inf, -1],
        [1, np.inf, np.inf, 1],
    ]
    rows, labels = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[0, 1], [0, 1]])
    for loss, given in (
        (losses.categorical_cross_entropy, labels),
        (losses.categorical_cross_entropy_with_integer_labels, y[1::2]),
    ):
        assert listed(loss, rows, given) == [
            [0, np.inf],
            [[0, -1], [0, -np.inf]],
            [[[0, 0], [0, 1]], [[0, 0], [0, np.inf]]],
        ]


def listed(loss, predictions, labels):
    """Values, slopes and second derivatives."""
    program = jax.jit(lambda *arguments: (*loss.value_and_gradient(*arguments), loss.second_derivative(*arguments)))
    return [part.tolist() for part in program(predictions, labels)]


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
    logits, labels = np.zeros((5, 4), dtype), np.eye(4, dtype=dtype)[[0, 2, 3, 1, 3]]
    actual = losses.smooth_labels(labels, 0.3)
    assert actual.dtype == dtype
    expected = np.asarray(jax.jit(optax.smooth_labels)(labels, 0.3))
    assert np.abs(np.asarray(actual) - expected).max() <= 2 * np.finfo(dtype).eps
    assert np.array_equal(losses.smooth_labels(labels, 0), labels)
    assert np.isfinite(losses.softmax_cross_entropy(logits, actual)).all()


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
