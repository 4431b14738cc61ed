"""Lines 160 to 182: the derivatives of the last two layers of weights, and of all others, in networks of any depth.

In lines 166 to 174 l is n_l - 1; from line 176 on it is any layer.
"""

import jax
import jax.numpy as jnp

from derivations._words import Activations, ByLayer, augmented, matrix, plus, slopes
from derivations.backpropagation_algorithm._conventions import (
    ACTIVATIONS,
    LAYERS,
    SQUARE,
    TARGETS,
    activations,
    by_parameters,
    by_z,
    deltas,
    forward,
    half_square,
    networks,
    parameters,
    printed,
)
from gradproof import Real, claim, derivative, misprint

Pair = tuple[jax.Array, jax.Array]
"""Derivatives by weights, and by biases."""


def by_extended_weights(x: jax.Array, y: jax.Array, W: ByLayer, b: ByLayer, f: Activations) -> ByLayer:
    """The derivatives by weights that have the biases as column 0."""

    def cost(extended: ByLayer) -> jax.Array:
        a = x
        for layer, weights in extended.items():
            a = f[layer + 1](weights @ augmented(a))
        return half_square(plus(a, -y))

    return derivative(cost, {layer: jnp.hstack([b[layer], W[layer]]) for layer in W})


def by_deltas(layer: int, x: jax.Array, y: jax.Array, W: ByLayer, b: ByLayer, f: Activations) -> Pair:
    """delta of the units behind W^(layer) times the values before it, and delta."""
    _, a = forward(x, W, b, f)
    delta = by_z(layer + 1, x, y, W, b, f)
    return matrix(*W[layer].shape, lambda j, i: delta[j, 0] * a[layer][i, 0]), delta


def output_by_slopes(x: jax.Array, y: jax.Array, W: ByLayer, b: ByLayer, f: Activations) -> Pair:
    """The middle of lines 166 and 168."""
    z, a = forward(x, W, b, f)
    layer = len(W)
    slope, out = slopes(f[layer + 1], z[layer + 1]), a[layer + 1]

    def of_unit(k: int) -> jax.Array:
        return (out[k, 0] - y[k, 0]) * slope[k, 0]

    return (
        matrix(*W[layer].shape, lambda k, j: of_unit(k) * a[layer][j, 0]),
        matrix(len(y), 1, lambda k, _: of_unit(k)),
    )


def hidden_by_sums(layer: int, x: jax.Array, y: jax.Array, W: ByLayer, b: ByLayer, f: Activations) -> Pair:
    """The middle of lines 172 and 174, by W^(layer) and its biases: sums over the units of the layer after the next."""
    z, a = forward(x, W, b, f)
    slope, later, after = slopes(f[layer + 1], z[layer + 1]), by_z(layer + 2, x, y, W, b, f), W[layer + 1]

    def of_unit(j: int) -> jax.Array:
        return slope[j, 0] * sum(later[k, 0] * after[k, j] for k in range(len(after)))

    return (
        matrix(*W[layer].shape, lambda j, i: a[layer][i, 0] * of_unit(j)),
        matrix(len(W[layer]), 1, lambda j, _: of_unit(j)),
    )


@claim(
    "001.166",
    r"\frac{\partial}{\partial W_{kj}^{(l)}} J(W, b; x, y) = \left(a_k^{(l+1)} - y_k^{(l+1)}\right)"
    r" \frac{\partial f\left(z_k^{(l+1)}\right)}{\partial z_k^{(l+1)}} a_j^{(l)} = \delta_k^{(l+1)} a_j^{(l)}, \quad"
    r" \frac{\partial}{\partial W_{k0}^{(l)}} J(W, b; x, y) = \frac{\partial}{\partial b_k^{(l)}} J(W, b; x, y)"
    r" = \left(a_k^{(l+1)} - y_k^{(l+1)}\right) \frac{\partial f\left(z_k^{(l+1)}\right)}{\partial z_k^{(l+1)}}"
    r" = \delta_k^{(l+1)}",
    title="the output layer",
    source=printed(164, 166, 168),
    covers=["001.166a", "001.166b", "001.168a", "001.168b", "001.168c"],
    same_as=["001.135a", "001.135b", "001.139a", "001.139b"],
    sizes={"m": 2},
    textbook=True,
)
def output_layer(layers=LAYERS[:3], f=ACTIVATIONS[:3], targets=TARGETS[:3], x=Real("m 1")):
    every = networks(layers, f, targets)
    extended = [by_extended_weights(x, y, W, b, f)[len(W)] for W, b, f, y in every]
    separate = [by_parameters(x, y, W, b, f) for W, b, f, y in every]
    yield [(by_W[:, 1:], by_W[:, :1]) for by_W in extended]
    yield [(by_W[len(by_W)], by_b[len(by_W)]) for by_W, by_b in separate]
    yield [output_by_slopes(x, y, W, b, f) for W, b, f, y in every]
    yield [by_deltas(len(W), x, y, W, b, f) for W, b, f, y in every]


