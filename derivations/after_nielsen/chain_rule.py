"""Lines 34 to 46: Proposition 1, the chain rule.

f is any real function of x, and each element of x any real function of u. The statements are made for x of one, of
two and of three elements, and for u of any number k of them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from derivations._words import by_entry, matrix, put
from derivations.after_nielsen._conventions import D, d, dot, partials, printed
from gradproof import Functional, Real, claim, misprint

Vector = Callable[[jax.Array], jax.Array]

NUMBERS = (Functional(),) * 3
"""The elements of x, or one f for each number of elements that x may have."""


def vector(elements: Sequence[Callable[[jax.Array], jax.Array]]) -> Vector:
    """The column of these functions of u, a column or a number."""
    return lambda u: jnp.stack([element(u) for element in elements])[:, None]


def pairs(f: Sequence[Any], elements: Sequence[Any]) -> list[tuple[Any, Vector]]:
    """f and x, for x of the first element, of the first two, and so on."""
    return [(f_n, vector(elements[:n])) for n, f_n in enumerate(f, 1)]


def partials_by(u: jax.Array, x: Vector) -> list[jax.Array]:
    """The columns of the derivatives of x by u_1, ..., u_k."""
    return [partials(u[i, 0], lambda u_i, i=i: x(put(u, i, u_i))) for i in range(len(u))]


@claim(
    "002.38",
    r"\vec{d}_{\vec{u}} f = D_{\vec{u}} \vec{x} \cdot \vec{d}_{\vec{x}} f",
    title="chain rule",
    source=printed(36, 38, 46),
    covers={"002.36a": "definition", "002.38a": "holds", "002.46d": "holds"},
    textbook=True,
)
def chain_rule(f=NUMBERS, elements=NUMBERS, u=Real("k 1")):
    every = pairs(f, elements)
    yield [d(u, lambda u, at=(f_n, x): at[0](at[1](u))) for f_n, x in every]
    yield [D(u, x) @ d(x(u), f_n) for f_n, x in every]


@claim(
    "002.42",
    r"\vec{d}_{\vec{u}} f = \begin{bmatrix} \partial_{u_1} f \\ \vdots \\ \partial_{u_k} f \end{bmatrix}, \quad"
    r" \partial_{u_i} f = \partial_{x_1} f \cdot \partial_{u_i} x_1 + \dots + \partial_{x_n} f \cdot \partial_{u_i} x_n"
    r" = \vec{d}_{\vec{x}} f \cdot \vec{\partial}_{u_i} \vec{x}, \quad"
    r" \vec{d}_{\vec{u}} f = \begin{bmatrix} \vec{d}_{\vec{x}} f \cdot \vec{\partial}_{u_1} \vec{x} \\ \vdots \\"
    r" \vec{d}_{\vec{x}} f \cdot \vec{\partial}_{u_k} \vec{x} \end{bmatrix}",
    title="the reason for the chain rule",
    source=printed(42, 46),
    covers={
        "002.42a": "holds",
        "002.42b": "holds",
        "002.42c": "holds",
        "002.42d": "ambiguous",
        "002.46a": "holds",
    },
    reading="The dot stands for three products, which what it stands between tells apart: of two numbers, of two "
    "columns of one length, and, in line 38, of a matrix and a column. x has one or two elements.",
    textbook=True,
)
def reason_for_chain_rule(f=NUMBERS[:2], elements=NUMBERS[:2], u=Real("k 1")):
    every, k = pairs(f, elements), len(u)

    def partial(f_n, x, i):
        return by_entry(lambda u: f_n(x(u)), u, i)

    def products(f_n, x, i):
        at = x(u)
        return sum(by_entry(f_n, at, j) * by_entry(lambda u, j=j: x(u)[j, 0], u, i) for j in range(len(at)))

    yield [d(u, lambda u, at=(f_n, x): at[0](at[1](u))) for f_n, x in every]
    yield [matrix(k, 1, lambda i, _, at=(f_n, x): partial(*at, i)) for f_n, x in every]
    yield [matrix(k, 1, lambda i, _, at=(f_n, x): products(*at, i)) for f_n, x in every]
    yield [jnp.stack([dot(d(x(u), f_n), by_u_i) for by_u_i in partials_by(u, x)])[:, None] for f_n, x in every]


@claim(
    "002.46",
    r"D_{\vec{u}} \vec{x} = \begin{bmatrix} \vec{\partial}_{u_1} \vec{x} \\ \vdots \\ \vec{\partial}_{u_k} \vec{x}"
    r" \end{bmatrix}",
    title="columns of derivatives over each other",
    source=printed(46),
    covers={"002.46c": "misprint"},
    correction=r"D_{\vec{u}} \vec{x} = \begin{bmatrix} (\vec{\partial}_{u_1} \vec{x})^t \\ \vdots \\"
    r" (\vec{\partial}_{u_k} \vec{x})^t \end{bmatrix}",
    severity="shape",
    reading="The derivatives of x by u_i are a column, as in lines 62 and 411: over each other they are one column of "
    "k n elements. D has them as rows.",
    textbook=True,
)
def columns_over_each_other(elements=NUMBERS, u=Real("k 1")):
    x = vector(elements)
    columns = partials_by(u, x)
    yield D(u, x)
    yield misprint(printed=jnp.vstack(columns), correct=jnp.vstack([column.T for column in columns]))


@claim(
    "002.46b",
    r"\vec{d}_{\vec{u}} f = \begin{bmatrix} \vec{\partial}_{u_1} \vec{x} \\ \vdots \\ \vec{\partial}_{u_k} \vec{x}"
    r" \end{bmatrix} \cdot \vec{d}_{\vec{x}} f",
    title="product with columns over each other",
    source=printed(46),
    covers={"002.46b": "misprint"},
    correction=r"\vec{d}_{\vec{u}} f = \begin{bmatrix} (\vec{\partial}_{u_1} \vec{x})^t \\ \vdots \\"
    r" (\vec{\partial}_{u_k} \vec{x})^t \end{bmatrix} \cdot \vec{d}_{\vec{x}} f",
    severity="shape",
    reading="The column of k n elements is no factor for a column of n. Taken as blocks of n that are multiplied "
    "with it element by element, it keeps its k n elements.",
    textbook=True,
)
def product_with_columns(f=Functional(), elements=NUMBERS, u=Real("k 1")):
    x = vector(elements)
    columns, by_x = partials_by(u, x), d(x(u), f)
    yield d(u, lambda u: f(x(u)))
    yield misprint(
        printed=jnp.vstack([column * by_x for column in columns]),
        correct=jnp.vstack([column.T for column in columns]) @ by_x,
    )
