"""Lines 232 to 262: the derivative of the loss by the output of the last hidden layer.

h^N is any column. The loss is any function of f, except in equation (56).
"""

from derivations._words import by_entry, jacobian, kronecker, matrix, row
from derivations.watters_2024._conventions import by_row, printed, squared_error
from gradproof import Functional, Real, claim


@claim(
    "003.232",
    r"\frac{\partial L}{\partial h_j^N} = \sum_{i=1}^{D_F} \frac{\partial L}{\partial f_i}"
    r" \frac{\partial f_i}{\partial h_j^N} = \sum_{i=1}^{D_F} \frac{\partial L}{\partial f_i} W_{ij}^F",
    title="loss by a component of the last hidden layer",
    source=printed(232, 234, 248, 250),
    covers=["003.232a", "003.234a", "003.234b", "003.248a", "003.250a"],
    reading="For all j at once. L takes all components of f, and each of these all components of h^N; with one "
    "summand less the sides would differ.",
    sizes={"N": 3},
    textbook=True,
)
def loss_by_a_component(L=Functional(), W_F=Real("F N"), h=Real("N 1"), y=Real("F 1")):
    (F, N), f = W_F.shape, W_F @ h
    by_f = [by_entry(lambda f: L(f, y), f, i) for i in range(F)]

    def f_by_h(i, j):
        return by_entry(lambda h: (W_F @ h)[i, 0], h, j)

    yield row(by_entry(lambda h: L(W_F @ h, y), h, j) for j in range(N))
    yield row(sum(by_f[i] * f_by_h(i, j) for i in range(F)) for j in range(N))
    yield row(sum(by_f[i] * W_F[i, j] for i in range(F)) for j in range(N))


@claim(
    "003.236",
    r"\frac{\partial f_i}{\partial h_j^N} = \sum_{l=1}^{D_N} \delta_{jl} W_{il}^F = W_{ij}^F",
    title="a component of the output by one of the last hidden layer",
    source=printed(234, 236),
    covers=["003.234c", "003.236a", "003.236b"],
    reading="For all i and j at once; f_i is the sum of equation (46).",
)
def component_by_a_component(W_F=Real("F N"), h=Real("N 1")):
    F, N = W_F.shape

    def f(i, h):
        return sum(W_F[i, m] * h[m, 0] for m in range(N))

    yield matrix(F, N, lambda i, j: by_entry(lambda h: f(i, h), h, j))
    yield matrix(F, N, lambda i, j: sum(kronecker(j, m) * W_F[i, m] for m in range(N)))
    yield matrix(F, N, lambda i, j: W_F[i, j])


@claim(
    "003.243",
    r"\frac{\partial \mathbf{f}}{\partial \mathbf{h}^N} = \begin{bmatrix} \frac{\partial f_1}{\partial h_1^N} & \cdots"
    r" & \frac{\partial f_1}{\partial h_{D_N}^N} \\ \vdots & \ddots & \vdots \\ \frac{\partial f_{D_F}}{\partial h_1^N}"
    r" & \cdots & \frac{\partial f_{D_F}}{\partial h_{D_N}^N} \end{bmatrix} = \begin{bmatrix} W_{11}^F & \cdots &"
    r" W_{1D_N}^F \\ \vdots & \ddots & \vdots \\ W_{D_F1}^F & \cdots & W_{D_FD_N}^F \end{bmatrix} = W^F",
    title="Jacobian of the output",
    source=printed(243, 244, 245),
    covers={"003.243a": "definition", "003.244a": "holds", "003.245a": "holds"},
)
def jacobian_of_the_output(W_F=Real("F N"), h=Real("N 1")):
    F, N = W_F.shape
    yield jacobian(lambda h: W_F @ h, h)
    yield matrix(F, N, lambda i, j: by_entry(lambda h: (W_F @ h)[i, 0], h, j))
    yield matrix(F, N, lambda i, j: W_F[i, j])
    yield W_F


@claim(
    "003.255",
    r"\frac{\partial L}{\partial \mathbf{h}^N} = \left[\sum_{i=1}^{D_F} \frac{\partial L}{\partial f_i} W_{i1}^F \quad"
    r" \cdots \quad \sum_{i=1}^{D_F} \frac{\partial L}{\partial f_i} W_{iD_N}^F\right]"
    r" = \frac{\partial L}{\partial \mathbf{f}} W^F"
    r" = \frac{\partial L}{\partial \mathbf{f}} \frac{\partial \mathbf{f}}{\partial \mathbf{h}^N}",
    title="loss by the last hidden layer",
    source=printed(252, 255, 256, 257),
    covers=["003.252a", "003.255a", "003.256a", "003.257a"],
    textbook=True,
)
def loss_by_last_hidden(L=Functional(), W_F=Real("F N"), h=Real("N 1"), y=Real("F 1")):
    (F, N), f = W_F.shape, W_F @ h
    by_f = by_row(lambda f: L(f, y), f)
    yield by_row(lambda h: L(W_F @ h, y), h)
    yield row(sum(by_f[0, i] * W_F[i, j] for i in range(F)) for j in range(N))
    yield by_f @ W_F
    yield by_f @ jacobian(lambda h: W_F @ h, h)


@claim(
    "003.262",
    r"\frac{\partial L}{\partial \mathbf{h}^N} = 2 (\mathbf{f} - \mathbf{y})^T W^F",
    title="squared loss by the last hidden layer",
    source=printed(260, 262),
    covers=["003.260a", "003.262a"],
)
def squared_loss_by_last_hidden(W_F=Real("F N"), h=Real("N 1"), y=Real("F 1")):
    yield by_row(lambda h: squared_error(W_F @ h, y), h)
    yield 2 * (W_F @ h - y).T @ W_F
