"""The fits of logistic and softmax regression against scikit-learn, statsmodels, linear programming and each other."""

import re
from dataclasses import replace
from typing import get_args, get_type_hints

import jax
import numpy as np
import pytest
import statsmodels.api
from scipy.optimize import linprog
from scipy.special import expit, logsumexp
from scipy.special import softmax as probabilities
from sklearn.linear_model import LogisticRegression

from manual_grads import logistic, softmax
from manual_grads.training import Fit

EPS = np.finfo(float).eps

# Compiling a fit takes seconds, running it milliseconds. So where the point of a test allows it, there are N examples
# with M features and a bias, or with M + 1 features and none, and labels of two classes are reals, as soft ones are. No
# fit may take more than 100 steps, which is one step a piece. So JAX compiles one program for many tests.
N, M = 80, 4
FULL = np.random.default_rng(0).normal(size=(N, M + 1))


def survey(classes, strength=1.0):
    """Inputs and labels of a problem that has a minimum, and a start at 0 with a bias."""
    rng = np.random.default_rng(classes)
    inputs = rng.normal(size=(N, M))
    drawn = np.argmax(strength * inputs @ rng.normal(size=(M, classes)) + rng.gumbel(size=(N, classes)), axis=1)
    return inputs, labels_of(drawn, classes), zeros(classes)


def labels_of(drawn, classes):
    return drawn if classes > 2 else drawn.astype(float)


def zeros(classes):
    return (np.zeros((M, classes)), np.zeros(classes)) if classes > 2 else (np.zeros(M), np.zeros(()))


def start_at(size, like, dtype):
    """Parameters of about this size, another for each class, with a shift in them."""
    parts = jax.tree.map(lambda part: size * (1 + np.cos(np.arange(part.size))).reshape(part.shape), like)
    return jax.tree.map(lambda part: part.astype(dtype), parts)


def model_of(classes):
    return softmax if classes > 2 else logistic


def stacked(parameters):
    """As one array, of which a bias is the last row."""
    return np.concatenate([parameters[0], [parameters[1]]]) if isinstance(parameters, tuple) else parameters


def flat(parameters):
    return stacked(jax.tree.map(np.asarray, parameters)).ravel()


def design_of(parameters, inputs):
    return np.c_[inputs, np.ones(len(inputs))] if isinstance(parameters, tuple) else inputs


def slope_at(parameters, inputs, labels):
    """The gradient as NumPy computes it in 64 bits, flat."""
    design, array = design_of(parameters, inputs), stacked(jax.tree.map(np.asarray, parameters)).astype(float)
    logits = design @ array
    if array.ndim == 1:
        return design.T @ (expit(logits) - labels)
    return (design.T @ (probabilities(logits, axis=1) - np.eye(array.shape[1])[labels])).ravel()


def loss_at(parameters, inputs, labels):
    """The loss as NumPy computes it, for classes as labels."""
    logits = design_of(parameters, inputs) @ stacked(parameters)
    if logits.ndim == 1:
        return np.logaddexp(0, (1 - 2 * labels) * logits).sum()
    return (logsumexp(logits, axis=1) - logits[range(len(labels)), labels]).sum()


def hessian_at(parameters, inputs):
    """The Hessian as NumPy computes it, a matrix."""
    design, array = design_of(parameters, inputs), stacked(jax.tree.map(np.asarray, parameters))
    logits = design @ array
    if array.ndim == 1:
        return (design.T * (expit(logits) * expit(-logits))) @ design
    p = probabilities(logits, axis=1)
    curvatures = p[:, :, None] * (np.eye(array.shape[1]) - p[:, None, :])
    return np.einsum("ij,ikl,im->jkml", design, curvatures, design).reshape(array.size, array.size)


def ways(inputs, fitted, slopes):
    """How far the minimum is, for each parameter, from where the gradient is at most `slopes`.

    To first order, the inverse of the Hessian times that; twice as much is safe. Shifts have no part in it.
    """
    return 2 * np.abs(np.linalg.pinv(hessian_at(fitted, inputs), rcond=1e-12)) @ slopes


