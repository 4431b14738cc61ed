"""Lines 72 to 111: Proposition 2E, where each x_i depends on a row of a matrix, and f is differentiated by one of its
columns.

f is any real function of x, and x_1, x_2, x_3 are any real functions of the rows r_1, r_2, r_3 of U. Each statement
is made for all columns of U; indices count from zero in code.
"""

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp

from derivations._words import by_entry, hadamard, kronecker, matrix
from derivations.after_nielsen._conventions import D, column_of, column_put, d, parallel, printed
from derivations.after_nielsen.parallel_chain_rule import FUNCTIONS, in_parallel
from gradproof import Functional, Real, claim, definition, derivative, misprint

Vector = Callable[[jax.Array], jax.Array]

OF_ROWS = (Functional(),) * 3
"""x_1, x_2 and x_3, each of a row."""


def of_rows(x: Sequence[Callable[[jax.Array], jax.Array]]) -> Vector:
    """x(U), with x_i = x_i(r_i)."""
    return lambda U: jnp.stack([x_i(r_i) for x_i, r_i in zip(x, U, strict=True)])[:, None]


def by_column(x: Vector, U: jax.Array, j: int) -> tuple[jax.Array, Vector]:
    """The column c_j of U, and x as a function of it."""
    return column_of(U, j), lambda c_j: x(column_put(U, j, c_j))


def element_by_entry(x: Vector, i: int, U: jax.Array, k: int, j: int) -> jax.Array:
    r"""$\partial_{u_{kj}} x_i$."""
    return by_entry(lambda U: x(U)[i, 0], U, k, j)


def own_entries(x: Sequence[Callable[[jax.Array], jax.Array]], U: jax.Array, j: int) -> list[jax.Array]:
    r"""$\partial_{u_{1j}} x_1, \dots, \partial_{u_{mj}} x_m$, of x_1(r_1), ..., x_m(r_m)."""
    return [
        derivative(lambda u_ij, x_i=x_i, r_i=r_i: x_i(r_i.at[j].set(u_ij)), r_i[j])
        for x_i, r_i in zip(x, U, strict=True)
    ]


def diagonal(values: Sequence[jax.Array]) -> jax.Array:
    return matrix(len(values), len(values), lambda i, k: values[i] * kronecker(i, k))


def gradient_by_elements(f: Callable[[jax.Array], jax.Array], x: jax.Array) -> list[jax.Array]:
    r"""$\partial_{x_1} f, \dots, \partial_{x_m} f$."""
    return [by_entry(f, x, i) for i in range(len(x))]


def products(a: Sequence[jax.Array], b: Sequence[jax.Array]) -> jax.Array:
    """The column of the products of two lists, element by element."""
    return jnp.stack([a_i * b_i for a_i, b_i in zip(a, b, strict=True)])[:, None]


@claim(
    "002.72",
    r"n = 1: \quad \vec{d}_{\vec{c}_1} f = \vec{d}_{\vec{u}} f = \vec{d}_{\vec{x}} f \odot \vec{d}_{\vec{u}} \vec{x}",
    title="Proposition 2 is the case of one column",
    source=printed(72),
    covers=["002.72a"],
    textbook=True,
)
def case_of_one_column(f=Functional(), functions=FUNCTIONS, u=Real("3 1")):
    x, of_matrix = in_parallel(functions), of_rows([lambda r_i, x_i=x_i: x_i(r_i[0]) for x_i in functions])
    c_1, of_column = by_column(of_matrix, u, 0)
    yield d(u, lambda u: f(x(u))), hadamard(d(x(u), f), parallel(u, x))
    yield d(c_1, lambda c: f(of_column(c))), hadamard(d(of_matrix(u), f), parallel(c_1, of_column))


