"""`manual_grads.losses` against optax, JAX's own derivatives and mpmath, and its claims against planted mistakes."""

import re

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import optax
import pytest

from derivations.library import losses as claims
from gradproof import verify
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


def numbers(dtype):
    """Zero, and numbers of either sign: of every binary exponent up to 1e4, and more of moderate size."""
    info = np.finfo(dtype)
    rng = np.random.default_rng(0)
    powers = np.arange(info.minexp - info.nmant, 14)
    sizes = np.concatenate([np.ldexp(rng.uniform(1, 2, len(powers)), powers), [1e4]])
    sizes = np.concatenate([sizes, *(rng.uniform(0, size, 60) for size in (1, 5, 20, 120, 800))]).astype(dtype)
    return np.concatenate([[0], sizes, -sizes]).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("label", [0, 1])
def test_logistic_losses_are_accurate_relative_to_the_value(label, dtype):
    logits, loss = numbers(dtype), losses.sigmoid_binary_cross_entropy
    labels = np.full(logits.shape, label)
    parts = *loss.value_and_gradient(logits, labels), loss.second_derivative(logits, labels)
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
        value, slope = loss.value_and_gradient(logits, labels)
        second, product = loss.second_derivative(logits, labels), loss.hessian_vector_product(logits, labels, tangent)
        columns = [np.asarray(part).reshape(len(logits), -1) for part in (value, slope, second, product)]
        for row, v, values in zip(logits.tolist(), tangent.tolist(), np.hstack(columns).tolist(), strict=True):
            with mpmath.workdps(60):
                for ours, (truth, scale) in zip(values, exact_rows(row, label, v), strict=True):
                    # Exponentials, a sum of three, quotients and products. The differences of these logits are exact.
                    assert abs(mpmath.mpf(ours) - truth) <= 16 * eps * scale + 4 * least, (row, label, ours)


def test_right_where_the_textbook_and_automatic_differentiation_have_nothing_left():
    """At z = 40: p - y is 0, and so is what JAX makes of the second derivative."""
    loss, z, y = losses.sigmoid_binary_cross_entropy, jnp.float64(40), jnp.float64(1)
    expected = 4.248354255291589e-18
    assert abs(loss.gradient(z, y) / -expected - 1) <= 8 * np.finfo(float).eps
    assert abs(loss.second_derivative(z, y) / expected - 1) <= 8 * np.finfo(float).eps
    assert jax.nn.sigmoid(z) - y == 0
    assert jax.grad(jax.grad(jax.nn.softplus))(z) == 0


@pytest.mark.parametrize("dtype", [*DTYPES, "bfloat16"])
def test_finite_for_every_finite_logit(dtype):
    info = jnp.finfo(dtype)
    powers = np.arange(info.minexp - info.nmant, info.maxexp, dtype=int)
    sizes = jnp.asarray(np.ldexp(1.5, powers), dtype)
    logits = jnp.concatenate([sizes, -sizes, jnp.zeros(1, dtype)])
    for label in (0.0, 0.25, 1.0):
        loss, labels = losses.sigmoid_binary_cross_entropy, jnp.full_like(logits, label)
        parts = (
            *loss.value_and_gradient(logits, labels),
            loss.second_derivative(logits, labels),
            loss.hessian_vector_product(logits, labels, logits),
        )
        assert all(jnp.isfinite(part).all() for part in parts)
    # Of each size alone, with another and with its opposite, of which the difference may be too large a number.
    rows = jnp.stack([jnp.stack([logits, jnp.zeros_like(logits), -logits], 1), jnp.stack([logits] * 3, 1)])
    for label in range(3):
        labels = jnp.full(rows.shape[:2], label)
        for loss, given in (
            (losses.softmax_cross_entropy_with_integer_labels, labels),
            (losses.softmax_cross_entropy, jax.nn.one_hot(labels, 3, dtype=dtype)),
        ):
            value, slope = loss.value_and_gradient(rows, given)
            assert jnp.isfinite(slope).all()
            assert jnp.isfinite(loss.second_derivative(rows, given)).all()
            # The loss is infinite where it is larger than every number.
            halves = rows.max(axis=2) / 2 - rows[..., label] / 2
            assert jnp.array_equal(jnp.isfinite(value), halves < info.max / 2)


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


