"""`manual_grads.logistic` against optax, scikit-learn, statsmodels, JAX's own derivatives and mpmath."""

import re
from functools import partial

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import optax
import pytest
import statsmodels.api
from sklearn.linear_model import LogisticRegression

from manual_grads import logistic

FLOAT = "float64"


def data(n=30, m=3, dtype=FLOAT, bias=False, labels="hard"):
    """Parameters, inputs, labels and a tangent."""
    rng = np.random.default_rng(n * m)
    inputs = rng.normal(size=(n, m)).astype(dtype)
    drawn = {
        "hard": rng.integers(0, 2, n),
        "boolean": rng.integers(0, 2, n).astype(bool),
        "soft": rng.uniform(size=n).astype(dtype),
    }
    vectors = [rng.normal(size=m).astype(dtype) for _ in range(2)]
    if bias:
        vectors = [(vector, np.asarray(rng.normal(), dtype)) for vector in vectors]
    return vectors[0], inputs, drawn[labels], vectors[1]


def bounds(parameters, inputs, tangent):
    """What rounding may change in loss, gradient, Hessian and Hessian-vector product, here and in an oracle.

    A logit has m + 2 roundings relative to the sum of |x_j w_j| and |b|, and every function of it that is used has a
    slope of at most 1. Ten more roundings of terms up to 1 + |z| evaluate one, and n add the examples up.
    """
    n, m = inputs.shape
    weights, bias = parameters if isinstance(parameters, tuple) else (parameters, 0.0)
    direction, shift = tangent if isinstance(tangent, tuple) else (tangent, 0.0)
    size = np.abs(inputs)
    logits = size @ np.abs(weights) + np.abs(bias)
    slopes = (m + 2) * (size @ np.abs(direction) + np.abs(shift))
    unit = 2 * np.finfo(inputs.dtype).eps * ((m + 2) * logits + (n + 10) * (1 + logits))
    if not isinstance(parameters, tuple):
        return unit.sum(), unit @ size, size.T * unit @ size, unit * slopes @ size
    gradient = unit @ size, unit.sum()
    return unit.sum(), gradient, ((size.T * unit @ size, gradient[0]), gradient), (unit * slopes @ size, unit @ slopes)


def assert_within(bound, actual, expected):
    assert jax.tree.structure(actual) == jax.tree.structure(expected)
    for most, left, right in zip(*map(jax.tree.leaves, (bound, actual, expected)), strict=True):
        assert np.shape(left) == np.shape(right)
        np.testing.assert_array_less(np.abs(np.asarray(left) - np.asarray(right)), np.nextafter(most, np.inf))


@partial(jax.jit, static_argnames="reduction")
def everything(parameters, inputs, labels, tangent, reduction="sum"):
    arguments = parameters, inputs, labels
    return (
        logistic.loss(*arguments, reduction=reduction),
        logistic.gradient(*arguments, reduction=reduction),
        logistic.hessian(*arguments, reduction=reduction),
        logistic.hessian_vector_product(*arguments, tangent, reduction=reduction),
    )


def optax_loss(parameters, inputs, labels):
    weights, bias = parameters if isinstance(parameters, tuple) else (parameters, 0.0)
    return optax.sigmoid_binary_cross_entropy(inputs @ weights + bias, labels.astype(inputs.dtype)).sum()


@jax.jit
def oracle(parameters, inputs, labels, tangent):
    def loss(parameters):
        return optax_loss(parameters, inputs, labels)

    slope = jax.grad(loss)
    return (
        *jax.value_and_grad(loss)(parameters),
        jax.hessian(loss)(parameters),
        jax.jvp(slope, (parameters,), (tangent,))[1],
    )


# Two programs that most tests here share: without a bias and with one, for both dtypes and both kinds of labels.
PROGRAMS = pytest.mark.parametrize(("dtype", "bias", "labels"), [("float32", True, "soft"), (FLOAT, False, "hard")])


@PROGRAMS
def test_equal_to_automatic_differentiation_of_optax(dtype, bias, labels):
    case = data(dtype=dtype, bias=bias, labels=labels)
    actual = everything(*case)
    assert_within(bounds(case[0], case[1], case[3]), actual, oracle(*case))
    assert {leaf.dtype.name for leaf in jax.tree.leaves(actual)} == {dtype}


def test_booleans_are_labels():
    weights, inputs, labels, tangent = data(labels="boolean")
    expected = oracle(weights, inputs, labels.astype(int), tangent)
    bound = bounds(weights, inputs, tangent)
    assert_within(bound[:2], logistic.value_and_gradient(weights, inputs, labels), expected[:2])


def test_one_example_of_one_feature():
    case = data(1, 1, bias=True)
    assert_within(bounds(case[0], case[1], case[3]), everything(*case), oracle(*case))


def test_the_mean_is_the_sum_divided():
    case = data(dtype="float32", bias=True, labels="soft")
    sums = bounds(case[0], case[1], case[3]), oracle(*case)
    bound, mean = jax.tree.map(lambda part: np.asarray(part) / np.float32(len(case[1])), sums)
    assert_within(bound, everything(*case, reduction="mean"), mean)


