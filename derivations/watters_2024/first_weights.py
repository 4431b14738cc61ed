"""Lines 103 to 163: the derivative of the loss by the first matrix, and by the input of the hidden layer.

What only needs a loss is proved for any loss of h or f, and the rest for the squared error. The indices k and l of the
text are k and m here.
"""

import jax.numpy as jnp

from derivations._words import by_entry, hadamard, jacobian, kronecker, matrix, slopes
from derivations.watters_2024._conventions import by_column, column_of, printed, squared_error
from derivations.watters_2024.single_hidden_layer import forward, output
from gradproof import Function, Functional, Real, claim, definition, derivative, misprint

input_of_the_hidden_layer = definition(
    "003.105",
    r"g_k",
    code=forward,
    title="the input of the hidden layer",
    source=printed(105),
    covers={"003.105b": "ambiguous"},
    reading="g = V x, what the activation is applied to; V is then no part of the hidden layer. In line 171 the input "
    "of a hidden layer is what is multiplied by its matrix, here x.",
)


@claim(
    "003.107",
    r"\frac{\partial L}{\partial g_k} = \sum_{j=1}^H \frac{\partial L}{\partial h_j} \frac{\partial h_j}{\partial g_k}",
    title="chain rule for the input of the hidden layer",
    source=printed(107),
    covers=["003.107a"],
    reading="For any loss of h.",
    textbook=True,
)
def chain_rule_for_the_input(L=Functional(), sigma=Function(), g=Real("H 1")):
    H, by_h = len(g), by_column(L, sigma(g))

    def h_by_g(j, k):
        return by_entry(lambda g: sigma(g)[j, 0], g, k)

    yield column_of(by_entry(lambda g: L(sigma(g)), g, k) for k in range(H))
    yield column_of(sum(by_h[j, 0] * h_by_g(j, k) for j in range(H)) for k in range(H))


@claim(
    "003.109",
    r"h_j = h_j(g_j), \quad j \neq k: \quad \frac{\partial h_j}{\partial g_k} = 0",
    title="each unit depends on its own input",
    source=printed(109),
    covers=["003.109a"],
    reading="The first side takes h of all of g, and the second each h_j of g_j alone.",
    textbook=True,
)
def unit_of_its_own_input(sigma=Function(), g=Real("H 1")):
    H = len(g)
    others = [(j, k) for j in range(H) for k in range(H) if j != k]
    yield sigma(g), [by_entry(lambda g, j=j: sigma(g)[j, 0], g, k) for j, k in others]
    yield column_of(sigma(g_j) for g_j in g), [0.0 for _ in others]


@claim(
    "003.111",
    r"h_j(g_k) = \delta_{jk} \sigma(g_k)",
    title="a unit as a function of an input",
    source=printed(111),
    covers={"003.111a": "misprint"},
    correction=r"h_j(g_k) = \delta_{jk} \sigma(g_k) + (1 - \delta_{jk}) \sigma(g_j)",
    reading="All of g but g_k is held. For other k the unit is constant and not zero; its derivative by g_k is, so "
    "that line 115 holds.",
    textbook=True,
)
def unit_as_a_function_of_an_input(sigma=Function(), g=Real("H 1")):
    H = len(g)

    def h(j, k):
        """What line 109 says of h_j, at one value of g_k."""
        return sigma(g.at[k, 0].set(g[k, 0]))[j, 0]

    def own(j, k):
        return kronecker(j, k) * sigma(g[k, 0])

    yield matrix(H, H, h)
    yield misprint(
        printed=matrix(H, H, own),
        correct=matrix(H, H, lambda j, k: own(j, k) + (1 - kronecker(j, k)) * sigma(g[j, 0])),
    )


activation = definition(
    "003.113",
    r"\sigma",
    code=Function,
    title="activation function",
    source=printed(113),
    covers=["003.113a"],
    reading="Any function of one real, applied to each entry.",
)


@claim(
    "003.115",
    r"\frac{\partial h_j}{\partial g_k} = \frac{\partial (\delta_{jk} \sigma(g_k))}{\partial g_k}"
    r" = \delta_{jk} \sigma'(g_k)",
    title="derivative of a unit by an input",
    source=printed(115),
    covers=["003.115a", "003.115b"],
    textbook=True,
)
def unit_by_an_input(sigma=Function(), g=Real("H 1")):
    H, slope = len(g), slopes(sigma, g)
    yield matrix(H, H, lambda j, k: by_entry(lambda g: sigma(g)[j, 0], g, k))
    yield matrix(H, H, lambda j, k: derivative(lambda g_k: kronecker(j, k) * sigma(g_k), g[k, 0]))
    yield matrix(H, H, lambda j, k: kronecker(j, k) * slope[k, 0])