def rounding(inputs, parameters):
    """What rounding may leave of a gradient: m + 3 roundings of a logit, ten of a residual, and n of a sum."""
    n, m = inputs.shape
    weights, bias = (np.abs(np.asarray(part)) for part in parameters)
    logits = np.abs(inputs) @ weights + bias
    unit = 2 * EPS * ((m + 3) * logits.reshape(n, -1).max(axis=1) + n + 10)
    each = unit @ np.c_[np.abs(inputs), np.ones(n)]
    return np.repeat(each, weights.size // m)


def centred(array):
    return array - array.mean(axis=-1, keepdims=True)


def scikit_learn(inputs, labels, classes):
    found = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-8).fit(inputs, labels)
    if classes == 2:
        return found.coef_[0], found.intercept_[0]
    return centred(found.coef_.T), centred(found.intercept_)


def statsmodels_(inputs, labels, classes):
    design = np.c_[inputs, np.ones(len(inputs))]
    model = statsmodels.api.Logit if classes == 2 else statsmodels.api.MNLogit
    found = np.asarray(model(labels, design).fit(disp=0, tol=1e-10).params)
    if classes == 2:
        return found[:-1], found[-1]
    found = centred(np.c_[np.zeros(len(found)), found])  # it takes the first class for the base
    return found[:-1], found[-1]


@pytest.mark.parametrize("oracle", [scikit_learn, statsmodels_])
@pytest.mark.parametrize("classes", [2, 5])
def test_newton_finds_what_others_find(classes, oracle):
    inputs, labels, start = survey(classes)
    fit = model_of(classes).fit_by_newton(start, inputs, labels)
    assert fit.status == "converged"
    theirs = oracle(inputs, labels, classes)
    slopes = np.abs(slope_at(theirs, inputs, labels))
    assert slopes.max() <= len(inputs) * 1e-8
    way = ways(inputs, fit.parameters, slopes + rounding(inputs, fit.parameters))
    np.testing.assert_array_less(np.abs(flat(fit.parameters) - flat(theirs)), way)


@pytest.mark.parametrize("size", [0, 1, -100, 1e4])
@pytest.mark.parametrize(("classes", "dtype"), [(2, "float32"), (2, "float64"), (5, "float64")])
def test_newton_converges_to_rounding_from_every_start(classes, size, dtype):
    inputs, labels, start = survey(classes)
    inputs = inputs.astype(dtype)
    start = start_at(size, start, dtype)
    fit = model_of(classes).fit_by_newton(start, inputs, labels)
    assert fit.status == "converged"
    assert {leaf.dtype.name for leaf in jax.tree.leaves(fit.parameters)} == {dtype}
    assert len(fit.losses) == fit.steps + 1
    # The fit uses Q and R, of which each product has as many roundings again.
    most = 4 * rounding(inputs, fit.parameters) * np.finfo(dtype).eps / EPS
    np.testing.assert_array_less(np.abs(slope_at(fit.parameters, inputs, labels)), most)
    assert fit.gradient_norm < most.max()
    if classes > 2:
        sums = [stacked(jax.tree.map(np.asarray, part)).sum(axis=1) for part in (fit.parameters, start)]
        condition = np.linalg.cond(np.c_[inputs, np.ones(len(inputs))])
        scale = np.finfo(dtype).eps * max(1, np.abs(flat(start)).max())
        np.testing.assert_allclose(*sums, rtol=0, atol=fit.steps * classes * len(inputs) * condition * scale)


def test_two_classes_are_a_logistic_regression():
    """A step of half the size in each of two classes changes their difference by the whole step of one."""
    inputs, labels, start = survey(2)
    one = logistic.fit_by_gradient_descent(start, inputs, labels, steps=100, tolerance=0.0)
    two = of_two_classes(inputs, labels)
    assert one.status == two.status == "step limit"
    difference = flat(jax.tree.map(lambda part: part[..., 1] - part[..., 0], two.parameters))
    # In each step the gradients may differ by rounding, and no step makes an older difference longer.
    most = 4 / np.linalg.norm(design_of(start, inputs), 2) ** 2 * 2 * np.linalg.norm(rounding(inputs, one.parameters))
    assert np.linalg.norm(difference - flat(one.parameters)) <= 100 * most