def exact(z, y):
    """Loss, gradient and second derivative for one logit and a label of 0 or 1, to 60 digits."""
    with mpmath.workdps(60):
        z = mpmath.mpf(z)
        wrong = 1 / (1 + mpmath.exp((2 * y - 1) * z))
        return mpmath.log1p(mpmath.exp((1 - 2 * y) * z)), (1 - 2 * y) * wrong, wrong * (1 - wrong)


@PROGRAMS
@pytest.mark.parametrize("label", [0, 1])
def test_accurate_relative_to_the_value_in_the_tails(dtype, bias, labels, label):
    """Of examples that are all the same, and have one feature that is not 0."""
    inputs = np.eye(1, 3, dtype=dtype).repeat(30, axis=0)
    drawn = np.full(30, label, dtype if labels == "soft" else int)
    eps, least = np.finfo(dtype).eps, np.finfo(dtype).tiny
    for z in np.array([0, *(sign * z for z in (0.125, 1, 5, 15, 36, 40, 80, 800, 1e4) for sign in (1, -1))], dtype):
        weights = z * np.eye(1, 3, dtype=dtype)[0]
        parameters = (weights, np.zeros((), dtype)) if bias else weights
        parts = everything(parameters, inputs, drawn, jax.tree.map(np.ones_like, parameters))[:3]
        for part, truth in zip(parts, exact(z.item(), label), strict=True):
            value = np.asarray(jax.tree.leaves(part)[0]).ravel()[0].item()
            # Exponential, sum, quotient, product: eight roundings of each example, and 30 of their sum. Below the
            # normal numbers no digits are promised.
            assert abs(mpmath.mpf(value) - 30 * truth) <= 30 * ((8 + 30) * eps * abs(truth) + least)


@pytest.mark.parametrize("dtype", ["float32", FLOAT])
def test_sigmoid(dtype):
    logits = np.array([-1e4, -80, -5, -0.5, 0, 0.5, 5, 80, 1e4], dtype)
    for z, value in zip(logits.tolist(), logistic.sigmoid(logits).tolist(), strict=True):
        truth = exact(z, 0)[1]
        assert abs(mpmath.mpf(value) - truth) <= 4 * np.finfo(dtype).eps * truth + np.finfo(dtype).tiny


@PROGRAMS
@pytest.mark.parametrize("scale", [1e2, 1e4])
def test_wide_logits_are_finite(dtype, bias, labels, scale):
    parameters, inputs, drawn, tangent = data(dtype=dtype, bias=bias, labels=labels)
    case = jax.tree.map(lambda part: part * np.asarray(scale, dtype), parameters), inputs, drawn, tangent
    actual = everything(*case)
    assert_within(bounds(case[0], inputs, tangent), actual, oracle(*case))
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(actual))


def test_score_and_hessian_of_statsmodels():
    weights, inputs, labels, tangent = data()
    model = statsmodels.api.Logit(labels, inputs)
    theirs = -model.loglike(weights), -model.score(weights), -model.hessian(weights)
    assert_within(bounds(weights, inputs, tangent)[:3], everything(weights, inputs, labels, tangent)[:3], theirs)


def test_newton_reaches_the_optimum_of_scikit_learn():
    _, inputs, labels, tangent = data()
    weights = np.zeros(3)
    for _ in range(10):
        _, slope, hessian, _ = map(np.asarray, everything(weights, inputs, labels, tangent))
        weights = weights - np.linalg.solve(hessian, slope)
    bound = bounds(weights, inputs, tangent)[1]
    assert_within(bound, everything(weights, inputs, labels, tangent)[1], np.zeros(3))

    tolerance = 1e-6
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=tolerance, fit_intercept=False)
    fitted = model.fit(inputs, labels).coef_[0]
    # Its solver stops when no entry of the mean gradient is larger than the tolerance, ...
    most = len(labels) * tolerance + bound
    assert_within(most, everything(fitted, inputs, labels, tangent)[1], np.zeros(3))
    # ... which bounds the way to the optimum: to first order by the inverse Hessian, and twice that is safe.
    assert_within(2 * np.abs(np.linalg.inv(hessian)) @ most, fitted, weights)


def test_vmap_over_problems():
    weights, inputs, labels, tangent = data()
    many = np.stack([labels, 1 - labels])
    bound = bounds(weights, inputs, weights)[1]
    actual = jax.vmap(logistic.gradient, (None, None, 0))(weights, inputs, many)
    for row, some in zip(np.asarray(actual), many, strict=True):
        assert_within(bound, row, everything(weights, inputs, some, tangent)[1])


def costs(function, *arguments):
    """The flops, the bytes of temporaries, and the instructions that copy or transpose the inputs."""
    shapes = [jax.ShapeDtypeStruct(shape, FLOAT) for shape in arguments]
    compiled = jax.jit(function).lower(*shapes).compile()
    n, m = arguments[1]
    moves = re.findall(rf"\[(?:{n},{m}|{m},{n})\]\S* (?:copy|transpose)\(.*", compiled.as_text())
    return compiled.cost_analysis()["flops"], compiled.memory_analysis().temp_size_in_bytes, moves


