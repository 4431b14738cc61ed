"""Lines 245 to 283: the derivative of the cost by the activations of the layer before.

No prime is the current layer l, one prime l - 1, two primes l - 2. Up to line 267 the current layer is the last one; in
lines 251 to 267 the a' that the text differentiates by have lost their prime: compare lines 265 and 273 to 281.
"""

import jax.numpy as jnp

from derivations._words import by_entry, hadamard, matrix
from derivations.after_nielsen._conventions import D, d, printed
from derivations.after_nielsen._example import PARAMETERS, SQUARE, example, z_by_elements
from derivations.after_nielsen.chain_rule import vector
from gradproof import Function, Functional, Real, claim, definition, misprint

COMPONENTS = (Functional(),) * 3
"""The elements x_1, x_2, x_3 of a column of functions."""

primes = definition(
    "002.247",
    r"\vec{a}, \; \vec{a}', \; \vec{a}''",
    title="primes count layers back",
    source=printed(247, 249),
    covers=["002.247a", "002.249a"],
)


@claim(
    "002.245",
    r"\vec{d}_{\vec{a}} C",
    title="the base term of layer L - 1",
    source=printed(245, 247, 249, 251),
    covers={"002.245a": "ambiguous", "002.251a": "misprint"},
    correction=r"\vec{d}_{\vec{a}'} C",
    severity="index",
    reading="In line 245 the words say that the activations are those of layer L - 1. In line 251 the last layer is "
    "the current one, so that without a prime they are those of layer L, and line 253 goes on with a'. All layers have "
    "one size, or even the lengths would differ.",
    textbook=True,
)
def base_term(sigma=Function(), C=Functional(), x=Real("2 1"), parameters=SQUARE[:2]):
    last = example(C, sigma, x, parameters)
    yield last.by_a(2)
    a = last.a[2]
    yield misprint(
        printed=last.by_a(3),
        correct=matrix(2, 1, lambda i, _: by_entry(lambda a: last.of_a(2, a), a, i)),
    )


@claim(
    "002.253",
    r"C = C(\vec{z}(\vec{a}')), \quad \vec{z} = W \vec{a}' + \vec{b}",
    title="the cost as a function of the activations before",
    source=printed(253),
    covers={"002.253a": "holds", "002.253b": "definition"},
    textbook=True,
)
def cost_of_activations_before(sigma=Function(), C=Functional(), x=Real("m 1"), parameters=PARAMETERS):
    last = example(C, sigma, x, parameters)
    yield C(last.a[last.L])
    (W, b), before = parameters[-1], last.a[last.L - 1]
    yield last.of_z(last.L, z_by_elements(W, before, b))


@claim(
    "002.255",
    r"\vec{d}_{\vec{a}} C = D_{\vec{a}} \vec{z} \cdot \vec{d}_{\vec{z}} C",
    title="chain rule by the activations before",
    source=printed(255),
    covers={"002.255a": "misprint"},
    correction=r"\vec{d}_{\vec{a}'} C = D_{\vec{a}'} \vec{z} \cdot \vec{d}_{\vec{z}} C",
    severity="index",
    reading="By line 253, z is a function of a': by a its derivative is zero.",
    textbook=True,
)
def chain_rule_by_activations_before(sigma=Function(), C=Functional(), x=Real("2 1"), parameters=SQUARE[:2]):
    last = example(C, sigma, x, parameters)
    (W, b), before = parameters[-1], last.a[2]
    yield last.by_a(2)
    yield misprint(
        printed=D(last.a[3], lambda _: W @ before + b) @ last.by_z(3),
        correct=D(before, lambda before: W @ before + b) @ last.by_z(3),
    )


@claim(
    "002.259",
    r"D_{\vec{a}} \vec{z} = D_{\vec{a}} (W \vec{a}' + \vec{b}) = W^t",
    title="derivative of z by the activations before",
    source=printed(259),
    covers={"002.259a": "misprint", "002.259b": "holds"},
    correction=r"D_{\vec{a}'} \vec{z} = D_{\vec{a}'} (W \vec{a}' + \vec{b}) = W^t",
    severity="index",
    reading="As in line 255; the last side is the derivative by a'.",
)
def z_by_activations_before(W=Real("n m"), b=Real("n 1"), before=Real("m 1"), a=Real("m 1")):
    yield D(before, lambda before: W @ before + b)
    yield misprint(
        printed=D(a, lambda _: W @ before + b),
        correct=jnp.hstack([d(before, lambda before, j=j: (W @ before + b)[j, 0]) for j in range(len(W))]),
    )
    yield W.T


@claim(
    "002.263",
    r"D_{\vec{u}} \vec{x} = \begin{bmatrix} \vec{d}_{\vec{u}} x_1, \dots, \vec{d}_{\vec{u}} x_n \end{bmatrix}"
    r" = \begin{bmatrix} \partial_{u_1} x_1 & \dots & \partial_{u_1} x_n \\ \vdots & \ddots & \vdots \\"
    r" \partial_{u_m} x_1 & \dots & \partial_{u_m} x_n \end{bmatrix}",
    title="layout of the derivative of a vector by a vector",
    source=printed(263),
    covers={"002.263a": "definition", "002.263b": "holds", "002.263c": "holds"},
    reading="u has m elements and x has n: m rows and n columns.",
    textbook=True,
)
def layout(x=COMPONENTS, u=Real("m 1")):
    m, n = len(u), len(x)
    yield D(u, vector(x))
    yield jnp.hstack([d(u, x_j) for x_j in x])
    yield matrix(m, n, lambda i, j: by_entry(x[j], u, i))