matrix_of_values = definition(
    "002.78",
    r"U = \begin{bmatrix} u_{11} & \cdots & u_{1n} \\ \vdots & \ddots & \vdots \\ u_{m1} & \cdots & u_{mn}"
    r" \end{bmatrix}, \quad \vec{x} = \vec{x}(U), \quad x_i = x_i(\vec{r}_i)",
    code=of_rows,
    title="a vector of the rows of a matrix",
    source=printed(76, 78, 82),
    covers=["002.76a", "002.78a", "002.82a"],
)
rows_and_columns = definition(
    "002.80",
    r"\vec{r}_i, \quad \vec{c}_j",
    code=column_of,
    title="rows and columns",
    source=printed(80),
    covers=["002.80a"],
)


@claim(
    "002.84",
    r"\vec{d}_{\vec{c}_j} f = \vec{d}_{\vec{x}} f \odot \vec{d}_{\vec{c}_j} \vec{x}",
    title="extended parallel chain rule",
    source=printed(84, 111),
    covers=["002.84a", "002.84b", "002.111a"],
    textbook=True,
)
def extended_parallel_chain_rule(f=Functional(), x=OF_ROWS, U=Real("3 n")):
    columns = [by_column(of_rows(x), U, j) for j in range(U.shape[1])]
    yield [d(c_j, lambda c, x_j=x_j: f(x_j(c))) for c_j, x_j in columns]
    yield [hadamard(d(of_rows(x)(U), f), parallel(c_j, x_j)) for c_j, x_j in columns]


@claim(
    "002.84c",
    r"\vec{d}_{\vec{c}_j} \vec{x} = (\partial_{u_{1j}} x_1, \dots, \partial_{u_{mj}} x_m)",
    title="derivatives by a column",
    source=printed(84),
    covers={"002.84c": "definition"},
    reading="As in line 56, the derivative of each element by the one of its own row.",
    textbook=True,
)
def derivatives_by_a_column(x=OF_ROWS, U=Real("3 n")):
    columns = [by_column(of_rows(x), U, j) for j in range(U.shape[1])]
    yield [jnp.stack(own_entries(x, U, j))[:, None] for j in range(U.shape[1])]
    yield [parallel(c_j, x_j) for c_j, x_j in columns]


@claim(
    "002.93",
    r"\partial_{u_{kj}} x_i = 0 \quad (k \neq i)",
    title="no other row matters",
    source=printed(93),
    covers=["002.93a"],
    sizes={"n": 2},
    textbook=True,
)
def no_other_row_matters(x=OF_ROWS, U=Real("3 n")):
    x, others = of_rows(x), [(i, k) for i in range(3) for k in range(3) if i != k]
    yield [[element_by_entry(x, i, U, k, j) for i, k in others] for j in range(U.shape[1])]
    yield [[0.0] * len(others) for _ in range(U.shape[1])]


@claim(
    "002.95",
    r"U = \begin{array}{|c|c|c|} \hline u_{11} & u_{1j} & \vdots \\ \hline \vdots & \vdots & \\ \hline"
    r" u_{mj} & u_{mn} & \\ \hline \end{array}",
    title="the matrix with its column j",
    source=printed(95),
    covers={"002.95a": "misprint"},
    correction=r"U = \begin{array}{|c|c|c|} \hline u_{11} & u_{1j} & u_{1n} \\ \hline \vdots & \vdots & \vdots \\"
    r" \hline u_{m1} & u_{mj} & u_{mn} \\ \hline \end{array}",
    severity="index",
    reading="The first and the last row of the first two columns, of which the second is the column j, for each j "
    "between the first and the last.",
)
def matrix_with_column_j(U=Real("m n+2")):
    n = U.shape[1]
    yield [(U[0, [0, j]], U[-1, [0, j]]) for j in range(1, n - 1)]
    yield misprint(
        printed=[(jnp.stack([U[0, 0], U[0, j]]), jnp.stack([U[-1, j], U[-1, -1]])) for j in range(1, n - 1)],
        correct=[(jnp.stack([U[0, 0], U[0, j]]), jnp.stack([U[-1, 0], U[-1, j]])) for j in range(1, n - 1)],
    )