@claim(
    "003.119",
    r"\frac{\partial L}{\partial g_k} = \sum_{j=1}^H \frac{\partial L}{\partial h_j} \delta_{jk} \sigma'(g_k)"
    r" = \frac{\partial L}{\partial h_k} \sigma'(g_k)"
    r" = \left(\sum_{i=1}^F 2 (f_i - y_i) W_{ik}\right) \sigma'(g_k)",
    title="derivative by an input of the hidden layer",
    source=printed(105, 117, 119, 121, 135),
    covers=["003.105a", "003.117a", "003.119a", "003.119b", "003.121a", "003.135a"],
    reading="Line 71 is in the last side.",
    textbook=True,
)
def derivative_by_an_input(sigma=Function(), g=Real("H 1"), W=Real("F H"), y=Real("F 1")):
    (F, H), f = W.shape, W @ sigma(g)
    by_h, slope = by_column(lambda h: squared_error(W @ h, y), sigma(g)), slopes(sigma, g)
    yield column_of(by_entry(lambda g: squared_error(W @ sigma(g), y), g, k) for k in range(H))
    yield column_of(sum(by_h[j, 0] * kronecker(j, k) * slope[k, 0] for j in range(H)) for k in range(H))
    yield column_of(by_h[k, 0] * slope[k, 0] for k in range(H))
    yield column_of(sum(2 * (f[i, 0] - y[i, 0]) * W[i, k] for i in range(F)) * slope[k, 0] for k in range(H))


@claim(
    "003.125",
    r"\frac{\partial L}{\partial g} ="
    r" \left(\left(\frac{\partial L}{\partial h}\right)^T \frac{\partial h}{\partial g}\right)^T"
    r" = \frac{\partial L}{\partial h} \odot \sigma'(g) \in \mathbb{R}^{H \times 1}",
    title="derivative by the input of the hidden layer",
    source=printed(123, 125, 127, 129),
    covers=["003.123a", "003.125a", "003.127d", "003.129a", "003.129b"],
    reading="For any loss of h. The second side is (27) in each entry.",
    textbook=True,
)
def derivative_by_the_input(L=Functional(), sigma=Function(), g=Real("H 1")):
    by_h = by_column(L, sigma(g))
    yield by_column(lambda g: L(sigma(g)), g)
    yield column_of(by_h[k, 0] * slopes(sigma, g)[k, 0] for k in range(len(g)))
    yield (by_h.T @ jacobian(sigma, g)).T
    yield hadamard(by_h, slopes(sigma, g))


@claim(
    "003.127",
    r"\frac{\partial h}{\partial g} \text{ diagonal}, \quad"
    r" \left(\frac{\partial h}{\partial g}\right)_{ii} = \sigma'(g_i)",
    title="the derivative of the hidden layer is diagonal",
    source=printed(127),
    covers=["003.127a", "003.127b"],
    textbook=True,
)
def derivative_of_the_hidden_layer_is_diagonal(sigma=Function(), g=Real("H 1")):
    yield jacobian(sigma, g)
    yield jnp.diag(jnp.stack([derivative(sigma, g_i) for g_i in g[:, 0]]))


@claim(
    "003.127c",
    r"\frac{\partial L}{\partial g} = \frac{\partial L}{\partial h} \odot"
    r" \left(\frac{\partial g_i}{\partial h_i}\right)_{i = 1, \dots, H}",
    title="derivatives of inputs by outputs",
    source=printed(127),
    covers={"003.127c": "misprint"},
    correction=r"\frac{\partial L}{\partial g} = \frac{\partial L}{\partial h} \odot"
    r" \left(\frac{\partial h_i}{\partial g_i}\right)_{i = 1, \dots, H}",
    severity="wording",
    reading="The words turn the derivative round: of the input by the output it is 1 / sigma'. The formula of line 129 "
    "is right.",
    textbook=True,
)
def derivatives_of_inputs_by_outputs(L=Functional(), sigma=Function(), g=Real("H 1")):
    by_h, slope = by_column(L, sigma(g)), slopes(sigma, g)
    yield by_column(lambda g: L(sigma(g)), g)
    yield misprint(printed=hadamard(by_h, 1 / slope), correct=hadamard(by_h, slope))


@claim(
    "003.133",
    r"\frac{\partial L}{\partial V_{kl}} ="
    r" \sum_{i=1}^H \frac{\partial L}{\partial g_i} \frac{\partial g_i}{\partial V_{kl}}",
    title="chain rule for the first matrix",
    source=printed(133),
    covers=["003.133a"],
    reading="For any loss of g.",
    textbook=True,
)
def chain_rule_for_the_first_matrix(L=Functional(), V=Real("H D"), x=Real("D 1")):
    H, D = V.shape
    by_g, g_by_V = by_column(L, V @ x), derivative(lambda V: (V @ x)[:, 0], V)
    yield matrix(H, D, lambda k, m: by_entry(lambda V: L(V @ x), V, k, m))
    yield matrix(H, D, lambda k, m: sum(by_g[i, 0] * g_by_V[i, k, m] for i in range(H)))


