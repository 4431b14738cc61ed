"""The fits of logistic and softmax regression against scikit-learn, statsmodels, linear programming and each other."""

import re
from typing import get_args, get_type_hints

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import statsmodels.api
from scipy.optimize import linprog
from sklearn.linear_model import LogisticRegression

from manual_grads import logistic, losses, softmax
from manual_grads.linear import LinearModel
from manual_grads.training import Fit

EPS = np.finfo(float).eps

# Compiling a fit takes seconds, running it milliseconds. So where the point of a test allows it, there are N examples
# with M features and a bias, or with M + 1 features and none: JAX then compiles one program for many tests.
N, M = 80, 4
FULL = np.random.default_rng(0).normal(size=(N, M + 1))


def survey(classes):
    """Inputs and labels of a problem that has a minimum, and a start at 0 with a bias."""
    rng = np.random.default_rng(classes)
    inputs = rng.normal(size=(N, M))
    labels = np.argmax(inputs @ rng.normal(size=(M, classes)) + rng.gumbel(size=(N, classes)), axis=1)
    return inputs, labels, zeros(classes)


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
    return np.concatenate([parameters[0], parameters[1][None]]) if isinstance(parameters, tuple) else parameters


def flat(parameters):
    return stacked(jax.tree.map(np.asarray, parameters)).ravel()


def ways(inputs, labels, fitted, slopes):
    """How far the minimum is, for each parameter, from where the gradient is at most `slopes`.

    To first order, the inverse of the Hessian times that; twice as much is safe. Shifts have no part in it.
    """
    design = np.c_[inputs, np.ones(len(inputs))]
    array = stacked(jax.tree.map(np.asarray, fitted))
    hessian = np.asarray(model_of(array.shape[1] if array.ndim > 1 else 2).hessian(array, design, labels))
    return 2 * np.abs(np.linalg.pinv(hessian.reshape(array.size, array.size), rcond=1e-12)) @ slopes


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
@pytest.mark.parametrize("classes", [2, 3])
def test_newton_finds_what_others_find(classes, oracle):
    inputs, labels, start = survey(classes)
    fit = model_of(classes).fit_by_newton(start, inputs, labels)
    assert fit.status == "converged"
    theirs = oracle(inputs, labels, classes)
    slopes = np.abs(flat(model_of(classes).gradient(theirs, inputs, labels)))
    assert slopes.max() <= len(inputs) * 1e-8
    way = ways(inputs, labels, fit.parameters, slopes + rounding(inputs, fit.parameters))
    np.testing.assert_array_less(np.abs(flat(fit.parameters) - flat(theirs)), way)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [0, 1, -100, 1e4])
@pytest.mark.parametrize("classes", [2, 3])
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
    slope = np.abs(flat(model_of(classes).gradient(fit.parameters, inputs, labels)))
    np.testing.assert_array_less(slope, most)
    assert fit.gradient_norm == slope.max()
    if classes > 2:
        sums = [stacked(jax.tree.map(np.asarray, part)).sum(axis=1) for part in (fit.parameters, start)]
        condition = np.linalg.cond(np.c_[inputs, np.ones(len(inputs))])
        scale = np.finfo(dtype).eps * max(1, np.abs(flat(start)).max())
        np.testing.assert_allclose(*sums, rtol=0, atol=fit.steps * classes * len(inputs) * condition * scale)