@claim(
    "001.172",
    r"\frac{\partial}{\partial W_{ji}^{(l-1)}} J(W, b; x, y) = a_i^{(l-1)} * \left("
    r"\frac{\partial f\left(z_j^{(l)}\right)}{\partial z_j^{(l)}} * \sum_{k=1}^K \left(\delta_k^{(l+1)} *"
    r" W_{kj}^{(l)}\right)\right) = a_i^{(l-1)} * \delta_j^{(l)}, \quad"
    r" \frac{\partial}{\partial W_{j0}^{(l-1)}} J(W, b; x, y) = \frac{\partial}{\partial b_j^{(l-1)}} J(W, b; x, y)"
    r" = \frac{\partial f\left(z_j^{(l)}\right)}{\partial z_j^{(l)}} * \sum_{k=1}^K \left(\delta_k^{(l+1)} *"
    r" W_{kj}^{(l)}\right) = \delta_j^{(l)}",
    title="the hidden layer nearest the output layer",
    source=printed(170, 172, 174),
    covers=["001.172a", "001.172b", "001.174a", "001.174b", "001.174c"],
    same_as=["001.154g", "001.154h", "001.158e", "001.158f"],
    sizes={"m": 2},
    textbook=True,
)
def nearest_hidden_layer(layers=LAYERS[:3], f=ACTIVATIONS[:3], targets=TARGETS[:3], x=Real("m 1")):
    # A network of two layers has no hidden one.
    every = networks(layers, f, targets)[1:]
    extended = [by_extended_weights(x, y, W, b, f)[len(W) - 1] for W, b, f, y in every]
    separate = [by_parameters(x, y, W, b, f) for W, b, f, y in every]
    yield [(by_W[:, 1:], by_W[:, :1]) for by_W in extended]
    yield [(by_W[len(by_W) - 1], by_b[len(by_W) - 1]) for by_W, by_b in separate]
    yield [hidden_by_sums(len(W) - 1, x, y, W, b, f) for W, b, f, y in every]
    yield [by_deltas(len(W) - 1, x, y, W, b, f) for W, b, f, y in every]


@claim(
    "001.178",
    r"\delta_i^{(l)} = \frac{\partial f(z_i^{(l)})}{\partial z_i^{(l)}} *"
    r" \sum_{j=1}^{s_{l+1}} (\delta_j^{(l+1)} * W_{ji}^{(l)}), \quad"
    r" \frac{\partial}{\partial b_i^{(l)}} J(W, b; x, y) = \delta_i^{(l+1)}",
    title="any hidden layer",
    source=printed(176, 178, 182),
    covers=["001.176a", "001.178a", "001.182a"],
    same_as=["001.67a", "001.71a"],
    reading="For each hidden layer of networks of three to five layers, from the delta of the next one by the oracle, "
    "so that the step from a layer to the one before it is the same everywhere.",
    sizes={"m": 2},
    textbook=True,
)
def any_hidden_layer(layers=LAYERS, f=ACTIVATIONS, targets=TARGETS, x=Real("m 1")):
    every = networks(layers, f, targets)[1:]
    delta = [deltas(x, y, W, b, f) for W, b, f, y in every]
    yield (
        [[of_layer[layer] for layer in range(2, len(of_layer) + 1)] for of_layer in delta],
        [by_parameters(x, y, W, b, f)[1] for W, b, f, y in every],
    )
    yield (
        [[hidden_by_sums(layer - 1, x, y, W, b, f)[1] for layer in range(2, len(W) + 1)] for W, b, f, y in every],
        [{layer - 1: of_layer[layer] for layer in of_layer} for of_layer in delta],
    )


@claim(
    "001.180",
    r"\frac{\partial}{\partial W_{ii}^{(l)}} J(W, b; x, y) = a_i^{(l)} * \delta_j^{(l+1)}",
    title="derivative by a weight of any layer",
    source=printed(180),
    covers={"001.180a": "misprint"},
    correction=r"\frac{\partial}{\partial W_{ji}^{(l)}} J(W, b; x, y) = a_i^{(l)} * \delta_j^{(l+1)}",
    severity="index",
    reading="The left side has no j, and is about the diagonal alone. Compared for all j and i, with layers of one "
    "size.",
    same_as=["001.70a"],
    textbook=True,
)
def by_weight_of_any_layer(layers=SQUARE, f=ACTIVATIONS[:2], x=Real("2 1"), y=Real("2 1")):
    (W, b), f = parameters(layers), activations(f)
    by_W, _ = by_parameters(x, y, W, b, f)
    yield {layer: by_deltas(layer, x, y, W, b, f)[0] for layer in W}
    yield misprint(
        printed={layer: matrix(2, 2, lambda j, i, part=by_W[layer]: part[i, i]) for layer in W},
        correct=by_W,
    )
