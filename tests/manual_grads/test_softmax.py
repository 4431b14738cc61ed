"""`manual_grads.softmax` against optax, scikit-learn, statsmodels, JAX's own derivatives and mpmath."""

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

from manual_grads import logistic, softmax

FLOAT = "float64"


def data(n=30, m=3, classes=5, dtype=FLOAT, bias=False, labels="integers"):
    """Parameters, inputs, labels and a tangent."""
    rng = np.random.default_rng(n * m * classes)
    inputs = rng.normal(size=(n, m)).astype(dtype)
    drawn = rng.integers(0, classes, n)
    rows = {
        "integers": drawn,
        "one-hot": np.eye(classes, dtype=dtype)[drawn],
        "boolean": np.eye(classes, dtype=bool)[drawn],
        "soft": rng.dirichlet(np.ones(classes), n).astype(dtype),
    }
    matrices = [rng.normal(size=(m, classes)).astype(dtype) for _ in range(2)]
    if bias:
        matrices = [(matrix, rng.normal(size=classes).astype(dtype)) for matrix in matrices]
    return matrices[0], inputs, rows[labels], matrices[1]


def bounds(parameters, inputs, tangent):
    """What rounding may change in loss, gradient, Hessian and Hessian-vector product, here and in an oracle.

    A logit has m + 2 roundings relative to the sum of |x_j w_j| and |b|, and every function of the logits that is used
    has a slope of at most 1 by the largest of them. Ten more roundings of terms up to 1 + |z| evaluate one, K add it up
    over the classes, and n over the examples.
    """
    n, m = inputs.shape
    weights, bias = parameters if isinstance(parameters, tuple) else (parameters, np.zeros(parameters.shape[1]))
    direction, shift = tangent if isinstance(tangent, tuple) else (tangent, np.zeros(parameters.shape[1]))
    classes = weights.shape[1]
    size = np.abs(inputs)
    logits = (size @ np.abs(weights) + np.abs(bias)[None, :]).max(axis=1)
    slopes = (m + 2) * (size @ np.abs(direction) + np.abs(shift)[None, :]).max(axis=1)
    unit = 2 * np.finfo(inputs.dtype).eps * ((m + 2) * logits + (n + classes + 10) * (1 + logits))
    column, every = (unit @ size)[:, None], np.ones(classes)
    hessian = (size.T * unit @ size)[:, None, :, None] * every[None, :, None, None] * every[None, None, None, :]
    product = (unit * slopes @ size)[:, None] * every[None, :]
    if not isinstance(parameters, tuple):
        return unit.sum(), column * every[None, :], hessian, product
    cross = column[:, :, None] * every[None, :, None] * every[None, None, :]
    nested = (hessian, cross), (cross.transpose(1, 0, 2), unit.sum() * np.ones((classes, classes)))
    gradient = column * every[None, :], unit.sum() * every
    return unit.sum(), gradient, nested, (product, unit @ slopes * every)


def assert_within(bound, actual, expected):
    assert jax.tree.structure(actual) == jax.tree.structure(expected)
    for most, left, right in zip(*map(jax.tree.leaves, (bound, actual, expected)), strict=True):
        assert np.shape(left) == np.shape(right) == np.shape(most)
        np.testing.assert_array_less(np.abs(np.asarray(left) - np.asarray(right)), np.nextafter(most, np.inf))


@partial(jax.jit, static_argnames="reduction")
def everything(parameters, inputs, labels, tangent, reduction="sum"):
    arguments = parameters, inputs, labels
    return (
        softmax.loss(*arguments, reduction=reduction),
        softmax.gradient(*arguments, reduction=reduction),
        softmax.hessian(*arguments, reduction=reduction),
        softmax.hessian_vector_product(*arguments, tangent, reduction=reduction),
    )


def optax_loss(parameters, inputs, labels):
    weights, bias = parameters if isinstance(parameters, tuple) else (parameters, None)
    logits = inputs @ weights if bias is None else inputs @ weights + bias[None, :]
    if labels.ndim == 1:
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, labels)
    else:
        losses = optax.softmax_cross_entropy(logits, labels.astype(inputs.dtype))
    return losses.sum()


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
PROGRAMS = pytest.mark.parametrize(("dtype", "bias", "labels"), [("float32", True, "soft"), (FLOAT, False, "integers")])


@PROGRAMS
def test_equal_to_automatic_differentiation_of_optax(dtype, bias, labels):
    case = data(dtype=dtype, bias=bias, labels=labels)
    actual = everything(*case)
    assert_within(bounds(case[0], case[1], case[3]), actual, oracle(*case))
    assert {leaf.dtype.name for leaf in jax.tree.leaves(actual)} == {dtype}


