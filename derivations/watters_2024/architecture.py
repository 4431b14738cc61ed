"""Lines 169 to 182: the network of section 2, its layers and their sizes.

ByLayer, activations, g and h are numbered as they are printed, from 1, and h from 0.
"""

import jax
import jax.numpy as jnp

from derivations._words import Activations, ByLayer, jacobian, numbered
from derivations.watters_2024._conventions import bias_appended, by_row, column_of, one_appended, printed, squared_error
from gradproof import Function, Functional, Real, claim, definition, misprint

WEIGHTS = Real("3 m"), Real("2 3"), Real("3 2")
"""The matrices W^1, W^2, W^3 of networks with m inputs and 3, 2 and 3 units in their hidden layers."""

LAST_WEIGHTS = Real("2 m"), Real("2 3"), Real("2 2"), Real("2 3")
"""The matrices W^F of networks with 0 to 3 of those hidden layers, and 2 outputs."""

ACTIVATIONS = (Function(),) * 3


def forward(
    h0: jax.Array, W: ByLayer, W_F: jax.Array, sigma: Activations
) -> tuple[dict[int, jax.Array], dict[int, jax.Array], jax.Array]:
    """g^1, ..., g^N, then h^0, ..., h^N, then f: equation (41)."""
    g, h = {}, {0: h0}
    for n in range(1, len(W) + 1):
        g[n] = W[n] @ h[n - 1]
        h[n] = sigma[n](g[n])
    return g, h, W_F @ h[len(W)]


def output(h0: jax.Array, W: ByLayer, W_F: jax.Array, sigma: Activations) -> jax.Array:
    """f."""
    _, _, f = forward(h0, W, W_F, sigma)
    return f


def after(n: int, h_n: jax.Array, W: ByLayer, W_F: jax.Array, sigma: Activations) -> jax.Array:
    """f as a function of h^n."""
    for later in range(n + 1, len(W) + 1):
        h_n = sigma[later](W[later] @ h_n)
    return W_F @ h_n


@claim(
    "003.174",
    r"\mathbf{h}^{n-1} \to \mathbf{g}^n = W^n \mathbf{h}^{n-1} \to \mathbf{h}^n = \sigma_n(\mathbf{g}^n),"
    r" \quad n = 1, \dots, N, \qquad \mathbf{h}^N \to \mathbf{f} = W^F \mathbf{h}^N",
    title="the layers, with their sizes",
    source=printed(169, 171, 174, 175, 176, 177, 178, 179, 182),
    covers={
        **dict.fromkeys(("003.169a", "003.169b"), "definition"),
        **dict.fromkeys(("003.171a", "003.171b", "003.171c", "003.171d"), "definition"),
        **dict.fromkeys(("003.174a", "003.174b", "003.175a", "003.175b", "003.176a", "003.176b"), "definition"),
        **dict.fromkeys(("003.177a", "003.178a", "003.178b", "003.179a", "003.182b"), "definition"),
        **dict.fromkeys(("003.174c", "003.174d", "003.175c", "003.175d", "003.176c", "003.176d"), "holds"),
        **dict.fromkeys(("003.178c", "003.178d", "003.179b", "003.179c"), "holds"),
    },
    reading="N = 3. The first side has one sum for each unit, with as many as the sizes say, and the products of the "
    "second take no other sizes. y has the shape of f, and the loss compares them.",
    textbook=True,
)
def layers(W=WEIGHTS, W_F=LAST_WEIGHTS[3], sigma=ACTIVATIONS, h0=Real("m 1"), y=Real("2 1")):
    sizes = [len(h0), 3, 2, 3]
    h = [[h0[i, 0] for i in range(sizes[0])]]
    for n in range(1, 4):
        g_n = [sum(W[n - 1][i, j] * h[n - 1][j] for j in range(sizes[n - 1])) for i in range(sizes[n])]
        h.append([sigma[n - 1](g_i) for g_i in g_n])
    f = [sum(W_F[i, j] * h[3][j] for j in range(sizes[3])) for i in range(2)]
    _, h_, f_ = forward(h0, numbered(W), W_F, numbered(sigma))
    yield [jnp.stack(h_n)[:, None] for h_n in h], jnp.stack(f)[:, None], sum((y[i, 0] - f[i]) ** 2 for i in range(2))
    yield [h_[n] for n in range(4)], f_, squared_error(f_, y)


