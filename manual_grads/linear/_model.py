"""Linear models: Newton's steps and fits for any loss."""

from dataclasses import dataclass
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Float, Shaped

from manual_grads._checks import checked, first, require_count, require_size, require_start
from manual_grads.linear import _fit
from manual_grads.linear._derivatives import Inputs, Labels, LinearLoss, Parameters
from manual_grads.linear._fit import Fit
from manual_grads.linear._parameters import augmented, stacked, unstacked
from manual_grads.losses import Loss

GivenWeights = Float[ArrayLike, "m *K"]
GivenBias = Float[ArrayLike, "*K"]
GivenParameters = GivenWeights | tuple[GivenWeights, GivenBias]
GivenInputs = Float[ArrayLike, "n m"]
GivenLabels = Shaped[ArrayLike, "n ..."]


@dataclass(frozen=True)
class LinearModel(LinearLoss):
    r"""A linear model: predictions $X W$, or $X W + \mathbf{1} b^\top$, and any loss of them.

    Parameters are `weights` or a tuple `(weights, bias)`. For losses of numbers the weights have the shape (m,) and the
    bias (); for losses of classes (m, K) and (K,). Inputs are finite reals of shape (n, m), an example in each row, and
    labels are what the loss takes. The sum over the examples is the default, `reduction="mean"` divides it by n.
    Newton's steps need a convex loss, and fits a loss that states its `largest_curvature`.

    Arguments:
        criterion: the loss, from `manual_grads.losses` or of one's own, which takes any real predictions.

    Raises `TypeError` for a criterion that is not a loss, and `ValueError` for one that takes probabilities.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), sections 3.1 and 4.3.

    >>> from manual_grads import losses
    >>> model = LinearModel(losses.l2_loss)
    >>> inputs, targets = jnp.array([[1.0, 0.0], [0.0, 2.0]]), jnp.array([3.0, 4.0])
    >>> model.gradient(jnp.zeros(2), inputs, targets).tolist()
    [-3.0, -8.0]
    >>> model.newton_step(jnp.zeros(2), inputs, targets).tolist()
    [3.0, 2.0]
    """

    criterion: Loss
    __no_type_check__: ClassVar[bool] = True  # of the field, which is checked here, in our words

    def __post_init__(self) -> None:
        if not isinstance(self.criterion, Loss):
            expected = "a Loss, such as manual_grads.losses.l2_loss"
            raise TypeError(f"criterion must be {expected}, got {self.criterion!r}")
        if self.criterion.domain is not None:
            raise ValueError(f"criterion must take any predictions, but {self.criterion!r} takes probabilities")

    def check_newton(self, parameters: Any, inputs: Any, labels: Any) -> None:
        """Refuse bad arguments of Newton's steps in one sentence."""
        self.check(parameters, inputs, labels)
        if self.criterion.shift_invariant and jnp.shape(jax.tree.leaves(parameters)[0])[1] == 1:
            raise ValueError("parameters must have at least 2 classes, for with 1 the Hessian is 0")

    def check_fit(
        self,
        parameters: Any,
        inputs: Any,
        labels: Any,
        learning_rate: Any = None,
        steps: Any = 1,
        tolerance: Any = 0.0,
    ) -> None:
        """Refuse bad arguments of fits in one sentence."""
        if self.criterion.largest_curvature is None:
            raise TypeError(f"criterion must state its largest_curvature for a fit, got {self.criterion!r}")
        self.check_newton(parameters, inputs, labels)
        require_start(parameters)
        require_count("steps", steps)
        require_size("tolerance", tolerance, zero=True)
        if learning_rate is not None:
            require_size("learning_rate", learning_rate)

    @checked(check_newton, static="self")
    def newton_direction(self, parameters: Parameters, inputs: Inputs, labels: Labels) -> Parameters:
        """What Newton's method subtracts: the gradient, solved with the Hessian by its Cholesky factor.

        Where nothing changes when one number is added to all classes, it is the shortest of the solutions.
        """
        gradient = self.gradient(parameters, inputs, labels)
        hessian = self.matrix(stacked(parameters), augmented(inputs, parameters), labels)
        return unstacked(_fit.solve(hessian, stacked(gradient)), parameters)

    @checked(check_newton, static="self")
    def newton_step(self, parameters: Parameters, inputs: Inputs, labels: Labels) -> Parameters:
        """The parameters after one undamped step of Newton's method."""
        return jax.tree.map(jnp.subtract, parameters, self.newton_direction(parameters, inputs, labels))

    @first(check_fit)
    def fit_by_newton(
        self, parameters: GivenParameters, inputs: GivenInputs, labels: GivenLabels, *, steps: int = 100
    ) -> Fit:
        """The parameters with the lowest loss, to rounding, or the reason why there are none.

        Arguments:
            parameters: where to start.
            inputs: as for `loss`.
            labels: as for `loss`.
            steps: the number of steps at most, at least 1.
        """
        return _fit.by_newton(self, self.damped_direction, parameters, inputs, labels, steps=steps)

    @first(check_fit)
    def fit_by_gradient_descent(
        self,
        parameters: GivenParameters,
        inputs: GivenInputs,
        labels: GivenLabels,
        *,
        learning_rate: Any = None,
        steps: int,
        tolerance: Any,
    ) -> Fit:
        """Gradient descent on the sum of the losses.

        Arguments:
            parameters: where to start.
            inputs: as for `loss`.
            labels: as for `loss`.
            learning_rate: a positive number; by default the largest that never raises the loss.
            steps: the number of steps at most, at least 1.
            tolerance: the fit has converged when no entry of the gradient is larger; at least 0.
        """
        return _fit.by_gradient_descent(
            self, parameters, inputs, labels, learning_rate=learning_rate, steps=steps, tolerance=tolerance
        )

    def damped_direction(self, parameters: Any, inputs: Any, labels: Any) -> Any:
        """The direction of a fit by Newton's method, for orthonormal inputs, from any parameters."""
        return _fit.direction(self, parameters, inputs, labels)
