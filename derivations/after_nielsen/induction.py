"""Lines 285 to 319: Facts 2 to 5 for the layer before.

One prime is layer l - 1, two primes l - 2. In a network of depth 4 l is 3 or 4: two layers or one follow layer l - 1.
"""

import jax.numpy as jnp

from derivations._words import gradient, hadamard, matrix
from derivations.after_nielsen._conventions import column_of, column_put, d, ones, outer, parallel, printed
from derivations.after_nielsen._example import PARAMETERS, SQUARE, example, z_by_elements
from gradproof import Function, Functional, Real, claim, derivative, misprint

BEFORE = 2, 3
"""The layers l - 1."""

PREVIOUS_EXISTS = "l >= 3, so that layer l - 1 has weights and biases"


def by_induction(network):
    """The derivatives by a^l for all l, and by z^l, b^l and W^l, each from one of layer l or l + 1: Facts 2 to 6."""
    L, a = network.L, network.a
    by_a, by_z, by_b, by_W = {L: d(a[L], network.C)}, {}, {}, {}
    for layer in range(L, 1, -1):
        by_z[layer] = hadamard(by_a[layer], network.slope(layer))
        by_b[layer] = by_z[layer]
        by_W[layer] = outer(by_z[layer], a[layer - 1])
        by_a[layer - 1] = network.W[layer].T @ by_z[layer]
    return by_a, by_z, by_b, by_W


@claim(
    "002.285",
    r"\vec{d}_{\vec{a}^l} C, \quad \vec{d}_{\vec{z}^l} C, \quad \vec{d}_{\vec{b}^l} C, \quad D_{W^l} C",
    title="all layers by induction",
    source=printed(285),
    covers=["002.285a", "002.285b"],
    hypotheses=[PREVIOUS_EXISTS],
    reading="The base term is shown for l = 1 to 4, the others for l = 2 to 4; each is calculated from those that were "
    "calculated before, down from layer L.",
    sizes={"m": 2},
    textbook=True,
)
def all_layers_by_induction(sigma=Function(), C=Functional(), x=Real("m 1"), parameters=PARAMETERS):
    network = example(C, sigma, x, parameters)
    of_parameters = range(2, network.L + 1)
    yield (
        {layer: network.by_a(layer) for layer in network.a},
        {layer: network.by_z(layer) for layer in of_parameters},
        {layer: network.by_b(layer) for layer in of_parameters},
        {layer: network.by_W(layer) for layer in of_parameters},
    )
    yield by_induction(network)


@claim(
    "002.289",
    r"C = C(\vec{a}'(\vec{z}')), \quad \vec{a}' = \vec{\sigma}(\vec{z}'), \quad a'_i = \sigma(z'_i)",
    title="the cost as a function of z'",
    source=printed(289),
    covers={"002.289a": "holds", "002.289b": "definition", "002.289c": "holds"},
    textbook=True,
)
def cost_of_z(sigma=Function(), C=Functional(), x=Real("m 1"), parameters=PARAMETERS):
    network = example(C, sigma, x, parameters)

    def activations(z):
        return matrix(len(z), 1, lambda i, _: sigma(z[i, 0]))

    yield [(network.a[i], C(network.a[4])) for i in BEFORE]
    yield [(activations(network.z[i]), network.of_a(i, activations(network.z[i]))) for i in BEFORE]


@claim(
    "002.291",
    r"\vec{d}_{\vec{z}'} C = \vec{d}_{\vec{a}'} C \odot \vec{d}_{\vec{z}'} \vec{a}'"
    r" = \vec{d}_{\vec{a}'} C \odot \vec{\sigma}'(\vec{z}')",
    title="Fact 2 for the layer before",
    source=printed(291),
    covers=["002.291a", "002.291b"],
    sizes={"m": 2},
    textbook=True,
)
def fact_2(sigma=Function(), C=Functional(), x=Real("m 1"), parameters=PARAMETERS):
    network = example(C, sigma, x, parameters)

    def slope(z):
        return matrix(len(z), 1, lambda i, _: derivative(sigma, z[i, 0]))

    yield [network.by_z(i) for i in BEFORE]
    yield [hadamard(network.by_a(i), parallel(network.z[i], sigma)) for i in BEFORE]
    yield [hadamard(network.by_a(i), slope(network.z[i])) for i in BEFORE]


@claim(
    "002.295",
    r"C = C(\vec{z}'(\vec{b}')), \quad C = C(\vec{z}'(W')), \quad \vec{z}' = W' \vec{a}'' + \vec{b}'",
    title="the cost as a function of b' and of W'",
    source=printed(295, 301),
    covers={"002.295a": "holds", "002.295b": "definition", "002.301a": "holds", "002.301b": "definition"},
    reading="For any other b' and any other W' in place of the network's, with l - 1 = 2.",
    textbook=True,
)
def cost_of_b_and_W(
    sigma=Function(),
    C=Functional(),
    x=Real("m 1"),
    parameters=PARAMETERS,
    other_b=Real("3 1"),
    other_W=Real("3 m"),
):
    network = example(C, sigma, x, parameters)
    (W, b), two_before = parameters[0], network.a[1]
    yield network.of_b(2, other_b), network.of_W(2, other_W)
    yield (
        network.of_z(2, z_by_elements(W, two_before, other_b)),
        network.of_z(2, z_by_elements(other_W, two_before, b)),
    )


