"""Lines 163 to 179: Fact 3, the cost by the last biases. C is any real function of z."""

import jax.numpy as jnp

from derivations._words import hadamard, put
from derivations.after_nielsen._conventions import d, feedforward, ones, parallel, printed
from gradproof import Functional, Real, claim, definition, derivative

layer = definition(
    "002.163",
    r"\vec{z} = W \vec{a}' + \vec{b}, \quad C = C(\vec{z}(\vec{b}))",
    code=feedforward,
    title="z of a layer",
    source=printed(163, 167),
    covers=["002.163a", "002.163b", "002.167a"],
    reading="The prime counts layers back. On sigma alone it is a derivative.",
)


@claim(
    "002.169",
    r"z_i = z_i(b_i) = \sum w a' + b_i",
    title="each z has its own bias",
    source=printed(169),
    covers={"002.169a": "holds", "002.169b": "ambiguous"},
    reading="The sum has no indices: row i of W is meant, w_ik a'_k over all k. Of the conditions of Proposition 2, "
    "the length is that of b, and no z_i changes with another b_j.",
)
def each_z_has_its_own_bias(W=Real("n m"), before=Real("m 1"), b=Real("n 1"), other=Real("n 1")):
    n, m = W.shape
    z = [sum(W[i, k] * before[k, 0] for k in range(m)) + b[i, 0] for i in range(n)]
    yield [(W @ before + b)[i, 0] for i in range(n)], [(W @ before + put(other, i, b[i, 0]))[i, 0] for i in range(n)]
    yield z, z


@claim(
    "002.175",
    r"\vec{d}_{\vec{b}} \vec{z} = \vec{d}_{\vec{b}} (W \vec{a}' + \vec{b}) = \vec{1}",
    title="derivative of z by its biases",
    source=printed(175),
    covers=["002.175a", "002.175b"],
)
def derivative_by_biases(W=Real("n m"), before=Real("m 1"), b=Real("n 1")):
    def z_i(i, b_i):
        return (W @ before + put(b, i, b_i))[i, 0]

    yield jnp.stack([derivative(lambda b_i, i=i: z_i(i, b_i), b[i, 0]) for i in range(len(b))])[:, None]
    yield parallel(b, lambda b: W @ before + b)
    yield ones(b)


@claim(
    "002.179",
    r"\vec{d}_{\vec{b}} C = \vec{d}_{\vec{z}} C \odot \vec{d}_{\vec{b}} \vec{z} = \vec{d}_{\vec{z}} C",
    title="Fact 3",
    source=printed(171, 179),
    covers=["002.171a", "002.179a", "002.179b"],
    same_as=["002.233a", "002.327a"],
    textbook=True,
)
def fact_3(C=Functional(), W=Real("n m"), before=Real("m 1"), b=Real("n 1")):
    def z(b):
        return W @ before + b

    yield d(b, lambda b: C(z(b)))
    yield hadamard(d(z(b), C), parallel(b, z))
    yield d(z(b), C)
