"""Lines 287 to 324: the derivative of a vector by a matrix, and the product of a row with it.

w is (m, n), x is (m, 1), a is (n, 1), and so w^T x is (n, 1). `slab(j)` is the printed matrix with x as its column j.
"""

import jax
import jax.numpy as jnp

from derivations._words import matrix
from derivations.deriving_backpropagation._conventions import by_matrix, printed, times
from gradproof import Real, claim, definition, derivative

matrix_and_vector = definition(
    "000.289",
    r"w \in \mathbb{R}^{m \times n}, \quad x \in \mathbb{R}^m, \quad a \in \mathbb{R}^n",
    code=Real,
    title="a matrix and two vectors",
    source=printed(289, 312),
    covers=["000.289a", "000.312a"],
)


def component_by_matrix(j: int, w: jax.Array, x: jax.Array) -> jax.Array:
    """The derivative of component j of w^T x by w."""
    return derivative(lambda w: (w.T @ x)[j, 0], w)


def slab(j: int, w: jax.Array, x: jax.Array) -> jax.Array:
    """The m x n matrix of lines 300 to 306, with x as its column j and zeros elsewhere."""
    return jnp.zeros_like(w).at[:, j].set(x[:, 0])


@claim(
    "000.293",
    r"\frac{\partial w^T x}{\partial w} = \begin{pmatrix} \frac{\partial (w^T x)_1}{\partial w} \\"
    r" \frac{\partial (w^T x)_2}{\partial w} \\ \dots \\ \frac{\partial (w^T x)_n}{\partial w} \end{pmatrix}",
    title="vector by matrix",
    source=printed(293, 294, 295, 296),
    covers={"000.293a": "definition"},
)
def vector_by_matrix(w=Real("m n"), x=Real("m 1")):
    n = w.shape[1]
    yield by_matrix(lambda w: w.T @ x, w)
    yield jnp.stack([component_by_matrix(j, w, x) for j in range(n)])


@claim(
    "000.298",
    r"\frac{\partial w^T x}{\partial w} \in \mathbb{R}^{n \times m \times n}",
    title="shape of vector by matrix",
    source=printed(298),
    covers=["000.298a"],
)
def shape_of_vector_by_matrix(w=Real("m n"), x=Real("m 1")):
    n = w.shape[1]
    yield by_matrix(lambda w: w.T @ x, w)
    yield jnp.einsum("jk,i->jik", jnp.eye(n, dtype=x.dtype), x[:, 0])


@claim(
    "000.300",
    r"\frac{\partial (w^T x)_1}{\partial w} = \begin{pmatrix} x_1 & 0 & \dots & 0 \\ x_2 & 0 & \dots & 0 \\"
    r" \vdots & \vdots & \ddots & \vdots \\ x_m & 0 & \dots & 0 \end{pmatrix}, \quad \dots, \quad"
    r" \frac{\partial (w^T x)_n}{\partial w} = \begin{pmatrix} 0 & \dots & 0 & x_1 \\ 0 & \dots & 0 & x_2 \\"
    r" \vdots & \vdots & \ddots & \vdots \\ 0 & \dots & 0 & x_m \end{pmatrix}",
    title="components by matrix",
    source=printed(300, 302, 304, 306),
    covers=["000.300a", "000.302a", "000.304a", "000.306a"],
    reading="One statement for each component, from the first to the last.",
)
def components_by_matrix(w=Real("m n"), x=Real("m 1")):
    components = range(w.shape[1])
    yield tuple(component_by_matrix(j, w, x) for j in components)
    yield tuple(slab(j, w, x) for j in components)


@claim(
    "000.315",
    r"a^T \left[\frac{\partial w^T x}{\partial w}\right] = \begin{pmatrix} a_1 & a_2 & \dots & a_n \end{pmatrix}"
    r" \begin{pmatrix} \frac{\partial (w^T x)_1}{\partial w} \\ \frac{\partial (w^T x)_2}{\partial w} \\ \dots \\"
    r" \frac{\partial (w^T x)_n}{\partial w} \end{pmatrix}"
    r" = \sum_{j=1}^n a_j \frac{\partial (w^T x)_j}{\partial w}"
    r" = a_1 \begin{pmatrix} x_1 & 0 & \dots & 0 \\ x_2 & 0 & \dots & 0 \\"
    r" \vdots & \vdots & \ddots & \vdots \\ x_m & 0 & \dots & 0 \end{pmatrix} + \dots + a_n"
    r" \begin{pmatrix} 0 & \dots & 0 & x_1 \\ 0 & \dots & 0 & x_2 \\"
    r" \vdots & \vdots & \ddots & \vdots \\ 0 & \dots & 0 & x_m \end{pmatrix}"
    r" = \begin{pmatrix} a_1 x_1 & a_2 x_1 & \dots & a_n x_1 \\ a_1 x_2 & a_2 x_2 & \dots & a_n x_2 \\"
    r" \vdots & \vdots & \ddots & \vdots \\ a_1 x_m & a_2 x_m & \dots & a_n x_m \end{pmatrix} = x a^T",
    title="row times tensor",
    source=printed(315, 316, 317, 318, 319, 320, 321, 142),
    covers={
        "000.142a": "holds",
        "000.315a": "definition",
        "000.318a": "holds",
        "000.319a": "holds",
        "000.320a": "holds",
        "000.321a": "holds",
    },
    reading="This is also the explanation that line 142 refers to.",
)
def row_times_tensor(w=Real("m n"), x=Real("m 1"), a=Real("n 1")):
    m, n = w.shape
    yield times(a.T, by_matrix(lambda w: w.T @ x, w))
    yield times(a.T, jnp.stack([component_by_matrix(j, w, x) for j in range(n)]))
    yield sum(a[j, 0] * component_by_matrix(j, w, x) for j in range(n))
    yield sum(a[j, 0] * slab(j, w, x) for j in range(n))
    yield matrix(m, n, lambda i, j: a[j, 0] * x[i, 0])
    yield x @ a.T


@claim(
    "000.324",
    r"a^T \left[\frac{\partial w^T x}{\partial w}\right] \in \mathbb{R}^{1 \times m \times n}",
    title="shape of row times tensor",
    source=printed(324),
    covers=["000.324a"],
)
def shape_of_row_times_tensor(w=Real("m n"), x=Real("m 1"), a=Real("n 1")):
    m, n = w.shape
    yield jnp.tensordot(a.T, by_matrix(lambda w: w.T @ x, w), axes=1)
    yield matrix(m, n, lambda i, j: x[i, 0] * a[j, 0])[None]
