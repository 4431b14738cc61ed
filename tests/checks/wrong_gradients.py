"""Wrong gradients as people write them: what is to be derived, the right gradient, mistakes, and the hint that fits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
from jax.nn import sigmoid

from gradproof import Binary, Positive, Real, derivative


@dataclass(frozen=True)
class Gradient:
    """A loss, the numbers of the arguments that it is derived by, and wrong gradients with the hint that each deserves.

    A mistake is made of the right gradient, a list of arrays, and of the symbols.
    """

    symbols: dict[str, Any]
    loss: Callable[..., Any]
    by: tuple[int, ...]
    right: Callable[..., Any]
    wrong: dict[str, tuple[Callable[..., Any], str | None]]

    def truth(self, *values: Any) -> list[Any]:
        def at(moved: list[Any]) -> Any:
            return self.loss(*(dict(zip(self.by, moved, strict=True)).get(i, x) for i, x in enumerate(values)))

        return derivative(at, [values[i] for i in self.by])

    def given(self, mistake: str) -> Callable[..., Any]:
        return lambda *values: list(self.wrong[mistake][0](self.right(*values), *values))


def at(place, change):
    """A mistake in one of several arrays."""
    return lambda right, *values: [change(x, *values) if number == place else x for number, x in enumerate(right)]


# One array


def ridge_loss(w, X, y, lam):
    return jnp.mean(jnp.logaddexp(0, X @ w) - y * (X @ w)) + lam * w @ w


def ridge(w, X, y, lam):
    return [(sigmoid(X @ w) - y) @ X / len(y) + 2 * lam * w]


RIDGE = Gradient(
    {"w": Real("m"), "X": Real("n m"), "y": Binary("n"), "lam": Positive()},
    ridge_loss,
    (0,),
    ridge,
    {
        "a term too few": (at(0, lambda g, w, X, y, lam: g - 2 * lam * w), "the term 2 lam w is missing"),
        "a term twice": (at(0, lambda g, w, X, y, lam: g + 2 * lam * w), "there is a term 2 lam w too many"),
        "the term without its symbol": (
            at(0, lambda g, w, X, y, lam: g - 2 * lam * w + 2 * w),
            "there is a term 2 w in the place of 2 lam w",
        ),
        "decay over the examples": (
            at(0, lambda g, w, X, y, lam: g - 2 * lam * w + 2 * lam * w / len(y)),
            "there is a term 2 lam w/n in the place of 2 lam w",
        ),
        "decay as lasso": (
            at(0, lambda g, w, X, y, lam: g - 2 * lam * w + lam * jnp.sign(w)),
            "there is a term lam sign(w) in the place of 2 lam w",
        ),
        "labels exchanged": (
            lambda g, w, X, y, lam: ridge(w, X, 1 - y, lam),
            "it has 1 - y in the place of y",
        ),
        "labels of -1 and 1": (
            lambda g, w, X, y, lam: ridge(w, X, 2 * y - 1, lam),
            "it has 2 y - 1 in the place of y",
        ),
        "labels shifted": (
            lambda g, w, X, y, lam: ridge(w, X, jnp.roll(y, 1), lam),
            "it has y shifted by one in the place of y",
        ),
        "reversed": (lambda g, *_: [g[0][::-1]], "axis 0 is reversed"),
        "the last entry of the wrong sign": (
            at(0, lambda g, *_: g.at[-1].multiply(-1)),
            "only the last entry is wrong, by a factor of -1",
        ),
        "the bias is not decayed": (
            at(0, lambda g, w, X, y, lam: g.at[0].add(-2 * lam * w[0])),
            "only entry 0 is wrong: the term 2 lam w is missing",
        ),
        "an offset": (at(0, lambda g, *_: g + 1), "it is too large by 1 at all entries"),
        "an offset that is a symbol": (
            at(0, lambda g, w, X, y, lam: g - lam),
            "it is too small by lam at all entries",
        ),
        "labels taken for probabilities": (
            at(0, lambda g, w, X, y, lam: g + y @ X / len(y)),
            "there is a term X.T @ y/n too many",
        ),
        "as a column": (at(0, lambda g, *_: g[:, None]), "an axis of length one is missing or too many"),
        "in float32": (
            at(0, lambda g, *_: g.astype(jnp.float32)),
            "the numbers are of dtype float32 and should be of float64",
        ),
        "not summed": (
            at(0, lambda g, w, X, y, lam: (sigmoid(X @ w) - y)[:, None] * X / len(y) + 2 * lam * w[None] / len(y)),
            "it is not summed over axis 0, of length n",
        ),
        "tanh for the sigmoid": (
            lambda g, w, X, y, lam: [(jnp.tanh(X @ w) - y) @ X / len(y) + 2 * lam * w],
            None,
        ),
    },
)


def normal_loss(mu, sigma, x):
    return jnp.sum((x - mu) ** 2) / (2 * sigma**2) + len(x) * jnp.log(sigma)


NORMAL = Gradient(
    {"mu": Real(), "sigma": Positive(), "x": Real("n")},
    normal_loss,
    (0, 1),
    lambda mu, sigma, x: [
        jnp.sum(mu - x) / sigma**2,
        len(x) / sigma - jnp.sum((x - mu) ** 2) / sigma**3,
    ],
    {
        "sign of one": (
            at(0, lambda g, *_: -g),
            "the sign of the derivative by mu is wrong; the other is right",
        ),
        "not over the variance": (
            at(0, lambda g, mu, sigma, x: g * sigma**2),
            "the derivative by mu is sigma^2 times what it should be; the other is right",
        ),
        "over the deviation": (
            at(0, lambda g, mu, sigma, x: g * sigma),
            "the derivative by mu is sigma times what it should be; the other is right",
        ),
        "a mean in one": (
            at(0, lambda g, mu, sigma, x: g / len(x)),
            "the derivative by mu is 1/n times what it should be; the other is right",
        ),
        "by the logarithm": (
            at(1, lambda g, mu, sigma, x: g * sigma),
            "the derivative by sigma is sigma times what it should be; the other is right",
        ),
        "by the variance": (
            at(1, lambda g, mu, sigma, x: g / (2 * sigma)),
            "the derivative by sigma is 1/(2 sigma) times what it should be; the other is right",
        ),
        "exchanged": (lambda g, *_: g[::-1], "mu and sigma are exchanged"),
        "the logarithm of one": (
            at(1, lambda g, mu, sigma, x: g - len(x) / sigma + 1 / sigma),
            "there is a term 1/sigma in the place of n/sigma in the derivative by sigma; the other is right",
        ),
        "both of the wrong sign": (lambda g, *_: [-g[0], -g[1]], "the sign is wrong"),
        "one negative, the other double": (
            lambda g, *_: [-g[0], 2 * g[1]],
            "the sign of the derivative by mu is wrong; the derivative by sigma is 2 times what it should be",
        ),
        "unbiased": (
            at(0, lambda g, mu, sigma, x: g * len(x) / (len(x) - 1)),
            "the derivative by mu is n/(n-1) times what it should be; the other is right",
        ),
    },
)


# A layer


def layer(W, b, X, g):
    e = (1 - jnp.tanh(X @ W + b[None]) ** 2) * g
    return [X.T @ e, e.sum(0)]


LAYER = Gradient(
    {"W": Real("m k"), "b": Real("k"), "X": Real("n m"), "g": Real("n k")},
    lambda W, b, X, g: jnp.sum(jnp.tanh(X @ W + b[None]) * g),
    (0, 1),
    layer,
    {
        "factor of the weights": (
            at(0, lambda D, *_: D / 2),
            "the derivative by W is 1/2 times what it should be; the other is right",
        ),
        "a mean in the bias": (
            at(1, lambda d, W, b, X, g: d / len(X)),
            "the derivative by b is 1/n times what it should be; the other is right",
        ),
        "the cotangent dropped": (
            lambda _, W, b, X, g: layer(W, b, X, jnp.ones_like(g)),
            "g is not used, as if it were 1",
        ),
        "the bias dropped": (
            lambda _, W, b, X, g: layer(W, jnp.zeros_like(b), X, g),
            "b is left out, as if it were 0",
        ),
        "the weights zero": (
            at(0, lambda D, *_: 0 * D),
            "the derivative by W is zero everywhere; the other is right",
        ),
        "the bias summed up": (
            at(1, lambda d, *_: jnp.full(d.shape, d.sum())),
            "the derivative by b is summed over axis 0; the other is right",
        ),
        "summed over the outputs": (
            lambda _, W, b, X, g: [layer(W, b, X, g)[0], ((1 - jnp.tanh(X @ W + b[None]) ** 2) * g).sum(1)],
            (
                "the sum of the derivative by b is over the wrong axis: there are n entries, and should be k; "
                "the other is right"
            ),
        ),
        "both the other way round": (lambda g, *_: g[::-1], "W and b are exchanged"),
        "rows shifted": (
            at(0, lambda D, *_: jnp.roll(D, 1, 0)),
            "axis 0 is shifted by one in the derivative by W; the other is right",
        ),
        "the bias in the weights": (
            at(0, lambda D, W, b, X, g: D + b[None]),
            "there is a term b too many in the derivative by W; the other is right",
        ),
        "the slope is 1 + tanh": (
            lambda _, W, b, X, g: [X.T @ ((1 + jnp.tanh(X @ W + b[None]) ** 2) * g), layer(W, b, X, g)[1]],
            "the derivative by W is wrong; the other is right",
        ),
        "one column": (
            at(0, lambda D, *_: D.at[:, 0].set(0)),
            "only column 0 is wrong in the derivative by W, and zero; the other is right",
        ),
    },
)


# Entry by entry


def silu_loss(x, beta, g):
    return jnp.sum(g * x * sigmoid(beta[None] * x))


def silu(x, beta, g):
    s = sigmoid(beta[None] * x)
    return [g * s * (1 + beta[None] * x * (1 - s)), jnp.sum(g * x**2 * s * (1 - s), 0)]


SILU = Gradient(
    {"x": Real("n d"), "beta": Real("d"), "g": Real("n d")},
    silu_loss,
    (0, 1),
    silu,
    {
        "the cotangent dropped in one": (
            at(0, lambda D, x, beta, g: D / g),
            "the derivative by x lacks the factor g; the other is right",
        ),
        "the cotangent twice": (
            at(0, lambda D, x, beta, g: D * g),
            "there is a factor g too many in the derivative by x; the other is right",
        ),
        "the slope of the other": (
            at(1, lambda d, x, beta, g: d * beta),
            "there is a factor beta too many in the derivative by beta; the other is right",
        ),
        "one number for all": (
            at(1, lambda d, *_: jnp.full(d.shape, d.sum())),
            "the derivative by beta is summed over axis 0; the other is right",
        ),
        "one number": (
            at(1, lambda d, *_: d.sum()),
            "the derivative by beta is summed over axis 0, which should stay; the other is right",
        ),
        "beta negative": (
            lambda _, x, beta, g: silu(x, -beta, g),
            "the derivative by x has -x in the place of x; the other is right",
        ),
        "x and g exchanged": (lambda _, x, beta, g: silu(g, beta, x), "it is right with x and g exchanged"),
    },
)


GRADIENTS = {"ridge": RIDGE, "normal": NORMAL, "layer": LAYER, "silu": SILU}
