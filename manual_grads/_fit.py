r"""Fits of linear models by Newton's method or gradient descent, and a report that says whether there is a minimum.

Logistic and softmax regression have a minimum if and only if no direction separates the classes, not even with ties
(Albert and Anderson, Biometrika 71 (1984), 1-10). Three certificates decide that here:

- Inputs without full column rank, by the singular values of $R$ in $X = QR$: a minimum would not be unique.
- An iterate that classifies every example rightly by more than rounding: it is a separating direction, so there is no
  minimum.
- A Newton step $d$ that changes the difference of no two logits of an example by 1 or more: there is a minimum. For let
  $s_{ik}$ be what it takes off the logits, and $\bar s_i = \sum_k p_{ik} s_{ik}$. Then $g - Hd = 0$ reads
  $\sum_i \sum_{k \ne y_i} p_{ik} (1 - s_{ik} + \bar s_i) (e_k - e_{y_i}) x_i^\top = 0$ with positive factors, so that a
  direction which lets one label's logit gain on another lets some other label's lose.

The third is trusted where the Hessian is not singular to rounding, and with a margin: up to 1/2. Where it fails
although the method has come to its end, the loss has become flat, which is how a separation with ties looks.

Newton's method works in coordinates in which the inputs are $Q$. So the units and correlations of the features do not
matter, and the Hessian is at most 1/4, or 1/2 for softmax, on which one falls back where floating point has no inverse
of it (Boehning, Annals of the Institute of Statistical Mathematics 44 (1992), 197-200).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from manual_grads import _loops
from manual_grads._checks import require_count, require_size, require_start

FitStatus = Literal["converged", "separable", "diverging", "rank deficient", "step limit", "diverged", "stalled"]

ADVICE: dict[FitStatus, str] = {
    "separable": "These parameters separate the classes, so there is no minimum: longer ones have a lower loss. "
    "Penalise the weights, or keep these.",
    "diverging": "No minimum is in sight: along some direction the loss is flat to rounding, as where the classes are "
    "separated but for ties. Penalise the weights, or leave out a feature.",
    "rank deficient": "The minimum is not unique: a column of the inputs is a combination of others and the bias. "
    "Leave it out.",
    "step limit": "Allow more steps.",
    "diverged": "The loss is not finite: start nearer to 0, or lower the learning rate.",
    "stalled": "The loss is lost in rounding: use 64 bits.",
}


@dataclass(frozen=True, eq=False)
class Fit:
    """What a fit found. Printed, it says so in a few words.

    Attributes:
        parameters: the last parameters, in the structure of the first.
        losses: the sum over the examples before each step and at the end, steps + 1 in all.
        steps: the number of steps that were taken.
        gradient_norm: the largest absolute entry of the gradient at `parameters`.
        status: why the fit ended, one of the following.

    | status | the fit ended because |
    |---|---|
    | "converged" | Newton's method: this is the minimum, to rounding. Gradient descent: the tolerance is met |
    | "separable" | `parameters` classify every example rightly, which proves that there is no minimum |
    | "diverging" | Newton's method came to an end where nothing proves that there is a minimum |
    | "rank deficient" | the columns of the inputs, and of ones for a bias, are dependent: no step was taken |
    | "step limit" | all steps were taken that were allowed |
    | "diverged" | a loss, a gradient or a parameter was not finite; the parameters are the last before that |
    | "stalled" | Newton's method came to an end before the minimum, which exists: its losses are lost in rounding |
    """

    parameters: Any
    losses: Float[Array, " steps"]
    steps: int
    gradient_norm: float
    status: FitStatus

    def __str__(self) -> str:
        steps = "1 step" if self.steps == 1 else f"{self.steps} steps"
        found = f"loss {self.losses[-1]:.6g}, largest entry of the gradient {self.gradient_norm:.2g}"
        return " ".join(filter(None, [f"{self.status} after {steps}: {found}.", ADVICE.get(self.status)]))


class Model(NamedTuple):
    """What a fit has to know of a model. Its parameters here are one array, a bias being the last row."""

    loss_and_gradient: Callable[..., tuple[Array, Any]]
    hessian: Callable[..., Any]  # a square matrix, as `solve` needs it
    bound: float  # of the Hessian's eigenvalues where those of the inputs' Gram matrix are 1
    separated: Callable[[Array, Array, Array], Array]  # from logits, what rounding may change in them, and labels
    shift: Callable[[Array], Array]  # the part of the parameters that changes no probability
    spread: Callable[[Array], Array]  # the largest change of a difference of logits, from the changes of logits

    def direction(self, parameters: Array, basis: Array, labels: Array) -> Array:
        """The Newton direction, or that of the bound; where the loss is twice that at 0, the way to there."""
        loss, gradient = self.loss_and_gradient(parameters, basis, labels)
        exact = solve(self.hessian(parameters, basis, labels), gradient)
        usable = jnp.isfinite(exact).all() & (jnp.vdot(exact, gradient) > 0)
        # The double, lest rounding at 0 takes 0 for worse than itself. Far out, Hessians are singular to rounding.
        nothing = self.shift(parameters)
        far = loss > 2 * self.loss_and_gradient(nothing, basis, labels)[0]
        return jnp.where(far, parameters - nothing, jnp.where(usable, exact, gradient / self.bound))


def solve(matrix: Array, right: Array) -> Array:
    """The solution for a positive definite matrix, in the shape of the right side; not finite if it is not definite."""
    factor = jax.scipy.linalg.cho_factor(matrix)
    return jax.scipy.linalg.cho_solve(factor, right.reshape(-1)).reshape(right.shape)


def stacked(parameters: Any) -> Array:
    """The parameters as one array: a bias is the last row of the weights."""
    if isinstance(parameters, tuple):
        weights, bias = parameters
        return jnp.concatenate([weights, bias[None]])
    return parameters


def unstacked(array: Array, like: Any) -> Any:
    return (array[:-1], array[-1]) if isinstance(like, tuple) else array


def augmented(inputs: Array, parameters: Any) -> Array:
    """The inputs, and a column of ones where there is a bias."""
    if isinstance(parameters, tuple):
        return jnp.concatenate([inputs, jnp.ones_like(inputs[:, :1])], axis=1)
    return inputs


def newton_direction(model: Model, parameters: Any, inputs: Array, labels: Array) -> Any:
    _, gradient = model.loss_and_gradient(parameters, inputs, labels)
    hessian = model.hessian(stacked(parameters), augmented(inputs, parameters), labels)
    return unstacked(solve(hessian, stacked(gradient)), parameters)


@jax.jit
def _rank_deficient(triangle: Array) -> Array:
    """Whether the columns are dependent to rounding, whatever their units."""
    lengths = jnp.linalg.norm(triangle, axis=0)
    values = jnp.linalg.svd(triangle / jnp.where(lengths > 0, lengths, 1)[None, :], compute_uv=False)
    return values[-1] <= len(triangle) * jnp.finfo(triangle.dtype).eps * values[0]


@partial(jax.jit, static_argnames="model")
def _separated(model: Model, parameters: Any, inputs: Array, labels: Array) -> Array:
    matrix, array = augmented(inputs, parameters), stacked(parameters)
    highest = jax.lax.Precision.HIGHEST
    size = jnp.matmul(jnp.abs(matrix), jnp.abs(array), precision=highest)
    # A sum of m products has m roundings of half an eps each; the double holds for the rounding of this bound, too.
    rounding = matrix.shape[1] * jnp.finfo(size.dtype).eps * size
    return model.separated(jnp.matmul(matrix, array, precision=highest), rounding, labels)


@partial(jax.jit, static_argnames="model")
def _judged(model: Model, parameters: Array, basis: Array, labels: Array) -> tuple[Array, Array]:
    """Whether the Newton step proves that there is a minimum, and whether the loss is flat."""
    hessian = model.hessian(parameters, basis, labels)
    loss, gradient = model.loss_and_gradient(parameters, basis, labels)
    step = solve(hessian, gradient)
    # The Hessian, the gradient and the solution each have some len(hessian) roundings of numbers of size 1.
    singular = jnp.linalg.eigvalsh(hessian)[0] <= 16 * len(hessian) * jnp.finfo(hessian.dtype).eps
    proved = ~singular & (model.spread(basis @ step) <= 0.5)
    decrement = jnp.vdot(gradient, model.direction(parameters, basis, labels))
    return proved, singular & (decrement / 2 <= _loops.noise(loss))


@jax.jit
def _original(coordinates: Array, triangle: Array, like: Any) -> Any:
    """The parameters with these coordinates."""
    return unstacked(jax.scipy.linalg.solve_triangular(triangle, coordinates), like)


def _arrays(parameters: Any, inputs: Any, labels: Any) -> tuple[Any, Array, Array]:
    """All as jax arrays, and the reals of one dtype."""
    dtype = jnp.result_type(inputs, *jax.tree.leaves(parameters))
    return (
        jax.tree.map(lambda part: jnp.asarray(part, dtype), parameters),
        jnp.asarray(inputs, dtype),
        jnp.asarray(labels),
    )


def _report(model: Model, parameters: Any, inputs: Array, labels: Array, losses: Array, status: FitStatus) -> Fit:
    _, gradient = model.loss_and_gradient(parameters, inputs, labels)
    largest = max(jnp.max(jnp.abs(part)).item() for part in jax.tree.leaves(gradient))
    return Fit(parameters, losses, len(losses) - 1, largest, status)


def _without_a_step(model: Model, parameters: Any, inputs: Array, labels: Array) -> Fit:
    loss, _ = model.loss_and_gradient(parameters, inputs, labels)
    return _report(model, parameters, inputs, labels, loss[None], "rank deficient")


def by_newton(model: Model, parameters: Any, inputs: Any, labels: Any, *, steps: int) -> Fit:
    """Arguments have been checked as those of the loss are."""
    require_start(parameters)
    require_count("steps", steps)
    parameters, inputs, labels = _arrays(parameters, inputs, labels)
    basis, triangle = jnp.linalg.qr(augmented(inputs, parameters))
    if triangle.shape[0] < triangle.shape[1] or _rank_deficient(triangle):
        return _without_a_step(model, parameters, inputs, labels)

    def separated(coordinates: Array) -> bool:
        return bool(_separated(model, _original(coordinates, triangle, parameters), inputs, labels))

    run = _loops.newton(
        model.loss_and_gradient,
        model.direction,
        triangle @ stacked(parameters),
        (basis, labels),
        steps=steps,
        tolerance=0.0,
        stop=separated,
    )
    proved, flat = _judged(model, run.parameters, basis, labels)
    status: FitStatus
    if separated(run.parameters):
        status = "separable"
    elif run.status == "converged":
        status = "converged" if proved else "diverging"
    elif flat:
        status = "diverging"
    else:
        status = run.status if run.status == "diverged" or run.status == "step limit" else "stalled"
    if run.steps:
        parameters = _original(run.parameters, triangle, parameters)
    return _report(model, parameters, inputs, labels, run.losses, status)


def by_gradient_descent(
    model: Model,
    parameters: Any,
    inputs: Any,
    labels: Any,
    *,
    learning_rate: float | None,
    steps: int,
    tolerance: float,
) -> Fit:
    """Arguments have been checked as those of the loss are."""
    require_start(parameters)
    require_count("steps", steps)
    require_size("tolerance", tolerance, zero=True)
    if learning_rate is not None:
        require_size("learning_rate", learning_rate)
    parameters, inputs, labels = _arrays(parameters, inputs, labels)
    triangle = jnp.linalg.qr(augmented(inputs, parameters), mode="r")
    if triangle.shape[0] < triangle.shape[1] or _rank_deficient(triangle):
        return _without_a_step(model, parameters, inputs, labels)

    def separated(parameters: Any) -> bool:
        return bool(_separated(model, parameters, inputs, labels))

    run = _loops.gradient_descent(
        model.loss_and_gradient,
        parameters,
        (inputs, labels),
        learning_rate=learning_rate or 1 / (model.bound * jnp.linalg.norm(triangle, 2).item() ** 2),
        steps=steps,
        tolerance=tolerance,
        stop=separated,
    )
    status: FitStatus
    if separated(run.parameters):
        status = "separable"
    elif run.status == "converged" or run.status == "diverged":
        status = run.status
    else:
        status = "step limit"
    return _report(model, run.parameters, inputs, labels, run.losses, status)
