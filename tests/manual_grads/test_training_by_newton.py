"""`training.newton` on logistic regression, on losses whose steps are exact, and on planted failures."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from manual_grads import logistic, training


def square(x, target, slope, scale):
    """Half the squared distance, of which a slope of 1 is the gradient: with few digits, no step is rounded."""
    return jnp.sum((x - target) ** 2) / 2, slope * (x - target)


def way(x, target, slope, scale):
    """The direction to the target for a scale of 1."""
    return scale * (x - target)


def by_newton(start, *, slope=1.0, scale=1.0, steps=500, dtype="float64"):
    """Towards (1, 2). From 401 to 500 steps, which are five a piece, are one program."""
    data = (np.array([1, 2], dtype), np.array(slope, dtype), np.array(scale, dtype))
    return training.newton(square, way, np.array(start, dtype), data, steps=steps)


def assert_consistent(run):
    """What holds of every run but a stochastic one, whatever its status."""
    assert len(run.losses) == run.steps + 1
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(run.parameters))


@pytest.fixture(scope="module")
def survey():
    """Inputs and labels of a logistic regression that has a minimum."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(30, 3))
    return inputs, (rng.uniform(size=30) < 1 / (1 + np.exp(-inputs[:, 0]))).astype(int)


objective = logistic.value_and_gradient


def direction(parameters, inputs, labels):
    return jnp.linalg.solve(logistic.hessian(parameters, inputs, labels), logistic.gradient(parameters, inputs, labels))


def floor(parameters, inputs):
    """What rounding leaves of each entry of a gradient: m + 2 roundings of a logit, ten of a residual, n of a sum."""
    n, m = inputs.shape
    size = np.abs(inputs)
    unit = 2 * np.finfo(inputs.dtype).eps * ((m + 2) * (size @ np.abs(parameters)) + n + 10)
    return unit @ size


@pytest.mark.parametrize("start", [0, -3, 100])
def test_newton_converges_to_rounding_also_from_afar(survey, start):
    inputs, labels = survey
    run = training.newton(objective, direction, np.full(3, float(start)), (inputs, labels))
    assert run.status == "converged"
    assert_consistent(run)
    assert (np.abs(objective(run.parameters, inputs, labels)[1]) <= floor(run.parameters, inputs)).all()


def test_without_damping_newton_diverges_from_afar(survey):
    here, undamped = np.full(3, 100.0), jax.jit(direction)
    for _ in range(3):
        here = here - np.asarray(undamped(here, *survey))
    assert not np.isfinite(undamped(here, *survey)).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_newton_needs_one_step_for_a_quadratic(dtype):
    run = by_newton([8.0, -4.0], dtype=dtype)
    assert run.parameters.dtype == run.losses.dtype == dtype
    assert run.parameters.tolist() == [1, 2]
    assert run.losses.tolist() == [42.5, 0]
    assert (run.steps, run.status) == (1, "converged")


def test_newton_is_the_same_in_any_units(survey):
    inputs, labels = survey
    units = 2.0 ** np.array([-30, 0, 20])
    here = training.newton(objective, direction, np.ones(3), (inputs, labels))
    there = training.newton(objective, direction, 1 / units, (inputs * units, labels))
    assert there.status == here.status == "converged"
    # The linear solver may pivot in another order; the optimum is the same to the rounding of either gradient.
    inverse = np.linalg.inv(logistic.hessian(here.parameters, inputs, labels))
    most = 4 * np.abs(inverse) @ floor(here.parameters, inputs)
    np.testing.assert_array_less(np.abs(np.asarray(there.parameters) * units - here.parameters), most)


def test_newton_ends_at_a_given_tolerance(survey):
    start = np.zeros(3)
    exact = training.newton(objective, direction, start, survey)
    run = training.newton(objective, direction, start, survey, tolerance=1e-3)
    inputs, labels = survey
    slope = np.asarray(objective(run.parameters, inputs, labels)[1])
    decrement = slope @ np.linalg.solve(logistic.hessian(run.parameters, inputs, labels), slope)
    assert run.status == "converged"
    assert run.steps < exact.steps
    assert decrement / 2 <= 1e-3
    assert run.losses.tolist() == exact.losses.tolist()[: run.steps + 1]


@pytest.mark.parametrize(
    ("start", "slope", "scale", "status", "taken"),
    [
        ([8.0, -4.0], 1.0, 1e-3, "step limit", 450),
        ([1.0, 2.0], 1.0, np.inf, "singular", 0),
        ([8.0, -4.0], 1.0, -1.0, "not a descent direction", 0),
        ([8.0, -4.0], -1.0, -1.0, "stalled", 0),
        ([1e200, -4.0], 1.0, 1.0, "diverged", 0),
        ([1.0, 2.0], 1.0, 1.0, "converged", 0),
    ],
)
def test_newton_says_why_it_ended(start, slope, scale, status, taken):
    run = by_newton(start, slope=slope, scale=scale, steps=450)
    assert (run.status, run.steps) == (status, taken)
    assert_consistent(run)


def test_newton_stays_in_the_domain():
    """The logarithmic barrier of x < 1 beside -x: whole steps leave the domain, where the loss is no number."""

    @jax.jit
    def barrier(x):
        return -20 * x - jnp.log(1 - x), -20 + 1 / (1 - x)

    def whole(x):
        return (-20 + 1 / (1 - x)) * (1 - x) ** 2

    run = training.newton(barrier, whole, -5.0, ())
    assert -5 - whole(-5.0) > 1
    assert run.status == "converged"
    # 1 / (1 - x) has the relative rounding of 1 - x, which is that of 1, made 20 times as large; and 20 has one more.
    assert abs(barrier(run.parameters)[1].item()) <= 2 * (20 * 20 + 20) * np.finfo(float).eps


@pytest.mark.parametrize("scale", [1.0, 0.5, 1e-3, 1.5, 1.99, 3.0, 1e3])
def test_a_wrong_scale_of_the_direction_is_never_taken_for_a_minimum(scale):
    run = by_newton([0.0, 0.0], scale=scale)
    # With no digit of the loss to tell, the steps go on while they halve the decrement.
    noise = 8 * np.finfo(float).eps
    assert run.status in ("converged", "stalled", "step limit")
    assert run.status != "converged" or scale * np.sum((np.asarray(run.parameters) - [1, 2]) ** 2) / 2 <= noise
    assert_consistent(run)


def test_newton_does_not_claim_a_minimum_of_separated_classes(survey):
    inputs, _ = survey
    labels = (inputs[:, 0] > 0).astype(int)
    assert training.newton(objective, direction, np.zeros(3), (inputs, labels), steps=60).status != "converged"
