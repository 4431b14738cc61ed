"""Line 38: classification and regression, and the ranges of activations, into which labels and targets have to fit."""

import jax
import jax.numpy as jnp

from derivations._words import logistic
from derivations.backpropagation_algorithm._conventions import printed
from derivations.backpropagation_algorithm._descent import descent, squared_error
from gradproof import Binary, Positive, Real, claim, definition, demonstration
from manual_grads import activations as library


def tanh(z: jax.Array) -> jax.Array:
    return (jnp.exp(z) - jnp.exp(-z)) / (jnp.exp(z) + jnp.exp(-z))


@demonstration(
    "001.38",
    r"J(W, b)",
    title="one cost for classes and for numbers",
    source=printed(38),
    covers=["001.38a"],
    reading="Descent on J with sigmoid outputs classifies two groups, and fits a curve that is scaled to [0, 1]; the "
    "control leaves the descent out. How often the cost is used is not shown.",
)
def classes_and_numbers(control: bool) -> bool:
    X = jnp.linspace(-1.0, 1.0, 12)[:, None]
    net = squared_error(library.tanh, library.sigmoid)
    start = net.initial(jax.random.key(0), [1, 6, 1], epsilon=0.5)

    def outputs(Y):
        layers = start if control else descent(net, start, X, Y, rate=2.0, steps=4000).parameters
        return net.outputs(layers, X)

    classes, curve = (jnp.abs(X) < 0.5).astype(X.dtype), (1 + jnp.sin(3 * X)) / 2
    return bool(jnp.all((outputs(classes) > 0.5) == (classes == 1))) and bool(
        jnp.max(jnp.abs(outputs(curve) - curve)) < 0.1
    )


binary_labels = definition(
    "001.38b",
    r"y \in \{0, 1\}",
    code=Binary,
    title="labels for sigmoid",
    source=printed(38),
    covers=["001.38b"],
)


@claim(
    "001.38c",
    r"0 \le \sigma(z) \le 1",
    title="range of sigmoid",
    source=printed(38),
    covers=["001.38c"],
    reading="sigma(z) and 1 - sigma(z) are quotients of positive numbers, and never negative. The ends are not "
    "reached.",
    textbook=True,
)
def range_of_sigmoid(z=Real()):
    root = jnp.exp(z / 2)
    yield logistic(z), 1 - logistic(z)
    yield root**2 / (1 + root**2), 1 / (1 + root**2)


@claim(
    "001.38d",
    r"y \in \{-1, +1\}",
    title="labels for tanh",
    source=printed(38),
    covers={"001.38d": "definition"},
    reading="The labels 0 and 1 become -1 and +1 by 2 y - 1, as sigmoid becomes tanh: tanh(z / 2) = 2 sigma(z) - 1.",
    textbook=True,
)
def labels_for_tanh(z=Real(), y=Binary()):
    yield 2 * y - 1, tanh(z / 2)
    yield jnp.where(y == 1, 1.0, -1.0), 2 * logistic(z) - 1


@claim(
    "001.38e",
    r"-1 \le \tanh(z) \le 1",
    title="range of tanh",
    source=printed(38),
    covers=["001.38e"],
    reading="1 + tanh(z) and 1 - tanh(z) are quotients of positive numbers. The ends are not reached.",
    textbook=True,
)
def range_of_tanh(z=Real()):
    root = jnp.exp(z)
    yield 1 + tanh(z), 1 - tanh(z)
    yield 2 * root**2 / (1 + root**2), 2 / (1 + root**2)


def scaled(y: jax.Array, low: jax.Array, high: jax.Array) -> jax.Array:
    """The targets of a regression between low and high, in [0, 1]."""
    return (y - low) / (high - low)


@claim(
    "001.38f",
    r"y \mapsto [0, 1], \quad y \mapsto [-1, +1]",
    title="scaled targets",
    source=printed(38),
    covers={"001.38f": "ambiguous"},
    hypotheses=["the targets are bounded, and not all equal"],
    reading="The targets are scaled; the outputs are in the range by themselves. For y = low + p and "
    "high = y + q with p, q >= 0, both distances from the ends are quotients of numbers that are not negative.",
)
def scaled_targets(low=Real(), p=Positive(), q=Positive()):
    y, high = low + p, low + p + q
    symmetric = 2 * scaled(y, low, high) - 1
    yield scaled(y, low, high), 1 - scaled(y, low, high), 1 + symmetric, 1 - symmetric
    yield p / (p + q), q / (p + q), 2 * p / (p + q), 2 * q / (p + q)
