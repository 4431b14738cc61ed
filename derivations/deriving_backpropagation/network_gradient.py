"""Lines 192 to 232: the derivatives of a network's loss by its weights, for depths 1 to 4.

The loss is any function of the output and the response, and each activation any function from R^d to R^d. The network
of depth L is made of the first L layers. Each factor of a chain is a derivative that the oracle takes by itself.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from derivations._words import (
    Activations,
    ByLayer,
    by_entry,
    column,
    columns,
    hadamard,
    jacobian,
    matrix,
    numbered,
    row,
    vector_function,
)
from derivations.deriving_backpropagation import softmax_regression as softmax
from derivations.deriving_backpropagation._conventions import by_matrix, printed, times
from derivations.deriving_backpropagation.network import ACTIVATIONS, WEIGHTS, forward, output, total
from derivations.deriving_backpropagation.vector_by_matrix import slab
from gradproof import Function, Functional, OneHot, Real, claim, definition, derivative, misprint

Loss = Callable[[jax.Array, jax.Array], jax.Array]

LOSSES = (Functional(),) * 4
"""The losses of the networks of depth 1 to 4."""

SQUARE = (Real("m m"),) * 3
"""Three layers of one size, where matrices may be multiplied in any order."""


def z_by_h(w_l: jax.Array, h: jax.Array) -> jax.Array:
    """The derivative of z^(l) = w_l^T h^(l-1) by h^(l-1)."""
    return jacobian(lambda h: w_l.T @ h, h)


def z_by_w(w_l: jax.Array, h: jax.Array) -> jax.Array:
    """The derivative of z^(l) = w_l^T h^(l-1) by w_l."""
    return by_matrix(lambda w_l: w_l.T @ h, w_l)


def last_delta(loss: Loss, phi_L: Any, z_L: jax.Array, y: jax.Array) -> jax.Array:
    """The product under the brace of line 200."""
    return jacobian(lambda h: loss(h, y), phi_L(z_L)) @ jacobian(phi_L, z_L)


def deltas(x: jax.Array, y: jax.Array, w: ByLayer, phi: Activations, loss: Loss) -> dict[int, jax.Array]:
    """The products under the braces of lines 200 to 203, each with the factors of the layers from L down to its own."""
    z, h = forward(x, w, phi)
    delta = {len(w): last_delta(loss, phi[len(w)], z[len(w)], y)}
    for layer in range(len(w), 1, -1):
        delta[layer - 1] = delta[layer] @ z_by_h(w[layer], h[layer - 1]) @ jacobian(phi[layer - 1], z[layer - 1])
    return delta


def by_z(layer: int, x: jax.Array, y: jax.Array, w: ByLayer, phi: Activations, loss: Loss) -> jax.Array:
    """The derivative of the loss by z^(layer): what follows that layer is a function of it."""
    z, _ = forward(x, w, phi)

    def rest(z: jax.Array) -> jax.Array:
        h = phi[layer](z)
        for later in range(layer + 1, len(w) + 1):
            h = phi[later](w[later].T @ h)
        return loss(h, y)

    return jacobian(rest, z[layer])


def networks(
    w: Sequence[jax.Array], components: Any, losses: Sequence[Loss]
) -> list[tuple[ByLayer, Activations, Loss]]:
    """The networks of the first layer, of the first two, and so on."""
    phi = list(map(vector_function, components))
    return [(numbered(w[:L]), numbered(phi[:L]), loss) for L, loss in enumerate(losses, 1)]


single_observation = definition(
    "000.198",
    code=softmax.L,
    title="loss of a single observation",
    source=printed(198),
    covers=["000.198a"],
    same_as=["000.95a"],
)


@claim(
    "000.196",
    r"\frac{\partial \mathcal{L}}{\partial h^{(1)}} \frac{\partial h^{(1)}}{\partial z^{(1)}}"
    r" \frac{\partial z^{(1)}}{\partial w_1}, \quad"
    r" \frac{\partial \mathcal{L}}{\partial h^{(2)}} \frac{\partial h^{(2)}}{\partial z^{(2)}}"
    r" \frac{\partial z^{(2)}}{\partial h^{(1)}} \frac{\partial h^{(1)}}{\partial z^{(1)}}"
    r" \frac{\partial z^{(1)}}{\partial w_1}",
    title="more terms than in softmax regression",
    source=printed(196),
    covers=["000.196a"],
    reading="The derivatives by w_1 of softmax regression and of a network of two layers with a softmax are products "
    "of three and of five terms of the same kinds.",
    textbook=True,
)
def more_terms_than_softmax_regression(
    f=Function(), u=Real("m K"), w=(Real("m 2"), Real("2 K")), x=Real("m 1"), y=OneHot("K")
):
    y, phi = column(y), softmax.phi
    (w_1, w_2), z_1 = w, w[0].T @ x
    yield (
        derivative(lambda u: softmax.L(phi(u.T @ x), y), u),
        derivative(lambda w_1: softmax.L(phi(w_2.T @ f(w_1.T @ x)), y), w_1),
    )
    yield (
        times(last_delta(softmax.L, phi, u.T @ x, y), z_by_w(u, x)),
        times(
            last_delta(softmax.L, phi, w_2.T @ f(z_1), y) @ z_by_h(w_2, f(z_1)) @ jacobian(f, z_1),
            z_by_w(w_1, x),
        ),
    )


@claim(
    "000.200",
    r"\frac{\partial \mathcal{L}(w_{1:L})}{\partial w_L} = \underbrace{\frac{\partial \mathcal{L}}{\partial h^{(L)}}"
    r" \frac{\partial h^{(L)}}{\partial z^{(L)}}}_{\delta^{(L)}} \frac{\partial z^{(L)}}{\partial w_L}, \quad \dots,"
    r" \quad \frac{\partial \mathcal{L}(w_{1:L})}{\partial w_1} ="
    r" \underbrace{\frac{\partial \mathcal{L}}{\partial h^{(L)}} \frac{\partial h^{(L)}}{\partial z^{(L)}}"
    r" \left[\prod_{l=2}^L \frac{\partial z^{(l)}}{\partial h^{(l-1)}}"
    r" \frac{\partial h^{(l-1)}}{\partial z^{(l-1)}}\right]}_{\delta^{(1)}} \frac{\partial z^{(1)}}{\partial w_1}",
    title="derivatives by all weights",
    source=printed(200, 201, 202, 203, 218),
    covers={
        "000.200a": "holds",
        "000.200b": "definition",
        "000.201a": "holds",
        "000.201b": "definition",
        "000.202a": "holds",
        "000.203a": "ambiguous",
        "000.203b": "definition",
        "000.218a": "definition",
    },
    reading="The factors of the product in line 203 are matrices, and stand from l = L on the left to l = 2 on the "
    "right, as in lines 201 and 222. Read as A_2 A_3 ... A_L, which is usual, they do not fit: 000.203. Line 201 "
    "speaks of L >= 2.",
    sizes={"m": 3},
    textbook=True,
)
def derivatives_by_all_weights(w=WEIGHTS, components=ACTIVATIONS, losses=LOSSES, x=Real("m 1"), y=Real("2 1")):
    every = networks(w, components, losses)
    yield [derivative(lambda w, at=(phi, loss): at[1](output(x, w, at[0]), y), w) for w, phi, loss in every]
    chains = []
    for w, phi, loss in every:
        _, h = forward(x, w, phi)
        delta = deltas(x, y, w, phi, loss)
        chains.append({layer: times(delta[layer], z_by_w(w[layer], h[layer - 1])) for layer in w})
    yield chains


@claim(
    "000.203",
    r"\delta^{(1)} = \frac{\partial \mathcal{L}}{\partial h^{(L)}} \frac{\partial h^{(L)}}{\partial z^{(L)}}"
    r" \left[\prod_{l=2}^L \frac{\partial z^{(l)}}{\partial h^{(l-1)}}"
    r" \frac{\partial h^{(l-1)}}{\partial z^{(l-1)}}\right]",
    title="the product in rising order",
    source=printed(203),
    correction=r"\prod_{l=L}^{2} \frac{\partial z^{(l)}}{\partial h^{(l-1)}}"
    r" \frac{\partial h^{(l-1)}}{\partial z^{(l-1)}}",
    severity="index",
    reading="The other reading of 000.203a: factors from l = 2 on the left to l = L on the right. L = 3, and all "
    "layers have one size: elsewhere the factors cannot be multiplied in this order.",
    textbook=True,
)
def product_in_rising_order(f=(Function(),) * 3, loss=Functional(), w=SQUARE, x=Real("m 1"), y=Real("m 1")):
    w, phi = numbered(w), numbered(f)
    z, h = forward(x, w, phi)
    last = last_delta(loss, phi[3], z[3], y)
    second, third = (z_by_h(w[layer], h[layer - 1]) @ jacobian(phi[layer - 1], z[layer - 1]) for layer in (2, 3))
    yield by_z(1, x, y, w, phi, loss)
    yield misprint(printed=last @ second @ third, correct=last @ third @ second)


@claim(
    "000.210",
    r"\frac{\partial \mathcal{L}}{\partial h^{(L)}} = \left(-y \odot \frac{1}{h^{(L)}}\right)^T"
    r" = \begin{pmatrix} -\frac{y_1}{h^{(L)}_1} & -\frac{y_2}{h^{(L)}_2} & \dots & -\frac{y_K}{h^{(L)}_K}"
    r" \end{pmatrix}",
    title="derivative of the loss by the output",
    source=printed(208, 210),
    covers=["000.208a", "000.210a", "000.210b"],
    same_as=["000.106a", "000.108a", "000.108b"],
    textbook=True,
)
def loss_by_output(z=Real("K 1"), y=OneHot("K")):
    y, h = column(y), softmax.phi(z)
    yield jacobian(lambda h: softmax.L(h, y), h)
    yield hadamard(-y, 1 / h).T
    yield row(-y_k / h_k for y_k, h_k in zip(y, h, strict=True))


@claim(
    "000.212",
    r"\frac{\partial h^{(l)}}{\partial z^{(l)}} \in \mathbb{R}^{m_l \times m_l}",
    title="shape of the derivative of an activation",
    source=printed(212),
    covers=["000.212a"],
    textbook=True,
)
def shape_of_h_by_z(components=ACTIVATIONS[1], z=Real("3 1")):
    phi = vector_function(components)

    def partial(i, j):
        return by_entry(lambda z: phi(z)[i, 0], z, j)

    yield jacobian(phi, z)
    yield matrix(3, 3, partial)


@claim(
    "000.214",
    r"\frac{\partial z^{(l)}}{\partial h^{(l-1)}} = \frac{\partial w_l^T h^{(l-1)}}{\partial h^{(l-1)}} = w_l^T"
    r" \in \mathbb{R}^{m_l \times m_{l-1}}",
    title="derivative of z by h",
    source=printed(214),
    covers=["000.214a", "000.214b"],
)
def derivative_of_z_by_h(w=Real("k d"), h=Real("k 1")):
    k, d = w.shape
    yield jacobian(lambda h: w.T @ h, h)
    yield w.T
    yield matrix(d, k, lambda i, j: w[j, i])


@claim(
    "000.216",
    r"\frac{\partial z^{(l)}}{\partial w_l} \in \mathbb{R}^{m_l \times m_{l-1} \times m_l}",
    title="derivative of z by w",
    source=printed(216),
    covers=["000.216a", "000.216b"],
    same_as=["000.117a", "000.293a"],
)
def derivative_of_z_by_w(w=Real("k d"), h=Real("k 1")):
    yield z_by_w(w, h)
    yield jnp.stack([slab(j, w, h) for j in range(w.shape[1])])


@claim(
    "000.222",
    r"\delta^{(l)} = \frac{\partial \mathcal{L}}{\partial z^{(l)}} = \frac{\partial \mathcal{L}}{\partial h^{(L)}}"
    r" \frac{\partial h^{(L)}}{\partial z^{(L)}} \cdots \frac{\partial h^{(l)}}{\partial z^{(l)}}",
    title="delta is the derivative by z",
    source=printed(222),
    covers=["000.222a", "000.222b"],
    reading="Depths 1 to 3, and all l.",
    sizes={"m": 3},
    textbook=True,
)
def delta_is_derivative_by_z(
    w=WEIGHTS[:3], components=ACTIVATIONS[:3], losses=LOSSES[:3], x=Real("m 1"), y=Real("2 1")
):
    every = networks(w, components, losses)
    yield [{layer: by_z(layer, x, y, w, phi, loss) for layer in w} for w, phi, loss in every]
    yield [deltas(x, y, w, phi, loss) for w, phi, loss in every]


@claim(
    "000.224",
    r"\delta^{(l)} \frac{\partial z^{(l)}}{\partial w_l} = h^{(l-1)} \delta^{(l)}",
    title="delta times tensor",
    source=printed(224),
    covers=["000.224a"],
    reading="For any row in place of delta.",
    same_as=["000.321a"],
)
def delta_times_tensor(w=Real("k d"), h=Real("k 1"), delta=Real("1 d")):
    yield times(delta, z_by_w(w, h))
    yield h @ delta


@claim(
    "000.230",
    r"\frac{\partial \mathcal{L}(w_{1:L})}{\partial w_l} = \sum_{i=1}^n h_i^{(l-1)} \delta_i^{(l)}",
    title="sum over observations",
    source=printed(230, 232),
    covers={"000.230a": "holds", "000.232a": "definition"},
    reading="L = 3, with each delta as the derivative by z. For other depths the sum is that of 000.240.",
    sizes={"n": 2, "m": 3},
    textbook=True,
)
def sum_over_observations(w=WEIGHTS[:3], components=ACTIVATIONS[:3], loss=Functional(), X=Real("n m"), Y=Real("n 2")):
    w, phi = numbered(w), numbered(map(vector_function, components))

    def product(layer, x_i, y_i):
        _, h = forward(x_i, w, phi)
        return h[layer - 1] @ by_z(layer, x_i, y_i, w, phi, loss)

    data = list(zip(columns(X), columns(Y), strict=True))
    yield derivative(lambda w: total(loss, X, Y, w, phi), w)
    yield {layer: sum(product(layer, x_i, y_i) for x_i, y_i in data) for layer in w}
