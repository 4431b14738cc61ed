"""The loss of a linear model and its derivatives, for any loss of the predictions."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Integer

from manual_grads._checks import (
    Known,
    checked,
    require_inputs,
    require_numbers,
    require_parameters,
    require_shape,
    require_tangent,
)
from manual_grads._reduction import Reduction, example_weight, require_reduction
from manual_grads.linear import _hessian
from manual_grads.linear._parameters import predictions, transposed
from manual_grads.losses import ElementwiseLoss, Loss

Inputs = Float[Array, "n m"]
Labels = Float[Array, "n ..."] | Integer[Array, "n ..."] | Bool[Array, "n ..."]
Scalar = Float[Array, ""]
Weights = Float[Array, "m *K"]
Bias = Float[Array, "*K"]
Parameters = Weights | tuple[Weights, Bias]
NumberHessian = (
    Float[Array, "m m"] | tuple[tuple[Float[Array, "m m"], Float[Array, " m"]], tuple[Float[Array, " m"], Scalar]]
)
RowHessian = (
    Float[Array, "m K m K"]
    | tuple[tuple[Float[Array, "m K m K"], Float[Array, "m K K"]], tuple[Float[Array, "K m K"], Float[Array, "K K"]]]
)


class LinearLoss:
    """The loss of linear predictions, by the parameters, and its derivatives."""

    criterion: Loss

    def check(self, parameters: Any, inputs: Any, labels: Any, tangent: Any = None, reduction: Any = "sum") -> None:
        """Refuse bad arguments in one sentence."""
        known: Known = {}
        require_reduction(reduction)
        require_inputs(inputs, known)
        classes = self.criterion.axes * "K"
        require_parameters("parameters", parameters, f"m {classes}", classes, known)
        require_numbers("labels", labels)
        require_shape("labels", labels, f"n {self.criterion.label_axes(labels) * 'K'}", known)
        self.criterion.require_labels(tuple(known[key][0] for key in ("n", *classes)), labels)
        if tangent is not None:
            require_tangent(tangent, parameters)

    _formula = checked(check, static=("self", "reduction"))

    @_formula
    def loss(self, parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum") -> Scalar:
        """The loss of the predictions, as a sum or mean over the examples."""
        return self.criterion(predictions(parameters, inputs), labels, reduction=reduction)

    @_formula
    def gradient(
        self, parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum"
    ) -> Parameters:
        """The derivative of `loss` by the parameters, in their structure."""
        residuals = self.criterion.gradient(predictions(parameters, inputs), labels, reduction=reduction)
        return transposed(parameters, inputs, residuals)

    @_formula
    def value_and_gradient(
        self, parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum"
    ) -> tuple[Scalar, Parameters]:
        """Both `loss` and `gradient`, in one forward and one backward pass."""
        outputs = predictions(parameters, inputs)
        value, residuals = self.criterion.value_and_gradient(outputs, labels, reduction=reduction)
        return value, transposed(parameters, inputs, residuals)

    @_formula
    def hessian(
        self, parameters: Parameters, inputs: Inputs, labels: Labels, *, reduction: Reduction = "sum"
    ) -> NumberHessian | RowHessian:
        """The second derivative of `loss` by the parameters, nested by their structure twice, as `jax.hessian` does."""
        weight = example_weight(reduction, len(inputs))
        if isinstance(self.criterion, ElementwiseLoss):
            return _hessian.of_numbers(self.criterion, parameters, inputs, labels, weight)
        return _hessian.of_rows(self.criterion, parameters, inputs, labels, weight)

    @_formula
    def hessian_vector_product(
        self,
        parameters: Parameters,
        inputs: Inputs,
        labels: Labels,
        tangent: Parameters,
        *,
        reduction: Reduction = "sum",
    ) -> Parameters:
        """The Hessian of `loss` times a vector, in two products with the inputs and without the Hessian."""
        outputs, slopes = predictions(parameters, inputs), predictions(tangent, inputs)
        cotangent = self.criterion.hessian_vector_product(outputs, labels, slopes, reduction=reduction)
        return transposed(parameters, inputs, cotangent)

    def matrix(self, parameters: Weights, inputs: Inputs, labels: Labels) -> Float[Array, "mK mK"]:
        r"""The Hessian by `weights` alone as a matrix, filled where invariance under shifts makes it 0.

        There it is the mean of its diagonal blocks: with $E = \mathbf{1} \mathbf{1}^\top / K$ this is
        $H + G \otimes E$ for $G = \sum_k H_{kk} / K$. The gradient and $H d$ are orthogonal to all shifts, so the
        solution has $\sum_k d_k = 0$ and $H d = \nabla L$ for any $G$ with an inverse. This one is as large as H in
        every direction and in any units.
        """
        blocks: Any = self.hessian(parameters, inputs, labels)
        if self.criterion.shift_invariant:
            classes = parameters.shape[1]
            mean_block = jnp.trace(blocks, axis1=1, axis2=3) / classes
            blocks = blocks + mean_block[:, None, :, None] / classes
        return blocks.reshape(parameters.size, parameters.size)