def of_two_classes(inputs, labels, tolerance=0.0):
    """Where softmax regression descends to for labels in rows, as soft ones are."""
    start, rows = (np.zeros((M, 2)), np.zeros(2)), np.c_[1 - labels, labels]
    return softmax.fit_by_gradient_descent(start, inputs, rows, steps=100, tolerance=tolerance)


def existence(inputs, labels, classes):
    """What linear programming finds: a direction that lets as many labels as possible gain on other classes."""
    design = np.c_[inputs, np.ones(len(inputs))]
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return "rank deficient"
    rows = [np.outer(x, one) for x, y in zip(design, labels, strict=True) for one in gains(y, classes)]
    gain = np.array(rows).reshape(len(rows), -1)
    count, size = gain.shape
    found = linprog(
        np.r_[np.zeros(size), -np.ones(count)],
        A_ub=np.c_[-gain, np.eye(count)],
        b_ub=np.zeros(count),
        bounds=[(None, None)] * size + [(0, 1)] * count,
    )
    return {0: "converged", count: "separable"}.get(round(-found.fun), "diverging")


def gains(label, classes):
    return np.delete(np.eye(classes)[label] - np.eye(classes), label, axis=0)


@pytest.mark.parametrize("classes", [2, 5])
def test_the_status_is_what_linear_programming_says(classes):
    """On inputs and true weights that are small integers, so that ties are common, and broken by noise."""
    rng, examples = np.random.default_rng(classes), 8 * classes
    seen = set()
    for _ in range(40):
        noise, size = rng.choice([0.1, 0.5, 4, 16]), rng.choice([0, 10, -100])
        inputs = rng.integers(-2, 3, (examples, M)) * rng.choice([1, 1, 1, 1, 1, 1, 1, 0], M)
        scores = 2 * inputs @ rng.integers(-1, 2, (M, classes)) + noise * rng.normal(size=(examples, classes))
        labels = np.argmax(scores, axis=1)
        status = existence(inputs, labels, classes)
        seen.add(status)
        # The same examples several times over have the same status.
        many, their_labels = np.tile(inputs, (N // examples, 1)), labels_of(np.tile(labels, N // examples), classes)
        for dtype in ["float64"] if classes > 2 else ["float32", "float64"]:
            start = start_at(size, zeros(classes), dtype)
            assert model_of(classes).fit_by_newton(start, many.astype(dtype), their_labels).status == status
    assert seen == {"converged", "separable", "diverging", "rank deficient"}


@pytest.mark.parametrize("overlap", [1e-2, 1e-6, 1e-12])
def test_classes_that_all_but_separate_have_a_minimum(overlap):
    """Each feature has 16 examples of its own, in which all others are 0."""
    negative = [-2.0, -2.0, -2.0, -1.0, -1.0, -1.0, -1.0, overlap]
    positive = [2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0, -2 * overlap]
    inputs = np.kron(np.eye(M + 1), np.c_[negative + positive])
    labels = np.tile(np.repeat([0.0, 1.0], 8), M + 1)
    fit = logistic.fit_by_newton(np.zeros(M + 1), inputs, labels)
    assert fit.status == "converged"
    assert fit.gradient_norm <= 16 * 10 * EPS * overlap  # every term of it is as small as the overlap


def test_separating_parameters_are_a_certificate():
    inputs, _, start = survey(2)
    labels = inputs[:, 0] > 0.1
    for fit in (
        logistic.fit_by_newton(start, inputs, labels.astype(float)),
        logistic.fit_by_gradient_descent(start, inputs, labels.astype(float), steps=100, tolerance=0.0),
        of_two_classes(inputs, labels.astype(float)),
    ):
        assert fit.status == "separable"
        logits = design_of(start, inputs) @ stacked(jax.tree.map(np.asarray, fit.parameters))
        assert ((logits @ [-1, 1] if logits.ndim > 1 else logits) > 0).tolist() == labels.tolist()
        assert fit.steps < 100


@pytest.mark.parametrize("classes", [2, 5])
def test_a_start_that_separates_is_not_moved(classes):
    labels = np.arange(N) % classes
    inputs = np.c_[np.diag(np.arange(1.0, classes + 1))[labels], FULL[:, classes:]]
    start = 0.7 * np.eye(M + 1, classes) if classes > 2 else np.array([-0.3, 0.7, 0, 0, 0])
    fit = model_of(classes).fit_by_newton(start, inputs, labels_of(labels, classes))
    assert (fit.status, fit.steps) == ("separable", 0)
    assert fit.parameters.tolist() == start.tolist()


def test_one_class_only_is_separable():
    inputs, _, start = survey(2)
    assert logistic.fit_by_newton(start, inputs, np.ones(N)).status == "separable"


def test_soft_labels_have_a_minimum():
    inputs, _, start = survey(2)
    labels = (inputs[:, 0] > 0.1) * 0.6 + 0.2
    assert logistic.fit_by_newton(start, inputs, labels).status == "converged"
    assert of_two_classes(inputs, labels, tolerance=1e-4).status == "converged"


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize(
    ("inputs", "bias"),
    [
        (np.c_[FULL[:, :M], 2 * FULL[:, 0]], False),
        (np.c_[FULL[:, 1:M], np.full(N, 3.0)], True),
        (np.c_[FULL[:, :M], np.zeros(N)], False),
    ],
)
def test_dependent_columns_are_said_to_be_so_without_a_step(inputs, bias, classes):
    assert_rank_deficient(inputs, bias, classes)


def test_columns_are_dependent_where_there_are_more_of_them_than_examples():
    assert_rank_deficient(np.eye(M), True, 2)


def assert_rank_deficient(inputs, bias, classes):
    examples, features = inputs.shape
    labels = labels_of(np.arange(examples) % 2, classes)
    start = (np.ones(features), 0.5) if classes == 2 else (np.ones((features, classes)), np.zeros(classes))
    start = start if bias else start[0]
    expected = loss_at(start, inputs, labels), np.abs(slope_at(start, inputs, labels)).max()
    model = model_of(classes)
    for fit in (
        model.fit_by_newton(start, inputs, labels),
        model.fit_by_gradient_descent(start, inputs, labels, steps=5, tolerance=0.0),
    ):
        assert (fit.status, fit.steps) == ("rank deficient", 0)
        assert flat(fit.parameters).tolist() == flat(start).tolist()
        np.testing.assert_allclose([*fit.losses, fit.gradient_norm], expected, rtol=2 * (examples + 10) * EPS)


def test_units_do_not_make_columns_dependent():
    inputs, labels, start = survey(2)
    fit = logistic.fit_by_newton(start, inputs * np.array([1e-12, 1, 1e12, 1]), labels)
    assert fit.status == "converged"


@pytest.mark.parametrize("classes", [2, 5])
def test_gradient_descent_goes_down_to_the_minimum(classes):
    inputs, labels, start = survey(classes, strength=0.25)
    model, tolerance = model_of(classes), 1e-3
    fit = model.fit_by_gradient_descent(start, inputs, labels, steps=100, tolerance=tolerance)
    assert fit.status == "converged"
    assert fit.gradient_norm <= tolerance
    assert fit.steps == len(fit.losses) - 1
    noise = 2 * EPS * (len(inputs) + 10) * fit.losses[0]  # of a sum of n terms, each with ten roundings
    assert (np.diff(fit.losses) <= noise).all()
    exact = model.fit_by_newton(start, inputs, labels)
    way = ways(inputs, exact.parameters, tolerance + rounding(inputs, exact.parameters))
    np.testing.assert_array_less(np.abs(flat(fit.parameters) - flat(exact.parameters)), way)


@pytest.mark.parametrize(("classes", "factor"), [(2, 4), (5, 2)])
def test_the_learning_rate_is_the_inverse_of_the_largest_curvature(classes, factor):
    inputs, labels, start = survey(classes)
    fit = model_of(classes).fit_by_gradient_descent(start, inputs, labels, steps=1, tolerance=0.0)
    design = np.c_[inputs, np.ones(len(inputs))]
    rate = factor / np.linalg.eigvalsh(design.T @ design)[-1]
    slope = slope_at(start, inputs, labels)
    most = rate * (rounding(inputs, start) + 4 * len(inputs) * EPS * np.abs(slope))
    np.testing.assert_array_less(np.abs(flat(fit.parameters) + rate * slope), most)
    own = model_of(classes).fit_by_gradient_descent(
        start, inputs, labels, steps=1, tolerance=0.0, learning_rate=float(rate) / 2
    )
    np.testing.assert_array_less(np.abs(flat(own.parameters) + rate / 2 * slope), most)
    assert fit.status == own.status == "step limit"


def test_a_fit_says_why_it_ended():
    inputs, labels, start = survey(2)
    assert logistic.fit_by_newton(start, inputs, labels, steps=1).status == "step limit"
    wild = logistic.fit_by_gradient_descent(start, inputs, labels, learning_rate=1e308, steps=5, tolerance=0.0)
    assert wild.status == "diverged"
    assert np.isfinite(flat(wild.parameters)).all()
    assert logistic.fit_by_newton((np.full(M, 1e308), 0.0), inputs, labels).status == "diverged"


def test_a_fit_is_printed_in_a_few_words():
    """Each feature has 16 examples of its own, and every fourth of them the label 0."""
    inputs, labels = np.kron(np.eye(M + 1), np.ones((16, 1))), np.tile([1.0, 1.0, 1.0, 0.0], N // 4)
    converged = logistic.fit_by_newton(np.zeros(M + 1), inputs, labels)
    number = r"\d\S*"
    gradient = rf"largest entry of the gradient {number}\."
    assert re.fullmatch(rf"converged after 6 steps: loss 44\.9868, {gradient}", str(converged))
    limited = str(logistic.fit_by_newton(np.zeros(M + 1), inputs, labels, steps=1))
    assert re.fullmatch(rf"step limit after 1 step: loss {number}, {gradient} Allow more steps\.", limited)
    for status in get_args(get_type_hints(Fit)["status"]):
        words, without_advice = str(replace(converged, status=status)), str(converged).replace("converged", status)
        assert words.startswith(without_advice)
        assert (words == without_advice) == (status == "converged")


@pytest.mark.parametrize("classes", [2, 5])
def test_the_direction_is_the_shortest_solution_with_the_hessian(classes):
    inputs, labels, like = survey(classes)
    rng = np.random.default_rng(0)
    parameters = jax.tree.map(lambda part: rng.normal(size=part.shape), like)
    both = model_of(classes).newton_direction, model_of(classes).newton_step
    direction, step = map(flat, jax.jit(lambda *given: [way(*given) for way in both])(parameters, inputs, labels))
    # H d = g up to the backward error of a Cholesky solution, and an error in d that this allows. Shifts have no part.
    hessian, size = hessian_at(parameters, inputs), len(direction)
    backward = 4 * size * (size + N) * EPS * np.linalg.norm(hessian, 2) * np.linalg.norm(direction)
    most = rounding(inputs, parameters) + backward
    np.testing.assert_array_less(np.abs(hessian @ direction - slope_at(parameters, inputs, labels)), most)
    error = 2 * np.linalg.norm(most) * np.linalg.norm(np.linalg.pinv(hessian, rcond=1e-12), 2)
    np.testing.assert_array_less(np.abs(step - (flat(parameters) - direction)), error)
    if classes > 2:
        np.testing.assert_array_less(np.abs(direction.reshape(-1, classes).sum(axis=1)), classes * error)
