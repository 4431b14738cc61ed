"""Lines 8 to 16: the notation of the whole text."""

import jax.numpy as jnp

from derivations._words import augmented, hadamard, matrix, plus
from derivations.backpropagation_algorithm._conventions import (
    ACTIVATIONS,
    LAYERS,
    activations,
    forward,
    parameters,
    printed,
)
from gradproof import Function, Real, claim, definition, derivative, misprint

EQUAL_LAYERS = (Real("m m"), Real("m 1")), (Real("m m"), Real("m 1"))
"""Layers of one size."""


@claim(
    "001.8",
    r"K, \; n_l, \; s_l, \; W_{ji}^{(l)}, \; z_i^{(l)}, \; a_i^{(l)}, \; f^{(l)}",
    title="the layers, unit by unit",
    source=printed(8, 9, 10, 11, 12, 13, 16),
    covers={
        "001.8a": "definition",
        "001.9a": "definition",
        "001.10a": "definition",
        "001.11a": "definition",
        "001.11b": "holds",
        "001.12a": "definition",
        "001.13a": "definition",
        "001.16a": "definition",
        "001.16b": "ambiguous",
    },
    reading="K = s_{n_l}. The f and f' of later lines stand for those of the layer of their argument, so that each "
    "statement is proved with another f in each layer; the same f in all layers is a case of this. The first side has "
    "a sum for each unit.",
    textbook=True,
)
def layers_by_units(layers=LAYERS[:3], f=ACTIVATIONS[:3], x=Real("m 1")):
    (W, b), f = parameters(layers), activations(f)
    s = {1: len(x), 2: 3, 3: 2, 4: 3}
    z, a = {}, {1: [x[i, 0] for i in range(s[1])]}
    for layer in range(1, 4):
        z[layer + 1] = [
            sum(W[layer][j, i] * a[layer][i] for i in range(s[layer])) + b[layer][j, 0] for j in range(s[layer + 1])
        ]
        a[layer + 1] = [f[layer + 1](z_j) for z_j in z[layer + 1]]
    yield {k: jnp.stack(z[k])[:, None] for k in z}, {k: jnp.stack(a[k])[:, None] for k in a}
    yield forward(x, W, b, f)


@claim(
    "001.14",
    r"b_j^{(l)} \text{ is the bias to unit } j \text{ of layer } l",
    title="layer of a bias",
    source=printed(14, 71, 131, 168),
    covers={"001.14a": "misprint"},
    correction=r"b_j^{(l)} \text{ is the bias to unit } j \text{ of layer } l + 1",
    severity="index",
    reading="b_j^{(l)} is the W_{j0}^{(l)} of line 131, which leads to layer l + 1 by line 11. The derivatives of "
    "z^{(2)} and of z^{(3)} by b^{(2)} are compared; as printed, it would be added to z^{(2)}.",
    textbook=True,
)
def layer_of_a_bias(layers=EQUAL_LAYERS, f=Function(), x=Real("m 1")):
    W, b = parameters(layers)
    unit = jnp.eye(len(x))
    zero = jnp.zeros_like(unit)
    z = plus(W[1] @ x, b[1])

    def logits(b):
        z, _ = forward(x, W, b, {2: f, 3: f})
        return z[2][:, 0], z[3][:, 0]

    by_b = derivative(logits, b)
    yield tuple(part[2][:, :, 0] for part in by_b)
    yield misprint(
        printed=(unit, W[2] @ jnp.diag(derivative(lambda z: jnp.sum(f(z)), z)[:, 0])),
        correct=(zero, unit),
    )


@claim(
    "001.14b",
    r"a_0 \, w_{j0} = w_{j0} = b_j",
    title="bias as a weight from a unit that is 1",
    source=printed(14),
    covers={"001.14b": "holds", "001.14c": "holds"},
    reading="a_0 = 1. With b as column 0 of the weights, z and its derivatives by all weights are those with a bias.",
)
def bias_as_a_weight(W=Real("n m"), b=Real("n 1"), a=Real("m 1")):
    extended = jnp.hstack([b, W])
    by_W, by_b = derivative(lambda at: at[0] @ a + at[1], (W, b))
    yield b, plus(W @ a, b), jnp.concatenate([by_b, by_W], axis=-1)
    yield (
        extended[:, :1] @ augmented(a)[:1],
        extended @ augmented(a),
        derivative(lambda extended: extended @ augmented(a), extended),
    )


mistyped_index = definition(
    "001.14d",
    r"w_{jo}",
    title="a letter for a digit",
    source=printed(14),
    covers={"001.14d": "misprint"},
    correction=r"w_{j0}",
    severity="typography",
    reading="The second index is the letter o, which is no unit; it is the unit 0 of the expression before it.",
)


@claim(
    "001.15",
    r"C = A \bullet B, \quad C_{mn} = A_{mn} \cdot B_{mn}",
    title="element-wise product",
    source=printed(15),
    covers={"001.15a": "holds", "001.15b": "ambiguous"},
    reading="m and n are the numbers of rows and of columns, and the indices of an entry, too. Read for every entry, "
    "and not for the last alone.",
)
def element_wise_product(A=Real("m n"), B=Real("m n")):
    m, n = A.shape
    yield matrix(m, n, lambda i, j: A[i, j] * B[i, j])
    yield hadamard(A, B)