@claim(
    "003.137",
    r"g_i = \sum_{j=1}^D V_{ij} x_j",
    title="an input of the hidden layer as a sum",
    source=printed(137),
    covers=["003.137a"],
)
def input_as_a_sum(V=Real("H D"), x=Real("D 1")):
    H, D = V.shape
    yield V @ x
    yield column_of(sum(V[i, j] * x[j, 0] for j in range(D)) for i in range(H))


@claim(
    "003.141",
    r"\frac{\partial g_i}{\partial V_{kl}} = \delta_{ik} \sum_{j=1}^D \delta_{lj} x_j = \delta_{ik} x_l",
    title="derivative of an input by a weight",
    source=printed(141, 143),
    covers=["003.141a", "003.143a"],
)
def input_by_a_weight(V=Real("H D"), x=Real("D 1")):
    H, D = V.shape

    def slices(entry):
        return [matrix(H, D, lambda k, m, i=i: entry(i, k, m)) for i in range(H)]

    yield slices(lambda i, k, m: by_entry(lambda V: (V @ x)[i, 0], V, k, m))
    yield slices(lambda i, k, m: kronecker(i, k) * sum(kronecker(m, j) * x[j, 0] for j in range(D)))
    yield slices(lambda i, k, m: kronecker(i, k) * x[m, 0])


@claim(
    "003.147",
    r"\frac{\partial L}{\partial V_{kl}} = \sum_{i=1}^H \frac{\partial L}{\partial g_i} \delta_{ik} x_l"
    r" = \frac{\partial L}{\partial g_k} x_l, \quad"
    r" \frac{\partial L}{\partial V} = \left(\frac{\partial L}{\partial g_k} x_l\right)_{k = 1, \dots, H,"
    r" \; l = 1, \dots, D} = \frac{\partial L}{\partial g} x^T \in \mathbb{R}^{H \times D}",
    title="derivative by the first matrix",
    source=printed(145, 147, 149, 151, 153, 155, 157),
    covers=[
        "003.145a",
        "003.147a",
        "003.149a",
        "003.151a",
        "003.153a",
        "003.155a",
        "003.157a",
        "003.157b",
    ],
    reading="For any loss of g, first by single weights and then by the matrix.",
    textbook=True,
)
def derivative_by_the_first_matrix(L=Functional(), V=Real("H D"), x=Real("D 1")):
    (H, D), by_g = V.shape, by_column(L, V @ x)
    yield matrix(H, D, lambda k, m: by_entry(lambda V: L(V @ x), V, k, m)), derivative(lambda V: L(V @ x), V)
    yield (
        matrix(H, D, lambda k, m: sum(by_g[i, 0] * kronecker(i, k) * x[m, 0] for i in range(H))),
        jnp.vstack([jnp.hstack([by_g[k : k + 1] * x[m, 0] for m in range(D)]) for k in range(H)]),
    )
    yield matrix(H, D, lambda k, m: by_g[k, 0] * x[m, 0]), by_g @ x.T


@claim(
    "003.161",
    r"\frac{\partial L}{\partial V} = \left(\frac{\partial L}{\partial h} \odot \sigma'(g)\right) x^T"
    r" = 2 \left(W^T (f - y) \odot \sigma'(g)\right) x^T",
    title="full derivative by the first matrix",
    source=printed(159, 161, 163),
    covers={"003.159a": "holds", "003.161a": "holds", "003.163a": "holds", "003.163b": "ambiguous"},
    reading="In line 163 the product with W^T comes first. The other order fits for F = H alone: 003.163.",
    textbook=True,
)
def full_derivative_by_the_first_matrix(sigma=Function(), x=Real("D 1"), V=Real("H D"), W=Real("F H"), y=Real("F 1")):
    g, h, f = forward(x, V, W, sigma)
    slope = slopes(sigma, g)
    yield derivative(lambda V: squared_error(output(x, V, W, sigma), y), V)
    yield hadamard(by_column(lambda h: squared_error(W @ h, y), h), slope) @ x.T
    yield 2 * hadamard(W.T @ (f - y), slope) @ x.T


@claim(
    "003.163",
    r"2 \left(W^T (f - y) \odot \sigma'(g)\right) x^T",
    title="the element-wise product first",
    source=printed(163),
    correction=r"2 \left(\left(W^T (f - y)\right) \odot \sigma'(g)\right) x^T",
    severity="typography",
    reading="The other reading of 003.163b, with the element-wise product first, where F = H lets it fit.",
    textbook=True,
)
def element_wise_product_first(sigma=Function(), x=Real("D 1"), V=Real("H D"), W=Real("H H"), y=Real("H 1")):
    g, _, f = forward(x, V, W, sigma)
    slope = slopes(sigma, g)
    yield derivative(lambda V: squared_error(output(x, V, W, sigma), y), V)
    yield misprint(
        printed=2 * (W.T @ hadamard(f - y, slope)) @ x.T,
        correct=2 * hadamard(W.T @ (f - y), slope) @ x.T,
    )
