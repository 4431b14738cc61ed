"""Lines 336 to 362: the algorithm Backpropagate, run line by line.

A is the list of the activations a^1, ..., a^L, and y counts from 0 here. sigma is the logistic function, or any
other where its derivative stands in place of the product that line 334 substitutes.
"""

from collections.abc import Callable, Sequence

import chex
import jax
import jax.numpy as jnp

from derivations._words import Activation, ByLayer, hadamard, logistic
from derivations.after_nielsen._conventions import cost, feedforward, ones, outer, parallel, printed
from derivations.after_nielsen._example import PARAMETERS, SQUARE, Example, by_layers
from gradproof import Function, Index, Real, claim, definition, misprint

Slope = Callable[[int, jax.Array], jax.Array]
"""The derivative of the activation of a layer, from the activations."""


def class_vector(y: jax.Array, length: int) -> jax.Array:
    r"""$\vec{e}_y$."""
    return jnp.eye(length)[y][:, None]


def logistic_slope(_: int, a: jax.Array) -> jax.Array:
    """The product of lines 353 (as corrected) and 360, element by element."""
    return hadamard(a, ones(a) - a)


def before_substitution(x: jax.Array, W: ByLayer, b: ByLayer, sigma: Activation) -> Slope:
    """The derivative of any sigma, by z; for the input, which has none, ones."""
    z, _ = feedforward(x, W, b, sigma)
    return lambda layer, a: parallel(z[layer], sigma) if layer in z else ones(a)


def printed_slope(a: jax.Array, before: jax.Array) -> jax.Array:
    """The product of line 353 with a' in its second factor, where that fits."""
    return hadamard(a, ones(before) - before)


def backpropagate(
    y: jax.Array,
    A: Sequence[jax.Array],
    W: ByLayer,
    b: ByLayer,
    eta: jax.Array,
    slope: Slope = logistic_slope,
    last_slope: jax.Array | None = None,
) -> tuple[ByLayer, ByLayer]:
    """The weights and biases after lines 350 to 362.

    `last_slope` is the last factor of line 353, if it is not to be the corrected one.
    """
    W, b, L = dict(W), dict(b), max(W)
    a = A[-1]
    right = class_vector(y, len(a))
    by_a = a - right
    by_z = hadamard(by_a, slope(L, a) if last_slope is None else last_slope)
    for layer in range(L, 1, -1):
        a, before = A[layer - 1], A[layer - 2]
        chex.assert_equal_shape([by_z, a])
        change_of_b = -eta * by_z
        change_of_W = -eta * outer(by_z, before)
        by_a = W[layer].T @ by_z
        by_z = hadamard(by_a, slope(layer - 1, before))
        b[layer] = b[layer] + change_of_b
        W[layer] = W[layer] + change_of_W
    return W, b


def network_for_class(y: jax.Array, sigma: Activation, x: jax.Array, W: ByLayer, b: ByLayer) -> Example:
    """The network with the cost of an example of class y."""
    return Example(lambda a: cost(class_vector(y, len(b[max(b)])), a), sigma, x, W, b)


def list_of_activations(network: Example) -> list[jax.Array]:
    """A."""
    return list(network.a.values())


def step(network: Example, eta: jax.Array) -> tuple[ByLayer, ByLayer]:
    """Weights and biases after a step by the oracle."""
    return (
        {layer: W - eta * network.by_W(layer) for layer, W in network.W.items()},
        {layer: b - eta * network.by_b(layer) for layer, b in network.b.items()},
    )


