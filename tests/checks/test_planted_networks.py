"""Mistakes that people make in formulas of networks, planted: every one is refused, with a counterexample."""

import jax.numpy as jnp
import pytest
from jax.nn import relu, sigmoid, softplus
from planted import Formula, formulas, gradient, mistakes

from gradproof import Real, Simplex


def swish(z):
    return z * sigmoid(z)


def variance(z):
    return sigmoid(z) * sigmoid(-z)


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

FORMULAS = formulas(globals())
MISTAKES = mistakes(FORMULAS)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_right_formula_of_a_network_is_proved(name):
    verdict = FORMULAS[name].judge(FORMULAS[name].right)
    assert verdict.verdict == "proved", verdict.why


@pytest.mark.parametrize(("name", "mistake"), MISTAKES)
def test_a_mistake_in_a_network_is_refused(name, mistake):
    FORMULAS[name].assert_refused(mistake)


def test_there_are_enough_mistakes_in_networks():
    assert len(MISTAKES) >= 50
