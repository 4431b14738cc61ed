"""Lines 310 to 336: the derivative of the loss by h^(N-1), the input of the last hidden layer.

h^(N-1) is any column, and the loss any function of g^N. It is the output of a layer where N > 1, and else the network's
input.
"""

from derivations._words import by_entry, jacobian, kronecker, matrix, row
from derivations.watters_2024._conventions import by_row, column_of, printed
from gradproof import Functional, Real, claim, definition

by_h_not_its_rate = definition(
    "003.310",
    r"\frac{\partial L}{\partial h_j^{N-1}}",
    title="the rate of change by a rate of change",
    source=printed(310),
    covers={"003.310a": "misprint"},
    correction=r"\text{the rate of change of } L \text{ w.r.t. } h_j^{N-1}",
    severity="wording",
    reading="The loss is differentiated with respect to the component itself, and not to the rate at which that "
    "changes.",
)


@claim(
    "003.312",
    r"\frac{\partial L}{\partial h_j^{N-1}} = \sum_{i=1}^{D_N} \frac{\partial L}{\partial g_i^N}"
    r" \frac{\partial g_i^N}{\partial h_j^{N-1}} = \sum_{i=1}^{D_N} \frac{\partial L}{\partial g_i^N} W_{ij}^N",
    title="loss by a component of the layer before",
    source=printed(312, 314, 330, 332),
    covers=["003.312a", "003.314a", "003.330a", "003.332a"],
    reading="For all j at once. L takes all components of g^N, and each of these all components of h^(N-1); with one "
    "summand less the sides would differ.",
    sizes={"M": 3},
    textbook=True,
)
def loss_by_a_component(L=Functional(), W=Real("N M"), h=Real("M 1")):
    N, M = W.shape
    by_g = [by_entry(L, W @ h, i) for i in range(N)]

    def g_by_h(i, j):
        return by_entry(lambda h: (W @ h)[i, 0], h, j)

    yield row(by_entry(lambda h: L(W @ h), h, j) for j in range(M))
    yield row(sum(by_g[i] * g_by_h(i, j) for i in range(N)) for j in range(M))
    yield row(sum(by_g[i] * W[i, j] for i in range(N)) for j in range(M))


@claim(
    "003.320",
    r"\mathbf{g}^N = W^N \mathbf{h}^{N-1}, \quad g_i^N = \sum_{l=1}^{D_{N-1}} W_{il}^N h_l^{N-1}",
    title="g and its components",
    source=printed(316, 320),
    covers={"003.316a": "definition", "003.320a": "holds"},
    same_as=["003.178a", "003.294a"],
)
def component_of_g(W=Real("N M"), h=Real("M 1")):
    N, M = W.shape
    yield W @ h
    yield column_of(sum(W[i, m] * h[m, 0] for m in range(M)) for i in range(N))


@claim(
    "003.324",
    r"\frac{\partial g_i^N}{\partial h_j^{N-1}} = \sum_{l=1}^{D_{N-1}} \delta_{jl} W_{il}^N = W_{ij}^N",
    title="components of g by those of the layer before",
    source=printed(324),
    covers=["003.324a", "003.324b"],
    reading="For all i and j at once.",
)
def component_by_a_component(W=Real("N M"), h=Real("M 1")):
    N, M = W.shape
    yield matrix(N, M, lambda i, j: by_entry(lambda h: (W @ h)[i, 0], h, j))
    yield matrix(N, M, lambda i, j: sum(kronecker(j, m) * W[i, m] for m in range(M)))
    yield matrix(N, M, lambda i, j: W[i, j])


@claim(
    "003.328",
    r"\frac{\partial \mathbf{g}^N}{\partial \mathbf{h}^{N-1}} = \begin{bmatrix} W_{11}^N & \cdots & W_{1D_{N-1}}^N \\"
    r" \vdots & \ddots & \vdots \\ W_{D_N1}^N & \cdots & W_{D_ND_{N-1}}^N \end{bmatrix} = W^N",
    title="Jacobian of g",
    source=printed(328),
    covers=["003.328a", "003.328b"],
)
def jacobian_of_g(W=Real("N M"), h=Real("M 1")):
    N, M = W.shape
    yield jacobian(lambda h: W @ h, h)
    yield matrix(N, M, lambda i, j: W[i, j])
    yield W


@claim(
    "003.336",
    r"\frac{\partial L}{\partial \mathbf{h}^{N-1}} = \left[\sum_{i=1}^{D_N} \frac{\partial L}{\partial g_i^N} W_{i1}^N"
    r" \quad \cdots \quad \sum_{i=1}^{D_N} \frac{\partial L}{\partial g_i^N} W_{iD_{N-1}}^N\right]"
    r" = \frac{\partial L}{\partial \mathbf{g}^N} W^N",
    title="loss by the layer before",
    source=printed(334, 336),
    covers=["003.334a", "003.336a", "003.336b"],
    textbook=True,
)
def loss_by_the_layer_before(L=Functional(), W=Real("N M"), h=Real("M 1")):
    (N, M), by_g = W.shape, by_row(L, W @ h)
    yield by_row(lambda h: L(W @ h), h)
    yield row(sum(by_g[0, i] * W[i, j] for i in range(N)) for j in range(M))
    yield by_g @ W
