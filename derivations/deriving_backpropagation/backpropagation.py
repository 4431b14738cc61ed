"""Lines 236 to 254: the backpropagation algorithm."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from derivations._words import Activations, ByLayer, by_entry, columns, jacobian, numbered, vector_function
from derivations.deriving_backpropagation._conventions import printed
from derivations.deriving_backpropagation._operations import operations
from derivations.deriving_backpropagation.network import ACTIVATIONS, WEIGHTS, forward, total
from derivations.deriving_backpropagation.network_gradient import LOSSES, Loss, by_z, last_delta, networks, z_by_h
from gradproof import Functional, Real, claim, definition, demonstration, derivative


def updated(delta: jax.Array, w_l: jax.Array, phi: Any, z: jax.Array) -> jax.Array:
    """Step 3b, with the phi and z of layer l - 1."""
    return delta @ z_by_h(w_l, phi(z)) @ jacobian(phi, z)


def passed_back(layers: Sequence[Any], delta: Sequence[jax.Array], w: ByLayer, phi: Activations) -> ByLayer:
    """Step 3, with 3b for l > 1 only, from the z and h of each observation and the last deltas."""
    by_w = {}
    for layer in range(len(w), 0, -1):
        by_w[layer] = sum(h[layer - 1] @ delta_i for (_, h), delta_i in zip(layers, delta, strict=True))
        if layer > 1:
            delta = [
                updated(delta_i, w[layer], phi[layer - 1], z[layer - 1])
                for (z, _), delta_i in zip(layers, delta, strict=True)
            ]
    return by_w


def backpropagation(X: jax.Array, Y: jax.Array, w: ByLayer, phi: Activations, loss: Loss) -> ByLayer:
    """Lines 240 to 248."""
    L = len(w)
    layers = [forward(x_i, w, phi) for x_i in columns(X)]
    delta = [last_delta(loss, phi[L], z[L], y_i) for (z, _), y_i in zip(layers, columns(Y), strict=True)]
    return passed_back(layers, delta, w, phi)


@claim(
    "000.238",
    r"\delta^{(l-1)} = \delta^{(l)} \frac{\partial z^{(l)}}{\partial h^{(l-1)}}"
    r" \frac{\partial h^{(l-1)}}{\partial z^{(l-1)}}",
    title="each delta contains the one before",
    source=printed(238),
    covers=["000.238a"],
    reading="L = 3, with both deltas as derivatives by z. That this saves work is shown in 000.238b.",
    textbook=True,
)
def reused_deltas(w=WEIGHTS[:3], components=ACTIVATIONS[:3], loss=Functional(), x=Real("m 1"), y=Real("2 1")):
    w, phi = numbered(w), numbered(map(vector_function, components))
    z, _ = forward(x, w, phi)
    yield [by_z(layer - 1, x, y, w, phi, loss) for layer in (3, 2)]
    yield [updated(by_z(layer, x, y, w, phi, loss), w[layer], phi[layer - 1], z[layer - 1]) for layer in (3, 2)]


@demonstration(
    "000.238b",
    title="reuse saves work",
    source=printed(238),
    reading="The products of lines 200 to 203 for five layers, each from its first factor on and with the deltas kept. "
    "The control has one layer, where there is nothing to keep.",
)
def reuse_saves_work(control: bool) -> bool:
    depth = 1 if control else 5
    last, factors = jnp.ones((1, 6)), [jnp.ones((6, 6))] * (depth - 1)

    def one_by_one(last, factors):
        products = [last]
        for count in range(1, depth):
            product = last
            for factor in factors[:count]:
                product = product @ factor
            products.append(product)
        return products

    def kept(last, factors):
        products = [last]
        for factor in factors:
            products.append(products[-1] @ factor)
        return products

    return operations(kept, last, factors) < operations(one_by_one, last, factors)


@claim(
    "000.240",
    r"\frac{\partial \mathcal{L}(w_{1:L})}{\partial w_l} = \sum_{i=1}^n h_i^{(l-1)} \delta_i, \quad l = L, \dots, 1",
    title="backpropagation, depths 1 and 2",
    source=printed(240, 242, 244, 246),
    covers=["000.240a", "000.242a", "000.244a", "000.246a"],
    reading="Step 3b is left out at l = 1: 000.248. Depths 3 and 4 are in 000.240b and 000.240c.",
    sizes={"n": 2, "m": 3},
    textbook=True,
)
def backpropagation_to_depth_2(
    w=WEIGHTS[:2], components=ACTIVATIONS[:2], losses=LOSSES[:2], X=Real("n m"), Y=Real("n 2")
):
    every = networks(w, components, losses)
    yield [derivative(lambda w, at=(phi, loss): total(at[1], X, Y, w, at[0]), w) for w, phi, loss in every]
    yield [backpropagation(X, Y, w, phi, loss) for w, phi, loss in every]


@claim(
    "000.240b",
    r"L = 3: \quad \frac{\partial \mathcal{L}(w_{1:L})}{\partial w_l} = \sum_{i=1}^n h_i^{(l-1)} \delta_i",
    title="backpropagation, depth 3",
    source=printed(240, 242, 244, 246),
    sizes={"n": 2, "m": 3},
    textbook=True,
)
def backpropagation_of_depth_3(
    w=WEIGHTS[:3], components=ACTIVATIONS[:3], loss=Functional(), X=Real("n m"), Y=Real("n 2")
):
    w, phi = numbered(w), numbered(map(vector_function, components))
    yield derivative(lambda w: total(loss, X, Y, w, phi), w)
    yield backpropagation(X, Y, w, phi, loss)


@claim(
    "000.240c",
    r"L = 4: \quad \frac{\partial \mathcal{L}(w_{1:L})}{\partial w_l} = \sum_{i=1}^n h_i^{(l-1)} \delta_i",
    title="backpropagation, depth 4",
    source=printed(240, 242, 244, 246),
    sizes={"n": 2, "m": 3},
    textbook=True,
)
def backpropagation_of_depth_4(w=WEIGHTS, components=ACTIVATIONS, loss=Functional(), X=Real("n m"), Y=Real("n 3")):
    w, phi = numbered(w), numbered(map(vector_function, components))
    yield derivative(lambda w: total(loss, X, Y, w, phi), w)
    yield backpropagation(X, Y, w, phi, loss)


last_update = definition(
    "000.248",
    r"\text{for } l = L, \dots, 1: \quad \delta_i \gets \delta_i \frac{\partial z^{(l)}}{\partial h^{(l-1)}}"
    r" \frac{\partial h_i^{(l-1)}}{\partial z_i^{(l-1)}}",
    code=passed_back,
    title="the update at the first layer",
    source=printed(248),
    covers={"000.248a": "misprint"},
    correction=r"\text{if } l > 1: \quad \delta_i \gets \delta_i \frac{\partial z_i^{(l)}}{\partial h_i^{(l-1)}}"
    r" \frac{\partial h_i^{(l-1)}}{\partial z_i^{(l-1)}}",
    severity="index",
    reading="At l = 1 the update takes the derivative of h^(0) by z^(0), and there is no z^(0): line 168 has h^(0) = x."
    " No step needs what it would give. As corrected the step is run in 000.240.",
)


@demonstration(
    "000.252",
    title="deltas take most of the work",
    source=printed(252),
    covers=["000.252a"],
    reading="Of the operations of step 3, in a network of five layers of one size: those of 3b with both matrices are "
    "more than those of 3a. The control takes the derivative of the activation as a row, as in line 363.",
)
def deltas_take_most_of_the_work(control: bool) -> bool:
    depth, size = 5, 12
    w = [jnp.ones((size, size))] * depth
    by_z = [jnp.ones((1, size) if control else (size, size))] * depth
    h, delta = [jnp.ones((size, 1))] * depth, jnp.ones((1, size))

    def step_3a(h, delta):
        return [h_l @ delta for h_l in h]

    def step_3b(delta, w, by_z):
        for w_l, by_z_l in zip(w[1:], by_z[1:], strict=True):
            delta = (delta @ w_l.T) * by_z_l if control else delta @ w_l.T @ by_z_l
        return delta

    return operations(step_3b, delta, w, by_z) > operations(step_3a, h, delta)


@claim(
    "000.252b",
    r"\frac{\partial h^{(l)}}{\partial z^{(l)}} = \phi'(z^{(l)}), \quad"
    r" \frac{\partial z^{(l)}}{\partial h^{(l-1)}} = w_l^T",
    title="the factors of the deltas",
    source=printed(252),
    covers=["000.252b", "000.252c"],
    reading="phi' is the matrix of line 262.",
    same_as=["000.214a"],
    textbook=True,
)
def factors_of_the_deltas(w=WEIGHTS[:2], components=ACTIVATIONS[:2], x=Real("m 1")):
    w, phi = numbered(w), numbered(map(vector_function, components))
    z, h = forward(x, w, phi)

    def h_by_z_j(layer, j):
        return by_entry(phi[layer], z[layer], j)

    yield [jacobian(phi[layer], z[layer]) for layer in (1, 2)], z_by_h(w[2], h[1])
    yield [jnp.hstack([h_by_z_j(layer, j) for j in range(len(z[layer]))]) for layer in (1, 2)], w[2].T
