r"""Networks of any depth and widths, with any activation in each layer and any loss at the end.

With $h^0 = x$, the layers $l = 1, \dots, L$ of weights $W^l$ and biases $b^l$ are, for one example in each row,

$$
Z^l = H^{l-1} W^l + \mathbf{1} b^{l \top}, \qquad H^l = \phi_l(Z^l), \qquad \mathcal{L} = \sum_i \ell(h_i^L, y_i) .
$$

Backwards, with the deltas $\Delta^l = \partial \mathcal{L} / \partial Z^l$ and the Jacobian J of an activation,

$$ \Delta^L = J_L^\top \frac{\partial \mathcal{L}}{\partial H^L}, \qquad
\Delta^l = J_l^\top (\Delta^{l+1} W^{l+1 \top}), \qquad
\frac{\partial \mathcal{L}}{\partial W^l} = H^{l-1 \top} \Delta^l, \qquad
\frac{\partial \mathcal{L}}{\partial b^l} = \Delta^{l \top} \mathbf{1}, \qquad
\frac{\partial \mathcal{L}}{\partial X} = \Delta^1 W^{1 \top} . $$

Where the loss of the last activation has a form of its own, as for softmax and cross-entropy, or sigmoid and binary
cross-entropy, that form computes $\mathcal{L}$ and $\Delta^L = P - Y$ from the last logits.

Parameters are a list with one entry for each layer, `(weights, bias)` or `weights` alone, with weights of shape
(inputs, outputs). The sum over the examples is the default; `reduction="mean"` divides it by their number. Inside
`jax.jit` values are not checked: check a data set by one call outside.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Literal, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Bool, Float, Integer, Real

from manual_grads._checks import Known, checked, first, require_inputs, require_key, require_parameters, require_size
from manual_grads._reduction import Reduction, require_reduction
from manual_grads.activations import Activation
from manual_grads.losses import Loss

Inputs = Float[Array, "n m"]
Outputs = Float[Array, "n K"]
Labels = Float[Array, "n ..."] | Integer[Array, "n ..."] | Bool[Array, "n ..."]
Scalar = Float[Array, ""]
Weights = Float[Array, "_ _"]  # sizes without names, for those of one layer are not those of another
Bias = Float[Array, "_"]
Layer = Weights | tuple[Weights, Bias]
Parameters = list[Layer]
Size = Real[ArrayLike, ""]
Ones = Literal["leading", "trailing"] | None


class Activity(NamedTuple):
    """What the layers compute: the logits z^1, ..., z^L, and the values h^0, ..., h^L, where h^0 are the inputs."""

    logits: list[Array]
    values: list[Array]


class Derivatives(NamedTuple):
    """Derivatives of the loss: by the parameters, by the inputs, and by the logits of each layer, z^1, ..., z^L."""

    parameters: Parameters
    inputs: Inputs
    deltas: list[Array]


def _check_inputs(self: "Network", parameters: Any, inputs: Any) -> int:
    """The number of outputs."""
    known: Known = {}
    require_inputs(inputs, known)
    if not isinstance(parameters, list):
        raise TypeError(f"parameters must be a list with an entry for each layer, got {type(parameters).__name__}")
    if len(parameters) != len(self.activations):
        expected = f"{len(self.activations)}, as there are activations"
        raise ValueError(f"the number of layers in parameters must be {expected}, got {len(parameters)}")
    width, source = known["m"]
    for number, layer in enumerate(parameters, 1):
        name = f"layer {number} of parameters"
        if self.ones and isinstance(layer, tuple):
            raise TypeError(
                f"{name} must be an array of weights, in which the bias is the {self.ones} row, got a tuple"
            )
        sizes: Known = {"inputs": (width + bool(self.ones), source + (", and 1" if self.ones else ""))}
        require_parameters(name, layer, "inputs outputs", "outputs", sizes)
        width, source = sizes["outputs"]
    return width


def _check_outputs(self: "Network", parameters: Any, inputs: Any) -> None:
    _check_inputs(self, parameters, inputs)


def _check(self: "Network", parameters: Any, inputs: Any, labels: Any, reduction: Any = "sum") -> None:
    require_reduction(reduction)
    self.criterion.require_labels((len(inputs), _check_inputs(self, parameters, inputs)), labels)


def _check_initial(self: "Network", key: Any, widths: Any, epsilon: Any) -> None:
    require_key(key)
    require_size("epsilon", epsilon)
    if len(widths) != len(self.activations) + 1:
        expected = f"{len(self.activations) + 1} numbers, those of the inputs and of the units of each layer"
        raise ValueError(f"widths must be {expected}, got {len(widths)}: {list(widths)}")
    if min(widths) < 1:
        raise ValueError(f"widths must be positive, got {list(widths)}")


_outputs_formula = checked(_check_outputs, static="self")
_formula = checked(_check, static=("self", "reduction"))


@dataclass(frozen=True)
class Network:
    r"""A network without its parameters: the activation of each layer, and the loss at the end.

    Arguments:
        activations: of the layers 1 to L, from `manual_grads.activations` or of one's own.
        criterion: the loss of the outputs, from `manual_grads.losses` or of one's own.
        ones: for a bias that is a row of the weights: "leading" or "trailing", as the 1 that multiplies it stands
            before or after the inputs of each layer. None if there is no such row.

    Raises `TypeError` for an activation or a criterion of another kind, and `ValueError` for no activation.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equations 5.53 to 5.56.

    >>> from manual_grads.activations import softmax, tanh
    >>> from manual_grads.losses import categorical_cross_entropy
    >>> network = Network((tanh, softmax), categorical_cross_entropy)
    >>> parameters = network.initial(jax.random.key(0), [4, 5, 3], epsilon=0.1)
    >>> gradient = network.gradient(parameters, jnp.ones((2, 4)), jnp.eye(3)[:2])
    >>> jax.tree.map(jnp.shape, gradient)
    [((4, 5), (5,)), ((5, 3), (3,))]
    """

    activations: tuple[Activation, ...]
    criterion: Loss
    ones: Ones = None
    __no_type_check__: ClassVar[bool] = True  # of the fields, which are checked here, in our words

    def __post_init__(self) -> None:
        if not isinstance(self.activations, tuple) or not self.activations:
            raise ValueError(f"activations must be a tuple with one for each layer, got {self.activations!r}")
        for position, activation in enumerate(self.activations):
            if not isinstance(activation, Activation):
                expected = "an Activation, such as manual_grads.activations.relu"
                raise TypeError(f"activations[{position}] must be {expected}, got {activation!r}")
        if not isinstance(self.criterion, Loss):
            expected = "a Loss, such as manual_grads.losses.l2_loss"
            raise TypeError(f"criterion must be {expected}, got {self.criterion!r}")
        if self.ones not in ("leading", "trailing", None):
            raise ValueError(f'ones must be "leading", "trailing" or None, got {self.ones!r}')

    @first(_check_initial)
    def initial(self, key: Any, widths: Sequence[int], *, epsilon: Size) -> Parameters:
        r"""Random parameters, $W^l_{ij}, b^l_j \sim \mathcal{N}(0, \epsilon^2)$, so that units start out different.

        Arguments:
            key: of the random numbers.
            widths: the numbers of inputs, of the units of each hidden layer, and of outputs: L + 1 of them.
            epsilon: the standard deviation, positive.

        Raises `ValueError` for another number of widths, and for widths or an epsilon that are not positive.

        Source: Ng et al., UFLDL tutorial (2011), section Backpropagation algorithm.

        >>> from manual_grads.activations import identity
        >>> from manual_grads.losses import l2_loss
        >>> jax.tree.map(jnp.shape, Network((identity,), l2_loss).initial(jax.random.key(0), [4, 5], epsilon=0.1))
        [((4, 5), (5,))]
        """
        layers: Parameters = []
        for before, after in pairwise(widths):
            key, of_weights, of_bias = jax.random.split(key, 3)
            weights = jax.random.normal(of_weights, (before + bool(self.ones), after)) * epsilon
            layers.append(weights if self.ones else (weights, jax.random.normal(of_bias, (after,)) * epsilon))
        return layers

    @_outputs_formula
    def forward(self, parameters: Parameters, inputs: Inputs) -> Activity:
        """All logits and values, from the inputs to the outputs.

        Arguments:
            parameters: one entry for each layer.
            inputs: finite reals of shape (n, m), an example in each row.
        """
        logits, values = [], [inputs]
        for layer, activation in zip(parameters, self.activations, strict=True):
            logits.append(self._logits(layer, values[-1]))
            values.append(activation(logits[-1]))
        return Activity(logits, values)

    @_outputs_formula
    def outputs(self, parameters: Parameters, inputs: Inputs) -> Outputs:
        """The values of the last layer, of shape (n, K)."""
        return self.forward(parameters, inputs).values[-1]

    @_formula
    def loss(self, parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Scalar:
        """The loss of the outputs.

        Arguments:
            parameters: one entry for each layer.
            inputs: finite reals of shape (n, m), an example in each row.
            labels: as the criterion takes them, an example in each row.
            reduction: "sum" or "mean" over the examples.

        Raises `ValueError` for a wrong shape or value and `TypeError` for a wrong dtype or structure.
        """
        return self._output_delta(self.forward(parameters, inputs), labels, reduction)[0]

    @_formula
    def gradient(
        self, parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum"
    ) -> Parameters:
        """The derivative of `loss` by the parameters, in their structure."""
        return self.derivatives(parameters, inputs, labels, reduction=reduction).parameters

    @_formula
    def value_and_gradient(
        self, parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum"
    ) -> tuple[Scalar, Parameters]:
        """Both `loss` and `gradient`, in one forward and one backward pass: all that a step of training needs."""
        loss, derivatives = self._backward(parameters, inputs, labels, reduction)
        return loss, derivatives.parameters

    loss_and_gradient = value_and_gradient
    """An older name of `value_and_gradient`."""

    @_formula
    def derivatives(
        self, parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum"
    ) -> Derivatives:
        """Everything that backpropagation computes: the derivatives by the parameters, the inputs, and all logits."""
        return self._backward(parameters, inputs, labels, reduction)[1]

    def _logits(self, layer: Layer, values: Array) -> Array:
        if isinstance(layer, tuple):
            weights, bias = layer
            return values @ weights + bias[None, :]
        if self.ones is None:
            return values @ layer
        bias, weights = self._parted(layer)
        return values @ weights + bias

    def _parted(self, layer: Weights) -> tuple[Array, Array]:
        """The row of biases, with two axes, and the other rows."""
        return (layer[:1], layer[1:]) if self.ones == "leading" else (layer[-1:], layer[:-1])

    def _backward(
        self, parameters: Parameters, inputs: Inputs, labels: Labels, reduction: Reduction
    ) -> tuple[Scalar, Derivatives]:
        activity = self.forward(parameters, inputs)
        loss, delta = self._output_delta(activity, labels, reduction)
        gradients, deltas = [], []
        for number in reversed(range(len(parameters))):
            gradient, cotangent = self._transposed_logits(parameters[number], activity.values[number], delta)
            gradients.append(gradient)
            deltas.append(delta)
            if number:
                delta = self.activations[number - 1].vector_jacobian_product(activity.logits[number - 1], cotangent)
        return loss, Derivatives(gradients[::-1], cotangent, deltas[::-1])

    def _output_delta(self, activity: Activity, labels: Labels, reduction: Reduction) -> tuple[Scalar, Array]:
        """The loss, and its derivative by the last logits."""
        activation, logits = self.activations[-1], activity.logits[-1]
        if (together := self.criterion.from_logits(activation)) is not None:
            return together.value_and_gradient(logits, labels, reduction=reduction)
        loss, cotangent = self.criterion.value_and_gradient(activity.values[-1], labels, reduction=reduction)
        return loss, activation.vector_jacobian_product(logits, cotangent)

    def _transposed_logits(self, layer: Layer, values: Array, delta: Array) -> tuple[Layer, Array]:
        """The derivatives by the layer, and by the values before it."""
        by_weights = jnp.tensordot(values, delta, axes=(0, 0))
        by_bias = jnp.sum(delta, axis=0)
        if isinstance(layer, tuple):
            return (by_weights, by_bias), delta @ layer[0].T
        if self.ones is None:
            return by_weights, delta @ layer.T
        rows = [by_bias[None, :], by_weights] if self.ones == "leading" else [by_weights, by_bias[None, :]]
        return jnp.concatenate(rows), delta @ self._parted(layer)[1].T