def test_the_compiled_program_costs_no_more_than_automatic_differentiation():
    n, m = 1000, 40
    shapes = (m,), (n, m), (n,)

    def product(weights, inputs, labels, tangent):
        return jax.jvp(lambda weights: jax.grad(optax_loss)(weights, inputs, labels), (weights,), (tangent,))[1]

    pairs = [
        (logistic.gradient, jax.grad(optax_loss), shapes),
        (logistic.hessian, jax.hessian(optax_loss), shapes),
        (logistic.hessian_vector_product, product, (*shapes, (m,))),
    ]
    for manual, automatic, arguments in pairs:
        flops, bytes_, moves = costs(manual, *arguments)
        most_flops, most_bytes, _ = costs(automatic, *arguments)
        assert moves == []
        assert flops <= most_flops
        assert bytes_ <= most_bytes


W, X, Y = np.zeros(3, FLOAT), np.ones((30, 3), FLOAT), np.arange(30) % 2
HOLE = X.copy()
HOLE[2, 1] = np.nan


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((W, X[0], Y), ValueError, "inputs must have shape (n, m), got shape (3,)"),
        ((W[:2], X, Y), ValueError, "parameters must have shape (m,), where m = 3 as in inputs of shape (30, 3), go"),
        (
            (W, X, Y[:4]),
            ValueError,
            "labels must have shape (n,), where n = 30 as in inputs of shape (30, 3), got shap",
        ),
        ((W, X, Y[:, None]), ValueError, "labels must have shape (n,), where n = 30 as in inputs of shape (30, 3), go"),
        (((W, W), X, Y), ValueError, "the bias of parameters must have shape (), got shape (3,)"),
        ((W, X[:0], Y[:0]), ValueError, "inputs must not be empty, but n is 0 in its shape (0, 3)"),
        ((W, X, Y + 1), ValueError, "labels must lie between 0 and 1, got values from 1 to 2"),
        ((W, X, 2.0 * Y - 1), ValueError, "labels must lie between 0 and 1, got values from -1.0 to 1.0"),
        ((W, X, Y * np.nan), ValueError, "labels must be finite, got nan at index (0,)"),
        ((W, HOLE, Y), ValueError, "inputs must be finite, got nan at index (2, 1)"),
        ((W, jnp.array(HOLE), Y), ValueError, "inputs must be finite, got nan at index (2, 1)"),
        ((W, X.astype(int), Y), TypeError, "inputs must be floating-point numbers, got dtype int64"),
        ((W.astype(int), X, Y), TypeError, "parameters must be floating-point numbers, got dtype int64"),
        ((W, X, Y * 1j), TypeError, "labels must be floating-point numbers, integers or booleans, got"),
        ((W, X.tolist(), Y), TypeError, "inputs must be an array, got list"),
        (({"w": W}, X, Y), TypeError, "parameters must be an array of weights or a tuple (weights, bias), got dict"),
        (((W,), X, Y), TypeError, "parameters must be an array of weights or a tuple (weights, bias), got a tuple of"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        logistic.gradient(*arguments)


def test_a_bad_tangent_is_refused():
    with pytest.raises(ValueError, match=re.escape("tangent must have shape (3,) as in parameters, got shape (2,)")):
        logistic.hessian_vector_product(W, X, Y, W[:2])
    with pytest.raises(TypeError, match="tangent must have the structure of parameters"):
        logistic.hessian_vector_product((W, 0.0), X, Y, W)
    with pytest.raises(TypeError, match="tangent must be floating-point numbers, got dtype int64"):
        logistic.hessian_vector_product(W, X, Y, W.astype(int))


@pytest.mark.parametrize("name", ["loss", "gradient", "hessian"])
def test_an_unknown_reduction_is_refused(name):
    with pytest.raises(ValueError, match='reduction must be "sum" or "mean", got'):
        getattr(logistic, name)(W, X, Y, reduction="none")


def test_shapes_are_checked_in_a_traced_program_and_values_are_not():
    with pytest.raises(ValueError, match="labels must have shape"):
        jax.jit(logistic.gradient)(W, X, Y[:4])
    assert jax.jit(logistic.gradient)(W, X, Y + 1).shape == (3,)
    with pytest.raises(ValueError, match="labels must lie between 0 and 1"):
        jax.jit(lambda weights: logistic.gradient(weights, X, Y + 1))(W)


def test_values_are_looked_at_once_in_an_array_that_cannot_change(monkeypatch):
    looks = []
    asarray = jnp.asarray
    monkeypatch.setattr(jnp, "asarray", lambda array: looks.append(type(array)) or asarray(array))
    fixed, labels = jnp.array(X), jnp.array(Y)
    logistic.loss(W, fixed, labels)
    looks.clear()
    for inputs in (fixed, X, fixed, X):
        logistic.loss(W, inputs, labels)
    assert looks == [np.ndarray, np.ndarray]


def test_a_bias_may_be_a_number():
    slope, bias_slope = logistic.gradient((W, 0.0), X, np.append(Y[1:], 1))
    assert slope.tolist() == [-1, -1, -1]
    assert bias_slope == -1