@claim(
    "002.265",
    r"D_{\vec{a}'} (W \vec{a}' + \vec{b}) = \begin{bmatrix} \partial_{a'_1} z_1 & \dots & \partial_{a'_1} z_n \\"
    r" \vdots & \ddots & \vdots \\ \partial_{a'_m} z_1 & \dots & \partial_{a'_m} z_n \end{bmatrix} = W^t",
    title="the transpose comes from the layout",
    source=printed(261, 265),
    covers=["002.261a", "002.265a"],
    reading="With a row for each element of z in place of a column the same derivatives make W.",
)
def transpose_from_layout(W=Real("n m"), b=Real("n 1"), before=Real("m 1")):
    n, m = W.shape

    def partial(i, j):
        return by_entry(lambda before: (W @ before + b)[j, 0], before, i)

    yield D(before, lambda before: W @ before + b), matrix(n, m, lambda j, i: partial(i, j))
    yield matrix(m, n, partial), W
    yield W.T, W


@claim(
    "002.267",
    r"\vec{d}_{\vec{a}} C = W^t \vec{d}_{\vec{z}} C",
    title="the base term by the last layer",
    source=printed(267),
    covers={"002.267a": "misprint"},
    correction=r"\vec{d}_{\vec{a}'} C = W^t \vec{d}_{\vec{z}} C",
    severity="index",
    reading="The first side is the right-hand one, since what is printed wrong is the name on the left.",
    textbook=True,
)
def base_term_by_last_layer(sigma=Function(), C=Functional(), x=Real("2 1"), parameters=SQUARE[:2]):
    last = example(C, sigma, x, parameters)
    yield last.W[3].T @ last.by_z(3)
    yield misprint(printed=last.by_a(3), correct=last.by_a(2))


@claim(
    "002.267b",
    r"\vec{d}_{\vec{a}'} C = W^t (\vec{d}_{\vec{a}} C \odot \vec{\sigma}'(\vec{z}))",
    title="the base term with Fact 2",
    source=printed(267),
    covers=["002.267b"],
    reading="Line 267 as corrected.",
    sizes={"m": 2},
    textbook=True,
)
def base_term_with_fact_2(sigma=Function(), C=Functional(), x=Real("m 1"), parameters=PARAMETERS[:2]):
    last = example(C, sigma, x, parameters)
    yield last.by_a(2)
    yield last.W[3].T @ hadamard(last.by_a(3), last.slope(3))


@claim(
    "002.271",
    r"C = C(\vec{z}'(\vec{a}'')), \quad \vec{z}' = W' \vec{a}'' + \vec{b}'",
    title="the cost as a function of the activations two layers before",
    source=printed(271),
    covers={"002.271a": "holds", "002.271b": "definition"},
    reading="l = 3 and l = 4 in a network of depth 4.",
    textbook=True,
)
def cost_of_activations_two_before(sigma=Function(), C=Functional(), x=Real("m 1"), parameters=PARAMETERS):
    network = example(C, sigma, x, parameters)
    yield [C(network.a[4])] * 2
    yield [network.of_z(i - 1, z_by_elements(network.W[i - 1], network.a[i - 2], network.b[i - 1])) for i in (3, 4)]


@claim(
    "002.275",
    r"D_{\vec{a}''} \vec{z}' = D_{\vec{a}''} (W' \vec{a}'' + \vec{b}') = (W')^t",
    title="derivative of z' by the activations before it",
    source=printed(275),
    covers=["002.275a", "002.275b"],
)
def z_by_activations_two_before(W=Real("n m"), b=Real("n 1"), two_before=Real("m 1")):
    n, m = W.shape
    yield D(two_before, lambda a: W @ a + b)
    yield matrix(m, n, lambda i, j: by_entry(lambda a: (W @ a + b)[j, 0], two_before, i))
    yield W.T


@claim(
    "002.279",
    r"\vec{d}_{\vec{a}''} C = D_{\vec{a}''} \vec{z}' \cdot \vec{d}_{\vec{z}'} C = (W')^t \vec{d}_{\vec{z}'} C",
    title="one more layer back",
    source=printed(269, 273, 279),
    covers=["002.269b", "002.273a", "002.279a"],
    hypotheses=["l >= 3, so that there is a layer l - 2"],
    reading="l = 3 and l = 4 in a network of depth 4.",
    sizes={"m": 2},
    textbook=True,
)
def one_more_layer_back(sigma=Function(), C=Functional(), x=Real("m 1"), parameters=PARAMETERS):
    network = example(C, sigma, x, parameters)
    W, b, a = network.W, network.b, network.a
    yield [network.by_a(i - 2) for i in (3, 4)]
    yield [D(a[i - 2], lambda before, i=i: W[i - 1] @ before + b[i - 1]) @ network.by_z(i - 1) for i in (3, 4)]
    yield [W[i - 1].T @ network.by_z(i - 1) for i in (3, 4)]


@claim(
    "002.281",
    r"\vec{d}_{\vec{a}'} C = W^t \vec{d}_{\vec{z}} C",
    title="Fact 6",
    source=printed(269, 281, 283),
    covers=["002.269a", "002.281a", "002.283a"],
    reading="l = 2, 3 and 4 in a network of depth 4: the same argument with the layers counted from another one.",
    sizes={"m": 2},
    textbook=True,
)
def fact_6(sigma=Function(), C=Functional(), x=Real("m 1"), parameters=PARAMETERS):
    network = example(C, sigma, x, parameters)
    yield [network.by_a(i - 1) for i in (2, 3, 4)]
    yield [network.W[i].T @ network.by_z(i) for i in (2, 3, 4)]
