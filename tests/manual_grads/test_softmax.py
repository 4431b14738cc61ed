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

DTYPES = ["float32", "float64"] if jax.config.jax_enable_x64 else ["float32"]
FLOAT = DTYPES[-1]


def data(n=7, m=3, classes=4, dtype=FLOAT, bias=False, labels="integers"):
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
        assert jnp.shape(left) == jnp.shape(right) == jnp.shape(most)
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


def optax_loss(parameters, inputs, labels, reduction="sum"):
    weights, bias = parameters if isinstance(parameters, tuple) else (parameters, None)
    logits = inputs @ weights if bias is None else inputs @ weights + bias[None, :]
    if labels.ndim == 1:
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, labels)
    else:
        losses = optax.softmax_cross_entropy(logits, labels.astype(inputs.dtype))
    return losses.mean() if reduction == "mean" else losses.sum()


@partial(jax.jit, static_argnames="reduction")
def oracle(parameters, inputs, labels, tangent, reduction="sum"):
    def loss(parameters):
        return optax_loss(parameters, inputs, labels, reduction)

    slope = jax.grad(loss)
    return (
        loss(parameters),
        slope(parameters),
        jax.hessian(loss)(parameters),
        jax.jvp(slope, (parameters,), (tangent,))[1],
    )


@pytest.mark.parametrize(
    ("dtype", "bias", "labels"),
    [
        ("float32", True, "soft"),
        (FLOAT, False, "integers"),
        (FLOAT, True, "one-hot"),
        (FLOAT, False, "boolean"),
    ],
)
def test_equal_to_automatic_differentiation_of_optax(dtype, bias, labels):
    case = data(dtype=dtype, bias=bias, labels=labels)
    actual = everything(*case)
    assert_within(bounds(case[0], case[1], case[3]), actual, oracle(*case))
    assert {leaf.dtype.name for leaf in jax.tree.leaves(actual)} == {dtype}


@pytest.mark.parametrize(("n", "m", "classes"), [(1, 3, 2), (5, 1, 1), (3, 3, 3)])
def test_every_shape(n, m, classes):
    case = data(n, m, classes, bias=n == m)
    assert_within(bounds(case[0], case[1], case[3]), everything(*case), oracle(*case))


def test_the_mean_is_the_sum_divided():
    case = data(bias=True, labels="soft")
    bound = jax.tree.map(lambda most: most / len(case[1]), bounds(case[0], case[1], case[3]))
    assert_within(bound, everything(*case, reduction="mean"), oracle(*case, reduction="mean"))


def test_two_classes_are_logistic_regression():
    weights, inputs, labels, _ = data(classes=2)
    bound = bounds(weights, inputs, weights)
    difference = weights[:, 1] - weights[:, 0]
    assert_within(bound[0], softmax.loss(weights, inputs, labels), logistic.loss(difference, inputs, labels))
    expected = logistic.gradient(difference, inputs, labels)
    assert_within(bound[1], softmax.gradient(weights, inputs, labels), jnp.stack([-expected, expected], axis=1))


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


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("classes", [2, 4])
def test_accurate_relative_to_the_value_in_the_tails(dtype, classes):
    logits = np.zeros((12, classes), dtype)
    logits[:, 0] = [-1e4, -80, -36, -5, 0, 0.5, 5, 15, 40, 80, 800, 1e4]
    logits[:, 1] = 0.25
    one = np.ones((1, 1), dtype)
    tangent = np.linspace(-1, 2, classes, dtype=dtype)
    over_weights = jax.vmap(everything, (0, None, 0, None))
    labels = logits.argmax(axis=1)[:, None]
    _, *parts = over_weights(logits[:, None, :], one, labels, tangent[None, :])
    gradients, hessians, products = (np.asarray(part).reshape(12, -1).tolist() for part in parts)
    eps, least = np.finfo(dtype).eps, np.finfo(dtype).tiny

    def close(value, truth, scale):
        # Each exponential, their sum, a quotient, a sum of the others and products. No digits below normal numbers.
        return abs(mpmath.mpf(value) - truth) <= (2 * classes + 10) * eps * scale + least

    for i, row in enumerate(logits.tolist()):
        gradient, hessian, product = exact(row, labels[i, 0], tangent.tolist())
        assert all(close(value, truth, abs(truth)) for value, truth in zip(gradients[i], gradient, strict=True))
        assert all(close(value, truth, abs(truth)) for value, truth in zip(hessians[i], hessian, strict=True))
        assert all(close(value, *truth) for value, truth in zip(products[i], product, strict=True))


