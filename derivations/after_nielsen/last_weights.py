"""Lines 185 to 225: Facts 4 and 5, the cost by the last weights.

C is any real function of z. W has a row for each z_i and a column w_i for each a'_i; indices count from zero in code.
"""

import jax
import jax.numpy as jnp

from derivations._words import gradient, hadamard, kronecker, matrix
from derivations.after_nielsen._conventions import column_of, column_put, d, ones, outer, parallel, printed
from gradproof import Functional, Real, claim, definition, derivative, misprint


def z_of_column(W: jax.Array, before: jax.Array, b: jax.Array, i: int, w_i: jax.Array) -> jax.Array:
    """z = W a' + b as a function of the column w_i."""
    return column_put(W, i, w_i) @ before + b


def by_columns(W: jax.Array, before: jax.Array, b: jax.Array) -> list[jax.Array]:
    r"""$\vec{d}_{\vec{w}_i} \vec{z}$ of Proposition 2E, for each i."""
    return [parallel(column_of(W, i), lambda w_i, i=i: z_of_column(W, before, b, i, w_i)) for i in range(len(before))]


@claim(
    "002.189",
    r"D_w C = \left[\vec{d}_{\vec{w}_1} C, \dots, \vec{d}_{\vec{w}_n} C\right], \quad C = C(\vec{z}(w))",
    title="one column at a time",
    source=printed(185, 189, 191, 193),
    covers={"002.189a": "holds", "002.191a": "definition", "002.193a": "holds"},
    reading="n is the number of columns of W, which is that of the activations before.",
    textbook=True,
)
def one_column_at_a_time(C=Functional(), W=Real("p n"), before=Real("n 1"), b=Real("p 1")):
    columns = range(len(before))
    yield gradient(lambda W: C(W @ before + b), W)
    yield jnp.hstack([d(column_of(W, i), lambda w_i, i=i: C(z_of_column(W, before, b, i, w_i))) for i in columns])


@claim(
    "002.195",
    r"z_i = \sum w a' + b_i, \quad \partial_{w_{kl}} z_i = 0 \quad (k \neq i)",
    title="each z has a row of weights",
    source=printed(195, 197),
    covers={"002.195a": "holds", "002.195b": "ambiguous", "002.195c": "holds", "002.197a": "holds"},
    reading="The sum has no indices: w_ik a'_k over all k. That z_i changes with all weights of row i, as it does with "
    "w_ik at the rate a'_k, is what Proposition 2 does not allow where there is more than one; that it changes with no "
    "weight of another row is the condition of Proposition 2E.",
)
def each_z_has_a_row_of_weights(W=Real("p n"), before=Real("n 1"), b=Real("p 1")):
    p, n = W.shape
    z = W @ before + b
    by_W = derivative(lambda W: W @ before + b, W)[:, 0]
    yield [z[i, 0] for i in range(p)], [by_W[i] for i in range(p)]
    yield (
        [sum(W[i, k] * before[k, 0] for k in range(n)) + b[i, 0] for i in range(p)],
        [matrix(p, n, lambda k, j, i=i: before[j, 0] * kronecker(i, k)) for i in range(p)],
    )


@claim(
    "002.203",
    r"\vec{d}_{\vec{w}_i} \vec{z} = \vec{d}_{\vec{w}_i} (W \vec{a}' + \vec{b})"
    r" = \vec{d}_{\vec{w}_i} \left(\sum_k a'_k \vec{w}_k + \vec{b}\right)",
    title="z as a sum of columns",
    source=printed(203),
    covers=["002.203a", "002.203b"],
)
def sum_of_columns(W=Real("p n"), before=Real("n 1"), b=Real("p 1")):
    n = len(before)

    def z(i, w_i):
        return sum(before[k, 0] * (w_i if k == i else column_of(W, k)) for k in range(n)) + b

    yield W @ before + b, by_columns(W, before, b)
    yield (
        z(0, column_of(W, 0)),
        [parallel(column_of(W, i), lambda w_i, i=i: z(i, w_i)) for i in range(n)],
    )


@claim(
    "002.205",
    r"\vec{d}_{\vec{w}_i} (a'_k \vec{w}_k) = \vec{0} \; (k \neq i), \quad \vec{d}_{\vec{w}_i} \vec{b} = \vec{0}, \quad"
    r" \vec{d}_{\vec{w}_i} (a'_i \vec{w}_i) = a'_i \vec{1}",
    title="derivatives of the summands",
    source=printed(205),
    covers=["002.205a", "002.205b", "002.205c"],
    reading="The coefficient stands in each element of the column.",
)
def derivatives_of_summands(W=Real("p n"), before=Real("n 1"), b=Real("p 1")):
    columns = range(len(before))

    def summand(k, i):
        return parallel(column_of(W, i), lambda w_i: before[k, 0] * (column_of(column_put(W, i, w_i), k)))

    yield [[summand(k, i) for k in columns] for i in columns], [parallel(column_of(W, i), lambda _: b) for i in columns]
    yield (
        [[before[i, 0] * ones(b) if k == i else jnp.zeros_like(b) for k in columns] for i in columns],
        [jnp.zeros_like(b) for _ in columns],
    )


