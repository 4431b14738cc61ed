r"""Networks: `manual_grads.network` against the definition of the layers, written out, and its derivatives.

The activation of each layer is any function, and so is the loss, in the claims for depths 1 to 4: what is proved for
unknown functions holds for all. In the others they are those of the library, and two of their forms meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from gradproof import Binary, Function, Functional, Index, OneHot, Positive, Real, claim, derivative
from manual_grads import activations, losses
from manual_grads.activations import Elementwise
from manual_grads.losses import Loss
from manual_grads.network import Network


@dataclass(frozen=True)
class AnyActivation(Elementwise):
    """An unknown function of one real, and its derivative."""

    function: Any

    def __call__(self, logits: jax.Array) -> jax.Array:
        return self.function(logits)

    def derivative(self, logits: jax.Array) -> jax.Array:
        return derivative(lambda logits: jnp.sum(self.function(logits)), logits)


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


def backpropagation(functions: Sequence[Any], loss: Any, X: jax.Array, Y: jax.Array, parameters: Any) -> Any:
    """The derivatives of the loss by all parameters, the inputs, and the logits of each layer; and those by hand."""

    def total(parameters: Any, X: jax.Array, shifts: Any) -> jax.Array:
        values = X
        for (weights, bias), function, shift in zip(parameters, functions, shifts, strict=True):
            values = function(values @ weights + jnp.stack([bias] * len(values)) + shift)
        return sum(loss(h, y) for h, y in zip(values, Y, strict=True))

    # The derivative by what is added to the logits is that by the logits.
    shifts = [jnp.zeros((len(X), len(bias))) for _, bias in parameters]
    yield derivative(lambda at: total(*at), (parameters, X, shifts))
    yield tuple(Network(tuple(map(AnyActivation, functions)), AnyLoss(loss)).derivatives(parameters, X, Y))


@claim("network.one-layer", r"L = 1: \quad \partial \mathcal{L} / \partial (W, b, X, Z)", textbook=True)
def one_layer(f=Function(), loss=Functional(), X=Real("n m0"), Y=Real("n m1"), W=Real("m0 m1"), b=Real("m1")):
    yield from backpropagation([f], loss, X, Y, [(W, b)])


@claim("network.two-layers", r"L = 2: \quad \partial \mathcal{L} / \partial (W^l, b^l, X, Z^l)", textbook=True)
def two_layers(
    f=Function(),
    g=Function(),
    loss=Functional(),
    X=Real("n m0"),
    Y=Real("n m2"),
    W1=Real("m0 m1"),
    b1=Real("m1"),
    W2=Real("m1 m2"),
    b2=Real("m2"),
):
    yield from backpropagation([f, g], loss, X, Y, [(W1, b1), (W2, b2)])


@claim("network.three-layers", r"L = 3: \quad \partial \mathcal{L} / \partial (W^l, b^l, X, Z^l)", textbook=True)
def three_layers(
    f=Function(),
    g=Function(),
    h=Function(),
    loss=Functional(),
    X=Real("n m0"),
    Y=Real("n m3"),
    W1=Real("m0 m1"),
    b1=Real("m1"),
    W2=Real("m1 m2"),
    b2=Real("m2"),
    W3=Real("m2 m3"),
    b3=Real("m3"),
):
    yield from backpropagation([f, g, h], loss, X, Y, [(W1, b1), (W2, b2), (W3, b3)])


@claim("network.four-layers", r"L = 4: \quad \partial \mathcal{L} / \partial (W^l, b^l, X, Z^l)", textbook=True)
def four_layers(
    f=Function(),
    g=Function(),
    h=Function(),
    k=Function(),
    loss=Functional(),
    X=Real("n m0"),
    Y=Real("n m4"),
    W1=Real("m0 m1"),
    b1=Real("m1"),
    W2=Real("m1 m2"),
    b2=Real("m2"),
    W3=Real("m2 m3"),
    b3=Real("m3"),
    W4=Real("m3 m4"),
    b4=Real("m4"),
):
    yield from backpropagation([f, g, h, k], loss, X, Y, [(W1, b1), (W2, b2), (W3, b3), (W4, b4)])


def two(f: Any, g: Any, loss: Any, ones: Any = None) -> Network:
    """A network of two layers with any activations and any loss."""
    return Network((AnyActivation(f), AnyActivation(g)), AnyLoss(loss), ones)


@claim(
    "network.ones",
    r"\tilde h = (1, h) \text{ or } (h, 1): \quad h \cdot W + b = \tilde h \cdot \tilde W",
    textbook=True,
)
def absorbed_bias(
    f=Function(),
    g=Function(),
    loss=Functional(),
    X=Real("n m"),
    Y=Real("n K"),
    W=Real("m q"),
    b=Real("q"),
    V=Real("q K"),
    c=Real("K"),
):
    parameters = [(W, b), (V, c)]
    separate = two(f, g, loss).derivatives(parameters, X, Y)
    leading = [jnp.vstack([bias[None, :], weights]) for weights, bias in parameters]
    trailing = [jnp.vstack([weights, bias[None, :]]) for weights, bias in parameters]
    first = two(f, g, loss, "leading").derivatives(leading, X, Y)
    last = two(f, g, loss, "trailing").derivatives(trailing, X, Y)
    yield tuple(separate)
    yield [(W[1:], W[0]) for W in first.parameters], first.inputs, first.deltas
    yield [(W[:-1], W[-1]) for W in last.parameters], last.inputs, last.deltas


@claim("network.no-bias", r"b = 0: \quad \partial \mathcal{L} / \partial W", textbook=True)
def without_bias(
    f=Function(), g=Function(), loss=Functional(), X=Real("n m"), Y=Real("n K"), W=Real("m q"), V=Real("q K")
):
    zero = [(W, jnp.zeros_like(W[0])), (V, jnp.zeros_like(V[0]))]
    yield [weights for weights, _ in two(f, g, loss).gradient(zero, X, Y)]
    yield two(f, g, loss).gradient([W, V], X, Y)


@claim(
    "network.reductions", r"\tfrac1n \sum_i \mathcal{L}_i, \quad \tfrac1n \sum_i \nabla \mathcal{L}_i", textbook=True
)
def sums_and_means(
    f=Function(),
    g=Function(),
    loss=Functional(),
    X=Real("n m"),
    Y=Real("n K"),
    W=Real("m q"),
    b=Real("q"),
    V=Real("q K"),
    c=Real("K"),
):
    network, parameters, n = two(f, g, loss), [(W, b), (V, c)], len(X)
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
def permuted_units(
    f=Function(),
    g=Function(),
    loss=Functional(),
    X=Real("n m"),
    Y=Real("n K"),
    W=Real("m q"),
    b=Real("q"),
    V=Real("q K"),
    c=Real("K"),
):
    network = two(f, g, loss)
    value, ((by_W, by_b), (by_V, by_c)) = network.loss_and_gradient([(W, b), (V, c)], X, Y)
    yield value, [(by_W[:, ::-1], by_b[::-1]), (by_V[::-1], by_c)]
    yield network.loss_and_gradient([(W[:, ::-1], b[::-1]), (V[::-1], c)], X, Y)


@claim("network.relu-rescaling", r"(a W, a b), \; V / a: \quad \mathcal{L} \text{ unchanged}, \; a > 0")
def rescaled_units(
    X=Real("n m"),
    Y=Real("n K"),
    W=Real("m q"),
    b=Real("q"),
    V=Real("q K"),
    c=Real("K"),
    a=Positive(),
):
    network = Network((activations.relu, activations.identity), losses.l2_loss)
    value, ((by_W, by_b), (by_V, by_c)) = network.loss_and_gradient([(W, b), (V, c)], X, Y)
    yield value, [(by_W / a, by_b / a), (by_V * a, by_c)]
    yield network.loss_and_gradient([(a * W, a * b), (V / a, c)], X, Y)


def probabilities(Z: jax.Array) -> jax.Array:
    return jnp.exp(Z) / jnp.sum(jnp.exp(Z), axis=1, keepdims=True)


def expit(Z: jax.Array) -> jax.Array:
    return 1 / (1 + jnp.exp(-Z))


@claim(
    "network.classifier",
    r"\phi_L = \text{softmax}, \quad \mathcal{L} = -\sum_i y_i^\top \log h_i^L",
    textbook=True,
)
def classifier(f=Function(), X=Real("n m"), Y=OneHot("n K"), W=Real("m q"), b=Real("q"), V=Real("q K"), c=Real("K")):
    def total(parameters):
        return -jnp.sum(Y * jnp.log(layers(X, parameters, [f, probabilities])))

    parameters = [(W, b), (V, c)]
    network = Network((AnyActivation(f), activations.softmax), losses.categorical_cross_entropy)
    yield total(parameters), derivative(total, parameters)
    yield network.loss_and_gradient(parameters, X, Y)


@claim("network.classifier-integers", r"\mathcal{L} = -\sum_i \log h_{i y_i}^L", textbook=True)
def classifier_of_integers(X=Real("n m"), y=Index("n", below="K"), V=Real("m K"), c=Real("K")):
    def total(parameters):
        outputs = layers(X, parameters, [probabilities])
        return -sum(jnp.log(h[label]) for h, label in zip(outputs, y, strict=True))

    network = Network((activations.softmax,), losses.categorical_cross_entropy_with_integer_labels)
    yield total([(V, c)]), derivative(total, [(V, c)])
    yield network.loss_and_gradient([(V, c)], X, y)


@claim(
    "network.binary-classifier",
    r"\phi_L = \sigma, \quad \mathcal{L} = -\sum y \log h + (1 - y) \log(1 - h)",
    textbook=True,
)
def binary_classifier(
    f=Function(), X=Real("n m"), y=Binary("n"), W=Real("m q"), b=Real("q"), V=Real("q 1"), c=Real("1")
):
    def total(parameters):
        h, y_ = layers(X, parameters, [f, expit]), y[:, None]
        return -jnp.sum(y_ * jnp.log(h) + (1 - y_) * jnp.log(1 - h))

    parameters = [(W, b), (V, c)]
    network = Network((AnyActivation(f), activations.sigmoid), losses.binary_cross_entropy)
    yield total(parameters), derivative(total, parameters)
    yield network.loss_and_gradient(parameters, X, y[:, None])


@claim(
    "network.softmax-inside",
    r"\phi = (\text{softmax}, \sigma), \quad \mathcal{L} = \sum_i \lVert h_i^L - y_i \rVert^2",
    textbook=True,
)
def softmax_inside(X=Real("n m"), Y=Real("n K"), W=Real("m q"), b=Real("q"), V=Real("q K"), c=Real("K")):
    def total(parameters):
        return jnp.sum((layers(X, parameters, [probabilities, expit]) - Y) ** 2)

    parameters = [(W, b), (V, c)]
    network = Network((activations.softmax, activations.sigmoid), losses.squared_error)
    yield total(parameters), derivative(total, parameters)
    yield network.loss_and_gradient(parameters, X, Y)


@claim(
    "network.softmax-with-squared-error",
    r"\phi_L = \text{softmax}, \quad \mathcal{L} = \tfrac12 \sum_i \lVert h_i^L - y_i \rVert^2",
    textbook=True,
)
def softmax_with_squared_error(X=Real("n m"), Y=Real("n K"), V=Real("m K"), c=Real("K")):
    def total(parameters):
        return jnp.sum((layers(X, parameters, [probabilities]) - Y) ** 2) / 2

    network = Network((activations.softmax,), losses.l2_loss)
    yield total([(V, c)]), derivative(total, [(V, c)])
    yield network.loss_and_gradient([(V, c)], X, Y)


@claim(
    "network.last-bias",
    r"\phi_L = \text{softmax}: \quad \sum_k \partial \mathcal{L} / \partial b_k^L = 0",
    textbook=True,
)
def last_bias(X=Real("n m"), Y=OneHot("n K"), V=Real("m K"), c=Real("K")):
    network = Network((activations.softmax,), losses.categorical_cross_entropy)
    ((by_V, by_c),) = network.gradient([(V, c)], X, Y)
    yield jnp.sum(by_V, axis=1), jnp.sum(by_c)
    yield jnp.zeros_like(V[:, 0]), 0.0