@claim(
    "002.95b",
    r"\vec{x} = \begin{bmatrix} x_1 = x_1(u_{1j}) \\ \vdots \\ x_m = x_m(u_{mj}) \end{bmatrix}",
    title="x as a function of one column",
    source=printed(95),
    covers={"002.95b": "ambiguous"},
    reading="With the other columns of U held: x_i is a function of u_ij among the elements of c_j, for any column in "
    "the place of c_j. Read as a function of u_ij and nothing else it is false: 002.95c.",
    textbook=True,
)
def function_of_one_column(x=OF_ROWS, U=Real("3 n"), c=Real("3 1")):
    def of_entry(i, j, u_ij):
        return x[i](U[i].at[j].set(u_ij))

    yield [of_rows(x)(column_put(U, j, c)) for j in range(U.shape[1])]
    yield [matrix(3, 1, lambda i, _, j=j: of_entry(i, j, c[i, 0])) for j in range(U.shape[1])]


@claim(
    "002.95c",
    r"x_i = x_i(u_{ij})",
    title="the other columns matter",
    source=printed(95, 82),
    correction=r"x_i = x_i(\vec{r}_i)",
    severity="wording",
    reading="The other reading of 002.95b: x_i would not depend on the rest of its row, against line 82.",
    textbook=True,
)
def other_columns_matter(x=Functional(), row=Real("n+1")):
    yield derivative(x, row)[1:]
    yield misprint(
        printed=jnp.zeros(len(row) - 1),
        correct=jnp.stack([derivative(lambda u, k=k: x(row.at[k].set(u)), row[k]) for k in range(1, len(row))]),
    )


@claim(
    "002.101",
    r"\vec{d}_{\vec{c}_j} x_i = \begin{bmatrix} 0 \\ \vdots \\ \partial_{u_{ij}} x_i \\ \vdots \\ 0 \end{bmatrix}",
    title="one element in each column",
    source=printed(93, 99, 101),
    covers=["002.93b", "002.99a", "002.99b", "002.101a"],
    reading="At most one derivative is not 0: that by u_ij may be 0, too.",
    sizes={"n": 2},
    textbook=True,
)
def one_element_in_each_column(x=OF_ROWS, U=Real("3 n")):
    columns = [by_column(of_rows(x), U, j) for j in range(U.shape[1])]
    own = [own_entries(x, U, j) for j in range(U.shape[1])]
    yield [[d(c_j, lambda c, i=i, x_j=x_j: x_j(c)[i, 0]) for i in range(3)] for c_j, x_j in columns]
    yield [[matrix(3, 1, lambda k, _, i=i, o=own_j: o[i] * kronecker(i, k)) for i in range(3)] for own_j in own]


@claim(
    "002.103",
    r"D_{\vec{c}_j} \vec{x} = \left[\vec{d}_{\vec{c}_j} x_1, \dots, \vec{d}_{\vec{c}_j} x_m\right]",
    title="columns together are a diagonal matrix",
    source=printed(103),
    covers=["002.103a"],
    sizes={"n": 2},
    textbook=True,
)
def columns_together(x=OF_ROWS, U=Real("3 n")):
    columns = [by_column(of_rows(x), U, j) for j in range(U.shape[1])]
    yield [D(c_j, x_j) for c_j, x_j in columns]
    yield [jnp.hstack([d(c_j, lambda c, i=i, x_j=x_j: x_j(c)[i, 0]) for i in range(3)]) for c_j, x_j in columns]
    yield [diagonal(own_entries(x, U, j)) for j in range(U.shape[1])]


