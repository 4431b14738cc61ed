"""Gradient descent of `manual_grads.training` on losses whose steps are exact, and on planted failures."""

import itertools
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from manual_grads import training

KEY = jax.random.key(0)
ROWS = np.random.default_rng(0).integers(-8, 8, (8, 2)).astype(float)


@jax.jit
def square(parameters, target):
    """Half the squared distance: with a learning rate of a power of two and few digits, no step is rounded."""
    return jnp.sum((parameters - target) ** 2) / 2, parameters - target


@jax.jit
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
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(run.parameters))


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
    assert (np.diff(run.losses) < 0).all()


@pytest.mark.parametrize("steps", [3, 100, 101, 250])
def test_no_piece_takes_a_step_too_many(steps):
    run = training.gradient_descent(square, np.ones(2), (np.zeros(2),), learning_rate=0.5, steps=steps)
    assert run.steps == steps
    assert run.losses.tolist() == [0.25**step for step in range(steps + 1)]


def test_parameters_keep_their_structure_and_dtypes():
    start = {"a": np.ones(3, np.float32), "b": [np.ones((2, 2)), 1.0]}
    run = training.gradient_descent(nested, start, (np.zeros(()),), learning_rate=0.5, steps=2)
    assert_same(run.parameters, {"a": np.full(3, 0.25, np.float32), "b": [np.full((2, 2), 0.25), np.array(0.25)]})


@jax.jit
def troubled(x, case):
    """One of four losses, all compiled at once, and its gradient."""
    losses = jnp.exp(x), x, jnp.zeros_like(x), jnp.log(x)
    slopes = -jnp.exp(x), jnp.where(x < -5, jnp.nan, 2.0), -x, 1 / x
    return jnp.stack(losses)[case[0]], jnp.stack(slopes)[case[0]]


@pytest.mark.parametrize(
    ("case", "start", "learning_rate", "steps", "last"),
    [
        (0, 0.0, 1024.0, 0, 0.0),  # the loss of the first step is infinite
        (1, 0.0, 1.0, 2, -4.0),  # a gradient is no number
        (2, 1e300, 1.0, 27, 1e300 * 2.0**27),  # parameters overflow
        (3, -1.0, 1.0, 0, -1.0),  # the start is outside the domain
    ],
)
def test_a_divergence_leaves_the_last_finite_parameters(case, start, learning_rate, steps, last):
    arguments = troubled, start, (np.full(3, case),)
    run = training.gradient_descent(*arguments, learning_rate=learning_rate, steps=500)
    assert (run.status, run.steps, run.parameters.tolist()) == ("diverged", steps, last)
    assert_consistent(run)
    stochastic = training.stochastic_gradient_descent(
        *arguments, key=KEY, learning_rate=learning_rate, epochs=100, batch_size=2
    )
    assert stochastic.status == "diverged"
    assert np.isfinite(stochastic.parameters)
    assert len(stochastic.losses) == stochastic.steps
    assert np.isfinite(stochastic.losses).all()


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


def test_every_epoch_sees_every_example_once():
    run = training.stochastic_gradient_descent(
        counting, np.zeros(7), (np.arange(7),), key=KEY, learning_rate=1, epochs=205, batch_size=3
    )
    assert run.parameters.tolist() == [205] * 7
    assert (run.steps, run.status) == (205 * 3, "step limit")
    order = jax.jit(jax.vmap(lambda epoch: jax.random.permutation(jax.random.fold_in(KEY, epoch), 7)))
    batches = [row[first : first + 3] for row in np.asarray(order(np.arange(205))) for first in range(0, 7, 3)]
    assert run.losses.tolist() == [np.sum(2.0**batch) for batch in batches]


@jax.jit
def mean_square(parameters, rows):
    away = parameters[None, :] - rows
    return jnp.mean(away**2), jnp.mean(away, axis=0)


def test_a_batch_of_all_examples_takes_the_step_of_gradient_descent():
    arguments = mean_square, np.zeros(2), (ROWS,)
    stochastic = training.stochastic_gradient_descent(*arguments, key=KEY, learning_rate=0.5, epochs=1, batch_size=8)
    plain = training.gradient_descent(*arguments, learning_rate=0.5, steps=1)
    assert (stochastic.steps, stochastic.status) == (1, "step limit")
    assert_same(stochastic.parameters, plain.parameters)
    assert_same(stochastic.losses, plain.losses[:1])


def test_the_same_key_gives_the_same_run():
    def run(key):
        found = training.stochastic_gradient_descent(
            mean_square, np.zeros(2), (ROWS,), key=key, learning_rate=0.1, epochs=3, batch_size=3
        )
        return found.parameters, found.losses

    assert_same(run(jax.random.key(5)), run(jax.random.key(5)))
    assert run(jax.random.key(5))[1].tolist() != run(jax.random.key(6))[1].tolist()


def third_of_the_way(parameters, rows):
    return mean_square(parameters, rows)[1] / 3


def all_runs():
    arguments = mean_square, np.zeros(2), (ROWS,)
    return [
        (run.parameters, run.losses)
        for run in (
            training.gradient_descent(*arguments, learning_rate=0.1, steps=100),
            training.stochastic_gradient_descent(*arguments, key=KEY, learning_rate=0.1, epochs=7, batch_size=3),
            training.newton(mean_square, third_of_the_way, np.ones(2), (ROWS,), steps=7),
        )
    ]


@pytest.fixture(scope="module")
def unseen():
    return all_runs()


@pytest.fixture
def slowly(monkeypatch):
    """Two seconds go by whenever the time is asked for."""
    clock = itertools.count(step=2.0)
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))


@pytest.mark.usefixtures("slowly")
def test_a_progress_bar_changes_no_result(capsys, monkeypatch, unseen):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert_same(all_runs(), unseen)
    shown = capsys.readouterr()
    assert shown.out == ""
    for name in ("gradient descent", "stochastic gradient descent", "Newton's method"):
        assert name in shown.err


@pytest.mark.usefixtures("slowly")
def test_no_progress_bar_where_nobody_looks(capsys, unseen):
    assert_same(all_runs(), unseen)
    assert capsys.readouterr() == ("", "")


def test_no_progress_bar_where_nothing_takes_long(capsys, monkeypatch, unseen):
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert_same(all_runs(), unseen)
    assert capsys.readouterr() == ("", "")
