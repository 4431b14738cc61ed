"""Mistakes that people make in formulas of regressions, planted: every one is refused, with a counterexample."""

import jax
import jax.numpy as jnp
import pytest
from jax.nn import sigmoid, softmax, softplus
from planted import Formula, formulas, gradient, mistakes

from gradproof import Binary, Index, OneHot, Positive, Real, derivative

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
            "there is a term lam b too many in the derivative by b; the other is right",
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
            "only the entries off the diagonal are wrong, and zero",
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
            "only the entries off the diagonal are wrong, and zero",
        ),
        "without the diagonal's first term": (
            lambda z: -jnp.outer(softmax(z), softmax(z)),
            "only the diagonal is wrong",
        ),
        "without the product": lambda z: jnp.diag(softmax(z)),
        "sum for difference": lambda z: jnp.diag(softmax(z)) + jnp.outer(softmax(z), softmax(z)),
        "sign off the diagonal": (
            lambda z: jnp.abs(jnp.diag(softmax(z)) - jnp.outer(softmax(z), softmax(z))),
            "only the entries off the diagonal are wrong, by a factor of -1",
        ),
    },
)

FORMULAS = formulas(globals())
MISTAKES = mistakes(FORMULAS)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_right_formula_of_a_regression_is_proved(name):
    verdict = FORMULAS[name].judge(FORMULAS[name].right)
    assert verdict.verdict == "proved", verdict.why


@pytest.mark.parametrize(("name", "mistake"), MISTAKES)
def test_a_mistake_in_a_regression_is_refused(name, mistake):
    FORMULAS[name].assert_refused(mistake)


def test_there_are_enough_mistakes_in_regressions():
    assert len(MISTAKES) >= 80
