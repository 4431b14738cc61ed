r"""Networks: `manual_grads.network` against the definition of the layers, written out, and its derivatives.

In the claims for depths 1 to 4, the activations and the loss are unknown functions: what is proved for these holds for
all. The other claims are about activations and losses of the library whose forms are combined.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from derivations.library._words import AnyActivation, expit, of_code, probabilities
from gradproof import Binary, Function, Functional, Index, OneHot, Positive, Real, claim, derivative
from manual_grads import activations, losses
from manual_grads.losses import Loss
from manual_grads.network import Network


@dataclass(frozen=True)
class AnyLoss(Loss):
    """The sum over the examples of an unknown function of outputs and labels, and its derivative."""

    function: Any
    axes = 1

    def evaluate(self, predictions: jax.Array, labels: jax.Array, cotangent: Any) -> tuple[jax.Array, jax.Array]:
        def total(predictions: jax.Array) -> jax.Array:
            return jnp.sum(jax.vmap(self.function)(predictions, labels))

        return jax.vmap(self.function)(predictions, labels), cotangent * derivative(total, predictions)

    def curvature(self, predictions: jax.Array, labels: jax.Array) -> jax.Array:
        raise NotImplementedError

    def curvature_product(self, predictions: jax.Array, labels: jax.Array, tangent: jax.Array) -> jax.Array:
        raise NotImplementedError


def layers(values: jax.Array, parameters: Sequence[Any], functions: Sequence[Any]) -> jax.Array:
    """The outputs, one layer after the other."""
    for (weights, bias), function in zip(parameters, functions, strict=True):
        values = function(values @ weights + jnp.stack([bias] * len(values)))
    return values


def layer(before: str, after: str) -> tuple[Real, Real]:
    """Weights and bias."""
    return Real(f"{before} {after}"), Real(after)


LAYERS = tuple(layer(f"m{number}", f"m{number + 1}") for number in range(4))
"""Four layers, from m0 inputs to m4 outputs."""

TWO = layer("m", "q"), layer("q", "K")
"""Two layers, from m inputs by q units to K outputs."""

BINARY = layer("m", "q"), layer("q", "1")
LAST = layer("m", "K")


def backpropagation(functions: Sequence[Any], loss: Any, X: jax.Array, Y: jax.Array, parameters: Any) -> Any:
    """The derivatives of the loss by all parameters, the inputs, and the logits of each layer; and those by hand."""

    def total(parameters: Any, X: jax.Array, shifts: Any) -> jax.Array:
        values = X
        for (weights, bias), function, shift in zip(parameters, functions, shifts, strict=True):
            values = function(values @ weights + jnp.stack([bias] * len(values)) + shift)
        return sum(loss(h, y) for h, y in zip(values, Y, strict=True))

    # The derivative by a number added to the logits is the derivative by the logits.
    shifts = [jnp.zeros((len(X), len(bias)), X.dtype) for _, bias in parameters]
    parameters = list(parameters)
    yield derivative(lambda at: total(*at), (parameters, X, shifts))
    yield tuple(Network(tuple(map(AnyActivation, functions)), AnyLoss(loss)).derivatives(parameters, X, Y))


@claim("network.one-layer", r"L = 1: \quad \partial \mathcal{L} / \partial (W, b, X, Z)", textbook=True)
def one_layer(f=Function(), loss=Functional(), X=Real("n m0"), Y=Real("n m1"), parameters=LAYERS[:1]):
    yield from backpropagation([f], loss, X, Y, parameters)


@claim("network.two-layers", r"L = 2: \quad \partial \mathcal{L} / \partial (W^l, b^l, X, Z^l)", textbook=True)
def two_layers(
    f=(Function(), Function()),
    loss=Functional(),
    X=Real("n m0"),
    Y=Real("n m2"),
    parameters=LAYERS[:2],
):
    yield from backpropagation(f, loss, X, Y, parameters)


@claim(
    "network.three-layers",
    r"L = 3: \quad \partial \mathcal{L} / \partial (W^l, b^l, X, Z^l)",
    sizes={"n": 2},
    textbook=True,
)
def three_layers(
    f=(Function(), Function(), Function()),
    loss=Functional(),
    X=Real("n m0"),
    Y=Real("n m3"),
    parameters=LAYERS[:3],
):
    yield from backpropagation(f, loss, X, Y, parameters)


@claim(
    "network.four-layers",
    r"L = 4: \quad \partial \mathcal{L} / \partial (W^l, b^l, X, Z^l)",
    sizes={"n": 2},
    textbook=True,
)
def four_layers(
    f=(Function(), Function(), Function(), Function()),
    loss=Functional(),
    X=Real("n m0"),
    Y=Real("n m4"),
    parameters=LAYERS,
):
    yield from backpropagation(f, loss, X, Y, parameters)


def two(f: Any, loss: Any, ones: Any = None) -> Network:
    """A network of two layers with any activations and any loss."""
    return Network(tuple(map(AnyActivation, f)), AnyLoss(loss), ones)


@claim(
    "network.ones",
    r"\tilde h = (1, h) \text{ or } (h, 1): \quad h \cdot W + b = \tilde h \cdot \tilde W",
    textbook=True,
)
def absorbed_bias(f=(Function(), Function()), loss=Functional(), X=Real("n m"), Y=Real("n K"), parameters=TWO):
    separate = two(f, loss).derivatives(list(parameters), X, Y)
    leading = [jnp.vstack([bias[None, :], weights]) for weights, bias in parameters]
    trailing = [jnp.vstack([weights, bias[None, :]]) for weights, bias in parameters]
    first = two(f, loss, "leading").derivatives(leading, X, Y)
    last = two(f, loss, "trailing").derivatives(trailing, X, Y)
    yield tuple(separate)
    yield [(W[1:], W[0]) for W in first.parameters], first.inputs, first.deltas
    yield [(W[:-1], W[-1]) for W in last.parameters], last.inputs, last.deltas


@claim("network.no-bias", r"b = 0: \quad \partial \mathcal{L} / \partial W", textbook=True)
def without_bias(
    f=(Function(), Function()), loss=Functional(), X=Real("n m"), Y=Real("n K"), W=Real("m q"), V=Real("q K")
):
    zero = [(W, jnp.zeros_like(W[0])), (V, jnp.zeros_like(V[0]))]
    yield derivative(lambda weights: two(f, loss).loss(weights, X, Y), [W, V])
    yield two(f, loss).gradient([W, V], X, Y)
    yield [weights for weights, _ in two(f, loss).gradient(zero, X, Y)]


@claim(
    "network.reductions",
    r"\sum_i \mathcal{L}_i, \; \sum_i \nabla \mathcal{L}_i, \quad \tfrac1n \sum_i \mathcal{L}_i, \;"
    r" \tfrac1n \sum_i \nabla \mathcal{L}_i",
    textbook=True,
)
def sums_and_means(f=(Function(), Function()), loss=Functional(), X=Real("n m"), Y=Real("n K"), parameters=TWO):
    network, parameters, n = two(f, loss), list(parameters), len(X)
    examples = [(X[i : i + 1], Y[i : i + 1]) for i in range(n)]
    of_each = [(network.loss(parameters, *one), network.gradient(parameters, *one)) for one in examples]
    total = jax.tree.map(lambda *parts: sum(parts), *of_each)
    yield total, jax.tree.map(lambda part: part / n, total)
    yield network.loss_and_gradient(parameters, X, Y), network.loss_and_gradient(parameters, X, Y, reduction="mean")


@claim(
    "network.permutation",
    r"W P, \; P^\top V: \quad \mathcal{L} \text{ unchanged}, \; \nabla \mathcal{L} \text{ permuted}",
    textbook=True,
)
def permuted_units(f=(Function(), Function()), loss=Functional(), X=Real("n m"), Y=Real("n K"), parameters=TWO):
    network, ((W, b), (V, c)) = two(f, loss), parameters
    value, ((by_W, by_b), (by_V, by_c)) = network.loss_and_gradient(list(parameters), X, Y)
    yield value, [(by_W[:, ::-1], by_b[::-1]), (by_V[::-1], by_c)]
    yield network.loss_and_gradient([(W[:, ::-1], b[::-1]), (V[::-1], c)], X, Y)


@of_code(
    "network.relu-rescaling",
    r"(a W, a b), \; V / a: \quad \mathcal{L} \text{ unchanged}, \quad a > 0 \text{ by relu}",
    convention="relu'(0) is 0",
)
def rescaled_units(X=Real("n m"), Y=Real("n K"), parameters=TWO, a=Positive()):
    network, ((W, b), (V, c)) = Network((activations.relu, activations.identity), losses.l2_loss), parameters
    value, ((by_W, by_b), (by_V, by_c)) = network.loss_and_gradient(list(parameters), X, Y)
    yield value, [(by_W / a, by_b / a), (by_V * a, by_c)]
    yield network.loss_and_gradient([(a * W, a * b), (V / a, c)], X, Y)


@claim(
    "network.classifier",
    r"\phi_L = \text{softmax}, \quad \mathcal{L} = -\sum_i y_i^\top \log h_i^L",
    textbook=True,
)
def classifier(f=Function(), X=Real("n m"), Y=OneHot("n K"), parameters=TWO):
    def total(parameters):
        return -jnp.sum(Y * jnp.log(layers(X, parameters, [f, probabilities])))

    parameters = list(parameters)
    network = Network((AnyActivation(f), activations.softmax), losses.categorical_cross_entropy)
    yield total(parameters), derivative(total, parameters)
    yield network.loss_and_gradient(parameters, X, Y)


@claim("network.classifier-integers", r"\mathcal{L} = -\sum_i \log h_{i y_i}^L", textbook=True)
def classifier_of_integers(X=Real("n m"), y=Index("n", below="K"), last=LAST):
    def total(parameters):
        outputs = layers(X, parameters, [probabilities])
        return -sum(jnp.log(h[label]) for h, label in zip(outputs, y, strict=True))

    network = Network((activations.softmax,), losses.categorical_cross_entropy_with_integer_labels)
    yield total([last]), derivative(total, [last])
    yield network.loss_and_gradient([last], X, y)


@claim(
    "network.binary-classifier",
    r"\phi_L = \sigma, \quad \mathcal{L} = -\sum y \log h + (1 - y) \log(1 - h)",
    textbook=True,
)
def binary_classifier(f=Function(), X=Real("n m"), y=Binary("n"), parameters=BINARY):
    def total(parameters):
        h, y_ = layers(X, parameters, [f, expit]), y[:, None]
        return -jnp.sum(y_ * jnp.log(h) + (1 - y_) * jnp.log(1 - h))

    parameters = list(parameters)
    network = Network((AnyActivation(f), activations.sigmoid), losses.binary_cross_entropy)
    yield total(parameters), derivative(total, parameters)
    yield network.loss_and_gradient(parameters, X, y[:, None])


@claim(
    "network.softmax-inside",
    r"\phi = (\text{softmax}, \sigma), \quad \mathcal{L} = \sum_i \lVert h_i^L - y_i \rVert^2",
    textbook=True,
)
def softmax_inside(X=Real("n m"), Y=Real("n K"), parameters=TWO):
    def total(parameters):
        return jnp.sum((layers(X, parameters, [probabilities, expit]) - Y) ** 2)

    parameters = list(parameters)
    network = Network((activations.softmax, activations.sigmoid), losses.squared_error)
    yield total(parameters), derivative(total, parameters)
    yield network.loss_and_gradient(parameters, X, Y)


@claim(
    "network.softmax-with-squared-error",
    r"\phi_L = \text{softmax}, \quad \mathcal{L} = \tfrac12 \sum_i \lVert h_i^L - y_i \rVert^2",
    textbook=True,
)
def softmax_with_squared_error(X=Real("n m"), Y=Real("n K"), last=LAST):
    def total(parameters):
        return jnp.sum((layers(X, parameters, [probabilities]) - Y) ** 2) / 2

    network = Network((activations.softmax,), losses.l2_loss)
    yield total([last]), derivative(total, [last])
    yield network.loss_and_gradient([last], X, Y)


@claim(
    "network.last-bias",
    r"\phi_L = \text{softmax}: \quad \sum_k \partial \mathcal{L} / \partial b_k^L = 0",
    textbook=True,
)
def last_bias(X=Real("n m"), Y=OneHot("n K"), last=LAST):
    network = Network((activations.softmax,), losses.categorical_cross_entropy)
    ((by_V, by_c),) = network.gradient([last], X, Y)
    yield jnp.sum(by_V, axis=1), jnp.sum(by_c)
    yield jnp.zeros_like(by_V[:, 0]), 0.0
