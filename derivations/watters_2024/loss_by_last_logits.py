"""Lines 268 to 284: the derivative of the loss by g^N, what the last activation takes.

g^N is any column, and the activation any function of a number. The loss is any function of h^N: with f = W^F h^N, any
function of f is one.
"""

from derivations._words import by_entry, hadamard, kronecker, matrix, row, slopes
from derivations.watters_2024._conventions import by_row, column_of, printed
from gradproof import Function, Functional, Real, claim, derivative, misprint


@claim(
    "003.268",
    r"\frac{\partial L}{\partial g_j^N} = \sum_{i=1}^{D_N} \frac{\partial L}{\partial h_i^N}"
    r" \frac{\partial h_i^N}{\partial g_j^N} = \sum_{i=1}^{D_N} \frac{\partial L}{\partial h_i^N} \delta_{ij}"
    r" \frac{d \sigma^N(g_i^N)}{d g_i^N} = \frac{\partial L}{\partial h_j^N} \frac{d \sigma^N(g_j^N)}{d g_j^N}"
    r" = \frac{\partial L}{\partial h_j^N} \sigma^{N'}(g_j^N)",
    title="loss by a component of g",
    source=printed(268, 274, 276),
    covers=["003.268a", "003.274a", "003.276a", "003.276b", "003.276c"],
    reading="For all j at once.",
    textbook=True,
)
def loss_by_a_component(L=Functional(), sigma=Function(), g=Real("N 1")):
    N, h, slope = len(g), sigma(g), slopes(sigma, g)
    by_h = [by_entry(L, h, i) for i in range(N)]
    of_component = [derivative(sigma, g[i, 0]) for i in range(N)]

    def h_by_g(i, j):
        return by_entry(lambda g: sigma(g)[i, 0], g, j)

    yield row(by_entry(lambda g: L(sigma(g)), g, j) for j in range(N))
    yield row(sum(by_h[i] * h_by_g(i, j) for i in range(N)) for j in range(N))
    yield row(sum(by_h[i] * kronecker(i, j) * of_component[i] for i in range(N)) for j in range(N))
    yield row(by_h[j] * of_component[j] for j in range(N))
    yield row(by_h[j] * slope[j, 0] for j in range(N))


@claim(
    "003.270",
    r"h_i^N = \sigma^N(g_i^N)",
    title="a component of the last hidden layer",
    source=printed(270),
    covers={"003.270a": "definition", "003.270b": "holds"},
    reading="The activation takes each component by itself, so that h_i has no other argument.",
)
def component_of_last_hidden(sigma=Function(), g=Real("N 1")):
    yield sigma(g)
    yield column_of(sigma(g_i) for g_i in g[:, 0])


@claim(
    "003.272",
    r"\frac{\partial h_i^N}{\partial g_j^N} = \delta_{ij} \frac{d h_i^N}{d g_i^N}"
    r" = \delta_{ij} \frac{d \sigma^N(g_i^N)}{d g_i^N}",
    title="components of the last hidden layer by those of g",
    source=printed(272),
    covers=["003.272a", "003.272b"],
    reading="For all i and j at once.",
    textbook=True,
)
def component_by_a_component(sigma=Function(), g=Real("N 1")):
    N = len(g)

    def h_by_g(i, j):
        return by_entry(lambda g: sigma(g)[i, 0], g, j)

    yield matrix(N, N, h_by_g)
    yield matrix(N, N, lambda i, j: kronecker(i, j) * h_by_g(i, i))
    yield matrix(N, N, lambda i, j: kronecker(i, j) * derivative(sigma, g[i, 0]))


@claim(
    "003.280",
    r"\frac{\partial L}{\partial \mathbf{g}^N} = \left[\frac{\partial L}{\partial g_1^N} \quad \cdots \quad"
    r" \frac{\partial L}{\partial g_{D_N}^N}\right]"
    r" = \left[\frac{\partial L}{\partial h_1^N} \sigma^{N'}(g_1^N) \quad \cdots \quad"
    r" \frac{\partial L}{\partial h_{D_N}^N} \sigma^{N'}(g_{D_N}^N)\right]",
    title="loss by g, component by component",
    source=printed(278, 280),
    covers={"003.278a": "holds", "003.280a": "definition", "003.280b": "holds"},
    textbook=True,
)
def loss_by_g(L=Functional(), sigma=Function(), g=Real("N 1")):
    N, h = len(g), sigma(g)
    yield by_row(lambda g: L(sigma(g)), g)
    yield row(by_entry(lambda g: L(sigma(g)), g, j) for j in range(N))
    yield row(by_entry(L, h, j) * derivative(sigma, g[j, 0]) for j in range(N))


@claim(
    "003.284",
    r"\frac{\partial L}{\partial \mathbf{g}^N} = \begin{bmatrix} \frac{\partial L}{\partial h_1^N} \\ \vdots \\"
    r" \frac{\partial L}{\partial h_{D_N}^N} \end{bmatrix}^T \odot \begin{bmatrix} \sigma^{N'}(g_1^N) \\ \vdots \\"
    r" \sigma^{N'}(g_{D_N}^N) \end{bmatrix}^T = \frac{\partial L}{\partial \mathbf{h}^N} \odot"
    r" \sigma^{N'}(\mathbf{g}^N)",
    title="loss by g as a Hadamard product",
    source=printed(284),
    covers={"003.284a": "holds", "003.284b": "misprint"},
    correction=r"\frac{\partial L}{\partial \mathbf{h}^N} \odot \left(\sigma^{N'}(\mathbf{g}^N)\right)^T",
    severity="shape",
    reading="g^N is a column (equation (41)), and so is sigma^N'(g^N); the derivative by h^N is a row. The line before "
    "transposes both, the last one none. As printed it is a row and a column, which have no Hadamard product; the "
    "printed side is what broadcasting makes of them.",
    textbook=True,
)
def loss_by_g_as_hadamard_product(L=Functional(), sigma=Function(), g=Real("N 1")):
    N, h = len(g), sigma(g)
    by_h = by_row(L, h)
    by_components = [by_entry(L, h, j) for j in range(N)]
    of_components = [derivative(sigma, g_j) for g_j in g[:, 0]]
    yield by_row(lambda g: L(sigma(g)), g)
    yield hadamard(column_of(by_components).T, column_of(of_components).T)
    yield misprint(printed=by_h * slopes(sigma, g), correct=hadamard(by_h, slopes(sigma, g).T))
