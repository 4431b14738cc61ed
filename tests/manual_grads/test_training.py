"""Gradient descent of `manual_grads.training` on losses whose steps are exact, and on planted failures."""

import itertools
import sys
import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from manual_grads import logistic, training

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


def objective(parameters, inputs, labels):
    return logistic.loss(parameters, inputs, labels), logistic.gradient(parameters, inputs, labels)


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


stochastic = partial(training.stochastic_gradient_descent, key=KEY, learning_rate=0.1, epochs=1, batch_size=2)