Z = np.zeros((5, 3), FLOAT)
ROWS = np.eye(3, dtype=FLOAT)[[0, 1, 2, 2, 0]]
CLASSES = np.array([0, 1, 2, 2, 0])
P = np.full((5, 3), 0.5, FLOAT)


@pytest.mark.parametrize(
    ("name", "predictions", "labels", "error", "message"),
    [
        ("squared_error", [1.0], Z, TypeError, "predictions must be an array, got list"),
        ("squared_error", Z.astype(int), Z, TypeError, "predictions must be floating-point numbers, got dtype int64"),
        ("squared_error", Z, Z.tolist(), TypeError, "targets must be an array, got list"),
        ("squared_error", Z, Z[0], ValueError, "targets must have shape (5, 3) as predictions, got shape (3,)"),
        ("l2_loss", Z[:0], Z[:0], ValueError, "predictions must not be empty, got shape (0, 3)"),
        ("sigmoid_binary_cross_entropy", Z, ROWS + 1, ValueError, "labels must lie between 0 and 1, got values from 1"),
        (
            "sigmoid_binary_cross_entropy",
            Z,
            ROWS * np.nan,
            ValueError,
            "labels must be finite, got nan at index (0, 0)",
        ),
        ("sigmoid_binary_cross_entropy", Z, CLASSES, ValueError, "labels must have shape (5, 3) as logits, got shape"),
        (
            "binary_cross_entropy",
            P + 1,
            ROWS,
            ValueError,
            "probabilities must lie between 0 and 1, got values from 1.5",
        ),
        ("binary_cross_entropy", P, -ROWS, ValueError, "labels must lie between 0 and 1, got values from -1.0 to"),
        ("softmax_cross_entropy", Z, ROWS / 2, ValueError, "each row of labels must sum to 1, got 0.5 in row 0"),
        ("softmax_cross_entropy", Z, CLASSES, ValueError, "labels must have shape (5, 3) as logits, got shape (5,)"),
        ("softmax_cross_entropy", Z, ROWS * 1j, TypeError, "labels must be floating-point numbers, integers or bool"),
        ("softmax_cross_entropy", 1.0, 1.0, ValueError, "logits must have at least 1 axis that is not empty, got"),
        (
            "softmax_cross_entropy_with_integer_labels",
            Z,
            CLASSES + 1,
            ValueError,
            "labels must lie between 0 and 2, got values from 1 to 3",
        ),
        (
            "softmax_cross_entropy_with_integer_labels",
            Z,
            ROWS[:, 0],
            TypeError,
            "labels must be integers, got dtype float64",
        ),
        (
            "softmax_cross_entropy_with_integer_labels",
            Z,
            CLASSES[:4],
            ValueError,
            "labels must have shape (5,), that of logits without classes, got shape (4,)",
        ),
        ("categorical_cross_entropy", P - 1, ROWS, ValueError, "probabilities must lie between 0 and 1, got values"),
        ("categorical_cross_entropy", P, ROWS + ROWS, ValueError, "labels must lie between 0 and 1, got values from 0"),
        (
            "categorical_cross_entropy_with_integer_labels",
            P,
            CLASSES - 1,
            ValueError,
            "labels must lie between 0 and 2, got values from -1 to 1",
        ),
        (
            "categorical_cross_entropy_with_integer_labels",
            2 * P * np.nan,
            CLASSES,
            ValueError,
            "probabilities must be finite, got nan at index (0, 0)",
        ),
    ],
)
def test_bad_input_is_refused_in_one_sentence(name, predictions, labels, error, message):
    loss = getattr(losses, name)
    for method in (loss, loss.gradient, loss.value_and_gradient, loss.second_derivative):
        with pytest.raises(error, match=re.escape(message)) as refusal:
            method(predictions, labels)
        assert "\n" not in str(refusal.value)