variables = definition(
    "002.338",
    r"\text{Backpropagate}(y, A), \quad W^2, \dots, W^L, \; \vec{b}^2, \dots, \vec{b}^L, \; \eta, \quad"
    r" \vec{d}_{\vec{a}} C, \; \vec{d}_{\vec{z}} C, \; \Delta \vec{b}, \; \Delta W, \;"
    r" \vec{a}, \; \vec{a}', \; \vec{y}",
    code=backpropagate,
    title="arguments and variables",
    source=printed(338, 340, 341, 342, 343, 344, 345, 346, 347, 348),
    covers=[
        "002.338a",
        "002.340a",
        "002.342a",
        "002.343a",
        "002.344a",
        "002.345a",
        "002.346a",
        "002.347a",
        "002.348a",
    ],
    reading="From line 359 to the end of a turn the derivatives by a and z are those of layer l - 1, which is the "
    "current one of the next turn.",
)
right_output = definition(
    "002.350",
    r"\vec{y} = \vec{e}_y",
    code=class_vector,
    title="the right output of a class",
    source=printed(350),
    covers=["002.350a"],
)


@claim(
    "002.353",
    r"\vec{d}_{\vec{z}} C = \vec{d}_{\vec{a}} C \odot (\vec{a} (\vec{I} - \vec{a}'))",
    title="the derivative by the last z",
    source=printed(353),
    covers={"002.353a": "misprint"},
    correction=r"\vec{d}_{\vec{z}} C = \vec{d}_{\vec{a}} C \odot (\vec{a} \odot (\vec{1} - \vec{a}))",
    severity="index",
    reading="a' has no value yet. It is taken as what line 347 says, the activations of the layer before the last one, "
    "and the product element by element, in layers of one size, or it would not fit.",
    sizes={"K": 2},
    textbook=True,
)
def by_last_z(x=Real("2 1"), parameters=SQUARE[:1], y=Index(below="K")):
    last = network_for_class(y, logistic, x, *by_layers(parameters))
    a = last.a[2]
    yield last.by_z(2)
    yield misprint(
        printed=hadamard(a - class_vector(y, 2), printed_slope(a, x)),
        correct=hadamard(a - class_vector(y, 2), logistic_slope(2, a)),
    )


@claim(
    "002.353b",
    r"\vec{a} (\vec{I} - \vec{a}')",
    title="a product of two columns",
    source=printed(353),
    covers={"002.353b": "misprint"},
    correction=r"\vec{a} \odot (\vec{1} - \vec{a})",
    severity="shape",
    reading="The columns of two layers differ in length and have no element-wise product, and side by side no two "
    "columns have one. The product with the second as a row stands for what is printed; it is a matrix.",
    textbook=True,
)
def product_of_two_columns(W=Real("n m"), b=Real("n 1"), before=Real("m 1")):
    z = W @ before + b
    a = logistic(z)
    yield parallel(z, logistic)
    yield misprint(printed=outer(a, ones(before) - before), correct=hadamard(a, ones(a) - a))


@claim(
    "002.360",
    r"\vec{d}_{\vec{z}} C = \vec{d}_{\vec{a}} C \odot (\vec{a}' (\vec{I} - \vec{a}'))",
    title="the derivative by the z before",
    source=printed(360),
    covers={"002.360a": "misprint"},
    correction=r"\vec{d}_{\vec{z}} C = \vec{d}_{\vec{a}} C \odot (\vec{a}' \odot (\vec{1} - \vec{a}'))",
    severity="typography",
    reading="As in line 353 the sign of the element-wise product is missing, and I is printed for 1: as it stands the "
    "product is a matrix. In the last turn, for l = 2, it has no meaning for any sigma, as the input is not sigma of "
    "anything, and is not used. l = L = 3.",
    sizes={"m": 2, "K": 2},
    textbook=True,
)
def by_z_before(x=Real("m 1"), parameters=PARAMETERS[:2], y=Index(below="K")):
    network = network_for_class(y, logistic, x, *by_layers(parameters))
    before = network.a[2]
    by_a = network.W[3].T @ network.by_z(3)
    yield network.by_z(2)
    yield misprint(
        printed=hadamard(jnp.hstack([by_a] * len(before)), outer(before, ones(before) - before)),
        correct=hadamard(by_a, hadamard(before, ones(before) - before)),
    )