def test_two_classes_are_a_logistic_regression():
    inputs, labels, start = survey(2)
    one = logistic.fit_by_newton(start, inputs, labels)
    two = softmax.fit_by_newton((np.zeros((M, 2)), np.zeros(2)), inputs, np.eye(2)[labels])
    assert one.status == two.status == "converged"
    difference = jax.tree.map(lambda part: part[..., 1] - part[..., 0], two.parameters)
    way = ways(inputs, labels, one.parameters, 4 * rounding(inputs, one.parameters))
    np.testing.assert_array_less(np.abs(flat(difference) - flat(one.parameters)), way)


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


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_status_is_what_linear_programming_says(classes, dtype):
    """On inputs and true weights that are small integers, so that ties are common, and broken by noise."""
    rng = np.random.default_rng(classes)
    seen = set()
    for _ in range(40):
        noise, size = rng.choice([0.1, 0.5, 4, 16]), rng.choice([0, 10, -100])
        inputs = rng.integers(-2, 3, (16, M)) * rng.choice([1, 1, 1, 1, 1, 1, 1, 0], M)
        scores = 2 * inputs @ rng.integers(-1, 2, (M, classes)) + noise * rng.normal(size=(16, classes))
        labels = np.argmax(scores, axis=1)
        start = start_at(size, zeros(classes), dtype)
        # The same examples several times over have the same status.
        repeated = np.tile(inputs, (N // 16, 1)).astype(dtype), np.tile(labels, N // 16)
        fit = model_of(classes).fit_by_newton(start, *repeated)
        assert fit.status == existence(inputs, labels, classes)
        seen.add(fit.status)
    assert seen == {"converged", "separable", "diverging", "rank deficient"}


@pytest.mark.parametrize("overlap", [1e-2, 1e-6, 1e-12])
def test_classes_that_all_but_separate_have_a_minimum(overlap):
    """Each feature has 16 examples of its own, in which all others are 0."""
    negative = [-2.0, -2.0, -2.0, -1.0, -1.0, -1.0, -1.0, overlap]
    positive = [2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0, -2 * overlap]
    inputs = np.kron(np.eye(M + 1), np.c_[negative + positive])
    labels = np.tile(np.repeat([0, 1], 8), M + 1)
    fit = logistic.fit_by_newton(np.zeros(M + 1), inputs, labels)
    assert fit.status == "converged"
    assert fit.gradient_norm <= 16 * 10 * EPS * overlap  # every term of it is as small as the overlap


def test_separating_parameters_are_a_certificate():
    inputs, _, start = survey(2)
    labels = inputs[:, 0] > 0.1
    for fit in (
        logistic.fit_by_newton(start, inputs, labels.astype(int)),
        logistic.fit_by_gradient_descent(start, inputs, labels, steps=10**6, tolerance=0.0),
    ):
        assert fit.status == "separable"
        weights, bias = fit.parameters
        assert ((inputs @ weights + bias > 0) == labels).all()
        assert fit.steps < 10**5


def test_separating_parameters_of_rows_of_labels_are_a_certificate():
    two, three = (np.argmax(FULL[:, :classes], axis=1) for classes in (2, 3))
    for labels, fit in (
        (two, softmax.fit_by_newton(np.zeros((M + 1, 2)), FULL, np.eye(2)[two])),
        (three, by_descent(np.eye(3, dtype=bool)[three])),
        (three, by_descent(np.eye(3, dtype=int)[three])),
    ):
        assert fit.status == "separable"
        assert (np.argmax(FULL @ fit.parameters, axis=1) == labels).all()


def by_descent(rows):
    return softmax.fit_by_gradient_descent(np.zeros((M + 1, 3)), FULL, rows, steps=10_000, tolerance=0.0)


@pytest.mark.parametrize("classes", [2, 3])
def test_a_start_that_separates_is_not_moved(classes):
    labels = np.arange(N) % classes
    inputs = np.c_[np.diag(np.arange(1.0, classes + 1))[labels], FULL[:, classes:]]
    start = 0.7 * np.eye(M + 1, classes) if classes > 2 else np.array([-0.3, 0.7, 0, 0, 0])
    fit = model_of(classes).fit_by_newton(start, inputs, labels)
    assert (fit.status, fit.steps) == ("separable", 0)
    assert fit.parameters.tolist() == start.tolist()


def test_one_class_only_is_separable():
    inputs, _, start = survey(2)
    assert logistic.fit_by_newton(start, inputs, np.ones(N, int)).status == "separable"


def test_soft_labels_have_a_minimum():
    inputs, _, start = survey(2)
    labels = (inputs[:, 0] > 0.1) * 0.98 + 0.01
    assert logistic.fit_by_newton(start, inputs, labels).status == "converged"
    rows = np.stack([1 - labels, labels], axis=1)
    assert softmax.fit_by_newton((np.zeros((M, 2)), np.zeros(2)), inputs, rows).status == "converged"


@pytest.mark.parametrize(
    ("inputs", "bias"),
    [
        (np.c_[FULL[:, :M], 2 * FULL[:, 0]], False),
        (np.c_[FULL[:, 1:M], np.full(N, 3.0)], True),
        (np.c_[FULL[:, :M], np.zeros(N)], False),
        (np.eye(M, M + 1), False),
        (np.eye(M), True),
    ],
)
def test_dependent_columns_are_said_to_be_so_without_a_step(inputs, bias):
    m = inputs.shape[1]
    labels = np.arange(len(inputs)) % 2
    for model, start in ((logistic, (np.ones(m), 0.5)), (softmax, (np.ones((m, 3)), np.zeros(3)))):
        start = start if bias else start[0]
        for fit in (
            model.fit_by_newton(start, inputs, labels),
            model.fit_by_gradient_descent(start, inputs, labels, steps=5, tolerance=0.0),
        ):
            assert (fit.status, fit.steps) == ("rank deficient", 0)
            assert flat(fit.parameters).tolist() == flat(start).tolist()
            assert fit.losses.tolist() == [model.loss(start, inputs, labels)]


def test_units_do_not_make_columns_dependent():
    inputs, labels, start = survey(2)
    fit = logistic.fit_by_newton(start, inputs * np.array([1e-12, 1, 1e12, 1]), labels)
    assert fit.status == "converged"


@pytest.mark.parametrize("classes", [2, 3])
def test_gradient_descent_goes_down_to_the_minimum(classes):
    inputs, labels, start = survey(classes)
    model, tolerance = model_of(classes), 1e-6
    fit = model.fit_by_gradient_descent(start, inputs, labels, steps=10_000, tolerance=tolerance)
    assert fit.status == "converged"
    assert fit.gradient_norm <= tolerance
    assert fit.steps == len(fit.losses) - 1
    noise = 2 * EPS * (len(inputs) + 10) * fit.losses[0]  # of a sum of n terms, each with ten roundings
    assert (jnp.diff(fit.losses) <= noise).all()
    exact = model.fit_by_newton(start, inputs, labels)
    way = ways(inputs, labels, exact.parameters, tolerance + rounding(inputs, exact.parameters))
    np.testing.assert_array_less(np.abs(flat(fit.parameters) - flat(exact.parameters)), way)


@pytest.mark.parametrize(("classes", "factor"), [(2, 4), (3, 2)])
def test_the_learning_rate_is_the_inverse_of_the_largest_curvature(classes, factor):
    inputs, labels, start = survey(classes)
    fit = model_of(classes).fit_by_gradient_descent(start, inputs, labels, steps=1, tolerance=0.0)
    design = np.c_[inputs, np.ones(len(inputs))]
    rate = factor / np.linalg.eigvalsh(design.T @ design)[-1]
    slope = flat(model_of(classes).gradient(start, inputs, labels))
    most = rate * (rounding(inputs, start) + 4 * len(inputs) * EPS * np.abs(slope))
    np.testing.assert_array_less(np.abs(flat(fit.parameters) + rate * slope), most)
    own = model_of(classes).fit_by_gradient_descent(
        start, inputs, labels, steps=1, tolerance=0.0, learning_rate=rate / 2
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


def test_a_wrong_gradient_is_not_taken_for_a_minimum():
    class Wrong(losses.SigmoidBinaryCrossEntropy):
        def evaluate(self, predictions, labels, cotangent):
            values, slopes = super().evaluate(predictions, labels, cotangent)
            return values, -slopes

    inputs, labels, start = survey(2)
    assert LinearModel(Wrong()).fit_by_newton(start, inputs, labels, steps=50).status == "stalled"


def test_a_fit_is_printed_in_a_few_words():
    inputs, labels = np.ones((4, 1)), np.array([1, 1, 1, 0])
    converged = logistic.fit_by_newton(np.zeros(1), inputs, labels)
    number = r"\d\S*"
    assert re.fullmatch(
        rf"converged after 5 steps: loss 2\.24934, largest entry of the gradient {number}\.", str(converged)
    )
    limited = str(logistic.fit_by_newton(np.zeros(1), inputs, labels, steps=1))
    assert re.fullmatch(
        rf"step limit after 1 step: loss {number}, largest entry of the gradient {number}\. Allow more steps\.", limited
    )
    for status in get_args(get_type_hints(Fit)["status"]):
        fit = Fit(jnp.zeros(1), jnp.ones(2), 1, 0.5, status)
        advice = str(fit).removeprefix(f"{status} after 1 step: loss 1, largest entry of the gradient 0.5.")
        assert bool(advice) == (status != "converged")


def test_the_logistic_direction_solves_with_the_hessian():
    inputs, labels, _ = survey(2)
    rng = np.random.default_rng(0)
    parameters = rng.normal(size=M), rng.normal()
    direction = logistic.newton_direction(parameters, inputs, labels)
    product = logistic.hessian_vector_product(parameters, inputs, labels, direction)
    check_solution(parameters, inputs, labels, direction, product, logistic)


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_the_softmax_direction_is_the_shortest_solution(classes):
    inputs, labels, _ = survey(classes)
    rng = np.random.default_rng(0)
    parameters = rng.normal(size=(M, classes)), rng.normal(size=classes)
    direction = softmax.newton_direction(parameters, inputs, labels)
    product = softmax.hessian_vector_product(parameters, inputs, labels, direction)
    most = check_solution(parameters, inputs, labels, direction, product, softmax)
    np.testing.assert_array_less(np.abs(stacked(jax.tree.map(np.asarray, direction)).sum(axis=1)), classes * most)


def check_solution(parameters, inputs, labels, direction, product, model):
    """H d = g up to the backward error of a Cholesky solution. Returns the error that this allows in d."""
    design, array = np.c_[inputs, np.ones(len(inputs))], stacked(jax.tree.map(np.asarray, parameters))
    hessian = np.asarray(model.hessian(array, design, labels))
    if array.ndim > 1:  # along the shifts, where it is 0, the mean of its diagonal blocks
        classes = array.shape[1]
        hessian = hessian + (np.trace(hessian, axis1=1, axis2=3) / classes**2)[:, None, :, None]
    hessian = hessian.reshape(array.size, array.size)
    size, length = len(hessian), np.linalg.norm(flat(direction))
    slope = flat(model.gradient(parameters, inputs, labels))
    backward = 4 * size * (size + len(inputs)) * EPS * np.linalg.norm(hessian, 2) * length
    most = rounding(inputs, parameters) + backward
    np.testing.assert_array_less(np.abs(flat(product) - slope), most)
    step = model.newton_step(parameters, inputs, labels)
    # One rounding of the difference, and what another program makes of the same direction.
    another = 2 * np.linalg.norm(most) / np.linalg.eigvalsh(hessian)[0]
    np.testing.assert_array_less(np.abs(flat(step) - (flat(parameters) - flat(direction))), another)
    return another