def test_bad_vectors_and_reductions_are_refused():
    loss = losses.softmax_cross_entropy
    for cotangent, reduction, expected in (
        (Z, "none", "(5,), got shape (5, 3)"),
        (Z[:, 0], "sum", "(), got shape (5,)"),
        (1.0, "none", "(5,), got shape ()"),
    ):
        with pytest.raises(ValueError, match=re.escape(f"cotangent must have the shape of the value, {expected}")):
            loss.gradient(Z, ROWS, cotangent, reduction=reduction)
    with pytest.raises(TypeError, match="cotangent must be floating-point numbers, got dtype int"):
        loss.second_derivative(Z, ROWS, CLASSES)
    with pytest.raises(ValueError, match=re.escape("tangent must have shape (5, 3) as logits, got shape (5,)")):
        loss.hessian_vector_product(Z, ROWS, Z[:, 0])
    with pytest.raises(TypeError, match="tangent must be floating-point numbers, got dtype bool"):
        loss.hessian_vector_product(Z, ROWS, Z > 0)
    for method in (loss, loss.gradient, loss.value_and_gradient, loss.second_derivative):
        with pytest.raises(ValueError, match='reduction must be "none", "sum" or "mean", got \'average\''):
            method(Z, ROWS, reduction="average")
    with pytest.raises(ValueError, match=re.escape("alpha must lie between 0 and 1, got values from 1.5 to 1.5")):
        losses.smooth_labels(ROWS, 1.5)
    with pytest.raises(ValueError, match="labels must have at least 1 axis that is not empty"):
        losses.smooth_labels(1.0, 0.5)


def test_shapes_are_checked_in_a_traced_program_and_values_are_not():
    loss = losses.softmax_cross_entropy
    with pytest.raises(ValueError, match="labels must have shape"):
        jax.jit(loss.gradient)(Z, ROWS[:4])
    assert jax.jit(loss.gradient)(Z, ROWS / 2).shape == Z.shape


def ignoring_the_cotangent(loss):
    def evaluate(self, predictions, labels, cotangent):
        return loss.evaluate(predictions, labels, 1.0)

    return evaluate


def times(factor):
    """The right value, and a gradient with a factor."""

    def of(loss):
        def evaluate(self, predictions, labels, cotangent):
            value, slope = loss.evaluate(predictions, labels, cotangent)
            return value, factor * slope

        return evaluate

    return of


def without_the_label(loss):
    def evaluate(self, predictions, labels, cotangent):
        value, _ = loss.evaluate(predictions, labels, cotangent)
        return value, cotangent * jax.nn.softmax(predictions)

    return evaluate


def diagonal_only(loss):
    def curvature_product(self, predictions, labels, tangent):
        p = jax.nn.softmax(predictions)
        return p * (1 - p) * tangent

    return curvature_product


def of_the_logit(loss):
    """p (1 - p) with the logit in place of the probability."""

    def curvature(self, predictions, labels):
        return predictions * (1 - predictions)

    return curvature


def of_the_first_class(loss):
    def evaluate(self, predictions, labels, cotangent):
        return loss.evaluate(predictions, jnp.zeros_like(labels), cotangent)

    return evaluate


# Mistakes that people make: the loss, its method, what is in its place, and the claim it falls by.
PLANTED = [
    ("squared_error", "evaluate", ignoring_the_cotangent, claims.squared_error),
    ("squared_error", "evaluate", times(0.5), claims.squared_error),
    ("l2_loss", "evaluate", times(2.0), claims.reduced_l2_loss),
    ("sigmoid_binary_cross_entropy", "curvature", of_the_logit, claims.sigmoid_binary_cross_entropy),
    ("binary_cross_entropy", "evaluate", times(-1.0), claims.soft_labels),
    ("softmax_cross_entropy", "evaluate", without_the_label, claims.softmax_cross_entropy),
    ("softmax_cross_entropy", "evaluate", ignoring_the_cotangent, claims.softmax_cross_entropy),
    ("softmax_cross_entropy", "curvature_product", diagonal_only, claims.reduced_softmax_cross_entropy),
    (
        "softmax_cross_entropy_with_integer_labels",
        "evaluate",
        of_the_first_class,
        claims.softmax_cross_entropy_with_integer_labels,
    ),
    ("categorical_cross_entropy", "evaluate", ignoring_the_cotangent, claims.categorical_cross_entropy),
]


@pytest.mark.parametrize(("name", "method", "mistake", "claim"), PLANTED)
def test_a_planted_mistake_is_refused(monkeypatch, name, method, mistake, claim):
    right = getattr(losses, name)
    # A class of its own, so that nothing compiled for the right one is used.
    monkeypatch.setattr(losses, name, type("Wrong", (type(right),), {method: mistake(right)})())
    assert verify(claim, quick=True).verdict == "refuted"
