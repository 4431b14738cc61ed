"""A network of any depth with one example, and the oracle's derivatives of its cost at each layer.

The facts hold for any cost of the last activations, and any activation function: where nothing else is said they are
shown so. Networks of depth L are made of the first L - 1 pairs of weights and biases.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import jax

from derivations._words import Activation, ByLayer, gradient, matrix, numbered
from derivations.after_nielsen._conventions import column_of, d, feedforward, output, output_of_a, output_of_z, parallel
from gradproof import Real

PARAMETERS = (Real("3 m"), Real("3 1")), (Real("2 3"), Real("2 1")), (Real("3 2"), Real("3 1"))
"""W and b of the layers 2, 3 and 4, with 3, 2 and 3 units."""

SQUARE = (Real("2 2"), Real("2 1")), (Real("2 2"), Real("2 1")), (Real("2 2"), Real("2 1"))
"""The same where all layers have one size, so that the values of a wrong layer fit."""


def z_by_elements(W: jax.Array, before: jax.Array, b: jax.Array) -> jax.Array:
    """z = W a' + b, one sum for each unit."""
    n, m = W.shape
    return matrix(n, 1, lambda i, _: sum(W[i, k] * before[k, 0] for k in range(m)) + b[i, 0])


@dataclass(frozen=True)
class Example:
    """A network, an example, and a cost of its last activations."""

    C: Callable[[jax.Array], jax.Array]
    sigma: Activation
    x: jax.Array
    W: ByLayer
    b: ByLayer

    @property
    def L(self) -> int:
        return max(self.W)

    @property
    def z(self) -> Mapping[int, jax.Array]:
        return feedforward(self.x, self.W, self.b, self.sigma)[0]

    @property
    def a(self) -> Mapping[int, jax.Array]:
        return feedforward(self.x, self.W, self.b, self.sigma)[1]

    def of_a(self, layer: int, a_l: jax.Array) -> jax.Array:
        """C as a function of a^layer."""
        return self.C(output_of_a(layer, a_l, self.W, self.b, self.sigma))

    def of_z(self, layer: int, z_l: jax.Array) -> jax.Array:
        """C as a function of z^layer."""
        return self.C(output_of_z(layer, z_l, self.W, self.b, self.sigma))

    def of_b(self, layer: int, b_l: jax.Array) -> jax.Array:
        """C as a function of b^layer."""
        return self.C(output(self.x, self.W, {**self.b, layer: b_l}, self.sigma))

    def of_W(self, layer: int, W_l: jax.Array) -> jax.Array:
        """C as a function of W^layer."""
        return self.C(output(self.x, {**self.W, layer: W_l}, self.b, self.sigma))

    def by_a(self, layer: int) -> jax.Array:
        return d(self.a[layer], lambda a_l: self.of_a(layer, a_l))

    def by_z(self, layer: int) -> jax.Array:
        return d(self.z[layer], lambda z_l: self.of_z(layer, z_l))

    def by_b(self, layer: int) -> jax.Array:
        return d(self.b[layer], lambda b_l: self.of_b(layer, b_l))

    def by_W(self, layer: int) -> jax.Array:
        return gradient(lambda W_l: self.of_W(layer, W_l), self.W[layer])

    def by_columns_of_W(self, layer: int) -> list[jax.Array]:
        r"""The columns $\vec{d}_{\vec{w}_i} C$ of the derivative by W^layer."""
        by_W = self.by_W(layer)
        return [column_of(by_W, i) for i in range(by_W.shape[1])]

    def slope(self, layer: int) -> jax.Array:
        r"""$\vec{\sigma}'(\vec{z})$ at this layer."""
        return parallel(self.z[layer], self.sigma)


def by_layers(parameters: Iterable[tuple[jax.Array, jax.Array]]) -> tuple[ByLayer, ByLayer]:
    """The weights and the biases of the layers 2, 3, ..., from the pairs of them."""
    weights, biases = zip(*parameters, strict=True)
    return numbered(weights, first=2), numbered(biases, first=2)


def example(
    C: Callable[[jax.Array], jax.Array],
    sigma: Activation,
    x: jax.Array,
    parameters: Iterable[tuple[jax.Array, jax.Array]],
) -> Example:
    """The network with these weights and biases of the layers 2, 3, ..."""
    return Example(C, sigma, x, *by_layers(parameters))
