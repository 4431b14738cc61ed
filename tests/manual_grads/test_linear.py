"""`manual_grads.linear`: one model for any loss, and three modules that say all about their functions."""

import inspect
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from manual_grads import least_squares, logistic, losses, softmax
from manual_grads.linear import LinearModel
from manual_grads.losses import ElementwiseLoss, Loss

MODULES = [least_squares, logistic, softmax]
FUNCTIONS = [
    *("loss", "gradient", "value_and_gradient", "hessian", "hessian_vector_product"),
    *("newton_direction", "newton_step", "fit_by_newton", "fit_by_gradient_descent"),
]


class LogCosh(ElementwiseLoss):
    """A loss of one's own, which has a minimum for all labels."""

    largest_curvature = 1

    def evaluate(self, predictions, labels, cotangent):
        errors = predictions - labels
        return jnp.log(jnp.cosh(errors)), cotangent * jnp.tanh(errors)

    def curvature(self, predictions, labels):
        return 1 - jnp.tanh(predictions - labels) ** 2


class Distance(Loss):
    """A loss of rows of one's own: the square of the distance, half of it along each axis."""

    axes = 1
    largest_curvature = 1

    def evaluate(self, predictions, labels, cotangent):
        errors = predictions - labels
        return jnp.sum(errors**2, axis=-1) / 2, cotangent * errors

    def curvature(self, predictions, labels):
        return jnp.broadcast_to(jnp.eye(predictions.shape[-1]), (*predictions.shape, predictions.shape[-1]))

    def curvature_product(self, predictions, labels, tangent):
        return tangent


def case(classes):
    rng = np.random.default_rng(0)
    shape = (3, classes) if classes else (3,)
    weights, tangent, bias = (rng.normal(size=size) for size in (shape, shape, shape[1:]))
    inputs, labels = rng.normal(size=(32, 3)), rng.normal(size=(32, *shape[1:]))
    return (weights, np.asarray(bias)), inputs, labels, (tangent, np.asarray(bias))