def test_booleans_are_labels():
    parameters, inputs, rows, tangent = data(labels="boolean")
    expected = oracle(parameters, inputs, rows.argmax(axis=1), tangent)
    bound = bounds(parameters, inputs, tangent)
    assert_within(bound[:2], softmax.value_and_gradient(parameters, inputs, rows), expected[:2])


def test_one_class_is_certain():
    weights, inputs, labels, tangent = data(1, 2, 1)
    assert softmax.loss(weights, inputs, labels) == 0
    assert softmax.gradient(weights, inputs, labels).tolist() == [[0], [0]]
    assert softmax.hessian_vector_product(weights, inputs, labels, tangent).tolist() == [[0], [0]]


def test_the_mean_is_the_sum_divided():
    case = data(dtype="float32", bias=True, labels="soft")
    sums = bounds(case[0], case[1], case[3]), oracle(*case)
    bound, mean = jax.tree.map(lambda part: np.asarray(part) / np.float32(len(case[1])), sums)
    assert_within(bound, everything(*case, reduction="mean"), mean)


def test_two_classes_are_logistic_regression():
    weights, inputs, labels, _ = data(classes=2)
    bound = bounds(weights, inputs, weights)
    value, slope = logistic.value_and_gradient(weights[:, 1] - weights[:, 0], inputs, labels)
    expected = value, np.outer(slope, [-1, 1])
    assert_within(bound[:2], softmax.value_and_gradient(weights, inputs, labels), expected)


def exact(logits, label, tangent):
    """Gradient, Hessian and Hessian-vector product by the logits, to 60 digits, the last with the sum of its terms."""
    with mpmath.workdps(60):
        exponentials = [mpmath.exp(mpmath.mpf(z)) for z in logits]
        p = [e / mpmath.fsum(exponentials) for e in exponentials]
        classes = range(len(p))
        rest = [mpmath.fsum(p[j] for j in classes if j != k) for k in classes]
        gradient = [-rest[k] if k == label else p[k] for k in classes]
        hessian = [p[k] * rest[k] if k == j else -p[k] * p[j] for k in classes for j in classes]
        terms = [[p[k] * p[j] * (tangent[k] - tangent[j]) for j in classes] for k in classes]
        return gradient, hessian, [(mpmath.fsum(row), mpmath.fsum(map(abs, row))) for row in terms]


@PROGRAMS
def test_accurate_relative_to_the_value_in_the_tails(dtype, bias, labels):
    """Three logits at a time: each feature is 1 in an example of its own, and 0 in all others."""
    inputs = np.eye(30, 3, dtype=dtype)
    logits = np.zeros((12, 5), dtype)
    logits[:, 0] = [-1e4, -80, -36, -5, 0, 0.5, 5, 15, 40, 80, 800, 1e4]
    logits[:, 1] = 0.25
    tangent = np.linspace(-1, 2, 5, dtype=dtype)
    eps, least = np.finfo(dtype).eps, np.finfo(dtype).tiny

    def close(value, truth, scale):
        # Each exponential, their sum, a quotient, a sum of the others and products. No digits below normal numbers.
        return abs(mpmath.mpf(value) - truth) <= (2 * 5 + 10) * eps * scale + least

    for weights in np.split(logits, 4):
        drawn = np.append(weights.argmax(axis=1), np.zeros(27, int))
        vectors = weights, np.tile(tangent, (3, 1))
        parameters, directions = ((part, np.zeros(5, dtype)) for part in vectors) if bias else vectors
        drawn = np.eye(5, dtype=dtype)[drawn] if labels == "soft" else drawn
        _, *parts = everything(parameters, inputs, drawn, directions)
        gradients, hessians, products = (np.asarray(jax.tree.leaves(part)[0], float) for part in parts)
        for i, row in enumerate(weights.tolist()):
            gradient, hessian, product = exact(row, weights[i].argmax(), tangent.tolist())
            own = hessians[i, :, i].ravel()
            assert all(close(value, truth, abs(truth)) for value, truth in zip(gradients[i], gradient, strict=True))
            assert all(close(value, truth, abs(truth)) for value, truth in zip(own, hessian, strict=True))
            assert all(close(value, *truth) for value, truth in zip(products[i], product, strict=True))


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
    model = statsmodels.api.MNLogit(labels, inputs)
    free = weights[:, 1:] - weights[:, :1]  # class 0 is its reference
    weights, flat = np.column_stack([np.zeros(3), free]), free.ravel("F")
    bound = bounds(weights, inputs, tangent)
    loss, slope, hessian, _ = everything(weights, inputs, labels, tangent)
    assert_within(bound[0], loss, -model.loglike(flat))
    assert_within(bound[1][:, 1:].ravel("F"), slope[:, 1:].ravel("F"), -model.score(flat))
    theirs = -model.hessian(flat).reshape(4, 3, 4, 3).transpose(1, 0, 3, 2)
    assert_within(bound[2][:, 1:, :, 1:], hessian[:, 1:, :, 1:], theirs)


