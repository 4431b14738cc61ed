"""Lines 364 to 370: the algorithm Train, run line by line.

Backpropagate is the one of lines 350 to 362 with lines 353 and 360 as corrected. Feedforward is not in the document:
it is taken to return a^1, ..., a^L.
"""

from collections.abc import Callable, Sequence

import jax

from derivations._words import Activation, ByLayer, columns, logistic
from derivations.after_nielsen._conventions import feedforward, printed
from derivations.after_nielsen._example import PARAMETERS, by_layers
from derivations.after_nielsen.backpropagate import (
    Slope,
    backpropagate,
    before_substitution,
    logistic_slope,
    network_for_class,
    step,
)
from gradproof import Function, Index, Real, claim, definition

ONE_LAYER = ((Real("2 m"), Real("2 1")),)
"""The weights and biases of a network of depth 2."""


def list_of_activations(x: jax.Array, W: ByLayer, b: ByLayer, sigma: Activation) -> list[jax.Array]:
    """Feedforward: a^1, ..., a^L."""
    _, a = feedforward(x, W, b, sigma)
    return list(a.values())


def train(
    x: Sequence[jax.Array],
    y: Sequence[jax.Array],
    W: ByLayer,
    b: ByLayer,
    eta: jax.Array,
    sigma: Activation,
    slope: Callable[[jax.Array, ByLayer, ByLayer], Slope],
) -> tuple[ByLayer, ByLayer]:
    """The weights and biases after lines 368 to 370; `slope` is the derivative of sigma for an input and a network."""
    for x_i, y_i in zip(x, y, strict=True):
        A = list_of_activations(x_i, W, b, sigma)
        W, b = backpropagate(y_i, A, W, b, eta, slope(x_i, W, b))
    return W, b


def steps(
    x: Sequence[jax.Array], y: Sequence[jax.Array], W: ByLayer, b: ByLayer, eta: jax.Array, sigma: Activation
) -> tuple[ByLayer, ByLayer]:
    """The weights and biases after a step by the oracle for each example, one after the other."""
    for x_i, y_i in zip(x, y, strict=True):
        W, b = step(network_for_class(y_i, sigma, x_i, W, b), eta)
    return W, b


arguments = definition(
    "002.364",
    r"\text{Train}(\vec{x}_1, \dots, \vec{x}_n, y_1, \dots, y_n)",
    code=train,
    title="arguments",
    source=printed(364),
    covers=["002.364a"],
)
activations = definition(
    "002.367",
    r"A",
    code=list_of_activations,
    title="the list of activations",
    source=printed(366, 367),
    covers=["002.367a"],
)


@claim(
    "002.368",
    r"\vec{x}, y: \quad A = \text{Feedforward}(\vec{x}), \quad \text{Backpropagate}(y, A)",
    title="training with two examples",
    source=printed(368, 369, 370),
    covers=["002.368a", "002.369a", "002.370a"],
    reading="Lines 353 and 360 as corrected. The second example meets the parameters that the first one left. The "
    "examples are taken once, in a network of depth 2; a deeper one, with any sigma, is 002.368b.",
    sizes={"n": 2, "m": 1, "K": 2},
    textbook=True,
)
def training(X=Real("n m"), y=Index("n", below="K"), parameters=ONE_LAYER, eta=Real()):
    W, b = by_layers(parameters)
    yield steps(columns(X), y, W, b, eta, logistic)
    yield train(columns(X), y, W, b, eta, logistic, lambda x, W, b: logistic_slope)


@claim(
    "002.368b",
    r"\vec{x}, y: \quad A = \text{Feedforward}(\vec{x}), \quad \text{Backpropagate}(y, A)",
    title="training with any activation",
    source=printed(334, 368, 369, 370),
    reading="Backpropagate is that of 002.334, before the substitution of line 334. Two examples in a network "
    "of depth 3.",
    sizes={"n": 2, "m": 2, "K": 2},
    textbook=True,
)
def training_with_any_activation(
    sigma=Function(), X=Real("n m"), y=Index("n", below="K"), parameters=PARAMETERS[:2], eta=Real()
):
    W, b = by_layers(parameters)
    yield steps(columns(X), y, W, b, eta, sigma)
    yield train(columns(X), y, W, b, eta, sigma, lambda x, W, b: before_substitution(x, W, b, sigma))
