"""`manual_grads.least_squares` against NumPy's least squares, scikit-learn and JAX's own derivatives."""

import re
from functools import partial

import jax
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from manual_grads import least_squares

EPS = np.finfo(float).eps
# One size of all problems, so that JAX compiles one program for many tests.
EXAMPLES, FEATURES = 32, 3


def whole_numbers(bias, dtype):
    """Parameters, inputs, labels and a tangent, small integers, so that no operation rounds; 32 halves exactly."""
    rng = np.random.default_rng(0)
    inputs = rng.integers(-3, 4, (EXAMPLES, FEATURES)).astype(dtype)
    labels = rng.integers(-5, 6, EXAMPLES)
    vectors = [rng.integers(-3, 4, FEATURES).astype(dtype) for _ in range(2)]
    if bias:
        vectors = [(vector, np.asarray(3, dtype)) for vector in vectors]
    return vectors[0], inputs, labels, vectors[1]


@partial(jax.jit, static_argnames="reduction")
def everything(parameters, inputs, labels, tangent, reduction):
    arguments, of = (parameters, inputs, labels), {"reduction": reduction}
    return (
        least_squares.loss(*arguments, **of),
        least_squares.gradient(*arguments, **of),
        least_squares.value_and_gradient(*arguments, **of),
        least_squares.hessian(*arguments, **of),
        least_squares.hessian_vector_product(*arguments, tangent, **of),
    )


@partial(jax.jit, static_argnames="reduction")
def oracle(parameters, inputs, labels, tangent, reduction):
    def loss(parameters):
        weights, bias = parameters if isinstance(parameters, tuple) else (parameters, 0.0)
        squares = (inputs @ weights + bias - labels) ** 2 / 2
        return squares.mean() if reduction == "mean" else squares.sum()

    value, slope = jax.value_and_grad(loss)(parameters)
    product = jax.jvp(jax.grad(loss), (parameters,), (tangent,))[1]
    return value, slope, (value, slope), jax.hessian(loss)(parameters), product


@pytest.mark.parametrize(("bias", "reduction", "dtype"), [(False, "sum", "float64"), (True, "mean", "float32")])
def test_every_derivative_is_that_of_jax_to_the_last_bit(bias, reduction, dtype):
    case = whole_numbers(bias, dtype)
    actual, expected = everything(*case, reduction), oracle(*case, reduction)
    assert jax.tree.structure(actual) == jax.tree.structure(expected)
    for left, right in zip(jax.tree.leaves(actual), jax.tree.leaves(expected), strict=True):
        np.testing.assert_array_equal(left, right, strict=True)


def survey():
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(EXAMPLES, FEATURES))
    return inputs, inputs @ [2.0, -1.0, 0.5] + 3 + rng.normal(size=EXAMPLES)


START = np.full(FEATURES, 100.0), np.asarray(-7.0)


def error(inputs, labels, fitted):
    """What rounding may change in a solution by QR: n m roundings, times the condition of the problem."""
    design = np.c_[inputs, np.ones(len(inputs))]
    scale = np.linalg.norm(np.append(*fitted)) + np.linalg.norm(labels)
    return 4 * design.size * np.finfo(inputs.dtype).eps * np.linalg.cond(design) ** 2 * scale


def test_a_fit_finds_what_others_find():
    inputs, labels = survey()
    fit = least_squares.fit_by_newton(START, inputs, labels)
    assert fit.status == "converged"
    # The first step is exact but for rounding, which each other one takes down; the last one sees that it cannot.
    assert fit.steps <= 5
    exact = np.linalg.lstsq(np.c_[inputs, np.ones(EXAMPLES)], labels)[0]
    model = LinearRegression().fit(inputs, labels)
    most = error(inputs, labels, (exact[:-1], exact[-1]))
    for expected in (exact, np.append(model.coef_, model.intercept_)):
        assert np.abs(np.append(*fit.parameters) - expected).max() <= most


def test_one_newton_step_is_the_minimum():
    inputs, labels = survey()
    both = least_squares.newton_step, least_squares.newton_direction
    step, direction = jax.jit(lambda *given: [way(*given) for way in both])(START, inputs, labels)
    exact = np.linalg.lstsq(np.c_[inputs, np.ones(EXAMPLES)], labels)[0]
    most = error(inputs, labels, START)
    assert np.abs(np.append(*step) - exact).max() <= most
    assert np.abs(np.append(*START) - np.append(*direction) - exact).max() <= most


def test_labels_that_are_predicted_without_an_error_have_a_minimum():
    inputs = np.random.default_rng(1).normal(size=(EXAMPLES, FEATURES + 1))
    for weights in (np.zeros(FEATURES + 1), np.array([1.0, 2.0, -3.0, 0.5])):
        fit = least_squares.fit_by_newton(np.ones(FEATURES + 1), inputs, inputs @ weights)
        assert fit.status == "converged"
        np.testing.assert_allclose(fit.parameters, weights, rtol=0, atol=1e3 * EPS)


def test_gradient_descent_goes_down_to_the_minimum():
    inputs, labels = survey()
    fit = least_squares.fit_by_gradient_descent(START, inputs, labels, steps=100, tolerance=1e-6)
    assert fit.status == "converged"
    assert fit.gradient_norm <= 1e-6
    losses = np.asarray(fit.losses)
    assert (np.diff(losses) <= 1e3 * EPS * losses[:-1]).all()
    design = np.c_[inputs, np.ones(EXAMPLES)]
    exact = np.linalg.lstsq(design, labels)[0]
    # The gradient is the Hessian times the way.
    assert np.abs(np.append(*fit.parameters) - exact).max() <= 2 * 1e-6 / np.linalg.eigvalsh(design.T @ design)[0] * 2
    first = least_squares.fit_by_gradient_descent(START, inputs, labels, steps=1, tolerance=0.0)
    rate = 1 / np.linalg.eigvalsh(design.T @ design)[-1]
    expected = np.append(*START) - rate * design.T @ (design @ np.append(*START) - labels)
    np.testing.assert_allclose(np.append(*first.parameters), expected, rtol=1e-12)
    assert first.status == "step limit"


def test_dependent_columns_are_said_to_be_so():
    inputs, labels = survey()
    inputs = np.c_[inputs, inputs[:, 0] - 2 * inputs[:, 2]]
    for fit in (
        least_squares.fit_by_newton(np.ones(FEATURES + 1), inputs, labels),
        least_squares.fit_by_gradient_descent(np.ones(FEATURES + 1), inputs, labels, steps=5, tolerance=0),
    ):
        assert (fit.status, fit.steps) == ("rank deficient", 0)


W, X, Y = np.zeros(3), np.ones((30, 3)), np.arange(30.0)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((W[:2], X, Y), ValueError, "parameters must have shape (m,), where m = 3 as in inputs of shape (30, 3), go"),
        ((W, X, Y[:4]), ValueError, "labels must have shape (n,), where n = 30 as in inputs of shape (30, 3), got sha"),
        ((W, X, Y[:, None]), ValueError, "labels must have shape (n,), where n = 30 as in inputs of shape (30, 3), go"),
        ((W, X, Y * 1j), TypeError, "labels must be floating-point numbers, integers or booleans, got"),
        ((W, X * np.nan, Y), ValueError, "inputs must be finite, got nan at index (0, 0)"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(arguments, error, message):
    for function in (least_squares.loss, least_squares.hessian, least_squares.newton_step, least_squares.fit_by_newton):
        with pytest.raises(error, match=re.escape(message)):
            function(*arguments)
