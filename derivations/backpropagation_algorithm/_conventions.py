"""The document's name, its networks, and its costs, numbered as they are printed.

W and b are numbered by the layer that they lead from, from 1 to n_l - 1, and f, z and a by the layer that they are in.
Each layer has an activation of its own, an unknown function, as line 16 allows.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from derivations._words import Activations, ByLayer, columns, hadamard, lines_of, numbered, plus, scalar, slopes
from gradproof import Function, Real, derivative

LAYERS = (
    (Real("3 m"), Real("3 1")),
    (Real("2 3"), Real("2 1")),
    (Real("3 2"), Real("3 1")),
    (Real("2 3"), Real("2 1")),
)
"""Weights and biases of networks with m, 3, 2, 3 and 2 units in their layers."""

SQUARE = (Real("2 2"), Real("2 1")), (Real("2 2"), Real("2 1"))
"""Those of three layers of two units."""

ACTIVATIONS = (Function(),) * 4
TARGETS = Real("3 1"), Real("2 1"), Real("3 1"), Real("2 1")
"""The y of the networks that end with layer 2, 3, 4 and 5."""


printed = lines_of("001_83acdfc1f222d17e.txt")
"""These lines of the document."""


def parameters(layers: Sequence[tuple[jax.Array, jax.Array]]) -> tuple[ByLayer, ByLayer]:
    """W and b."""
    return numbered(W for W, _ in layers), numbered(b for _, b in layers)


def activations(functions: Sequence[Callable[[jax.Array], jax.Array]]) -> Activations:
    """f^(2), f^(3), ...: layer 1 has none."""
    return dict(enumerate(functions, 2))


def forward(x: jax.Array, W: ByLayer, b: ByLayer, f: Activations) -> tuple[ByLayer, ByLayer]:
    """The z and the a of all layers, with a^(1) = x."""
    z, a = {}, {1: x}
    for layer in W:
        z[layer + 1] = plus(W[layer] @ a[layer], b[layer])
        a[layer + 1] = f[layer + 1](z[layer + 1])
    return z, a


def hypothesis(x: jax.Array, W: ByLayer, b: ByLayer, f: Activations) -> jax.Array:
    """h_{W,b}(x), the activations of layer n_l."""
    _, a = forward(x, W, b, f)
    return a[len(W) + 1]


def half_square(error: jax.Array) -> jax.Array:
    """Half the squared norm of a column."""
    return scalar(error.T @ error) / 2


def cost(x: jax.Array, y: jax.Array, W: ByLayer, b: ByLayer, f: Activations) -> jax.Array:
    """J(W, b; x, y): line 22."""
    return half_square(plus(hypothesis(x, W, b, f), -y))


def mean_cost(X: jax.Array, Y: jax.Array, W: ByLayer, b: ByLayer, f: Activations) -> jax.Array:
    """The first term of line 26, with examples as the rows of X and Y."""
    data = list(zip(columns(X), columns(Y), strict=True))
    return sum(cost(x_i, y_i, W, b, f) for x_i, y_i in data) / len(data)


def decay(W: ByLayer, strength: jax.Array | float) -> jax.Array:
    """The second term of line 26, in which strength is lambda."""
    return strength / 2 * sum(jnp.sum(weights**2) for weights in W.values())


def overall_cost(
    X: jax.Array, Y: jax.Array, W: ByLayer, b: ByLayer, f: Activations, strength: jax.Array | float
) -> jax.Array:
    """J(W, b): line 26."""
    return mean_cost(X, Y, W, b, f) + decay(W, strength)


def by_parameters(x: jax.Array, y: jax.Array, W: ByLayer, b: ByLayer, f: Activations) -> tuple[ByLayer, ByLayer]:
    """The derivatives of J(W, b; x, y) by W and by b, by the oracle."""
    return derivative(lambda at: cost(x, y, *at, f), (W, b))


def by_z(layer: int, x: jax.Array, y: jax.Array, W: ByLayer, b: ByLayer, f: Activations) -> jax.Array:
    """The derivative of J(W, b; x, y) by z^(layer): what follows that layer is a function of it."""
    z, _ = forward(x, W, b, f)

    def rest(z: jax.Array) -> jax.Array:
        a = f[layer](z)
        for later in range(layer, len(W) + 1):
            a = f[later + 1](plus(W[later] @ a, b[later]))
        return half_square(plus(a, -y))

    return derivative(rest, z[layer])


def deltas(x: jax.Array, y: jax.Array, W: ByLayer, b: ByLayer, f: Activations) -> ByLayer:
    """The derivatives by z of all layers from 2 to n_l, by the oracle."""
    return {layer: by_z(layer, x, y, W, b, f) for layer in range(2, len(W) + 2)}


def backpropagation(
    x: jax.Array, y: jax.Array, W: ByLayer, b: ByLayer, f: Activations
) -> tuple[ByLayer, tuple[ByLayer, ByLayer]]:
    """Lines 77 to 88: the errors delta of the layers, and the derivatives by W and by b."""
    z, a = forward(x, W, b, f)
    last = len(W) + 1
    delta = {last: hadamard(-plus(y, -a[last]), slopes(f[last], z[last]))}
    for layer in range(last - 1, 1, -1):
        delta[layer] = hadamard(W[layer].T @ delta[layer + 1], slopes(f[layer], z[layer]))
    return delta, ({layer: delta[layer + 1] @ a[layer].T for layer in W}, {layer: delta[layer + 1] for layer in W})


def networks(layers: Any, functions: Any, targets: Any) -> list[tuple[ByLayer, ByLayer, Activations, jax.Array]]:
    """W, b, f and y of the networks of the first two layers, of the first three, and so on."""
    return [(*parameters(layers[:depth]), activations(functions[:depth]), y) for depth, y in enumerate(targets, 1)]
