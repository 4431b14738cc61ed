"""Lines 48 to 70: Proposition 2, the chain rule where each x_i depends on u_i alone.

f is any real function of x, and x_1, x_2, ... are any functions of one number, each another one. The statements are
made for one, for two and for three of them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from derivations._words import by_entry, hadamard, kronecker, matrix
from derivations.after_nielsen._conventions import D, d, parallel, printed
from derivations.after_nielsen.chain_rule import NUMBERS, partials_by
from gradproof import Function, Functional, Real, claim, definition, derivative

FUNCTIONS = (Function(),) * 3
"""x_1, x_2 and x_3."""


def in_parallel(functions: Sequence[Callable[[jax.Array], jax.Array]]) -> Callable[[jax.Array], jax.Array]:
    """x(u), with x_i = x_i(u_i)."""
    return lambda u: jnp.stack([x_i(u_i) for x_i, u_i in zip(functions, u[:, 0], strict=True)])[:, None]


def slopes(functions: Sequence[Any], u: jax.Array) -> list[jax.Array]:
    """The derivative of each x_i by its u_i."""
    return [derivative(x_i, u_i) for x_i, u_i in zip(functions, u[:, 0], strict=True)]


@claim(
    "002.54",
    r"\vec{d}_{\vec{u}} f = \vec{d}_{\vec{x}} f \odot \vec{d}_{\vec{u}} \vec{x}",
    title="parallel chain rule",
    source=printed(48, 52, 54),
    covers={"002.48a": "holds", "002.52a": "definition", "002.54a": "holds"},
    reading="That this is a special case of Proposition 1 is the second side.",
    textbook=True,
)
def parallel_chain_rule(f=NUMBERS, functions=FUNCTIONS, u=Real("3 1")):
    every = [(f_n, in_parallel(functions[:n]), u[:n]) for n, f_n in enumerate(f, 1)]
    yield [d(u_n, lambda u, at=(f_n, x): at[0](at[1](u))) for f_n, x, u_n in every]
    yield [D(u_n, x) @ d(x(u_n), f_n) for f_n, x, u_n in every]
    yield [hadamard(d(x(u_n), f_n), parallel(u_n, x)) for f_n, x, u_n in every]


hadamard_product = definition(
    "002.56",
    r"\odot",
    code=hadamard,
    title="Hadamard product",
    source=printed(56),
    covers=["002.56a"],
)


@claim(
    "002.56b",
    r"\vec{d}_{\vec{u}} \vec{x} = (\partial_{u_1} x_1, \dots, \partial_{u_n} x_n)",
    title="derivatives side by side",
    source=printed(56),
    covers={"002.56b": "definition"},
    reading="A column, as all vectors are. The appendix has this symbol for a derivative by one number, at line 397.",
    textbook=True,
)
def derivatives_side_by_side(functions=FUNCTIONS, u=Real("3 1")):
    yield jnp.stack(slopes(functions, u))[:, None]
    yield parallel(u, in_parallel(functions))


@claim(
    "002.60",
    r"\partial_{u_j} x_i = 0 \quad (i \neq j)",
    title="no other element matters",
    source=printed(60),
    covers=["002.60a"],
    textbook=True,
)
def no_other_element_matters(functions=FUNCTIONS, u=Real("3 1")):
    others = [(i, j) for i in range(3) for j in range(3) if i != j]
    x = in_parallel(functions)
    yield jnp.stack([by_entry(lambda u, i=i: x(u)[i, 0], u, j) for i, j in others])
    yield jnp.zeros(len(others))


@claim(
    "002.62",
    r"\vec{\partial}_{u_i} \vec{x} = \begin{bmatrix} 0 \\ \vdots \\ \partial_{u_i} x_i \\ \vdots \\ 0 \end{bmatrix}",
    title="one element in each column",
    source=printed(62),
    covers=["002.62a"],
    textbook=True,
)
def one_element_in_each_column(functions=FUNCTIONS, u=Real("3 1")):
    by_its_own = slopes(functions, u)
    yield partials_by(u, in_parallel(functions))
    yield [matrix(3, 1, lambda j, _, i=i: by_its_own[i] * kronecker(i, j)) for i in range(3)]


@claim(
    "002.66",
    r"D_{\vec{u}} \vec{x} = \begin{bmatrix} \partial_{u_1} x_1 & & 0 \\ & \ddots & \\ 0 & & \partial_{u_n} x_n"
    r" \end{bmatrix}",
    title="diagonal matrix",
    source=printed(64, 66),
    covers=["002.64a", "002.66a"],
    reading="Side by side, the columns of line 62 make the transpose of D, whose rows they are; a diagonal matrix is "
    "its own transpose.",
    textbook=True,
)
def diagonal_matrix(functions=FUNCTIONS, u=Real("3 1")):
    x, by_its_own = in_parallel(functions), slopes(functions, u)
    yield D(u, x)
    yield jnp.hstack(partials_by(u, x))
    yield matrix(3, 3, lambda i, j: by_its_own[i] * kronecker(i, j))


@claim(
    "002.70",
    r"\vec{d}_{\vec{u}} f = D_{\vec{u}} \vec{x} \cdot \vec{d}_{\vec{x}} f"
    r" = \begin{bmatrix} \partial_{u_1} x_1 & & 0 \\ & \ddots & \\ 0 & & \partial_{u_n} x_n \end{bmatrix}"
    r" \begin{bmatrix} \partial_{x_1} f \\ \vdots \\ \partial_{x_n} f \end{bmatrix}"
    r" = \begin{bmatrix} \partial_{x_1} f \cdot \partial_{u_1} x_1 \\ \vdots \\"
    r" \partial_{x_n} f \cdot \partial_{u_n} x_n \end{bmatrix} = \vec{d}_{\vec{x}} f \odot \vec{d}_{\vec{u}} \vec{x}",
    title="proof of the parallel chain rule",
    source=printed(70),
    covers=["002.70a", "002.70b", "002.70c", "002.70d"],
    textbook=True,
)
def proof_of_parallel_chain_rule(f=Functional(), functions=FUNCTIONS, u=Real("3 1")):
    x, by_u = in_parallel(functions), slopes(functions, u)
    at = x(u)
    by_x = [by_entry(f, at, i) for i in range(3)]
    yield d(u, lambda u: f(x(u)))
    yield D(u, x) @ d(at, f)
    yield matrix(3, 3, lambda i, j: by_u[i] * kronecker(i, j)) @ matrix(3, 1, lambda i, _: by_x[i])
    yield matrix(3, 1, lambda i, _: by_x[i] * by_u[i])
    yield hadamard(d(at, f), parallel(u, x))
