"""`manual_grads.training` on losses whose steps are exact in floating point, on planted failures, and on bad input."""

import re
import sys
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from manual_grads import _progress, logistic, training

KEY = jax.random.key(0)


def square(parameters, target):
    """Half the squared distance: with a learning rate of a power of two and few digits, no step is rounded."""
    return jnp.sum((parameters - target) ** 2) / 2, parameters - target


def nested(parameters, target):
    """The same for a pytree, and with a dtype for each part."""
    away = jax.tree.map(lambda part: part - target.astype(part.dtype), parameters)
    return sum(jnp.sum(part.astype(target.dtype) ** 2) for part in jax.tree.leaves(away)) / 2, away


def assert_same(left, right):
    assert jax.tree.structure(left) == jax.tree.structure(right)
    for one, other in zip(jax.tree.leaves(left), jax.tree.leaves(right), strict=True):
        assert one.dtype == other.dtype
        assert np.asarray(one).tobytes() == np.asarray(other).tobytes()


def assert_consistent(run):
    """What holds of every run but a stochastic one, whatever its status."""
    assert len(run.losses) == run.steps + 1
    assert all(jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(run.parameters))


def test_gradient_descent_takes_the_steps_of_its_formula():
    here, target, losses = np.array([8.0, -4.0]), np.array([0.0, 4.0]), []
    run = training.gradient_descent(square, here, (target,), learning_rate=0.5, steps=10)
    for _ in range(10):
        losses.append(np.sum((here - target) ** 2) / 2)
        here = here - 0.5 * (here - target)
    assert run.losses.tolist() == [*losses, np.sum((here - target) ** 2) / 2]
    assert run.parameters.tolist() == here.tolist()
    assert (run.steps, run.status) == (10, "step limit")


@pytest.mark.parametrize(("tolerance", "steps"), [(8.0, 0), (1.0, 3), (0.999, 4), (0.0, 250)])
def test_gradient_descent_ends_where_no_entry_of_the_gradient_is_larger_than_the_tolerance(tolerance, steps):
    arguments = np.array([8.0, -4.0]), (np.zeros(2),)
    run = training.gradient_descent(square, *arguments, learning_rate=0.5, steps=250, tolerance=tolerance)
    assert run.parameters.tolist() == [8 * 0.5**steps, -4 * 0.5**steps]
    assert (run.steps, run.status) == (steps, "converged" if tolerance else "step limit")
    assert_consistent(run)
    assert (jnp.diff(run.losses) < 0).all()


@pytest.mark.parametrize("steps", [3, 100, 101, 250])
def test_no_piece_takes_a_step_too_many(steps):
    run = training.gradient_descent(square, 1.0, (jnp.zeros(()),), learning_rate=0.5, steps=steps)
    assert run.steps == steps
    assert run.losses.tolist() == [0.25**step / 2 for step in range(steps + 1)]


def test_parameters_keep_their_structure_and_dtypes():
    start = {"a": np.ones(3, np.float32), "b": [np.ones((2, 2)), 1.0]}
    run = training.gradient_descent(nested, start, (np.zeros(()),), learning_rate=0.5, steps=2)
    assert_same(run.parameters, {"a": jnp.full(3, 0.25, np.float32), "b": [jnp.full((2, 2), 0.25), jnp.asarray(0.25)]})


@pytest.mark.parametrize(
    ("objective", "start", "learning_rate", "steps", "last"),
    [
        (lambda x: (jnp.exp(x), -jnp.exp(x)), 0.0, 1024.0, 0, 0.0),  # the loss of the first step is infinite
        (lambda x: (x, jnp.where(x < -5, jnp.nan, 2.0)), 0.0, 1.0, 2, -4.0),  # a gradient is no number
        (lambda x: (jnp.zeros(()), -x), 1e300, 1.0, 27, 1e300 * 2.0**27),  # parameters overflow
        (lambda x: (jnp.log(x), 1 / x), -1.0, 1.0, 0, -1.0),  # the start is outside the domain
    ],
)
def test_a_divergence_leaves_the_last_finite_parameters(objective, start, learning_rate, steps, last):
    run = training.gradient_descent(objective, start, (), learning_rate=learning_rate, steps=500)
    assert (run.status, run.steps, run.parameters.tolist()) == ("diverged", steps, last)
    assert_consistent(run)
    stochastic = training.stochastic_gradient_descent(
        lambda x, _: objective(x),
        start,
        (jnp.zeros(3),),
        key=KEY,
        learning_rate=learning_rate,
        epochs=100,
        batch_size=2,
    )
    assert stochastic.status == "diverged"
    assert jnp.isfinite(stochastic.parameters)
    assert len(stochastic.losses) == stochastic.steps
    assert jnp.isfinite(stochastic.losses).all()