@pytest.mark.parametrize(("criterion", "classes"), [(LogCosh(), 0), (losses.squared_error, 0), (Distance(), 5)])
def test_the_derivatives_of_any_loss(criterion, classes):
    model = LinearModel(criterion)

    @jax.jit
    def ours(parameters, inputs, labels, tangent):
        arguments = parameters, inputs, labels
        product = model.hessian_vector_product(*arguments, tangent)
        return model.value_and_gradient(*arguments), model.hessian(*arguments), product

    @jax.jit
    def theirs(parameters, inputs, labels, tangent):
        def loss(parameters):
            weights, bias = parameters
            return jnp.sum(criterion(inputs @ weights + (bias[None] if classes else bias), labels))

        product = jax.jvp(jax.grad(loss), (parameters,), (tangent,))[1]
        return jax.value_and_grad(loss)(parameters), jax.hessian(loss)(parameters), product

    actual, expected = ours(*case(classes)), theirs(*case(classes))
    assert jax.tree.structure(actual) == jax.tree.structure(expected)
    for left, right in zip(jax.tree.leaves(actual), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(left, right, rtol=0, atol=1e4 * np.finfo(float).eps)


class Doubtful(Distance):
    """Its gradient has the wrong sign for labels above 100."""

    def evaluate(self, predictions, labels, cotangent):
        values, slopes = super().evaluate(predictions, labels, cotangent)
        return values, jnp.where(labels > 100, -slopes, slopes)


def test_newton_finds_the_minimum_of_any_loss_and_takes_nothing_else_for_it():
    parameters, inputs, labels, _ = case(5)
    model = LinearModel(Doubtful())
    fit = model.fit_by_newton(parameters, inputs, labels)
    assert fit.status == "converged"
    assert fit.steps <= 3  # to 0, to the minimum of a square, and one for rounding
    weights, bias = map(np.asarray, fit.parameters)
    slope = np.c_[inputs, np.ones(32)].T @ (inputs @ weights + bias[None] - labels)
    assert np.abs(slope).max() <= 1e3 * np.finfo(float).eps
    assert fit.gradient_norm <= 1e3 * np.finfo(float).eps
    assert model.fit_by_newton((0 * weights, 0 * bias), inputs, labels + 1000).status == "stalled"


def test_gradient_descent_takes_the_largest_curvature_of_the_loss():
    parameters, inputs, labels, _ = case(0)
    model = LinearModel(losses.squared_error)
    fit = model.fit_by_gradient_descent(parameters, inputs, labels, steps=1, tolerance=0.0)
    design, start = np.c_[inputs, np.ones(32)], np.append(*parameters)
    # Half of the inverse: the curvature of the square is 2.
    expected = start - design.T @ (design @ start - labels) / np.linalg.norm(design, 2) ** 2
    np.testing.assert_allclose(np.append(*fit.parameters), expected, rtol=0, atol=1e3 * np.finfo(float).eps)


def test_a_loss_without_a_bound_has_no_fit():
    class Unbounded(LogCosh):
        largest_curvature = None

    with pytest.raises(TypeError, match="criterion must state its largest_curvature for a fit, got"):
        LinearModel(Unbounded()).fit_by_newton(*case(0)[:3])


@pytest.mark.parametrize(
    ("criterion", "error", "message"),
    [
        (jnp.sum, TypeError, "criterion must be a Loss, such as manual_grads.losses.l2_loss, got"),
        (
            losses.binary_cross_entropy,
            ValueError,
            "criterion must take any predictions, but BinaryCrossEntropy() takes",
        ),
    ],
)
def test_what_makes_no_model_is_refused(criterion, error, message):
    with pytest.raises(error, match=re.escape(message)):
        LinearModel(criterion)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_help_tells_the_whole_story(module, name):
    function = getattr(module, name)
    text = inspect.getdoc(function)
    parts = ["\n\n$$", "\n\nArguments:\n", "\n\nRaises `ValueError`", "\n\nSource: ", "\n\n>>> "]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    arguments = text[places[1] : places[2]]
    assert re.findall(r"^    (\w+): \S", arguments, re.MULTILINE) == list(inspect.signature(function).parameters)
    assert "see" not in text.lower().split()


@pytest.mark.parametrize("module", [logistic, softmax], ids=lambda module: module.__name__)
def test_the_older_name_is_an_alias(module):
    assert module.loss_and_gradient is module.value_and_gradient


def test_the_hessian_of_more_examples_than_a_block_has():
    inputs = np.random.default_rng(0).integers(-3, 4, (20_000, 2)).astype(float)
    found = least_squares.hessian(np.zeros(2), inputs, np.zeros(len(inputs)))
    np.testing.assert_array_equal(found, inputs.T @ inputs)


W, X, Y = np.zeros(3), np.ones((32, 3)), np.arange(32) % 2


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: logistic.fit_by_newton(W, X, Y, steps=0), ValueError, "steps must be at least 1, got 0"),
        (lambda: logistic.fit_by_newton(W, X, Y + 1), ValueError, "labels must lie between 0 and 1, got values from 1"),
        (
            lambda: logistic.fit_by_newton(W * np.nan, X, Y),
            ValueError,
            "parameters must be finite, got nan at index (0,)",
        ),
        (lambda: logistic.newton_direction(W[:2], X, Y), ValueError, "parameters must have shape (m,), where m = 3"),
        (
            lambda: logistic.fit_by_gradient_descent(W, X, Y, steps=5, tolerance=-1),
            ValueError,
            "tolerance must be finite and at least 0, got -1",
        ),
        (
            lambda: logistic.fit_by_gradient_descent(W, X, Y, steps=5, tolerance=0, learning_rate=0),
            ValueError,
            "learning_rate must be finite and more than 0, got 0",
        ),
        (lambda: softmax.fit_by_newton(np.zeros((3, 2)), X, Y * 2), ValueError, "labels must lie between 0 and 1, got"),
        (
            lambda: softmax.fit_by_newton(np.zeros((3, 1)), X, Y * 0),
            ValueError,
            "parameters must have at least 2 classes",
        ),
        (
            lambda: softmax.newton_step(np.zeros((3, 1)), X, Y * 0),
            ValueError,
            "at least 2 classes, for with 1 the Hessian is 0",
        ),
    ],
)
def test_a_bad_fit_is_refused_in_one_sentence(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()
