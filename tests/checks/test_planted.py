"""Mistakes that people make in these very formulas, planted: every one is refused, with a counterexample."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from jax.nn import relu, sigmoid, softmax, softplus

from gradproof import Binary, Index, OneHot, Positive, Real, Simplex, derivative, verify
from gradproof.claims.claim import Claim


@dataclass(frozen=True)
class Formula:
    """What is to be computed, a right formula and wrong ones, all functions of the symbols in order.

    A wrong formula may come with the diagnosis that it deserves.
    """

    symbols: dict[str, Any]
    truth: Callable[..., Any]
    right: Callable[..., Any]
    wrong: dict[str, Any]


def judge(formula, candidate):
    def sides(**values):
        arguments = [values[name] for name in formula.symbols]
        yield formula.truth(*arguments)
        yield candidate(*arguments)

    return verify(Claim("planted", "", "planted", sides, formula.symbols))


def gradient(loss, argnum=0):
    """The derivative of a loss by one of its arguments."""

    def by(*arguments):
        return derivative(lambda x: loss(*arguments[:argnum], x, *arguments[argnum + 1 :]), arguments[argnum])

    return by


def swish(z):
    return z * sigmoid(z)


# Logistic regression.


def logistic_loss(w, X, y):
    z = X @ w
    return jnp.mean(softplus(z) - y * z)


def logistic(probability=sigmoid, label=lambda y: y):
    """The gradient of the logistic loss with another probability, or other labels."""
    return lambda w, X, y: X.T @ (probability(X @ w) - label(y)) / len(y)


right_logistic = logistic()
DATA = {"w": Real("m"), "X": Real("n m"), "y": Binary("n")}

LOGISTIC = Formula(
    DATA,
    gradient(logistic_loss),
    right_logistic,
    {
        "sum for mean": (lambda w, X, y: len(y) * right_logistic(w, X, y), "it is n times what it should be"),
        "n-1 for n": (
            lambda w, X, y: X.T @ (sigmoid(X @ w) - y) / (len(y) - 1.0),
            "it is n/(n-1) times what it should be",
        ),
        "1/n twice": (lambda w, X, y: right_logistic(w, X, y) / len(y), "it is 1/n times what it should be"),
        "2n for n": (lambda w, X, y: right_logistic(w, X, y) / 2, "it is 1/2 times what it should be"),
        "m for n": lambda w, X, y: X.T @ (sigmoid(X @ w) - y) / len(w),
        "sign": (lambda w, X, y: -right_logistic(w, X, y), "the sign is wrong"),
        "factor 2": (lambda w, X, y: 2 * right_logistic(w, X, y), "it is 2 times what it should be"),
        "zero": (lambda w, X, y: jnp.zeros_like(w), "it is zero everywhere"),
        "no X": lambda w, X, y: jnp.full(w.shape, jnp.mean(sigmoid(X @ w) - y)),
        "not summed over the examples": lambda w, X, y: X * (sigmoid(X @ w) - y)[:, None] / len(y),
        "summed over the features": lambda w, X, y: X @ jnp.ones(w.shape) * (sigmoid(X @ w) - y) / len(y),
        "column": lambda w, X, y: right_logistic(w, X, y)[:, None],
        "float32": lambda w, X, y: right_logistic(w, X, y).astype(jnp.float32),
        "sigma' for sigma": logistic(lambda z: sigmoid(z) * sigmoid(-z)),
        "sigma of -z": logistic(lambda z: sigmoid(-z)),
        "sigma of 2z": logistic(lambda z: sigmoid(2 * z)),
        "tanh for sigma": logistic(jnp.tanh),
        "prediction for probability": logistic(lambda z: jnp.where(z > 0, 1.0, 0.0)),
        "no probability": logistic(lambda z: z),
        "labels of -1 and 1": logistic(label=lambda y: 2 * y - 1),
        "labels exchanged": logistic(label=lambda y: 1 - y),
        "labels in another order": logistic(label=lambda y: y[::-1]),
        "label smoothing of 1e-3": logistic(label=lambda y: 0.999 * y + 0.0005),
        "probabilities clipped at 1e-7": logistic(lambda z: jnp.clip(sigmoid(z), 1e-7, 1 - 1e-7)),
        "logits clipped at 30": logistic(lambda z: sigmoid(jnp.clip(z, -30, 30))),
        "0.9 where |z| > 12": logistic(lambda z: jnp.where(jnp.abs(z) > 12, 0.9, sigmoid(z))),
        "1/2 where z > 1000": logistic(lambda z: jnp.where(z > 1000, 0.5, sigmoid(z))),
        "wrong at z = 0 only": logistic(lambda z: jnp.where(z == 0, 0.4, sigmoid(z))),
        "e^z / (1 + e^z) overflows": logistic(lambda z: jnp.exp(z) / (1 + jnp.exp(z))),
        "epsilon of 1e-12 in the denominator": logistic(lambda z: 1 / (1 + jnp.exp(-z) + 1e-12)),
        "a relative 1e-12 of the labels": logistic(label=lambda y: y * (1 + 1e-12)),
        "last example left out": lambda w, X, y: (
            right_logistic(w, X, y) - X[-1] * (sigmoid(X @ w)[-1] - y[-1]) / len(y)
        ),
    },
)

DECAY = Formula(
    {**DATA, "lam": Positive()},
    gradient(lambda w, X, y, lam: logistic_loss(w, X, y) + lam / 2 * w @ w),
    lambda w, X, y, lam: right_logistic(w, X, y) + lam * w,
    {
        "missing": (lambda w, X, y, lam: right_logistic(w, X, y), "the term lam w is missing"),
        "doubled": (lambda w, X, y, lam: right_logistic(w, X, y) + 2 * lam * w, "there is a term lam w too many"),
        "halved": (lambda w, X, y, lam: right_logistic(w, X, y) + lam / 2 * w, "the term 1/2 lam w is missing"),
        "subtracted": lambda w, X, y, lam: right_logistic(w, X, y) - lam * w,
        "inside the mean": lambda w, X, y, lam: right_logistic(w, X, y) + lam * w / len(y),
        "of the absolute values": lambda w, X, y, lam: right_logistic(w, X, y) + lam * jnp.sign(w),
        "squared": lambda w, X, y, lam: right_logistic(w, X, y) + lam**2 * w,
        "applied to the gradient": lambda w, X, y, lam: (1 + lam) * right_logistic(w, X, y),
    },
)

TINY_DECAY = Formula(
    DATA,
    gradient(lambda w, X, y: logistic_loss(w, X, y) + 1e-12 / 2 * w @ w),
    lambda w, X, y: right_logistic(w, X, y) + 1e-12 * w,
    {
        "missing": lambda w, X, y: right_logistic(w, X, y),
        "doubled": lambda w, X, y: right_logistic(w, X, y) + 2e-12 * w,
        "negative": lambda w, X, y: right_logistic(w, X, y) - 1e-12 * w,
    },
)


def biased_loss(parameters, X, y, lam):
    w, b = parameters["w"], parameters["b"]
    z = X @ w + b
    return jnp.sum(softplus(z) - y * z) + lam / 2 * w @ w


def biased(w, b, X, y, lam):
    residual = sigmoid(X @ w + b) - y
    return {"w": X.T @ residual + lam * w, "b": jnp.sum(residual)}


def instead(**changes):
    """The right gradient with one entry put in anew, a function of the entry and of all symbols."""

    def changed(*arguments):
        right = biased(*arguments)
        return {**right, **{name: change(right[name], *arguments) for name, change in changes.items()}}

    return changed


BIAS = Formula(
    {"w": Real("m"), "b": Real(), "X": Real("n m"), "y": Binary("n"), "lam": Positive()},
    lambda w, b, X, y, lam: derivative(lambda p: biased_loss(p, X, y, lam), {"w": w, "b": b}),
    biased,
    {
        "mean for sum": instead(b=lambda right, w, b, X, y, lam: right / len(y)),
        "decay on the bias": (
            instead(b=lambda right, w, b, X, y, lam: right + lam * b),
            "there is a term lam b too many",
        ),
        "missing": instead(b=lambda right, *_: 0 * right),
        "not used in the weights' gradient": instead(
            w=lambda right, w, b, X, y, lam: X.T @ (sigmoid(X @ w) - y) + lam * w
        ),
        "as a vector": instead(b=lambda right, *_: right[None]),
        "names exchanged": lambda *arguments: dict(zip("bw", biased(*arguments).values(), strict=True)),
        "a tuple": lambda *arguments: tuple(biased(*arguments).values()),
    },
)


def weighted_gram(weight):
    return lambda w, X: X.T @ (weight(X @ w)[:, None] * X)


def variance(z):
    return sigmoid(z) * sigmoid(-z)


HESSIAN = Formula(
    {"w": Real("m"), "X": Real("n m")},
    gradient(lambda w, X: X.T @ sigmoid(X @ w)),
    weighted_gram(variance),
    {
        "without the factor 1 - sigma": weighted_gram(sigmoid),
        "sigma squared": weighted_gram(lambda z: sigmoid(z) ** 2),
        "square root of the weights": weighted_gram(lambda z: jnp.sqrt(variance(z))),
        "without weights": weighted_gram(jnp.ones_like),
        "sign": (weighted_gram(lambda z: -variance(z)), "the sign is wrong"),
        "without cross terms": (
            lambda w, X: jnp.diag(jnp.diag(weighted_gram(variance)(w, X))),
            "only the entries off the diagonal are wrong",
        ),
        "products of examples": lambda w, X: X @ X.T,
        "a ridge of 1e-12": lambda w, X: weighted_gram(variance)(w, X) + 1e-12 * jnp.eye(len(w)),
    },
)


# Softmax regression.


def cross_entropy(W, X, Y):
    return -jnp.mean(jnp.sum(Y * jax.nn.log_softmax(X @ W), axis=1))


def softmax_regression(probabilities=softmax, labels=lambda Y: Y):
    return lambda W, X, Y: X.T @ (probabilities(X @ W) - labels(Y)) / len(X)


right_softmax = softmax_regression()

SOFTMAX = Formula(
    {"W": Real("m K"), "X": Real("n m"), "Y": OneHot("n K")},
    gradient(cross_entropy),
    right_softmax,
    {
        "sum for mean": (lambda W, X, Y: right_softmax(W, X, Y) * len(X), "it is n times what it should be"),
        "mean over the classes too": (
            lambda W, X, Y: right_softmax(W, X, Y) / Y.shape[1],
            "it is 1/K times what it should be",
        ),
        "sign": (lambda W, X, Y: -right_softmax(W, X, Y), "the sign is wrong"),
        "transposed": lambda W, X, Y: right_softmax(W, X, Y).T,
        "softmax over the examples": softmax_regression(lambda z: softmax(z, axis=0)),
        "softmax of everything": softmax_regression(lambda z: softmax(z, axis=(0, 1))),
        "without the denominator": softmax_regression(jnp.exp),
        "sigma for softmax": softmax_regression(sigmoid),
        "log-softmax for softmax": softmax_regression(jax.nn.log_softmax),
        "naive softmax overflows": softmax_regression(lambda z: jnp.exp(z) / jnp.sum(jnp.exp(z), axis=1)[:, None]),
        "probabilities clipped at 1e-12": softmax_regression(lambda z: jnp.clip(softmax(z), 1e-12, 1)),
        "one-hot shifted by a class": softmax_regression(labels=lambda Y: jnp.roll(Y, 1, axis=1)),
        "one-hot in another order": softmax_regression(labels=lambda Y: Y[:, ::-1]),
        "mask inverted": softmax_regression(labels=lambda Y: 1 - Y),
        "only the true class": lambda W, X, Y: X.T @ ((softmax(X @ W) - 1) * Y) / len(X),
        "temperature of 2": softmax_regression(lambda z: softmax(z / 2)),
        "label smoothing of 1e-3": softmax_regression(labels=lambda Y: 0.999 * Y + 0.001 / Y.shape[1]),
        "weight decay of 1e-12": lambda W, X, Y: right_softmax(W, X, Y) + 1e-12 * W,
    },
)


def integer_labels(shift):
    def by(W, X, c):
        return right_softmax(W, X, jax.nn.one_hot(c + shift, W.shape[1], dtype=W.dtype))

    return by


INTEGERS = Formula(
    {"W": Real("m K"), "X": Real("n m"), "c": Index("n", below="K")},
    gradient(lambda W, X, c: -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(X @ W), c[:, None], axis=1))),
    integer_labels(0),
    {
        "labels too large by one": integer_labels(1),
        "labels too small by one": integer_labels(-1),
        "label of the first example for all": lambda W, X, c: integer_labels(0)(W, X, jnp.full(c.shape, c[0])),
        "class 0 ignored": lambda W, X, c: integer_labels(jnp.where(c == 0, -7, 0))(W, X, c),
    },
)

SOFT_LABELS = Formula(
    {"W": Real("m K"), "X": Real("n m"), "Y": Real("n K")},
    gradient(cross_entropy),
    lambda W, X, Y: X.T @ (softmax(X @ W) * jnp.sum(Y, axis=1)[:, None] - Y) / len(X),
    {"labels taken for probabilities": right_softmax},
)

JACOBIAN = Formula(
    {"z": Real("n")},
    gradient(softmax),
    lambda z: jnp.diag(softmax(z)) - jnp.outer(softmax(z), softmax(z)),
    {
        "without the entries off the diagonal": (
            lambda z: jnp.diag(softmax(z) * (1 - softmax(z))),
            "only the entries off the diagonal are wrong",
        ),
        "without the diagonal's first term": (
            lambda z: -jnp.outer(softmax(z), softmax(z)),
            "only the diagonal is wrong",
        ),
        "without the product": lambda z: jnp.diag(softmax(z)),
        "sum for difference": lambda z: jnp.diag(softmax(z)) + jnp.outer(softmax(z), softmax(z)),
        "sign off the diagonal": (
            lambda z: jnp.abs(jnp.diag(softmax(z)) - jnp.outer(softmax(z), softmax(z))),
            "only the entries off the diagonal are wrong",
        ),
    },
)


# A network of two layers, f = V tanh(W x), with the loss |f - y|^2.


def network_loss(W, V, x, y):
    return jnp.sum((V @ jnp.tanh(W @ x) - y) ** 2)


def network(slope=lambda z, h: 1 - h**2, error=lambda f, y: 2 * (f - y), back=lambda V, d: V.T @ d):
    """The gradient by the first layer with another slope, another error or another way back."""

    def by(W, V, x, y):
        z = W @ x
        h = jnp.tanh(z)
        return jnp.outer(back(V, error(V @ h, y)) * slope(z, h), x)

    return by


right_network = network()

FIRST_LAYER = Formula(
    {"W": Real("k m"), "V": Real("o k"), "x": Real("m"), "y": Real("o")},
    gradient(network_loss),
    right_network,
    {
        "tanh' of h for z": network(lambda z, h: 1 - jnp.tanh(h) ** 2),
        "1 - z^2 for tanh'": network(lambda z, h: 1 - z**2),
        "1 - h for tanh'": network(lambda z, h: 1 - h),
        "no tanh'": network(lambda z, h: jnp.ones_like(h)),
        "sigma' for tanh'": network(lambda z, h: h * (1 - h)),
        "tanh' rounded to 0 where |z| > 12": network(lambda z, h: jnp.where(jnp.abs(z) > 12, 0, 1 - h**2)),
        "no factor 2": (network(error=lambda f, y: f - y), "it is 1/2 times what it should be"),
        "y - f": (network(error=lambda f, y: 2 * (y - f)), "the sign is wrong"),
        "no error": network(error=lambda f, y: jnp.ones_like(f)),
        "mean error": network(error=lambda f, y: jnp.full(f.shape, 2 * jnp.mean(f - y))),
        "no second layer": network(back=lambda V, d: jnp.full(V.shape[1], jnp.sum(d))),
        "absolute second layer": network(back=lambda V, d: jnp.abs(V).T @ d),
        "transposed": lambda *arguments: right_network(*arguments).T,
    },
)

SECOND_LAYER = Formula(
    {"V": Real("o k"), "h": Real("k"), "y": Real("o")},
    gradient(lambda V, h, y: jnp.sum((V @ h - y) ** 2)),
    lambda V, h, y: 2 * jnp.outer(V @ h - y, h),
    {
        "no h": lambda V, h, y: 2 * jnp.outer(V @ h - y, jnp.ones_like(h)),
        "factors exchanged": lambda V, h, y: 2 * jnp.outer(h, V @ h - y),
        "relative error of 1e-12": lambda V, h, y: 2 * jnp.outer(V @ h - y * (1 + 1e-12), h),
        "only the diagonal": lambda V, h, y: 2 * jnp.outer(V @ h - y, h) * jnp.eye(*V.shape),
    },
)

SQUARE = Formula(
    {"W": Real("n n"), "x": Real("n")},
    gradient(lambda W, x: jnp.sum(W**2 @ x), 0),
    lambda W, x: 2 * W * x[None, :],
    {
        "rows for columns": lambda W, x: 2 * W * x[:, None],
        "transposed": (lambda W, x: (2 * W * x[None, :]).T, "it is the transpose of what it should be"),
    },
)

SQUARE_BACK = Formula(
    {"x": Real("n"), "W": Real("n n"), "y": Real("n")},
    gradient(lambda x, W, y: jnp.sum((W @ x - y) ** 2)),
    lambda x, W, y: 2 * W.T @ (W @ x - y),
    {
        "W for its transpose": lambda x, W, y: 2 * W @ (W @ x - y),
        "transposed in the residual": lambda x, W, y: 2 * W.T @ (W.T @ x - y),
        "order of the product": lambda x, W, y: 2 * (W @ W @ x - W.T @ y),
    },
)

QUADRATIC = Formula(
    {"x": Real("n"), "A": Real("n n")},
    gradient(lambda x, A: x @ A @ x),
    lambda x, A: A @ x + A.T @ x,
    {
        "A taken to be symmetric": lambda x, A: 2 * A @ x,
        "one term": lambda x, A: A @ x,
        "the other term": lambda x, A: A.T @ x,
    },
)

RELU_LAYER = Formula(
    {"x": Real("m"), "W": Real("k m"), "d": Real("k")},
    gradient(lambda x, W, d: d @ relu(W @ x)),
    lambda x, W, d: W.T @ (d * (W @ x > 0)),
    {
        "mask inverted": lambda x, W, d: W.T @ (d * (W @ x < 0)),
        "mask of the cotangent": lambda x, W, d: W.T @ (d * (d > 0)),
        "mask of the product": lambda x, W, d: W.T @ relu(d * (W @ x)),
        "mask after the matrix": lambda x, W, d: (W.T @ d) * (x > 0),
        "cotangent ignored": lambda x, W, d: W.T @ jnp.where(W @ x > 0, 1.0, 0.0),
        "no mask": lambda x, W, d: W.T @ d,
        "1 at z = 0": lambda x, W, d: W.T @ (d * (W @ x >= 0)),
    },
)


# Activations, with a cotangent.


def activation(function, right, wrong):
    """The derivative of an element-wise function, times a cotangent."""

    def times_cotangent(slope):
        return lambda z, c: c * slope(z)

    return Formula(
        {"z": Real("n"), "c": Real("n")},
        gradient(lambda z, c: jnp.sum(c * function(z))),
        times_cotangent(right),
        {name: times_cotangent(slope) for name, slope in wrong.items()}
        | {"cotangent ignored": lambda z, c: right(z), "cotangent summed": lambda z, c: jnp.sum(c) * right(z)},
    )


SIGMOID = activation(
    sigmoid,
    variance,
    {
        "sigma for sigma'": sigmoid,
        "without 1 - sigma": lambda z: sigmoid(z) ** 2,
        "derivative in terms of sigma, at z": lambda z: z * (1 - z),
        "sigma (1 + sigma)": lambda z: sigmoid(z) * (1 + sigmoid(z)),
    },
)

TANH = activation(
    jnp.tanh,
    lambda z: 1 - jnp.tanh(z) ** 2,
    {"not squared": lambda z: 1 - jnp.tanh(z), "argument squared": lambda z: 1 - jnp.tanh(z**2)},
)

SOFTPLUS = activation(
    softplus,
    sigmoid,
    {
        "of -z": lambda z: sigmoid(-z),
        "e^z for 1 + e^z": lambda z: jnp.exp(z) / jnp.exp(z) + 0 * z,
        "1 where z > 20": lambda z: jnp.where(z > 20, 1, sigmoid(z)),
        "0 where z < -40": lambda z: jnp.where(z < -40, 0, sigmoid(z)),
    },
)

SWISH = activation(
    swish,
    lambda z: sigmoid(z) + z * variance(z),
    {"one term of the product": lambda z: z * variance(z), "the other term": sigmoid},
)

SOFTPLUS_VALUE = Formula(
    {"z": Real("n")},
    softplus,
    lambda z: jnp.maximum(z, 0) + jnp.log1p(jnp.exp(-jnp.abs(z))),
    {
        "log for log1p": lambda z: jnp.maximum(z, 0) + jnp.log(jnp.exp(-jnp.abs(z))),
        "overflow": lambda z: jnp.log1p(jnp.exp(z)),
        "without the modulus": lambda z: jnp.maximum(z, 0) + jnp.log1p(jnp.exp(-z)),
        "epsilon in the logarithm": lambda z: jnp.maximum(z, 0) + jnp.log1p(jnp.exp(-jnp.abs(z)) + 1e-12),
    },
)

DIVERGENCE = Formula(
    {"q": Simplex("n K"), "p": Simplex("n K")},
    gradient(lambda q, p: jnp.sum(p * (jnp.log(p) - jnp.log(q)))),
    lambda q, p: -p / q,
    {
        "exchanged": lambda q, p: -q / p,
        "epsilon of 1e-12": lambda q, p: -p / (q + 1e-12),
        "clipped at 1e-15": lambda q, p: -p / jnp.maximum(q, 1e-15),
    },
)

FORMULAS = {
    name.lower().replace("_", " "): formula for name, formula in list(globals().items()) if isinstance(formula, Formula)
}
MISTAKES = [(name, mistake) for name, formula in FORMULAS.items() for mistake in formula.wrong]


@pytest.mark.parametrize("name", FORMULAS)
def test_a_right_formula_is_proved(name):
    verdict = judge(FORMULAS[name], FORMULAS[name].right)
    assert verdict.verdict == "proved", verdict.why


@pytest.mark.parametrize(("name", "mistake"), MISTAKES)
def test_a_mistake_is_refused(name, mistake):
    formula = FORMULAS[name]
    wrong = formula.wrong[mistake]
    candidate, diagnosis = wrong if isinstance(wrong, tuple) else (wrong, None)
    verdict = judge(formula, candidate)
    assert verdict.verdict == "refuted", verdict.why
    assert verdict.counterexample is not None
    assert diagnosis in (None, verdict.counterexample.diagnosis)


def test_there_are_enough_mistakes():
    assert len(MISTAKES) >= 60