@claim(
    "002.207",
    r"\vec{d}_{\vec{w}_i} \vec{z} = a'_i \vec{I}",
    title="the coefficient in each element",
    source=printed(207),
    covers={"002.207a": "misprint"},
    correction=r"\vec{d}_{\vec{w}_i} \vec{z} = a'_i \vec{1}",
    severity="typography",
    reading="I is the identity matrix, as long as nothing else is said; the vector of ones is the one of line 137. A "
    "matrix has no place in the element-wise product of line 199. It would be right of the matrix D by w_i.",
)
def coefficient_in_each_element(W=Real("p n"), before=Real("n 1"), b=Real("p 1")):
    yield by_columns(W, before, b)
    yield misprint(
        printed=[a_i * jnp.eye(len(b)) for a_i in before[:, 0]],
        correct=[a_i * ones(b) for a_i in before[:, 0]],
    )


@claim(
    "002.211",
    r"\vec{d}_{\vec{w}_i} C = \vec{d}_{\vec{z}} C \odot \vec{d}_{\vec{w}_i} \vec{z} = a'_i \vec{d}_{\vec{z}} C",
    title="Fact 4",
    source=printed(199, 211),
    covers=["002.199a", "002.211a"],
    same_as=["002.235a"],
    textbook=True,
)
def fact_4(C=Functional(), W=Real("p n"), before=Real("n 1"), b=Real("p 1")):
    columns, by_z = range(len(before)), d(W @ before + b, C)
    yield [d(column_of(W, i), lambda w_i, i=i: C(z_of_column(W, before, b, i, w_i))) for i in columns]
    yield [hadamard(by_z, by_w_i) for by_w_i in by_columns(W, before, b)]
    yield [before[i, 0] * by_z for i in columns]


columns_together = definition(
    "002.217",
    r"D_w C = \begin{bmatrix} \vec{d}_{\vec{w}}, C, \dots, \vec{d}_{\vec{w}_n} C \end{bmatrix}",
    title="columns of the derivative",
    source=printed(217),
    covers={"002.217a": "misprint"},
    correction=r"D_w C = \begin{bmatrix} \vec{d}_{\vec{w}_1} C, \dots, \vec{d}_{\vec{w}_n} C \end{bmatrix}",
    severity="typography",
    reading="A comma stands where the first column has its number. As corrected it is line 189.",
    same_as=["002.189a"],
)


@claim(
    "002.221",
    r"\vec{u} \otimes \vec{v} = \vec{u} \vec{v}^t = \begin{bmatrix} v_1 \vec{u}, \dots, v_n \vec{u} \end{bmatrix}",
    title="outer product",
    source=printed(221),
    covers={"002.221a": "definition", "002.221b": "holds"},
)
def outer_product(u=Real("m 1"), v=Real("n 1")):
    yield outer(u, v)
    yield matrix(len(u), len(v), lambda i, j: u[i, 0] * v[j, 0])
    yield jnp.hstack([v_i * u for v_i in v[:, 0]])


@claim(
    "002.225",
    r"D_w C = \begin{bmatrix} a'_1 \vec{d}_{\vec{z}} C, \dots, a'_n \vec{d}_{\vec{z}} C \end{bmatrix}"
    r" = \vec{d}_{\vec{z}} C \otimes \vec{a}'",
    title="Fact 5",
    source=printed(219, 223, 225),
    covers=["002.219a", "002.223a", "002.225a"],
    same_as=["002.237a", "002.329a"],
    textbook=True,
)
def fact_5(C=Functional(), W=Real("p n"), before=Real("n 1"), b=Real("p 1")):
    by_z = d(W @ before + b, C)
    yield gradient(lambda W: C(W @ before + b), W)
    yield jnp.hstack([a_i * by_z for a_i in before[:, 0]])
    yield outer(by_z, before)


@claim(
    "002.225b",
    r"M_i - a'_i \vec{d}_{\vec{z}} C = (M - \vec{d}_{\vec{z}} C \otimes \vec{a}')_i",
    title="Facts 4 and 5 say the same",
    source=printed(211, 225),
    covers=["002.225b"],
    reading="M is any matrix in place of the derivative, and d_z C any column: the columns of M differ from Fact 4 as "
    "M differs from Fact 5, so that one difference is 0 if the other is.",
)
def facts_4_and_5_say_the_same(M=Real("p n"), by_z=Real("p 1"), before=Real("n 1")):
    columns = range(len(before))
    yield [column_of(M, i) - before[i, 0] * by_z for i in columns]
    yield [column_of(M - outer(by_z, before), i) for i in columns]