@pytest.mark.parametrize("labels", ["integers", "soft"])
@pytest.mark.parametrize("scale", [1e2, 1e4])
def test_wide_logits_are_finite(labels, scale):
    weights, inputs, drawn, tangent = data(labels=labels)
    case = (scale * weights, inputs, drawn, tangent)
    actual = everything(*case)
    assert_within(bounds(case[0], inputs, tangent), actual, oracle(*case))
    assert all(jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(actual))


@pytest.fixture(scope="module")
def survey():
    """Inputs and labels of a problem with three classes whose loss has a minimum."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(60, 3)).astype(FLOAT)
    return inputs, (inputs[:, 0] + rng.logistic(size=60) > 0).astype(int) + rng.integers(0, 2, 60)


def test_score_and_hessian_of_statsmodels(survey):
    inputs, labels = survey
    model = statsmodels.api.MNLogit(labels, inputs)
    free = np.array([[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0]], FLOAT)
    weights = np.column_stack([np.zeros(3, FLOAT), free])  # class 0 is its reference
    flat = free.ravel("F")
    bound = bounds(weights, inputs, weights)
    assert_within(bound[0], softmax.loss(weights, inputs, labels), -model.loglike(flat))
    slope = softmax.gradient(weights, inputs, labels)[:, 1:].ravel("F")
    assert_within(bound[1][:, 1:].ravel("F"), slope, -model.score(flat))
    hessian = softmax.hessian(weights, inputs, labels)[:, 1:, :, 1:].transpose(1, 0, 3, 2).reshape(6, 6)
    most = bound[2][:, 1:, :, 1:].transpose(1, 0, 3, 2).reshape(6, 6)
    assert_within(most, hessian, -model.hessian(flat))


def pseudoinverse(hessian, size):
    """Of the Hessian as a matrix: adding a vector to all columns of the weights changes nothing, and is left out."""
    return jnp.linalg.pinv(hessian.reshape(size, size), hermitian=True, rtol=size * jnp.finfo(hessian.dtype).eps)


@jax.jit
def newton(inputs, labels):
    """Ten Newton steps from zero, all inside one `lax.scan`."""
    shape = inputs.shape[1], 3

    def step(weights, _):
        slope = softmax.gradient(weights, inputs, labels).ravel()
        inverse = pseudoinverse(softmax.hessian(weights, inputs, labels), slope.size)
        return weights - (inverse @ slope).reshape(shape), None

    weights, _ = jax.lax.scan(step, jnp.zeros(shape, inputs.dtype), length=10)
    hessian = softmax.hessian(weights, inputs, labels)
    return weights, softmax.gradient(weights, inputs, labels), pseudoinverse(hessian, weights.size)


def test_newton_reaches_the_optimum_of_scikit_learn(survey):
    inputs, labels = survey
    weights, slope, inverse = newton(inputs, labels)
    bound = bounds(np.asarray(weights), inputs, weights)[1]
    assert_within(bound, slope, jnp.zeros_like(slope))

    tolerance = 1e-6
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=tolerance, fit_intercept=False)
    fitted = model.fit(inputs, labels).coef_.T.astype(FLOAT)
    # Its solver stops when no entry of the mean gradient is larger than the tolerance, ...
    most = len(labels) * tolerance + bound
    assert_within(most, softmax.gradient(fitted, inputs, labels), jnp.zeros_like(slope))
    # ... which bounds the way to the optimum: to first order by the inverse Hessian, and twice that is safe.
    way = 2 * np.abs(inverse) @ most.ravel()
    assert_within(way.reshape(fitted.shape), fitted, weights)


def test_vmap_over_problems():
    weights, inputs, labels, _ = data()
    many = np.stack([labels, labels[::-1]])
    bound = bounds(weights, inputs, weights)[1]
    actual = jax.vmap(softmax.gradient, (None, None, 0))(weights, inputs, many)
    for one, some in zip(actual, many, strict=True):
        assert_within(bound, one, softmax.gradient(weights, inputs, some))


def costs(function, *arguments):
    """The flops, the bytes of temporaries, and the instructions that copy or transpose the inputs."""
    compiled = jax.jit(function).lower(*arguments).compile()
    n, m = arguments[1].shape
    moves = re.findall(rf"\[(?:{n},{m}|{m},{n})\]\S* (?:copy|transpose)\(.*", compiled.as_text())
    return compiled.cost_analysis()["flops"], compiled.memory_analysis().temp_size_in_bytes, moves


@pytest.mark.parametrize("classes", [1, 5])
@pytest.mark.parametrize("integers", [True, False])
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


W, X, Y = np.zeros((3, 4), FLOAT), np.ones((5, 3), FLOAT), np.array([0, 1, 2, 3, 3])
ROWS = np.eye(4, dtype=FLOAT)[Y]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((W[:2], X, Y), ValueError, "parameters must have shape (m, K), where m = 3 as in inputs of shape (5, 3), got"),
        ((W[:, 0], X, Y), ValueError, "parameters must have shape (m, K), where m = 3 as in inputs of shape (5, 3),"),
        ((W[:, :0], X, Y), ValueError, "parameters must not be empty, but K is 0 in its shape (3, 0)"),
        (((W, W[0, :3]), X, Y), ValueError, "the bias of parameters must have shape (K,), where K = 4 as in the weigh"),
        ((W, X, Y[:4]), ValueError, "labels must have shape (n,), where n = 5 as in inputs of shape (5, 3), got shape"),
        ((W, X, ROWS[:, :3]), ValueError, "K = 4 as in parameters of shape (3, 4), got shape (5, 3)"),
        ((W, X, ROWS[None]), ValueError, "labels must have shape (n, K), where n = 5 as in inputs of shape (5, 3) and"),
        ((W, X[:0], Y[:0]), ValueError, "inputs must not be empty, but n is 0 in its shape (0, 3)"),
        ((W, X, Y + 1), ValueError, "labels must lie between 0 and 3, got values from 1 to 4"),
        ((W, X, ROWS / 2), ValueError, "each row of labels must sum to 1, got 0.5 in row 0"),
        (
            (W, X, (ROWS + ROWS[::-1]).astype(int)),
            ValueError,
            "labels must lie between 0 and 1, got values from 0 t",
        ),
        ((W, X, np.ones((5, 4), int)), ValueError, "each row of labels must sum to 1, got 4 in row 0"),
        ((W, X, ROWS - 2 * ROWS[:1]), ValueError, "labels must lie between 0 and 1, got values from -2.0 to 1.0"),
        ((W, X, ROWS * np.nan), ValueError, "labels must be finite, got nan at index (0, 0)"),
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


@pytest.mark.parametrize("dtype", [*DTYPES, "bfloat16"])
def test_rows_normalised_in_floating_point_are_accepted(dtype):
    rng = np.random.default_rng(0)
    rows = jax.nn.softmax(jnp.asarray(rng.normal(size=(5, 1000)), dtype), axis=1)
    assert jnp.isfinite(softmax.loss(np.zeros((3, 1000), FLOAT), X, rows))
