"""Lines 372 to 431, Appendix A: the notation for derivatives.

f, f_1, ..., f_m are any real functions of x, a number or a column of n elements.
"""

import jax.numpy as jnp

from derivations._words import by_entry, gradient, matrix
from derivations.after_nielsen._conventions import D, d, partials, printed
from derivations.after_nielsen.chain_rule import NUMBERS, partials_by, vector
from derivations.after_nielsen.parallel_chain_rule import FUNCTIONS
from gradproof import Function, Functional, Real, claim, definition, derivative

of_one_number = definition(
    "002.376",
    r"f(x)",
    code=Function,
    title="a number of a number",
    source=printed(376),
    covers=["002.376a"],
)
derivative_by_a_number = definition(
    "002.378",
    r"df_x = \frac{df}{dx}",
    code=derivative,
    title="derivative by a number",
    source=printed(378, 379, 380, 395),
    covers={"002.378a": "misprint"},
    correction=r"d_x f = \frac{df}{dx}",
    severity="typography",
    reading="What it is taken by stands under the d everywhere else, as in line 395.",
)
of_a_vector = definition(
    "002.382",
    r"f(\vec{x})",
    code=Functional,
    title="a number of a vector",
    source=printed(382),
    covers=["002.382a"],
)


@claim(
    "002.388",
    r"\vec{d}_{\vec{x}} f = \begin{bmatrix} \partial_{x_1} f \\ \vdots \\ \partial_{x_n} f \end{bmatrix}, \quad"
    r" \partial_{x_i} f = \frac{\partial f}{\partial x_i}",
    title="gradient",
    source=printed(384, 385, 386, 388, 389, 390, 391),
    covers={"002.384a": "definition", "002.388a": "definition"},
    textbook=True,
)
def gradient_of_a_number(f=Functional(), x=Real("n 1")):
    yield jnp.stack([by_entry(f, x, i) for i in range(len(x))])[:, None]
    yield d(x, f)


@claim(
    "002.397",
    r"\vec{d}_x \vec{f} = \begin{bmatrix} d_x f_1 \\ \vdots \\ d_x f_m \end{bmatrix}",
    title="vector by a number",
    source=printed(393, 395, 397, 398, 399),
    covers={
        "002.393a": "definition",
        "002.395a": "definition",
        "002.397a": "definition",
        "002.397b": "holds",
    },
    reading="A column, as f is. With a vector for x the same symbol is that of line 56.",
    textbook=True,
)
def vector_by_a_number(f=FUNCTIONS, x=Real()):
    yield [jnp.stack([derivative(f_i, x) for f_i in f[:m]])[:, None] for m in (1, 2, 3)]
    yield [partials(x, vector(f[:m])) for m in (1, 2, 3)]


@claim(
    "002.411",
    r"\vec{\partial}_{x_i} \vec{f} = \begin{bmatrix} \partial_{x_i} f_1 \\ \vdots \\ \partial_{x_i} f_m \end{bmatrix},"
    r" \quad \vec{d}_{\vec{x}} f_j = \begin{bmatrix} \partial_{x_1} f_j \\ \vdots \\ \partial_{x_n} f_j \end{bmatrix}",
    title="columns of partial derivatives",
    source=printed(401, 403, 404, 406, 407, 408, 409, 411, 412, 413),
    covers={
        "002.401a": "definition",
        "002.403a": "definition",
        "002.406a": "definition",
        "002.411a": "definition",
    },
    textbook=True,
)
def columns_of_partial_derivatives(f=NUMBERS, x=Real("n 1")):
    n, m = len(x), len(f)
    yield (
        [matrix(m, 1, lambda j, _, i=i: by_entry(f[j], x, i)) for i in range(n)],
        [matrix(n, 1, lambda i, _, j=j: by_entry(f[j], x, i)) for j in range(m)],
    )
    yield partials_by(x, vector(f)), [d(x, f_j) for f_j in f]


@claim(
    "002.419",
    r"D_{\vec{x}} \vec{f} = \begin{bmatrix} \partial_{x_1} f_1 & \dots & \partial_{x_1} f_m \\"
    r" \vdots & \ddots & \vdots \\ \partial_{x_n} f_1 & \dots & \partial_{x_n} f_m \end{bmatrix}",
    title="matrix of partial derivatives",
    source=printed(415, 416, 417, 419, 420, 263),
    covers={"002.415a": "definition", "002.419a": "definition", "002.419b": "holds"},
    reading="Rows by the elements of x and columns by those of f, as the arrows say: the transpose of the Jacobian. "
    "Line 263 has the same columns.",
    textbook=True,
)
def matrix_of_partial_derivatives(f=NUMBERS, x=Real("n 1")):
    yield matrix(len(x), len(f), lambda i, j: by_entry(f[j], x, i))
    yield jnp.hstack([d(x, f_j) for f_j in f])
    yield derivative(vector(f), x)[:, 0, :, 0].T
    yield D(x, vector(f))


@claim(
    "002.426",
    r"D_A f = \begin{bmatrix} \partial_{a_{11}} f & \dots & \partial_{a_{1n}} f \\ \vdots & \ddots & \vdots \\"
    r" \partial_{a_{m1}} f & \dots & \partial_{a_{mn}} f \end{bmatrix}",
    title="number by a matrix",
    source=printed(424, 426, 427, 329),
    covers={"002.424a": "definition", "002.426a": "definition", "002.426b": "holds"},
    reading="In the shape of A and not of its transpose, as D_W C has it in line 329.",
    textbook=True,
)
def number_by_a_matrix(f=Functional(), C=Functional(), A=Real("m n"), x=Real("n 1"), b=Real("m 1")):
    def entries(f):
        return matrix(*A.shape, lambda i, j: by_entry(f, A, i, j))

    def cost(W):
        return C(W @ x + b)

    yield entries(f), entries(cost)
    yield gradient(f, A), gradient(cost, A)
    yield gradient(f, A), d(A @ x + b, C) @ x.T


@claim(
    "002.431",
    r"D_{\vec{u}} \vec{f} = (D_{\vec{u}} \vec{x}) (D_{\vec{x}} \vec{f})",
    title="chain rule of matrices",
    source=printed(429, 431),
    covers={"002.429a": "definition", "002.431a": "holds"},
    reading="x has two elements, and f one, two or three.",
    textbook=True,
)
def chain_rule_of_matrices(f=NUMBERS, elements=NUMBERS[:2], u=Real("k 1")):
    x = vector(elements)
    yield [D(u, lambda u, m=m: vector(f[:m])(x(u))) for m in (1, 2, 3)]
    yield [D(u, x) @ D(x(u), vector(f[:m])) for m in (1, 2, 3)]


@claim(
    "002.431b",
    r"m = 1: \quad D_{\vec{u}} \vec{f} = \vec{d}_{\vec{u}} f_1, \quad"
    r" (D_{\vec{u}} \vec{x}) (D_{\vec{x}} \vec{f}) = D_{\vec{u}} \vec{x} \cdot \vec{d}_{\vec{x}} f_1",
    title="Proposition 1 is the case of one function",
    source=printed(431, 38),
    covers=["002.431b"],
    textbook=True,
)
def case_of_one_function(f=Functional(), elements=NUMBERS, u=Real("k 1")):
    x, one = vector(elements), vector([f])
    yield d(u, lambda u: f(x(u))), D(u, x) @ d(x(u), f)
    yield D(u, lambda u: one(x(u))), D(u, x) @ D(x(u), one)