@claim(
    "002.295c",
    r"z'_i = \sum w'_{i''} a''_{i''} + b'_{i'}",
    title="z' by its elements",
    source=printed(295),
    covers={"002.295c": "misprint"},
    correction=r"z'_{i'} = \sum_{i''} w'_{i' i''} a''_{i''} + b'_{i'}",
    severity="index",
    reading="The weights are printed without the index of the unit i', and the left side has i for it. The same "
    "weights, those of the first unit, are taken for all.",
)
def z_of_unit(W=Real("n+1 m"), b=Real("n+1 1"), two_before=Real("m 1")):
    n, m = W.shape
    a = two_before[:, 0]
    yield W @ two_before + b
    yield misprint(
        printed=matrix(n, 1, lambda i, _: sum(W[0, k] * a[k] for k in range(m)) + b[i, 0]),
        correct=z_by_elements(W, two_before, b),
    )


@claim(
    "002.297",
    r"\vec{d}_{\vec{b}'} C = \vec{d}_{\vec{z}'} C \odot \vec{d}_{\vec{b}'} \vec{z}'"
    r" = \vec{d}_{\vec{z}'} C \odot \vec{I} = \vec{d}_{\vec{z}'} C",
    title="Fact 3 for the layer before",
    source=printed(297),
    covers={"002.297a": "holds", "002.297b": "misprint", "002.297c": "holds"},
    correction=r"\vec{d}_{\vec{z}'} C \odot \vec{1}",
    severity="typography",
    reading="There is no vector I; line 137 has the vector 1 for this. The identity matrix would make a matrix.",
    sizes={"m": 2},
    textbook=True,
)
def fact_3(sigma=Function(), C=Functional(), x=Real("m 1"), parameters=PARAMETERS[:2]):
    network = example(C, sigma, x, parameters)
    W, b = parameters[0]
    by_z = network.by_z(2)
    yield network.by_b(2)
    yield hadamard(by_z, parallel(b, lambda b: W @ x + b))
    yield misprint(printed=hadamard(jnp.hstack([by_z] * len(b)), jnp.eye(len(b))), correct=hadamard(by_z, ones(b)))
    yield by_z


def by_columns(network, layer):
    r"""$\vec{d}_{\vec{w}_i'} C$ for each i, where the column by itself is what varies."""
    W = network.W[layer]
    return [d(column_of(W, i), lambda w, i=i: network.of_W(layer, column_put(W, i, w))) for i in range(W.shape[1])]


@claim(
    "002.303",
    r"D_{W'} C = \left[\vec{d}_{\vec{w}_1'} C, \dots, \vec{d}_{\vec{w}_n'} C\right], \quad"
    r" \vec{d}_{\vec{w}_i'} C = \vec{d}_{\vec{z}'} C \odot \vec{d}_{\vec{w}_i'} \vec{z}'",
    title="the columns of the derivative by W'",
    source=printed(303, 305),
    covers=["002.303a", "002.305a"],
    reading="There are n columns for the n activations a''. l - 1 = 2 in a network of depth 3.",
    textbook=True,
)
def columns_of_derivative(sigma=Function(), C=Functional(), x=Real("m 1"), parameters=PARAMETERS[:2]):
    network = example(C, sigma, x, parameters)
    W, b = parameters[0]
    every = range(W.shape[1])
    yield gradient(lambda W: network.of_W(2, W), W)
    yield jnp.hstack(by_columns(network, 2))
    yield jnp.hstack(
        [
            hadamard(network.by_z(2), parallel(column_of(W, i), lambda w, i=i: column_put(W, i, w) @ x + b))
            for i in every
        ]
    )


@claim(
    "002.307",
    r"\vec{d}_{\vec{w}_i'} C = \vec{d}_{\vec{z}'} C \odot a_{i''} \vec{I} = a_{i''} \vec{d}_{\vec{z}'} C",
    title="a column of the derivative by W'",
    source=printed(307, 309),
    covers={"002.307a": "misprint", "002.309a": "misprint"},
    correction=r"\vec{d}_{\vec{w}_i'} C = \vec{d}_{\vec{z}'} C \odot a''_i \vec{1} = a''_i \vec{d}_{\vec{z}'} C",
    severity="index",
    reading="The primes belong to a, as in line 315, and not to its index, which is the column's: without primes it is "
    "an activation of the current layer. The vector I is the vector 1, as in line 297. l - 1 = 2 and L = 3; all "
    "layers have one size, or there would not be an activation for each i.",
    textbook=True,
)
def column_of_derivative(sigma=Function(), C=Functional(), x=Real("2 1"), parameters=SQUARE[:2]):
    network = example(C, sigma, x, parameters)
    by_z, current, two_before = network.by_z(2), network.a[3][:, 0], network.a[1][:, 0]
    yield by_columns(network, 2)
    yield misprint(
        printed=[hadamard(by_z, current[i] * ones(by_z)) for i in range(2)],
        correct=[hadamard(by_z, two_before[i] * ones(by_z)) for i in range(2)],
    )
    yield misprint(
        printed=[current[i] * by_z for i in range(2)],
        correct=[two_before[i] * by_z for i in range(2)],
    )


@claim(
    "002.315",
    r"D_{W'} C = \left[a_1'' \vec{d}_{\vec{z}'} C, \dots, a_n'' \vec{d}_{\vec{z}'} C\right]"
    r" = \vec{d}_{\vec{z}'} C \otimes \vec{a}''",
    title="Facts 4 and 5 for the layer before",
    source=printed(311, 315, 317, 319),
    covers=["002.311a", "002.315a", "002.317a", "002.319a"],
    reading="The columns of the first two sides are Fact 4.",
    sizes={"m": 2},
    textbook=True,
)
def facts_4_and_5(sigma=Function(), C=Functional(), x=Real("m 1"), parameters=PARAMETERS):
    network = example(C, sigma, x, parameters)
    yield [network.by_W(i) for i in BEFORE]
    yield [jnp.hstack([a_i * network.by_z(i) for a_i in network.a[i - 1][:, 0]]) for i in BEFORE]
    yield [outer(network.by_z(i), network.a[i - 1]) for i in BEFORE]
