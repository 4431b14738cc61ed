"""Lines 11 to 29: a network with one hidden layer and a linear output, and its biases.

F, H and D are the sizes of the text; `sigma` is any function of one real.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from derivations.watters_2024._conventions import bias_appended, column_of, one_appended, printed
from gradproof import Function, Real, claim, definition, misprint


def forward(
    x: jax.Array, V: jax.Array, W: jax.Array, sigma: Callable[[jax.Array], jax.Array]
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """g, h and f: line 13."""
    g = V @ x
    h = sigma(g)
    return g, h, W @ h


def output(x: jax.Array, V: jax.Array, W: jax.Array, sigma: Callable[[jax.Array], jax.Array]) -> jax.Array:
    """f."""
    _, _, f = forward(x, V, W, sigma)
    return f


@claim(
    "003.11",
    r"x \in \mathbb{R}^D \to g = V x \in \mathbb{R}^H \to h = \sigma(g) \in \mathbb{R}^H \to f = W h \in \mathbb{R}^F,"
    r" \quad V \in \mathbb{R}^{H \times D}, \quad W \in \mathbb{R}^{F \times H}",
    title="the layers, with their sizes",
    source=printed(11, 13, 17, 19, 23, 27),
    covers={
        "003.11a": "definition",
        "003.13a": "definition",
        "003.13b": "definition",
        "003.13c": "definition",
        "003.13d": "holds",
        "003.17a": "definition",
        "003.19a": "definition",
        "003.23a": "definition",
        "003.27a": "definition",
    },
    reading="The first side has one sum for each entry, with as many as the sizes say; the products of the second take "
    "no other sizes.",
    textbook=True,
)
def layers_with_sizes(sigma=Function(), x=Real("D 1"), V=Real("H D"), W=Real("F H")):
    (F, H), D = W.shape, len(x)
    g = [sum(V[i, j] * x[j, 0] for j in range(D)) for i in range(H)]
    h = [sigma(g_i) for g_i in g]
    f = [sum(W[i, j] * h[j] for j in range(H)) for i in range(F)]
    yield column_of(g), column_of(h), column_of(f)
    yield forward(x, V, W, sigma)


@claim(
    "003.29",
    r"x = \begin{bmatrix} x' \\ 1 \end{bmatrix} \in \mathbb{R}^{D' + 1}, \quad V = [V' \mid b]: \quad V x = V' x' + b",
    title="biases by an appended 1",
    source=printed(29),
    covers={"003.29a": "definition", "003.29b": "holds", "003.29c": "holds"},
)
def bias_by_an_appended_1(x=Real("d 1"), V=Real("H d"), b=Real("H 1")):
    yield V @ x + b
    yield bias_appended(V, b) @ one_appended(x)


@claim(
    "003.29d",
    r"h = \sigma(V x) \in \mathbb{R}^H, \quad W = [W' \mid c] \in \mathbb{R}^{F \times H}",
    title="an extra column of the second matrix",
    source=printed(29),
    covers={"003.29d": "misprint"},
    correction=r"h = \begin{bmatrix} \sigma(V x) \\ 1 \end{bmatrix} \in \mathbb{R}^H, \quad"
    r" V \in \mathbb{R}^{(H - 1) \times D}, \quad W = [W' \mid c] \in \mathbb{R}^{F \times H}",
    severity="shape",
    reading="All matrices have an extra column, but only x has an extra 1. As printed the extra column of W is the one "
    "of a last hidden unit, with the row v of V, and no bias. The first side has the biases b and c added. Without the "
    "extra column of W, that is for an output with no bias, all stands as printed.",
    textbook=True,
)
def extra_column_of_second_matrix(
    sigma=Function(),
    x=Real("d 1"),
    V=Real("q d"),
    b=Real("q 1"),
    v=Real("1 d+1"),
    W=Real("F q"),
    c=Real("F 1"),
):
    yield W @ sigma(V @ x + b) + c
    yield misprint(
        printed=output(one_appended(x), jnp.vstack([bias_appended(V, b), v]), bias_appended(W, c), sigma),
        correct=bias_appended(W, c) @ one_appended(sigma(bias_appended(V, b) @ one_appended(x))),
    )


biases = definition(
    "003.29e",
    r"b_1, b_2, \dots, b_N",
    code=bias_appended,
    title="names of the biases",
    source=printed(29),
    covers={"003.29e": "ambiguous"},
    reading="N is not defined here, and is the number of hidden layers from line 169 on. A column has one bias for "
    "each row of its matrix: N is read as the number of rows, H for V and F for W.",
)
