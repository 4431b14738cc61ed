"""Losses as a user would write them, their gradients by hand, and the programs that a checker is shown.

`log1p(exp(z))` stands where `logaddexp(0, z)` could: JAX's `logaddexp` loses small imaginary parts, and no complex step
could be taken.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import core

from gradproof.calls import Example, gradient_claim
from gradproof.claims import Equality
from gradproof.claims.symbols import ArraySymbol, Binary, OneHot
from gradproof.mutation import Mutant, mutants_of
from manual_grads import activations, logistic, losses, softmax, weight_decay
from manual_grads.network import Network


@dataclass(frozen=True)
class Case:
    """A loss and its gradient by the first argument, at a point."""

    name: str
    loss: Callable[..., Any]
    gradient: Callable[..., Any]
    arguments: tuple[Any, ...]
    labels: ArraySymbol | None = None
    """What the last argument is, if it is not any real."""

    @property
    def point(self) -> list[jax.Array]:
        """The arrays of the first argument."""
        return jax.tree.leaves(self.arguments[0])

    def value(self, *point: Any) -> Any:
        """The loss at the arrays of the first argument."""
        return self.loss(self._parameters(point), *self.arguments[1:])

    def slopes(self, *point: Any) -> list[Any]:
        """The gradient there, an array for each."""
        return jax.tree.leaves(self.gradient(self._parameters(point), *self.arguments[1:]))

    def _parameters(self, point: tuple[Any, ...]) -> Any:
        return jax.tree.unflatten(jax.tree.structure(self.arguments[0]), point)

    def with_gradient(self, gradient: Callable[..., Any]) -> "Case":
        return replace(self, gradient=gradient)

    def claim(self) -> Equality:
        """That the gradient is the derivative of the loss, at the sizes of the point."""
        domains = (*(None for _ in self.arguments[1:]), self.labels)
        return gradient_claim(
            self.loss,
            self.gradient,
            self.arguments,
            domains=domains,
            sizes="example",
            kinks="any value between limits",
            stable=True,
        )

    def mutants(self) -> list[Mutant]:
        """Those with the shapes of the gradient: all checkers refuse the others."""
        names = [part.name for part in Example.of(self.loss, self.arguments).parts]
        shapes = [leaf.shape for leaf in self.point]
        return [
            mutant
            for mutant in mutants_of(jax.make_jaxpr(self.gradient)(*self.arguments), names)
            if mutant.closed is not None and [aval.shape for aval in mutant.closed.out_avals] == shapes
        ]

    def mutated(self, mutant: Mutant) -> "Case":
        """With the mutant in place of the gradient.

        A program holds numbers of 64 bits; given others, as when `gradproof` looks at 32 bits, it is run in 64 and its
        results are rounded.
        """
        structure = jax.tree.structure(self.arguments[0])
        function, avals = core.jaxpr_as_fun(mutant.closed), mutant.closed.in_avals

        def gradient(*arguments: Any) -> Any:
            leaves = [jnp.asarray(leaf) for leaf in jax.tree.leaves(arguments)]
            with jax.enable_x64(True):
                outputs = function(*(leaf.astype(aval.dtype) for leaf, aval in zip(leaves, avals, strict=True)))
                return jax.tree.unflatten(structure, [output.astype(leaves[0].dtype) for output in outputs])

        return self.with_gradient(gradient)


def logistic_loss(weights: Any, inputs: Any, labels: Any) -> Any:
    logits = inputs @ weights
    return jnp.mean(jnp.log1p(jnp.exp(logits)) - labels * logits)


def decayed_loss(weights: Any, inputs: Any, decay: Any, labels: Any) -> Any:
    return logistic_loss(weights, inputs, labels) + decay / 2 * jnp.sum(weights**2)


def softmax_loss(weights: Any, inputs: Any, labels: Any) -> Any:
    return -jnp.mean(jnp.sum(labels * jnp.log(jax.nn.softmax(inputs @ weights)), axis=1))


def binary_loss(logits: Any, labels: Any) -> Any:
    return jnp.mean(jnp.log1p(jnp.exp(logits)) - labels * logits)


def hinge_loss(scores: Any, labels: Any) -> Any:
    return jnp.mean(jnp.maximum(0, 1 - (2 * labels - 1) * scores) ** 2)


def gelu_sum(logits: Any) -> Any:
    return jnp.sum(jax.nn.gelu(logits, approximate=False))


def squared_network_loss(parameters: Any, inputs: Any, targets: Any) -> Any:
    (before, before_bias), (after, after_bias) = parameters
    values = jnp.tanh(inputs @ before + before_bias[None, :]) @ after + after_bias[None, :]
    return jnp.mean(jnp.sum((values - targets) ** 2, axis=1)) / 2


def classifying_network_loss(parameters: Any, inputs: Any, labels: Any) -> Any:
    (before, before_bias), (after, after_bias) = parameters
    values = jax.nn.softmax(jax.nn.relu(inputs @ before + before_bias[None, :]) @ after + after_bias[None, :])
    return -jnp.mean(jnp.sum(labels * jnp.log(values), axis=1))


def hinge_gradient(scores: Any, labels: Any) -> Any:
    signs = 2 * labels - 1
    return -2 * signs * jnp.maximum(0, 1 - signs * scores) / len(scores)


def decayed_gradient(weights: Any, inputs: Any, decay: Any, labels: Any) -> Any:
    of_data = logistic.gradient(weights, inputs, labels, reduction="mean")
    return of_data + weight_decay.gradient(weights, decay)


def drawn(*shape: int, seed: int) -> jax.Array:
    return jnp.asarray(np.random.default_rng(seed).normal(size=shape))


def cases() -> list[Case]:
    """At points of standard normals, no kink near them and both of its sides seen."""
    mean: Any = partial(partial, reduction="mean")
    inputs, binary = drawn(4, 3, seed=0), jnp.array([1.0, 0.0, 0.0, 1.0])
    one_hot = jnp.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    parameters = [(drawn(3, 5, seed=5), drawn(5, seed=6)), (drawn(5, 2, seed=7), drawn(2, seed=8))]
    squared = Network((activations.tanh, activations.identity), losses.l2_loss)
    classifying = Network((activations.relu, activations.softmax), losses.categorical_cross_entropy)
    weights, logits = drawn(3, seed=1), drawn(3, seed=2)
    return [
        Case("logistic", logistic_loss, mean(logistic.gradient), (weights, inputs, binary), Binary()),
        Case("logistic, decay", decayed_loss, decayed_gradient, (weights, inputs, jnp.asarray(1e-4), binary), Binary()),
        Case("softmax", softmax_loss, mean(softmax.gradient), (drawn(3, 2, seed=3), inputs, one_hot), OneHot("n K")),
        Case(
            "binary cross entropy",
            binary_loss,
            mean(losses.sigmoid_binary_cross_entropy.gradient),
            (logits, jnp.array([1.0, 0.0, 1.0])),
            Binary(),
        ),
        Case("squared hinge", hinge_loss, hinge_gradient, (3 * logits, jnp.array([0.0, 0.0, 1.0])), Binary()),
        Case("gelu", gelu_sum, activations.gelu.derivative, (logits,)),
        Case(
            "network, squared",
            squared_network_loss,
            mean(squared.gradient),
            (parameters, inputs, drawn(4, 2, seed=4)),
        ),
        Case(
            "network, entropy",
            classifying_network_loss,
            mean(classifying.gradient),
            (parameters, inputs, one_hot),
            OneHot("n K"),
        ),
    ]