def test_an_objective_is_compiled_once_for_all_pieces_and_all_runs():
    traces = []

    def objective(parameters, rows):
        traces.append(isinstance(parameters, jax.core.Tracer))
        return jnp.mean((parameters - rows) ** 2), 2 * jnp.mean(parameters - rows)

    def runs():
        traces.clear()
        arguments = objective, 4.0, (jnp.arange(3.0),)
        training.gradient_descent(*arguments, learning_rate=0.1, steps=250)
        descent = len(traces)
        training.stochastic_gradient_descent(*arguments, key=KEY, learning_rate=0.1, epochs=250, batch_size=2)
        return descent, len(traces) - descent

    # For its shapes, for its values at the start, in the loop; for its shapes, and in the loop for both sizes of batch.
    assert runs() == (3, 4)
    # Its values at the start are all that is left.
    assert runs() == (1, 0)


def counting(parameters, indices):
    """A loss whose steps of 1 count how often each example was seen, and which names the examples of a batch."""
    return jnp.sum(2.0**indices), -jnp.sum(jax.nn.one_hot(indices, len(parameters)), axis=0)


@pytest.mark.parametrize("batch_size", [1, 3, 4, 7])
def test_every_epoch_sees_every_example_once(batch_size):
    run = training.stochastic_gradient_descent(
        counting, np.zeros(7), (np.arange(7),), key=KEY, learning_rate=1, epochs=205, batch_size=batch_size
    )
    assert run.parameters.tolist() == [205] * 7
    assert (run.steps, run.status) == (205 * -(-7 // batch_size), "step limit")
    expected = []
    for epoch in range(205):
        order = np.asarray(jax.random.permutation(jax.random.fold_in(KEY, epoch), 7))
        expected += [np.sum(2.0 ** order[first : first + batch_size]) for first in range(0, 7, batch_size)]
    assert run.losses.tolist() == expected


def mean_square(parameters, rows):
    away = parameters[None, :] - rows
    return jnp.mean(away**2), jnp.mean(away, axis=0)


def test_a_batch_of_all_examples_takes_the_step_of_gradient_descent():
    rows = np.random.default_rng(0).integers(-8, 8, (8, 2)).astype(float)
    arguments = mean_square, np.zeros(2), (rows,)
    stochastic = training.stochastic_gradient_descent(*arguments, key=KEY, learning_rate=0.5, epochs=1, batch_size=8)
    plain = training.gradient_descent(*arguments, learning_rate=0.5, steps=1)
    assert_same(stochastic.parameters, plain.parameters)
    assert_same(stochastic.losses, plain.losses[:1])


def test_the_same_key_gives_the_same_run():
    rows = np.random.default_rng(0).normal(size=(10, 2))

    def run(key):
        found = training.stochastic_gradient_descent(
            mean_square, np.zeros(2), (rows,), key=key, learning_rate=0.1, epochs=3, batch_size=4
        )
        return found.parameters, found.losses

    assert_same(run(jax.random.key(5)), run(jax.random.key(5)))
    assert run(jax.random.key(5))[1].tolist() != run(jax.random.key(6))[1].tolist()


@pytest.fixture(scope="module")
def survey():
    """Inputs and labels of a logistic regression that has a minimum."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(60, 3))
    return inputs, (rng.uniform(size=60) < 1 / (1 + np.exp(-inputs[:, 0]))).astype(int)


def objective(parameters, inputs, labels):
    return logistic.loss(parameters, inputs, labels), logistic.gradient(parameters, inputs, labels)


def direction(parameters, inputs, labels):
    return jnp.linalg.solve(logistic.hessian(parameters, inputs, labels), logistic.gradient(parameters, inputs, labels))


def floor(parameters, inputs):
    """What rounding leaves of each entry of a gradient: m + 2 roundings of a logit, ten of a residual, n of a sum."""
    n, m = inputs.shape
    size = np.abs(inputs)
    unit = 2 * np.finfo(inputs.dtype).eps * ((m + 2) * (size @ np.abs(parameters)) + n + 10)
    return unit @ size


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("start", [0, -3, 100])
def test_newton_converges_to_rounding_also_from_afar(survey, dtype, start):
    inputs, labels = survey[0].astype(dtype), survey[1]
    run = training.newton(objective, direction, np.full(3, start, dtype), (inputs, labels))
    assert run.status == "converged"
    assert run.parameters.dtype == dtype
    assert_consistent(run)
    assert (np.abs(logistic.gradient(run.parameters, inputs, labels)) <= floor(run.parameters, inputs)).all()


def test_without_damping_newton_diverges_from_afar(survey):
    here = jnp.full(3, 100.0)
    for _ in range(3):
        here = here - direction(here, *survey)
    assert not jnp.isfinite(direction(here, *survey)).all()


def test_newton_needs_one_step_for_a_quadratic():
    run = training.newton(square, lambda x, target: x - target, np.array([8.0, -4.0]), (np.array([1.0, 2.0]),))
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
    way = 4 * np.abs(inverse) @ floor(here.parameters, inputs)
    np.testing.assert_array_less(np.abs(there.parameters * units - here.parameters), way)


def test_newton_ends_at_a_given_tolerance(survey):
    start = np.zeros(3)
    exact = training.newton(objective, direction, start, survey)
    run = training.newton(objective, direction, start, survey, tolerance=1e-3)
    slope = logistic.gradient(run.parameters, *survey)
    decrement = slope @ direction(run.parameters, *survey)
    assert run.status == "converged"
    assert run.steps < exact.steps
    assert decrement / 2 <= 1e-3
    assert run.losses.tolist() == exact.losses[: run.steps + 1].tolist()


@pytest.mark.parametrize(
    ("loss_and_gradient", "way", "start", "steps", "status", "taken"),
    [
        (lambda x: (x**4, 4 * x**3), lambda x: x / 3, 1.0, 5, "step limit", 5),
        (lambda x: (x**4, 4 * x**3), lambda x: 4 * x**3 / (12 * x**2), 0.0, 5, "singular", 0),
        (lambda x: (x**2, 2 * x), lambda x: -x, 1.0, 5, "not a descent direction", 0),
        (lambda x: (x**2, -2 * x), lambda x: -x, 1.0, 5, "stalled", 0),
        (lambda x: (jnp.log(x), 1 / x), lambda x: -x, -1.0, 5, "diverged", 0),
        (lambda x: (x**2, 2 * x), lambda x: x, 0.0, 5, "converged", 0),
    ],
)
def test_newton_says_why_it_ended(loss_and_gradient, way, start, steps, status, taken):
    run = training.newton(loss_and_gradient, way, start, (), steps=steps)
    assert (run.status, run.steps) == (status, taken)
    assert_consistent(run)


def test_newton_stays_in_the_domain():
    """The logarithmic barrier of x < 1 beside -x: whole steps leave the domain, where the loss is no number."""

    def barrier(x):
        return -20 * x - jnp.log(1 - x), -20 + 1 / (1 - x)

    def way(x):
        return (-20 + 1 / (1 - x)) * (1 - x) ** 2

    run = training.newton(barrier, way, -5.0, ())
    assert jnp.isnan(barrier(-5 - way(-5.0))[0])
    assert run.status == "converged"
    # 1 / (1 - x) has the relative rounding of 1 - x, which is that of 1, made 20 times as large; and 20 has one more.
    assert abs(barrier(run.parameters)[1]) <= 2 * (20 * 20 + 20) * np.finfo(float).eps


@pytest.mark.parametrize("scale", [1.0, 0.5, 1e-3, 1.5, 1.99, 3.0, 1e3])
def test_a_wrong_scale_of_the_direction_is_never_taken_for_a_minimum(scale):
    target = np.array([1.0, 2.0])
    run = training.newton(square, lambda x, target: scale * (x - target), np.zeros(2), (target,), steps=500)
    # With no digit of the loss to tell, the steps go on while they halve the decrement.
    noise = 8 * np.finfo(float).eps
    assert run.status in ("converged", "stalled", "step limit")
    assert run.status != "converged" or scale * np.sum((run.parameters - target) ** 2) / 2 <= noise
    assert_consistent(run)


def test_newton_does_not_claim_a_minimum_of_separated_classes():
    inputs, labels = np.array([[-2.0], [-1.0], [1.0], [3.0]]), np.array([0, 0, 1, 1])
    assert training.newton(objective, direction, np.zeros(1), (inputs, labels), steps=60).status != "converged"


def all_runs():
    rows = np.random.default_rng(0).normal(size=(10, 2))
    arguments = mean_square, np.zeros(2), (rows,)
    return [
        (run.parameters, run.losses)
        for run in (
            training.gradient_descent(*arguments, learning_rate=0.1, steps=150),
            training.stochastic_gradient_descent(*arguments, key=KEY, learning_rate=0.1, epochs=7, batch_size=4),
            training.newton(mean_square, lambda x, rows: mean_square(x, rows)[1] / 3, np.ones(2), (rows,), steps=7),
        )
    ]


@pytest.fixture(scope="module")
def unseen():
    return all_runs()


def test_a_progress_bar_changes_no_result(capsys, monkeypatch, unseen):
    monkeypatch.setattr(_progress, "PATIENCE", 0.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert_same(all_runs(), unseen)
    shown = capsys.readouterr()
    assert shown.out == ""
    for name in ("gradient descent", "stochastic gradient descent", "Newton's method"):
        assert name in shown.err


def test_no_progress_bar_where_nobody_looks_or_nothing_takes_long(capsys, monkeypatch, unseen):
    monkeypatch.setattr(_progress, "PATIENCE", 0.0)
    assert_same(all_runs(), unseen)
    monkeypatch.setattr(_progress, "PATIENCE", np.inf)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert_same(all_runs(), unseen)
    assert capsys.readouterr() == ("", "")


def test_an_objective_refuses_bad_values_at_the_start():
    loss_and_gradient = partial(objective)
    with pytest.raises(ValueError, match="labels must lie between 0 and 1, got values from 0 to 2"):
        training.gradient_descent(
            loss_and_gradient, np.zeros(1), (np.ones((3, 1)), np.arange(3)), learning_rate=1, steps=1
        )


descend = partial(training.gradient_descent, learning_rate=0.1, steps=3)
stochastic = partial(training.stochastic_gradient_descent, key=KEY, learning_rate=0.1, epochs=1, batch_size=2)
to_newton = partial(training.newton, steps=3)
X, T = np.zeros(2), (np.ones(2),)
ROWS = (np.ones((4, 2)),)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: descend(square, X, T, learning_rate=0),
            ValueError,
            "learning_rate must be finite and more than 0, got 0",
        ),
        (
            lambda: descend(square, X, T, learning_rate=np.nan),
            ValueError,
            "learning_rate must be finite and more than 0",
        ),
        (lambda: descend(square, X, T, learning_rate=np.inf), ValueError, "finite and more than 0, got inf"),
        (lambda: descend(square, X, T, learning_rate="1"), TypeError, "learning_rate must be a number, got '1'"),
        (lambda: descend(square, X, T, learning_rate=True), TypeError, "learning_rate must be a number, got True"),
        (
            lambda: descend(square, X, T, learning_rate=np.ones(2)),
            TypeError,
            "learning_rate must be a number, got array",
        ),
        (lambda: descend(square, X, T, steps=0), ValueError, "steps must be at least 1, got 0"),
        (lambda: descend(square, X, T, steps=2.0), TypeError, "steps must be an integer, got 2.0"),
        (lambda: descend(square, X, T, steps=True), TypeError, "steps must be an integer, got True"),
        (
            lambda: descend(square, X, T, tolerance=-1e-9),
            ValueError,
            "tolerance must be finite and at least 0, got -1e-09",
        ),
        (lambda: descend(square, X, T[0]), TypeError, "data must be a tuple of arrays, got ndarray"),
        (lambda: descend(square, X, ([1.0],)), TypeError, "data[0] must be an array, got list"),
        (lambda: descend(square, X, (X[:0],)), ValueError, "data[0] must not be empty, got shape (0,)"),
        (lambda: descend(square, X * np.nan, T), ValueError, "parameters must be finite, got nan at index (0,)"),
        (
            lambda: descend(square, np.array([1, 2]), T),
            TypeError,
            "parameters must be floating-point numbers, got dtype",
        ),
        (lambda: descend(square, (), T), ValueError, "parameters must not be empty"),
        (lambda: descend(square, X[:0], T), ValueError, "must not be empty"),
        (
            lambda: descend(lambda x: x, X, ()),
            TypeError,
            "objective must return a tuple (loss, gradient), got ShapeDtypeStruct(shape=(2,)",
        ),
        (
            lambda: descend(lambda x: (x, x), X, ()),
            TypeError,
            "the loss of objective must be one floating-point number, got ShapeDtypeStruct(shape=(2,)",
        ),
        (
            lambda: descend(lambda x: (1, x), X, ()),
            TypeError,
            "the loss of objective must be one floating-point number",
        ),
        (
            lambda: descend(lambda x: (x[0], x[:1]), X, ()),
            ValueError,
            "the gradient of objective must have shape (2,) as in parameters, got shape (1,)",
        ),
        (
            lambda: descend(lambda x: (x[0], (x,)), X, ()),
            TypeError,
            "the gradient of objective must have the structure of parameters, PyTreeDef(*), got PyTreeDef((*,))",
        ),
        (
            lambda: descend(lambda x: (x[0], x > 0), X, ()),
            TypeError,
            "the gradient of objective must be floating-point numbers, got dtype bool",
        ),
        (lambda: stochastic(mean_square, X, ROWS, epochs=0), ValueError, "epochs must be at least 1, got 0"),
        (lambda: stochastic(mean_square, X, ROWS, batch_size=0), ValueError, "batch_size must be at least 1, got 0"),
        (
            lambda: stochastic(mean_square, X, ROWS, batch_size=5),
            ValueError,
            "batch_size must be at most the number of examples, 4, got 5",
        ),
        (
            lambda: stochastic(mean_square, X, ROWS, key=0),
            TypeError,
            "key must be one key as jax.random.key makes it, got",
        ),
        (
            lambda: stochastic(mean_square, X, ROWS, learning_rate=-1),
            ValueError,
            "learning_rate must be finite and more",
        ),
        (
            lambda: stochastic(mean_square, X, (*ROWS, X)),
            ValueError,
            "the arrays of data must have the same number of rows, got shapes [(4, 2), (2,)]",
        ),
        (
            lambda: stochastic(mean_square, X, ()),
            ValueError,
            "the arrays of data must have the same number of rows, got",
        ),
        (lambda: stochastic(mean_square, X, (1.0,)), ValueError, "must have the same number of rows, got shapes [()]"),
        (
            lambda: to_newton(square, square, X, T),
            TypeError,
            "the result of direction must have the structure of parameters",
        ),
        (lambda: to_newton(square, lambda x, _: x, X, T, steps=-1), ValueError, "steps must be at least 1, got -1"),
        (
            lambda: to_newton(square, lambda x, _: x, X, T, tolerance=np.inf),
            ValueError,
            "tolerance must be finite and at least 0, got inf",
        ),
    ],
)
def test_bad_input_is_refused_in_one_sentence(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()
