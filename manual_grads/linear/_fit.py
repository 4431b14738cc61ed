r"""Fits of linear models by Newton's method or gradient descent, and a report that says whether there is a minimum.

Logistic and softmax regression have a minimum if and only if no direction separates the classes, not even with ties
(Albert and Anderson, Biometrika 71 (1984), 1-10). Three certificates decide that here:

- Inputs without full column rank, by the singular values of $R$ in $X = QR$: a minimum would not be unique.
- An iterate that classifies every example correctly, by more than rounding: it is a separating direction, so there is
  no minimum.
- A Newton step $d$ that changes the difference of any two logits of an example by less than 1: there is a minimum. Let
  $s_{ik}$ be what the step subtracts from the logits, and $\bar s_i = \sum_k p_{ik} s_{ik}$. Then $g - Hd = 0$ reads
  $\sum_i \sum_{k \ne y_i} p_{ik} (1 - s_{ik} + \bar s_i) (e_k - e_{y_i}) x_i^\top = 0$ with positive factors. So if a
  direction raises the logit of one label above that of another class, it lowers the logit of some other label.

The third is used where the Hessian is not singular to rounding, and with a margin: for changes up to 1/2. If it fails
although the method has ended, the loss is flat, as it is where classes are separated but for ties.

Least squares has a minimum for all labels: only the first certificate is needed.

Newton's method works in coordinates in which the inputs are $Q$. So the units and correlations of the features do not
matter, and the Hessian has a known bound: 1/4, or 1/2 for softmax. The bound replaces the Hessian where that has no
inverse in floating point (Boehning, Annals of the Institute of Statistical Mathematics 44 (1992), 197-200).
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float

from manual_grads import _loops
from manual_grads._loops import Direction
from manual_grads.linear._derivatives import LinearLoss
from manual_grads.linear._parameters import augmented, stacked, unstacked
from manual_grads.losses import Loss

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
    | "separable" | `parameters` classify every example correctly, which proves that there is no minimum |
    | "diverging" | Newton's method ended where nothing proves that there is a minimum |
    | "rank deficient" | the columns of the inputs, and of ones for a bias, are dependent: no step was taken |
    | "step limit" | all allowed steps were taken |
    | "diverged" | a loss, a gradient or a parameter was not finite; the parameters are the last ones before that |
    | "stalled" | Newton's method ended before the minimum, which exists: its losses are lost in rounding |
    """

    parameters: Any
    losses: Float[Array, " losses"]
    steps: int
    gradient_norm: float
    status: FitStatus

    def __str__(self) -> str:
        steps = "1 step" if self.steps == 1 else f"{self.steps} steps"
        found = f"loss {self.losses[-1]:.6g}, largest entry of the gradient {self.gradient_norm:.2g}"
        return " ".join(filter(None, [f"{self.status} after {steps}: {found}.", ADVICE.get(self.status)]))


def solve(matrix: Array, right: Array) -> Array:
    """The solution for a positive definite matrix, in the shape of the right side; not finite if it is not definite."""
    factor = jax.scipy.linalg.cho_factor(matrix)
    return jax.scipy.linalg.cho_solve(factor, right.reshape(-1)).reshape(right.shape)


def direction(model: LinearLoss, parameters: Array, basis: Array, labels: Array) -> Array:
    """The Newton direction, or that of the bound; far away, where the loss is twice that at 0, the way to 0."""
    gradient: Any
    loss, gradient = model.value_and_gradient(parameters, basis, labels)
    exact = solve(model.matrix(parameters, basis, labels), gradient)
    usable = jnp.isfinite(exact).all() & (jnp.vdot(exact, gradient) > 0)
    # Twice, because at 0 rounding may make the loss larger than itself. Far away, Hessians are singular to rounding.
    nothing = _shift(model.criterion, parameters)
    far = loss > 2 * model.loss(nothing, basis, labels)
    return jnp.where(far, parameters - nothing, jnp.where(usable, exact, gradient / _bound(model)))


def _bound(model: LinearLoss) -> float:
    """The bound of the eigenvalues of the Hessian, if those of the inputs' Gram matrix are 1."""
    assert model.criterion.largest_curvature is not None
    return float(model.criterion.largest_curvature)


def _shift(criterion: Loss, parameters: Array) -> Array:
    """The part of the parameters that changes no loss."""
    if criterion.shift_invariant:
        return jnp.broadcast_to(jnp.mean(parameters, axis=1, keepdims=True), parameters.shape)
    return jnp.zeros_like(parameters)


