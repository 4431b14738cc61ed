"""Lines 157 to 190: a neural network and its loss.

ByLayer, activations, z and h are numbered as they are printed, from 1, and h from 0. An activation is any function from
R^d to R^d, made of d unknown functions, wherever the text leaves it open.
"""

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp

from derivations._words import Activations, ByLayer, columns, numbered, scalar, vector_function
from derivations.deriving_backpropagation import softmax_regression as softmax
from derivations.deriving_backpropagation._conventions import printed
from gradproof import Function, Functional, OneHot, Real, claim, definition, derivative

WEIGHTS = Real("m 2"), Real("2 3"), Real("3 2"), Real("2 3")
"""The matrices w_1, ..., w_4 of networks with 2, 3, 2 and 3 units in their layers."""

ACTIVATIONS = (Functional(),) * 2, (Functional(),) * 3, (Functional(),) * 2, (Functional(),) * 3
"""The components of phi_1, ..., phi_4."""


def forward(x: jax.Array, w: ByLayer, phi: Activations) -> tuple[dict[int, jax.Array], dict[int, jax.Array]]:
    """z^(1), ..., z^(L) and h^(0), ..., h^(L): lines 164 to 171."""
    z, h = {}, {0: x}
    for layer in range(1, len(w) + 1):
        z[layer] = w[layer].T @ h[layer - 1]
        h[layer] = phi[layer](z[layer])
    return z, h


def output(x: jax.Array, w: ByLayer, phi: Activations) -> jax.Array:
    """h^(L), the mean response."""
    _, h = forward(x, w, phi)
    return h[len(w)]


def total(loss: Callable[..., jax.Array], X: jax.Array, Y: jax.Array, w: ByLayer, phi: Activations) -> jax.Array:
    """The sum of the losses of all observations (x_i, y_i), with any loss of an output and a response."""
    return sum(loss(output(x_i, w, phi), y_i) for x_i, y_i in zip(columns(X), columns(Y), strict=True))


model = definition(
    "000.161",
    r"y \sim \text{Categorical}(p_1(x), \dots, p_K(x))",
    code=softmax.categorical,
    title="categorical response",
    source=printed(161),
    covers=["000.161a"],
    same_as=["000.70a"],
)


@claim(
    "000.164",
    r"h^{(L)} = \phi_L(z^{(L)}), \quad \dots, \quad h^{(1)} = \phi_1(z^{(1)}), \quad h^{(0)} = x,"
    r" \quad z^{(l)} = w_l^T h^{(l-1)}",
    title="the layers, with their sizes",
    source=printed(164, 165, 166, 167, 168, 171, 173, 175, 181),
    covers={
        "000.164a": "definition",
        "000.165a": "definition",
        "000.166a": "definition",
        "000.167a": "definition",
        "000.168a": "definition",
        "000.171a": "definition",
        "000.173a": "holds",
        "000.173b": "definition",
        "000.175a": "holds",
        "000.181a": "holds",
        "000.181b": "holds",
        "000.181c": "holds",
    },
    reading="m_0 = m and m_L = K. The first side has one sum for each unit, with as many as the sizes say, and the "
    "products of the second take no other sizes.",
    textbook=True,
)
def layers(w=WEIGHTS[:3], components=ACTIVATIONS[:3], x=Real("m 1")):
    sizes = [len(x), 2, 3, 2]
    units = [[x[i, 0] for i in range(sizes[0])]]
    for layer, phi in enumerate(components, 1):
        z = [
            sum(w[layer - 1][i, j] * units[layer - 1][i] for i in range(sizes[layer - 1])) for j in range(sizes[layer])
        ]
        units.append([phi[j](jnp.stack(z)) for j in range(sizes[layer])])
    _, h = forward(x, numbered(w), numbered(map(vector_function, components)))
    yield [jnp.stack(values)[:, None] for values in units]
    yield [h[layer] for layer in range(4)]


@claim(
    "000.177",
    r"\sum_k h^{(L)}_k = 1",
    title="outputs of softmax sum to 1",
    source=printed(177),
    covers=["000.177a"],
    textbook=True,
)
def outputs_sum_to_one(z=Real("K 1")):
    yield 1.0
    yield jnp.sum(softmax.phi(z))


@claim(
    "000.177b",
    r"L = 1: \quad \mathcal{L}(w_{1:1}) = \mathcal{L}(w_1)",
    title="one layer is softmax regression",
    source=printed(177),
    covers=["000.177b"],
    reading="Responses, losses and their derivatives by w_1 are compared.",
    textbook=True,
)
def one_layer_is_softmax_regression(w=Real("m K"), X=Real("n m"), Y=OneHot("n K")):
    def loss(w):
        return total(softmax.L, X, Y, {1: w}, {1: softmax.phi})

    yield (
        [softmax.p(w, x_i) for x_i in columns(X)],
        softmax.loss(w, X, Y),
        derivative(lambda w: softmax.loss(w, X, Y), w),
    )
    yield [output(x_i, {1: w}, {1: softmax.phi}) for x_i in columns(X)], loss(w), derivative(loss, w)


element_wise = definition(
    "000.179",
    r"\phi_l(z)_i = \phi(z_i)",
    code=Function,
    title="activations element by element",
    source=printed(179),
    covers=["000.179a"],
    same_as=["000.13a"],
)


@claim(
    "000.190",
    r"\mathcal{L}(w_{1:L}) = -\sum_{i=1}^n y_i^T \log h_i^{(L)}",
    title="negative log-likelihood of a network",
    source=printed(190),
    covers={"000.190a": "definition"},
    reading="The first side is the negative logarithm of the likelihood of line 161, with L = 2.",
    textbook=True,
)
def negative_log_likelihood(f=Function(), w=(Real("m 2"), Real("2 K")), X=Real("n m"), Y=OneHot("n K")):
    w, phi = numbered(w), {1: f, 2: softmax.phi}
    data = list(zip(columns(X), columns(Y), strict=True))
    yield -jnp.log(math.prod(softmax.categorical(y_i, output(x_i, w, phi)) for x_i, y_i in data))
    yield -sum(scalar(y_i.T @ jnp.log(output(x_i, w, phi))) for x_i, y_i in data)
