"""Lines 341 to 366: shorter ways to the deltas, for softmax and for activations that act element by element."""

import jax.numpy as jnp

from derivations._words import column, hadamard, jacobian, kronecker, matrix, numbered, row
from derivations.deriving_backpropagation import softmax_regression as softmax
from derivations.deriving_backpropagation._conventions import printed
from derivations.deriving_backpropagation._operations import operations
from derivations.deriving_backpropagation.network import forward
from derivations.deriving_backpropagation.network_gradient import by_z, last_delta, z_by_h
from gradproof import Function, Functional, OneHot, Real, claim, demonstration, derivative


@claim(
    "000.348",
    r"\delta^{(L)} = \left[h^{(L)} - y\right]^T = \frac{\partial \mathcal{L}}{\partial h^{(L)}}"
    r" \frac{\partial h^{(L)}}{\partial z^{(L)}}",
    title="last delta with softmax",
    source=printed(348, 350),
    covers=["000.348a", "000.350a"],
    same_as=["000.129a"],
    textbook=True,
)
def last_delta_with_softmax(z=Real("K 1"), y=OneHot("K")):
    y = column(y)
    yield jacobian(lambda z: softmax.L(softmax.phi(z), y), z)
    yield (softmax.phi(z) - y).T
    yield last_delta(softmax.L, softmax.phi, z, y)


@claim(
    "000.354",
    r"i \neq j: \quad \frac{\partial \phi(z)_i}{\partial z_j} = 0",
    title="off the diagonal",
    source=printed(354),
    covers=["000.354a"],
    reading="A function of each element has zeros there, and softmax the products of line 284, which are never zero.",
    textbook=True,
)
def off_the_diagonal(phi=Function(), z=Real("d+1 1")):
    pairs = [(i, j) for i in range(len(z)) for j in range(len(z)) if i != j]
    of_each, of_softmax, p = jacobian(phi, z), jacobian(softmax.phi, z), softmax.phi(z)
    yield [(of_each[i, j], of_softmax[i, j]) for i, j in pairs]
    yield [(0.0, -p[i, 0] * p[j, 0]) for i, j in pairs]


@claim(
    "000.356",
    r"\frac{\partial \phi_l(z)}{\partial z} = \begin{pmatrix} \phi'(z_1) & 0 & 0 & \dots & 0 \\"
    r" 0 & \phi'(z_2) & 0 & \dots & 0 \\ \vdots & \vdots & \ddots & \vdots \\"
    r" 0 & 0 & 0 & \dots & \phi'(z_d) \end{pmatrix}",
    title="diagonal derivative",
    source=printed(356),
    covers=["000.356a"],
    textbook=True,
)
def diagonal_derivative(phi=Function(), z=Real("d 1")):
    d = len(z)
    yield jacobian(phi, z)
    yield matrix(d, d, lambda i, j: kronecker(i, j) * derivative(phi, z[i, 0]))


@claim(
    "000.360",
    r"\delta^{(l-1)} = \delta^{(l)} \frac{\partial z^{(l)}}{\partial h^{(l-1)}}"
    r" \frac{\partial h^{(l-1)}}{\partial z^{(l-1)}}"
    r" = \delta^{(l)} w_l^T \frac{\partial h^{(l-1)}}{\partial z^{(l-1)}}"
    r" = \begin{pmatrix} \phi'(z^{(l-1)}_1) \sum_j^{m_l} \delta_j^{(l)} w^{(l)}_{1j} \\ \vdots \\"
    r" \phi'(z^{(l-1)}_{m_{l-1}}) \sum_j^{m_l} \delta_j^{(l)} w^{(l)}_{m_{l-1} j} \end{pmatrix}^T"
    r" = \left[\delta^{(l)} w_l^T\right] \odot \left[\phi'\left(z^{(l-1)}\right)\right]^T",
    title="from one delta to the one before",
    source=printed(358, 360, 361, 362, 363),
    covers=["000.358a", "000.360a", "000.361a", "000.362a", "000.363a"],
    same_as=["001.82a"],
    reading="The sums begin at j = 1. Layers 3 to 1 of a network with any loss; the deltas of the first side are the "
    "derivatives by z.",
    sizes={"m": 2},
    textbook=True,
)
def from_one_delta_to_the_one_before(
    f=(Function(), Function(), Function()),
    loss=Functional(),
    w=(Real("m 2"), Real("2 q"), Real("q K")),
    x=Real("m 1"),
    y=Real("K 1"),
):
    w, phi = numbered(w), numbered(f)
    z, h = forward(x, w, phi)
    delta = {layer: by_z(layer, x, y, w, phi, loss) for layer in w}
    h_by_z = {layer: jacobian(phi[layer], z[layer]) for layer in w}
    slope = {layer: jnp.stack([derivative(phi[layer], z_i) for z_i in z[layer][:, 0]])[:, None] for layer in w}

    def sums(layer):
        (delta_l,), w_l = delta[layer], w[layer]
        return (sum(delta_l[j] * w_l[i, j] for j in range(len(delta_l))) for i in range(len(w_l)))

    updates = (3, 2)
    yield [delta[layer - 1] for layer in updates]
    yield [delta[layer] @ z_by_h(w[layer], h[layer - 1]) @ h_by_z[layer - 1] for layer in updates]
    yield [delta[layer] @ w[layer].T @ h_by_z[layer - 1] for layer in updates]
    yield [
        row(slope_i * total for slope_i, total in zip(slope[layer - 1], sums(layer), strict=True)) for layer in updates
    ]
    yield [hadamard(delta[layer] @ w[layer].T, slope[layer - 1].T) for layer in updates]


@demonstration(
    "000.366",
    title="element-wise products are cheaper",
    source=printed(366),
    covers=["000.366a"],
    reading="With tanh the element-wise product with the diagonal equals the product with the "
    "matrix, and takes fewer operations. The control is softmax, for which the two differ.",
)
def element_wise_products_are_cheaper(control: bool) -> bool:
    phi = softmax.phi if control else jnp.tanh
    by_z_l = jacobian(phi, jnp.linspace(-1, 1, 5)[:, None])
    rows, slopes = jnp.arange(5.0)[None, :], jnp.diag(by_z_l)[None, :]
    cheaper = operations(hadamard, rows, slopes) < operations(jnp.matmul, rows, by_z_l)
    return cheaper and bool(jnp.allclose(hadamard(rows, slopes), rows @ by_z_l))