def test_newton_reaches_the_optimum_of_scikit_learn():
    _, inputs, labels, tangent = data()
    weights = np.zeros(tangent.shape)
    for _ in range(10):
        _, slope, hessian, _ = map(np.asarray, everything(weights, inputs, labels, tangent))
        # Adding a vector to all columns of the weights changes nothing, and the pseudoinverse leaves it out.
        inverse = np.linalg.pinv(hessian.reshape(weights.size, weights.size), hermitian=True, rcond=1e-12)
        weights = weights - (inverse @ slope.ravel()).reshape(weights.shape)
    bound = bounds(weights, inputs, tangent)[1]
    zero = np.zeros(weights.shape)
    assert_within(bound, everything(weights, inputs, labels, tangent)[1], zero)

    tolerance = 1e-6
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=tolerance, fit_intercept=False)
    fitted = model.fit(inputs, labels).coef_.T
    # Its solver stops when no entry of the mean gradient is larger than the tolerance, ...
    most = len(labels) * tolerance + bound
    assert_within(most, everything(fitted, inputs, labels, tangent)[1], zero)
    # ... which bounds the way to the optimum: to first order by the inverse Hessian, and twice that is safe.
    way = 2 * np.abs(inverse) @ most.ravel()
    assert_within(way.reshape(fitted.shape), fitted, weights)


def test_vmap_over_problems():
    weights, inputs, labels, tangent = data()
    many = np.stack([labels, labels[::-1]])
    bound = bounds(weights, inputs, weights)[1]
    actual = jax.vmap(softmax.gradient, (None, None, 0))(weights, inputs, many)
    for one, some in zip(np.asarray(actual), many, strict=True):
        assert_within(bound, one, everything(weights, inputs, some, tangent)[1])


def costs(function, *arguments):
    """The flops, the bytes of temporaries, and the instructions that copy or transpose the inputs."""
    compiled = jax.jit(function).lower(*arguments).compile()
    n, m = arguments[1].shape
    moves = re.findall(rf"\[(?:{n},{m}|{m},{n})\]\S* (?:copy|transpose)\(.*", compiled.as_text())
    return compiled.cost_analysis()["flops"], compiled.memory_analysis().temp_size_in_bytes, moves


@pytest.mark.parametrize(("classes", "integers"), [(1, False), (5, True)])
def test_the_compiled_program_costs_no_more_than_automatic_differentiation(classes, integers):
    n, m = 1000, 40
    weights, inputs = jax.ShapeDtypeStruct((m, classes), FLOAT), jax.ShapeDtypeStruct((n, m), FLOAT)
    labels = jax.ShapeDtypeStruct((n,), "int32") if integers else jax.ShapeDtypeStruct((n, classes), FLOAT)

    def product(weights, inputs, labels, tangent):
        return jax.jvp(lambda weights: jax.grad(optax_loss)(weights, inputs, labels), (weights,), (tangent,))[1]

    # The product takes tangents from that of the likeliest class, and keeps one array of rows for it.
    pairs = [
        (softmax.gradient, jax.grad(optax_loss), (weights, inputs, labels), 0),
        (softmax.hessian_vector_product, product, (weights, inputs, labels, weights), 1),
    ]
    for manual, automatic, arguments, rows in pairs:
        flops, bytes_, moves = costs(manual, *arguments)
        most_flops, most_bytes, _ = costs(automatic, *arguments)
        assert moves == []
        # Next to the 4 m operations a logit of two products with the inputs, a few pay for accuracy in the tails, and
        # a few more, with up to two arrays of rows, for integers that are written out as rows of labels.
        assert flops <= most_flops + (12 if integers else 4) * n * classes
        assert bytes_ <= most_bytes + (2 if integers else rows) * n * classes * np.dtype(FLOAT).itemsize


