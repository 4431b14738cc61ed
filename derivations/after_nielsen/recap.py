"""Lines 227 to 239: the five facts for the last layer, and what they suggest for the others.

In lines 229 to 237 the activations a^{L-1} are any column, whatever the layers before make of x, so that L is any
depth from 2 on.
"""

import jax.numpy as jnp

from derivations._words import hadamard, numbered
from derivations.after_nielsen._conventions import cost, d, outer, parallel, printed
from derivations.after_nielsen._example import PARAMETERS, SQUARE, example
from gradproof import Function, Functional, Real, claim, definition, misprint


def last_layer(sigma, y, W, b, before):
    """The network of the last layer alone, from a^{L-1} to the cost."""
    return example(lambda a: cost(y, a), sigma, before, [(W, b)])


@claim(
    "002.229",
    r"\vec{d}_{\vec{a}^L} C = \vec{a}^L - \vec{y}",
    title="cost by the last activations",
    source=printed(229),
    covers=["002.229a"],
    same_as=["002.143a", "002.323b"],
)
def by_last_activations(a=Real("n 1"), y=Real("n 1")):
    yield d(a, lambda a: cost(y, a))
    yield a - y


@claim(
    "002.231",
    r"\vec{d}_{\vec{z}^L} C = \vec{d}_{\vec{a}^L} C \odot \vec{\sigma}'(\vec{z}^L), \quad"
    r" \vec{d}_{\vec{b}^L} C = \vec{d}_{\vec{z}^L} C, \quad"
    r" \vec{d}_{\vec{w}_i^L} C = a_i^{L-1} \vec{d}_{\vec{z}^L} C",
    title="cost by z, by biases and by columns of weights",
    source=printed(231, 233, 235),
    covers=["002.231a", "002.233a", "002.235a"],
    same_as=["002.161a", "002.179a", "002.211a"],
    textbook=True,
)
def facts_2_to_4(sigma=Function(), y=Real("n 1"), W=Real("n m"), b=Real("n 1"), before=Real("m 1")):
    last = last_layer(sigma, y, W, b, before)
    yield last.by_z(2), last.by_b(2), last.by_columns_of_W(2)
    yield (
        hadamard(last.by_a(2), last.slope(2)),
        last.by_z(2),
        [a_i * last.by_z(2) for a_i in before[:, 0]],
    )


@claim(
    "002.237",
    r"D_w C = \vec{d}_{\vec{z}^L} C \otimes \vec{a}^{L-1}",
    title="cost by the last weights",
    source=printed(227, 237),
    covers={"002.237a": "ambiguous"},
    reading="The lower-case w without a layer is the matrix W^L: line 227 announces superscripts, and the others have "
    "them.",
    same_as=["002.225a"],
    textbook=True,
)
def by_last_weights(sigma=Function(), y=Real("n 1"), W=Real("n m"), b=Real("n 1"), before=Real("m 1")):
    last = last_layer(sigma, y, W, b, before)
    yield last.by_W(2)
    yield outer(last.by_z(2), before)


@claim(
    "002.239",
    r"\vec{a}^L - \vec{y} \to \vec{d}_{\vec{z}^L} C \to \vec{d}_{\vec{b}^L} C, \;"
    r" \vec{d}_{\vec{w}_i^L} C, \; D_{W^L} C",
    title="each term from one before",
    source=printed(239),
    covers=["002.239a"],
    textbook=True,
)
def each_term_from_one_before(sigma=Function(), y=Real("n 1"), W=Real("n m"), b=Real("n 1"), before=Real("m 1")):
    last = last_layer(sigma, y, W, b, before)
    first = sigma(W @ before + b) - y
    second = hadamard(first, parallel(W @ before + b, sigma))
    third = second
    fourth = [a_i * third for a_i in before[:, 0]]
    fifth = jnp.hstack(fourth)
    yield last.by_a(2), last.by_z(2), last.by_b(2), last.by_columns_of_W(2), last.by_W(2)
    yield first, second, third, fourth, fifth


@claim(
    "002.239b",
    r"\vec{d}_{\vec{z}^l} C = \vec{d}_{\vec{a}^l} C \odot \vec{\sigma}'(\vec{z}^l), \quad"
    r" \vec{d}_{\vec{b}^l} C = \vec{d}_{\vec{z}^l} C, \quad D_{W^l} C = \vec{d}_{\vec{z}^l} C \otimes \vec{a}^{l-1}",
    title="the same dependence in all layers",
    source=printed(239),
    covers=["002.239b"],
    reading="All layers are those that have weights and biases; L = 4.",
    sizes={"m": 2},
    textbook=True,
)
def same_dependence_in_all_layers(sigma=Function(), C=Functional(), x=Real("m 1"), parameters=PARAMETERS):
    network = example(C, sigma, x, parameters)
    layers = range(2, network.L + 1)
    yield [(network.by_z(layer), network.by_b(layer), network.by_W(layer)) for layer in layers]
    yield [
        (
            hadamard(network.by_a(layer), network.slope(layer)),
            network.by_z(layer),
            outer(network.by_z(layer), network.a[layer - 1]),
        )
        for layer in layers
    ]


down_to_layer_2 = definition(
    "002.239c",
    r"l = L, \dots, 1",
    code=numbered,
    title="the last layer of the induction",
    source=printed(239, 340, 354),
    covers={"002.239c": "misprint"},
    correction=r"l = L, \dots, 2",
    severity="index",
    reading="Layer 1 is the input: it has no z, weights and biases, and no layer before it, so that the facts end at "
    "l = 2, as the algorithm does. The base term alone exists for l = 1.",
)


@claim(
    "002.239d",
    r"\vec{d}_{\vec{z}^l} C = \vec{d}_{\vec{a}^L} C \odot \vec{\sigma}'(\vec{z}^l)",
    title="the base term of another layer",
    source=printed(239),
    covers={"002.239d": "misprint"},
    correction=r"\vec{d}_{\vec{a}^l} C",
    severity="index",
    reading="The base term that is to be a different one for layer l is printed as the one of layer L. L = 3 and "
    "l = 2; all layers have one size, or it would not fit.",
    textbook=True,
)
def base_term_of_another_layer(sigma=Function(), C=Functional(), x=Real("2 1"), parameters=SQUARE[:2]):
    network = example(C, sigma, x, parameters)
    yield network.by_z(2)
    yield misprint(
        printed=hadamard(network.by_a(3), network.slope(2)),
        correct=hadamard(network.by_a(2), network.slope(2)),
    )