@claim(
    "002.351",
    r"\vec{a} = A_L, \quad \vec{d}_{\vec{a}} C = \vec{a} - \vec{y}, \quad"
    r" l = L, \dots, 2: \quad \vec{a} = A_l, \quad \vec{a}' = A_{l-1}, \quad"
    r" \Delta \vec{b} = -\eta \vec{d}_{\vec{z}} C, \quad \Delta W = -\eta \vec{d}_{\vec{z}} C \otimes \vec{a}', \quad"
    r" \vec{d}_{\vec{a}} C = (W^l)^t \vec{d}_{\vec{z}} C, \quad \vec{b} \mathrel{+}= \Delta \vec{b}, \quad"
    r" W \mathrel{+}= \Delta W",
    title="the steps of the algorithm",
    source=printed(351, 352, 354, 355, 356, 357, 358, 359, 361, 362),
    covers=[
        "002.351a",
        "002.352a",
        "002.354a",
        "002.355a",
        "002.356a",
        "002.357a",
        "002.358a",
        "002.359a",
        "002.359b",
        "002.361a",
        "002.362a",
    ],
    reading="With lines 353 and 360 as corrected, in networks of depth 2 and 3. b and W are those of the current "
    "layer, as in lines 344 and 345, and line 359 takes W^l as it was before line 362. The a of line 355 is not used.",
    sizes={"m": 2, "K": 2},
    textbook=True,
)
def steps_of_the_algorithm(x=Real("m 1"), parameters=PARAMETERS[:2], y=Index(below="K"), eta=Real()):
    every = [network_for_class(y, logistic, x, *by_layers(parameters[:depth])) for depth in (1, 2)]
    yield [step(network, eta) for network in every]
    yield [backpropagate(y, list_of_activations(network), network.W, network.b, eta) for network in every]


@claim(
    "002.334",
    r"\vec{d}_{\vec{z}} C = \vec{d}_{\vec{a}} C \odot \vec{\sigma}'(\vec{z})",
    title="the algorithm before the substitution",
    source=printed(334, 350, 351, 352, 353, 354, 355, 356, 357, 358, 359, 360, 361, 362),
    reading="With the derivative of any sigma in place of the product that line 334 substitutes in lines 353 and "
    "360, in a network of depth 4.",
    sizes={"m": 2, "K": 3},
    textbook=True,
)
def algorithm_before_substitution(
    sigma=Function(), x=Real("m 1"), parameters=PARAMETERS, y=Index(below="K"), eta=Real()
):
    network = network_for_class(y, sigma, x, *by_layers(parameters))
    slope = before_substitution(x, network.W, network.b, sigma)
    yield step(network, eta)
    yield backpropagate(y, list_of_activations(network), network.W, network.b, eta, slope)


@claim(
    "002.338b",
    r"\text{Backpropagate}(y, A): \quad \vec{b}^l - \eta \vec{d}_{\vec{b}^l} C, \quad W^l - \eta D_{W^l} C",
    title="the algorithm as it is printed",
    source=printed(338, 350, 351, 352, 353, 354, 355, 356, 357, 358, 359, 360, 361, 362),
    covers={"002.338b": "misprint"},
    correction=r"\text{line 353: } \vec{d}_{\vec{z}} C = \vec{d}_{\vec{a}} C \odot (\vec{a} \odot (\vec{1} - \vec{a}))",
    severity="index",
    reading="Line 353 spoils every change. It is read as for 002.353; products are element by element. L = 3, in "
    "layers of one size.",
    sizes={"K": 2},
    textbook=True,
)
def algorithm_as_printed(x=Real("2 1"), parameters=SQUARE[:2], y=Index(below="K"), eta=Real()):
    network = network_for_class(y, logistic, x, *by_layers(parameters))
    A = list_of_activations(network)
    yield step(network, eta)
    yield misprint(
        printed=backpropagate(y, A, network.W, network.b, eta, last_slope=printed_slope(A[2], A[1])),
        correct=backpropagate(y, A, network.W, network.b, eta),
    )