def _largest_change(criterion: Loss, changes: Array) -> Array:
    """The largest change of a prediction, or of a difference between two classes where only these count."""
    if criterion.shift_invariant:
        return jnp.max(jnp.max(changes, axis=1) - jnp.min(changes, axis=1))
    return jnp.max(jnp.abs(changes))


@jax.jit
def _rank_deficient(triangle: Array) -> Array:
    """Whether the columns are dependent to rounding, whatever their units."""
    lengths = jnp.linalg.norm(triangle, axis=0)
    values = jnp.linalg.svd(triangle / jnp.where(lengths > 0, lengths, 1)[None, :], compute_uv=False)
    return values[-1] <= len(triangle) * jnp.finfo(triangle.dtype).eps * values[0]


@partial(jax.jit, static_argnames="model")
def _separated(model: LinearLoss, parameters: Any, inputs: Array, labels: Array) -> Array:
    matrix, array = augmented(inputs, parameters), stacked(parameters)
    highest = jax.lax.Precision.HIGHEST
    size = jnp.matmul(jnp.abs(matrix), jnp.abs(array), precision=highest)
    # A sum of m products has m roundings of half an eps each; the double holds for the rounding of this bound, too.
    rounding = matrix.shape[1] * jnp.finfo(size.dtype).eps * size
    return model.criterion.separated(jnp.matmul(matrix, array, precision=highest), rounding, labels)


@partial(jax.jit, static_argnames="model")
def _judged(model: LinearLoss, parameters: Array, basis: Array, labels: Array) -> tuple[Array, Array]:
    """Whether the Newton step proves that there is a minimum, and whether the loss is flat."""
    gradient: Any
    hessian = model.matrix(parameters, basis, labels)
    loss, gradient = model.value_and_gradient(parameters, basis, labels)
    step = solve(hessian, gradient)
    # The Hessian, the gradient and the solution each have some len(hessian) roundings of numbers of size 1.
    singular = jnp.linalg.eigvalsh(hessian)[0] <= 16 * len(hessian) * jnp.finfo(hessian.dtype).eps
    proved = ~singular & (_largest_change(model.criterion, basis @ step) <= model.criterion.newton_margin)
    decrement = jnp.vdot(gradient, direction(model, parameters, basis, labels))
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


def _report(model: LinearLoss, parameters: Any, inputs: Array, labels: Array, losses: Array, status: FitStatus) -> Fit:
    _, gradient = model.value_and_gradient(parameters, inputs, labels)
    largest = max(jnp.max(jnp.abs(part)).item() for part in jax.tree.leaves(gradient))
    return Fit(parameters, losses, len(losses) - 1, largest, status)


def _without_a_step(model: LinearLoss, parameters: Any, inputs: Array, labels: Array) -> Fit:
    loss, _ = model.value_and_gradient(parameters, inputs, labels)
    return _report(model, parameters, inputs, labels, loss[None], "rank deficient")


def by_newton(model: LinearLoss, direction: Direction, parameters: Any, inputs: Any, labels: Any, *, steps: int) -> Fit:
    """A fit along a direction, which is that of this module; the arguments have been checked."""
    parameters, inputs, labels = _arrays(parameters, inputs, labels)
    basis, triangle = jnp.linalg.qr(augmented(inputs, parameters))
    if triangle.shape[0] < triangle.shape[1] or _rank_deficient(triangle):
        return _without_a_step(model, parameters, inputs, labels)

    def separated(coordinates: Array) -> bool:
        return bool(_separated(model, _original(coordinates, triangle, parameters), inputs, labels))

    run = _loops.newton(
        model.value_and_gradient,
        direction,
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
    model: LinearLoss,
    parameters: Any,
    inputs: Any,
    labels: Any,
    *,
    learning_rate: Any,
    steps: int,
    tolerance: Any,
) -> Fit:
    """The arguments have been checked."""
    parameters, inputs, labels = _arrays(parameters, inputs, labels)
    triangle = jnp.linalg.qr(augmented(inputs, parameters), mode="r")
    if triangle.shape[0] < triangle.shape[1] or _rank_deficient(triangle):
        return _without_a_step(model, parameters, inputs, labels)

    def separated(parameters: Any) -> bool:
        return bool(_separated(model, parameters, inputs, labels))

    run = _loops.minimise(
        model.value_and_gradient,
        optax.sgd,
        (learning_rate or 1 / (_bound(model) * jnp.linalg.norm(triangle, 2).item() ** 2),),
        parameters,
        (inputs, labels),
        steps=steps,
        tolerance=tolerance,
        name="gradient descent",
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
