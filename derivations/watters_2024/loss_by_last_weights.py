"""Lines 204 to 226: the derivative of the loss by the last matrix.

h^N does not depend on W^F, and is any column here. The loss is any function of f, except in equation (50).
"""

import jax.numpy as jnp

from derivations._words import by_entry, kronecker, matrix
from derivations.watters_2024._conventions import by_row, column_of, printed, squared_error
from gradproof import Functional, Real, claim, derivative, misprint


@claim(
    "003.204",
    r"\frac{\partial L}{\partial W_{kl}^F} = \sum_{i=1}^{D_F} \frac{\partial L}{\partial f_i}"
    r" \frac{\partial f_i}{\partial W_{kl}^F}"
    r" = \sum_{i=1}^{D_F} \frac{\partial L}{\partial f_i} \delta_{ik} h_l^N"
    r" = \frac{\partial L}{\partial f_k} h_l^N",
    title="loss by a weight of the last matrix",
    source=printed(204, 216, 218),
    covers=["003.204a", "003.216a", "003.218a", "003.218b"],
    reading="For all k and l at once.",
    sizes={"N": 3},
    textbook=True,
)
def loss_by_a_weight(L=Functional(), W_F=Real("F N"), h=Real("N 1"), y=Real("F 1")):
    F, N = W_F.shape
    by_f = [by_entry(lambda f: L(f, y), W_F @ h, i) for i in range(F)]

    def f_by_W(i, k, m):
        return by_entry(lambda W_F: (W_F @ h)[i, 0], W_F, k, m)

    yield matrix(F, N, lambda k, m: by_entry(lambda W_F: L(W_F @ h, y), W_F, k, m))
    yield matrix(F, N, lambda k, m: sum(by_f[i] * f_by_W(i, k, m) for i in range(F)))
    yield matrix(F, N, lambda k, m: sum(by_f[i] * kronecker(i, k) * h[m, 0] for i in range(F)))
    yield matrix(F, N, lambda k, m: by_f[k] * h[m, 0])


@claim(
    "003.208",
    r"f_i = \sum_{l=1}^{D_N} W_{il}^F h_l^N",
    title="a component of the output",
    source=printed(208),
    covers=["003.208a"],
)
def component_of_the_output(W_F=Real("F N"), h=Real("N 1")):
    F, N = W_F.shape
    yield W_F @ h
    yield column_of(sum(W_F[i, m] * h[m, 0] for m in range(N)) for i in range(F))


@claim(
    "003.212",
    r"\frac{\partial f_i}{\partial W_{kl}^F} = \delta_{ik} \sum_{j=1}^{D_N} \delta_{lj} h_j^N = \delta_{ik} h_l^N",
    title="a component of the output by a weight",
    source=printed(212, 214),
    covers=["003.212a", "003.212b", "003.214a"],
    reading="For all i, k and l. The last side has zeros for k other than i.",
)
def component_by_a_weight(W_F=Real("F N"), h=Real("N 1")):
    F, N = W_F.shape
    delta = kronecker

    def tensor(entry):
        return jnp.stack([matrix(F, N, lambda k, m, i=i: entry(i, k, m)) for i in range(F)])

    yield tensor(lambda i, k, m: by_entry(lambda W_F: (W_F @ h)[i, 0], W_F, k, m))
    yield tensor(lambda i, k, m: delta(i, k) * sum(delta(m, j) * h[j, 0] for j in range(N)))
    yield tensor(lambda i, k, m: delta(i, k) * h[m, 0])
    yield tensor(lambda i, k, m: h[m, 0] if k == i else 0.0)


@claim(
    "003.222",
    r"\frac{\partial L}{\partial W^F} = \begin{bmatrix} \frac{\partial L}{\partial f_1} h_1^N & \cdots &"
    r" \frac{\partial L}{\partial f_1} h_{D_N}^N \\ \vdots & \ddots & \vdots \\"
    r" \frac{\partial L}{\partial f_{D_F}} h_1^N & \cdots & \frac{\partial L}{\partial f_{D_F}} h_{D_N}^N"
    r" \end{bmatrix} = \left(\frac{\partial L}{\partial \mathbf{f}}\right)^T (\mathbf{h}^N)^T",
    title="loss by the last matrix",
    source=printed(220, 222, 224),
    covers=["003.220a", "003.222a", "003.222b", "003.224a"],
    textbook=True,
)
def loss_by_last_matrix(L=Functional(), W_F=Real("F N"), h=Real("N 1"), y=Real("F 1")):
    F, N = W_F.shape
    f = W_F @ h
    yield derivative(lambda W_F: L(W_F @ h, y), W_F)
    yield matrix(F, N, lambda k, m: by_entry(lambda f: L(f, y), f, k) * h[m, 0])
    yield by_row(lambda f: L(f, y), f).T @ h.T


@claim(
    "003.226",
    r"\frac{\partial L}{\partial W^F} = 2 (\mathbf{f} - \mathbf{y})^T (\mathbf{h}^N)^T",
    title="squared loss by the last matrix",
    source=printed(224, 226),
    covers={"003.224b": "misprint", "003.226a": "misprint"},
    correction=r"\frac{\partial L}{\partial W^F} = 2 (\mathbf{f} - \mathbf{y}) (\mathbf{h}^N)^T",
    severity="shape",
    reading="Equation (49) transposes the row of equation (44), which gives back the column. As printed a row of D_F "
    "entries stands before one of D_N: no matrix product where D_F is not 1. The printed side is the product of the "
    "two rows that is always there, Kronecker's, with all products of their entries in one row.",
)
def squared_loss_by_last_matrix(W_F=Real("F N"), h=Real("N 1"), y=Real("F 1")):
    f = W_F @ h
    yield derivative(lambda W_F: squared_error(W_F @ h, y), W_F)
    yield misprint(printed=jnp.kron(2 * (f - y).T, h.T), correct=2 * (f - y) @ h.T)