@claim(
    "002.105",
    r"D_{\vec{c}_j} \vec{x} = \begin{bmatrix} \partial_{u_{ij}} x_1 & & 0 \\ & \ddots & \\ 0 & & \partial_{u_{mj}} x_m"
    r" \end{bmatrix}",
    title="first entry of the diagonal",
    source=printed(105),
    covers={"002.105a": "misprint"},
    correction=r"D_{\vec{c}_j} \vec{x} = \begin{bmatrix} \partial_{u_{1j}} x_1 & & 0 \\ & \ddots & \\"
    r" 0 & & \partial_{u_{mj}} x_m \end{bmatrix}",
    severity="index",
    reading="Shown for i = 2. Where i is not 1, the first entry is the derivative of x_1 by an element of another "
    "row, which is 0.",
    sizes={"n": 2},
    textbook=True,
)
def first_entry_of_diagonal(x=OF_ROWS, U=Real("3 n")):
    n = U.shape[1]
    columns, own = [by_column(of_rows(x), U, j) for j in range(n)], [own_entries(x, U, j) for j in range(n)]
    yield [D(c_j, x_j) for c_j, x_j in columns]
    yield misprint(
        printed=[diagonal([element_by_entry(of_rows(x), 0, U, 1, j), *own_j[1:]]) for j, own_j in enumerate(own)],
        correct=[diagonal(own_j) for own_j in own],
    )


@claim(
    "002.109",
    r"\vec{d}_{\vec{c}_j} f = D_{\vec{c}_j} \vec{x} \cdot \vec{d}_{\vec{x}} f"
    r" = \begin{bmatrix} \partial_{u_{ij}} x_1 & & 0 \\ & \ddots & \\ 0 & & \partial_{u_{mj}} x_m"
    r" \end{bmatrix} \begin{bmatrix} \partial_{x_1} f \\ \vdots \\ \partial_{x_m} f \end{bmatrix}"
    r" = \begin{bmatrix} \partial_{x_1} f \cdot \partial_{u_{ij}} x_1 \\ \vdots \\"
    r" \partial_{x_m} f \cdot \partial_{u_{mj}} x_m \end{bmatrix}",
    title="products with the first entry of the diagonal",
    source=printed(109),
    covers={"002.109a": "holds", "002.109b": "misprint", "002.109c": "misprint"},
    correction=r"\begin{bmatrix} \partial_{u_{1j}} x_1 & & 0 \\ & \ddots & \\ 0 & & \partial_{u_{mj}} x_m \end{bmatrix}"
    r" \begin{bmatrix} \partial_{x_1} f \\ \vdots \\ \partial_{x_m} f \end{bmatrix}"
    r" = \begin{bmatrix} \partial_{x_1} f \cdot \partial_{u_{1j}} x_1 \\ \vdots \\"
    r" \partial_{x_m} f \cdot \partial_{u_{mj}} x_m \end{bmatrix}",
    severity="index",
    reading="The same as in line 105, for i = 2.",
    sizes={"n": 2},
    textbook=True,
)
def products_with_first_entry(f=Functional(), x=OF_ROWS, U=Real("3 n")):
    n, by_x = U.shape[1], gradient_by_elements(f, of_rows(x)(U))
    columns = [by_column(of_rows(x), U, j) for j in range(n)]
    own = [own_entries(x, U, j) for j in range(n)]
    as_printed = [[element_by_entry(of_rows(x), 0, U, 1, j), *own_j[1:]] for j, own_j in enumerate(own)]
    yield [d(c_j, lambda c, x_j=x_j: f(x_j(c))) for c_j, x_j in columns]
    yield [D(c_j, x_j) @ d(of_rows(x)(U), f) for c_j, x_j in columns]
    yield misprint(
        printed=[diagonal(values) @ jnp.stack(by_x)[:, None] for values in as_printed],
        correct=[diagonal(values) @ jnp.stack(by_x)[:, None] for values in own],
    )
    yield misprint(
        printed=[products(by_x, values) for values in as_printed],
        correct=[products(by_x, values) for values in own],
    )