@claim(
    "003.169c",
    r"W^n \in \mathbb{R}^{D_n \times D_{n-1}} \text{ with its biases}, \quad \mathbf{h}^n = \sigma_n(\mathbf{g}^n)",
    title="biases after the first layer",
    source=printed(169, 174, 178),
    covers={"003.169c": "misprint"},
    correction=r"\mathbf{h}^n = \begin{bmatrix} \sigma_n(\mathbf{g}^n) \\ 1 \end{bmatrix} \in \mathbb{R}^{D_n},"
    r" \quad \mathbf{g}^n \in \mathbb{R}^{D_n - 1}, \quad W^n \in \mathbb{R}^{(D_n - 1) \times D_{n-1}}",
    severity="shape",
    reading="N = 1. The first side has its biases apart. For W^F to have a column of biases, h^1 needs an entry 1; as "
    "printed W^1 has a row for it, whatever its entries, and the entry is sigma_1 of a product. Elsewhere the "
    "equations are judged as (41) has them, where the last column of a matrix is one like the others.",
    textbook=True,
)
def biases_after_the_first_layer(
    A=Real("q m"),
    b=Real("q 1"),
    C=Real("2 q"),
    c=Real("2 1"),
    row=Real("1 m+1"),
    x=Real("m 1"),
    sigma=Function(),
):
    h0, W_1, W_F = one_appended(x), bias_appended(A, b), bias_appended(C, c)
    yield C @ sigma(A @ x + b) + c
    yield misprint(
        printed=output(h0, {1: jnp.vstack([W_1, row])}, W_F, {1: sigma}),
        correct=W_F @ one_appended(sigma(W_1 @ h0)),
    )


names_of_activations = definition(
    "003.169d",
    r"\sigma^N, \; \sigma^{N'}, \; \sigma^{n'}",
    code=Function,
    title="names of the activations",
    source=printed(169, 270, 272, 276, 280, 284, 350),
    covers={"003.169d": "misprint"},
    correction=r"\sigma_N, \; \sigma_N', \; \sigma_n'",
    severity="typography",
    reading="The activation of layer n has its number as an index in lines 169 to 179 and above in equations (58) to "
    "(61) and (76), where N' and n' are the number and the sign of a derivative.",
)
two_meanings_of_F = definition(
    "003.179d",
    r"W^F \in \mathbb{R}^{D_F \times D_N}",
    code=output,
    title="the letter F",
    source=printed(179),
    covers={"003.179d": "ambiguous"},
    reading="In section 1 F is the number of outputs; here it is a label of the last matrix and of its height, for "
    "otherwise D_F would be the size of the hidden layer with the number F.",
)


@claim(
    "003.182",
    r"\mathbf{h}^0 = \mathbf{x}",
    title="the network of section 1",
    source=printed(182, 11),
    covers=["003.182a"],
    reading="With N = 1 and h^0 = x the network is that of equation (1), whose products are sums here.",
    sizes={"D": 2},
    textbook=True,
)
def network_of_section_1(V=Real("H D"), W=Real("F H"), x=Real("D 1"), sigma=Function()):
    (H, D), F = V.shape, len(W)
    h = [sigma(sum(V[i, j] * x[j, 0] for j in range(D))) for i in range(H)]
    yield column_of(sum(W[i, j] * h[j] for j in range(H)) for i in range(F))
    yield output(x, {1: V}, W, {1: sigma})


@claim(
    "003.182d",
    r"\frac{\partial L}{\partial \mathbf{h}^{n-1}} = \frac{\partial L}{\partial \mathbf{f}}"
    r" \frac{\partial \mathbf{f}}{\partial \mathbf{h}^N} \frac{\partial \mathbf{h}^N}{\partial \mathbf{g}^N}"
    r" \frac{\partial \mathbf{g}^N}{\partial \mathbf{h}^{N-1}} \cdots"
    r" \frac{\partial \mathbf{g}^n}{\partial \mathbf{h}^{n-1}} \in \mathbb{R}^{1 \times D_{n-1}}",
    title="derivatives by vectors are rows",
    source=printed(182),
    covers={"003.182c": "definition", "003.182d": "holds"},
    reading="N = 2 and n = 1, 2, 3, the last for the layer without activation: the factors of the chain rule, each a "
    "Jacobian with a row for each output, multiply to a row without a transpose.",
    textbook=True,
)
def derivatives_by_vectors_are_rows(
    W=WEIGHTS[:2], W_F=LAST_WEIGHTS[2], sigma=ACTIVATIONS[:2], L=Functional(), h0=Real("m 1"), y=Real("2 1")
):
    W, sigma = numbered(W), numbered(sigma)
    g, h, f = forward(h0, W, W_F, sigma)
    rows = {2: by_row(lambda f: L(f, y), f) @ jacobian(lambda h: W_F @ h, h[2])}
    for n in (2, 1):
        rows[n - 1] = rows[n] @ jacobian(sigma[n], g[n]) @ jacobian(lambda h, n=n: W[n] @ h, h[n - 1])
    yield {n: by_row(lambda h_n, n=n: L(after(n, h_n, W, W_F, sigma), y), h[n]) for n in (0, 1, 2)}
    yield rows