def test_the_compiled_hessian_needs_no_copy_of_the_inputs_for_each_class():
    n, m, classes = 1000, 40, 5
    shapes = [jax.ShapeDtypeStruct(shape, FLOAT) for shape in ((m, classes), (n, m), (n, classes))]
    _, most, moves = costs(softmax.hessian, *shapes)
    assert moves == []
    blocks = classes * (classes + 1) // 2 * m * m
    assert most <= np.dtype(FLOAT).itemsize * (n * m + 4 * n * classes + 2 * blocks + (m * classes) ** 2)
    assert most < costs(jax.hessian(optax_loss), *shapes)[1]


W, X, Y = np.zeros((3, 4), FLOAT), np.ones((30, 3), FLOAT), np.arange(30) % 4
ROWS = np.eye(4, dtype=FLOAT)[Y]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((W[:2], X, Y), ValueError, "parameters must have shape (m, K), where m = 3 as in inputs of shape (30, 3), go"),
        ((W[:, 0], X, Y), ValueError, "parameters must have shape (m, K), where m = 3 as in inputs of shape (30, 3),"),
        ((W[:, :0], X, Y), ValueError, "parameters must not be empty, but K is 0 in its shape (3, 0)"),
        (((W, W[0, :3]), X, Y), ValueError, "the bias of parameters must have shape (K,), where K = 4 as in the weigh"),
        (
            (W, X, Y[:4]),
            ValueError,
            "labels must have shape (n,), where n = 30 as in inputs of shape (30, 3), got shap",
        ),
        ((W, X, ROWS[:, :3]), ValueError, "K = 4 as in parameters of shape (3, 4), got shape (30, 3)"),
        (
            (W, X, ROWS[None]),
            ValueError,
            "labels must have shape (n, K), where n = 30 as in inputs of shape (30, 3) an",
        ),
        ((W, X[:0], Y[:0]), ValueError, "inputs must not be empty, but n is 0 in its shape (0, 3)"),
        ((W, X, Y + 1), ValueError, "labels must lie between 0 and 3, got values from 1 to 4"),
        ((W, X, ROWS / 2), ValueError, "each row of labels must sum to 1, got 0.5 in row 0"),
        ((W, X, 2 * ROWS.astype(int)), ValueError, "labels must lie between 0 and 1, got values from 0 to 2"),
        ((W, X, np.ones((30, 4), int)), ValueError, "each row of labels must sum to 1, got 4 in row 0"),
        ((W, X, ROWS - 2 * ROWS[:1]), ValueError, "labels must lie between 0 and 1, got values from -2.0 to 1.0"),
        ((W[:, :3], X, X * np.nan), ValueError, "labels must be finite, got nan at index (0, 0)"),
        ((W, X * np.inf, Y), ValueError, "inputs must be finite, got inf at index (0, 0)"),
        ((W, X, Y.astype(float)), TypeError, "labels of one dimension must be integers, got dtype float64"),
        ((W, X.astype(int), Y), TypeError, "inputs must be floating-point numbers, got dtype int64"),
        ((W, X, Y.tolist()), TypeError, "labels must be an array, got list"),
        (([W, W[0]], X, Y), TypeError, "parameters must be an array of weights or a tuple (weights, bias), got list"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        softmax.gradient(*arguments)


@pytest.mark.parametrize("name", ["loss", "gradient", "hessian"])
def test_an_unknown_reduction_is_refused(name):
    with pytest.raises(ValueError, match='reduction must be "sum" or "mean", got'):
        getattr(softmax, name)(W, X, Y, reduction="none")


def test_a_bad_tangent_is_refused():
    with pytest.raises(
        ValueError, match=re.escape("tangent must have shape (3, 4) as in parameters, got shape (2, 4)")
    ):
        softmax.hessian_vector_product(W, X, Y, W[:2])
    with pytest.raises(TypeError, match="tangent must have the structure of parameters"):
        softmax.hessian_vector_product((W, W[0]), X, Y, W)


def test_shapes_are_checked_in_a_traced_program_and_values_are_not():
    with pytest.raises(ValueError, match="labels must have shape"):
        jax.jit(softmax.gradient)(W, X, Y[:4])
    assert jax.jit(softmax.gradient)(W, X, Y + 1).shape == (3, 4)


def test_rows_normalised_in_half_precision_are_accepted():
    rng = np.random.default_rng(0)
    rows = jax.jit(jax.nn.softmax)(jnp.asarray(rng.normal(size=(30, 1000)), jnp.bfloat16))
    assert np.isfinite(softmax.loss(np.zeros((3, 1000), FLOAT), X, rows))
