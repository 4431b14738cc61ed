"""Lines 288 to 306: the derivative of the loss by the matrix of the last hidden layer.

h^(N-1) does not depend on W^N, and is any column here. The loss is any function of g^N: with the activation
and the output layer after it, any function of f is one.
"""

import jax.numpy as jnp

from derivations._words import by_entry, kronecker, matrix
from derivations.watters_2024._conventions import by_row, column_of, printed
from gradproof import Functional, Real, claim, definition, derivative

by_weights_not_g = definition(
    "003.288",
    r"\frac{\partial L}{\partial g_k^N}",
    title="what the loss is differentiated by",
    source=printed(288),
    covers={"003.288a": "misprint"},
    correction=r"\frac{\partial L}{\partial W_{kl}^N}",
    severity="wording",
    reading="The words announce the derivative by a component of the vector g^N, which is equation (59). Equation (62) "
    "is the one by a component of the matrix W^N.",
)


@claim(
    "003.290",
    r"\frac{\partial L}{\partial W_{kl}^N} = \sum_{i=1}^{D_N} \frac{\partial L}{\partial g_i^N}"
    r" \frac{\partial g_i^N}{\partial W_{kl}^N}"
    r" = \sum_{i=1}^{D_N} \frac{\partial L}{\partial g_i^N} \delta_{ik} h_l^{N-1}"
    r" = \frac{\partial L}{\partial g_k^N} h_l^{N-1}",
    title="loss by a weight of the last hidden layer",
    source=printed(290, 300, 302),
    covers=["003.290a", "003.300a", "003.302a", "003.302b"],
    reading="For all k and l at once.",
    sizes={"M": 3},
    textbook=True,
)
def loss_by_a_weight(L=Functional(), W=Real("N M"), h=Real("M 1")):
    N, M = W.shape
    by_g = [by_entry(L, W @ h, i) for i in range(N)]

    def g_by_W(i, k, m):
        return by_entry(lambda W: (W @ h)[i, 0], W, k, m)

    yield matrix(N, M, lambda k, m: by_entry(lambda W: L(W @ h), W, k, m))
    yield matrix(N, M, lambda k, m: sum(by_g[i] * g_by_W(i, k, m) for i in range(N)))
    yield matrix(N, M, lambda k, m: sum(by_g[i] * kronecker(i, k) * h[m, 0] for i in range(N)))
    yield matrix(N, M, lambda k, m: by_g[k] * h[m, 0])


@claim(
    "003.294",
    r"g_i^N = \sum_{j=1}^{D_{N-1}} W_{ij}^N h_j^{N-1}",
    title="a component of g",
    source=printed(294),
    covers=["003.294a"],
)
def component_of_g(W=Real("N M"), h=Real("M 1")):
    N, M = W.shape
    yield W @ h
    yield column_of(sum(W[i, j] * h[j, 0] for j in range(M)) for i in range(N))


@claim(
    "003.298",
    r"\frac{\partial g_i^N}{\partial W_{kl}^N} = \delta_{ik} \sum_{j=1}^{D_{N-1}} \delta_{lj} h_j^{N-1}"
    r" = \delta_{ik} h_l^{N-1}",
    title="a component of g by a weight",
    source=printed(298),
    covers=["003.298a", "003.298b"],
    reading="For all i, k and l.",
)
def component_by_a_weight(W=Real("N M"), h=Real("M 1")):
    N, M = W.shape
    delta = kronecker

    def tensor(entry):
        return jnp.stack([matrix(N, M, lambda k, m, i=i: entry(i, k, m)) for i in range(N)])

    yield tensor(lambda i, k, m: by_entry(lambda W: (W @ h)[i, 0], W, k, m))
    yield tensor(lambda i, k, m: delta(i, k) * sum(delta(m, j) * h[j, 0] for j in range(M)))
    yield tensor(lambda i, k, m: delta(i, k) * h[m, 0])


@claim(
    "003.306",
    r"\frac{\partial L}{\partial W^N} = \begin{bmatrix} \frac{\partial L}{\partial g_1^N} h_1^{N-1} & \cdots &"
    r" \frac{\partial L}{\partial g_1^N} h_{D_{N-1}}^{N-1} \\ \vdots & \ddots & \vdots \\"
    r" \frac{\partial L}{\partial g_{D_N}^N} h_1^{N-1} & \cdots &"
    r" \frac{\partial L}{\partial g_{D_N}^N} h_{D_{N-1}}^{N-1} \end{bmatrix}"
    r" = \left(\frac{\partial L}{\partial \mathbf{g}^N}\right)^T (\mathbf{h}^{N-1})^T",
    title="loss by the matrix of the last hidden layer",
    source=printed(304, 306),
    covers=["003.304a", "003.306a", "003.306b"],
    reading="The row of dots has horizontal ones in place of two of its vertical ones.",
    textbook=True,
)
def loss_by_the_matrix(L=Functional(), W=Real("N M"), h=Real("M 1")):
    (N, M), g = W.shape, W @ h
    yield derivative(lambda W: L(W @ h), W)
    yield matrix(N, M, lambda k, m: by_entry(L, g, k) * h[m, 0])
    yield by_row(L, g).T @ h.T
