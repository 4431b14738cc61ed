"""`manual_grads.network` against JAX's own derivatives of a network written out, and against optax.

Where all numbers are small integers no operation rounds, and results are compared exactly.
"""

import os
import subprocess
import sys
from functools import partial
from itertools import cycle, islice, pairwise

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from manual_grads import activations, losses, with_gradient
from manual_grads.network import Network

FLOAT = "float64" if jax.config.jax_enable_x64 else "float32"
INTEGER = (activations.relu, activations.identity, activations.LeakyRelu(0.5), activations.relu)
"""Activations of which values and slopes are exact."""

BY_JAX = {
    activations.identity: lambda z: z,
    activations.sigmoid: jax.nn.sigmoid,
    activations.tanh: jnp.tanh,
    activations.relu: jax.nn.relu,
    activations.LeakyRelu(0.5): lambda z: jnp.where(z > 0, z, z / 2),
    activations.leaky_relu: jax.nn.leaky_relu,
    activations.elu: jax.nn.elu,
    activations.softplus: jax.nn.softplus,
    activations.silu: jax.nn.silu,
    activations.gelu: partial(jax.nn.gelu, approximate=False),
    activations.gelu_tanh: partial(jax.nn.gelu, approximate=True),
    activations.softmax: jax.nn.softmax,
    activations.log_softmax: jax.nn.log_softmax,
}


def outputs(parameters, inputs, functions, ones=None, shifts=None):
    """The layers one after the other; `shifts` are added to the logits."""
    values = inputs
    for number, (layer, activation) in enumerate(zip(parameters, functions, strict=True)):
        one = jnp.ones((len(values), 1), values.dtype)
        if isinstance(layer, tuple):
            logits = values @ layer[0] + layer[1][None, :]
        elif ones == "leading":
            logits = jnp.hstack([one, values]) @ layer
        elif ones == "trailing":
            logits = jnp.hstack([values, one]) @ layer
        else:
            logits = values @ layer
        values = BY_JAX[activation](logits if shifts is None else logits + shifts[number])
    return values


def integers(generator, *shape):
    return generator.integers(-2, 3, shape).astype(FLOAT)


def whole_numbers(widths, n, ones, bias):
    generator = np.random.default_rng([*widths, n])
    shapes = [(before + bool(ones), after) for before, after in pairwise(widths)]
    weights = [integers(generator, *shape) for shape in shapes]
    parameters = [(w, integers(generator, w.shape[1])) for w in weights] if bias else weights
    return parameters, integers(generator, n, widths[0]), integers(generator, n, widths[-1])


def assert_same(actual, expected):
    assert jax.tree.structure(actual) == jax.tree.structure(expected)
    for left, right in zip(jax.tree.leaves(actual), jax.tree.leaves(expected), strict=True):
        assert left.dtype == right.dtype
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize(
    ("widths", "ones", "bias", "reduction"),
    [
        ((3, 2), None, True, "mean"),
        ((1, 3, 4), "leading", False, "mean"),
        ((2, 3, 4), "trailing", False, "sum"),
        ((4, 1, 3, 2), None, False, "mean"),
        ((2, 5, 4, 3, 1), None, True, "sum"),
    ],
    ids=str,
)
def test_every_derivative_is_that_of_jax_to_the_last_bit(widths, ones, bias, reduction):
    depth, n = len(widths) - 1, 4  # a power of two, so that the mean is exact
    functions = INTEGER[:depth]
    model = Network(functions, losses.squared_error, ones)
    parameters, inputs, labels = whole_numbers(widths, n, ones, bias)

    def total(parameters, inputs, shifts):
        values = outputs(parameters, inputs, functions, ones, shifts)
        return jnp.sum((values - labels) ** 2) / (n if reduction == "mean" else 1), values

    shifts = [np.zeros((n, width), FLOAT) for width in widths[1:]]
    (value, last), expected = jax.jit(jax.value_and_grad(total, (0, 1, 2), has_aux=True))(parameters, inputs, shifts)

    @jax.jit
    def by_hand(*arguments):
        return (
            tuple(model.derivatives(*arguments, reduction=reduction)),
            model.value_and_gradient(*arguments, reduction=reduction),
            model.gradient(*arguments, reduction=reduction),
            model.loss(*arguments, reduction=reduction),
            model.outputs(*arguments[:2]),
        )

    assert_same(by_hand(parameters, inputs, labels), (expected, (value, expected[0]), expected[0], value, last))


def test_the_older_name_is_an_alias():
    assert Network.loss_and_gradient is Network.value_and_gradient


def test_forward_keeps_every_logit_and_value():
    model = Network(INTEGER[:3], losses.l2_loss)
    parameters, inputs, _ = whole_numbers((2, 3, 4, 2), 5, None, True)
    logits, values = model.forward(parameters, inputs)
    assert [z.shape for z in logits] == [(5, 3), (5, 4), (5, 2)]
    assert_same(logits, [np.asarray(h) @ w + b for h, (w, b) in zip(values, parameters, strict=False)])
    activated = jax.jit(lambda logits: [activation(z) for activation, z in zip(INTEGER, logits, strict=False)])(logits)
    assert_same(values, [inputs, *activated])


def random_case(widths, n, labels, dtype=FLOAT):
    generator = np.random.default_rng(sum(widths))

    def normal(*shape):
        return jnp.asarray(generator.normal(size=shape), dtype)

    parameters = [(normal(before, after), normal(after)) for before, after in pairwise(widths)]
    inputs, classes = generator.normal(size=(n, widths[0])), generator.integers(widths[-1], size=n)
    by_kind = {
        "integers": classes,
        "rows": np.eye(widths[-1], dtype=dtype)[classes],
        "reals": inputs[:, :1].astype(dtype),
    }
    return parameters, jnp.asarray(inputs, dtype), jnp.asarray(by_kind[labels])


def assert_equal_as_float32(actual, expected):
    """Computed in 64 bits, and the same to what 32 bits can tell of the largest entry."""
    for pair in zip(jax.tree.leaves(actual), jax.tree.leaves(expected), strict=True):
        left, right = map(np.asarray, pair)
        most = np.finfo(np.float32).eps * np.max(np.abs(right))
        assert np.max(np.abs(left - right)) <= most


def test_any_activation_in_a_hidden_layer():
    """One after the other: a wrong slope is noticed in all layers before it."""
    functions = (*BY_JAX, activations.identity)
    parameters, inputs, labels = random_case((4, *islice(cycle((3, 5)), len(BY_JAX)), 1), 6, "reals", "float64")

    def total(parameters):
        return jnp.sum(optax.squared_error(outputs(parameters, inputs, functions), labels))

    value, slope = Network(functions, losses.squared_error).value_and_gradient(parameters, inputs, labels)
    assert all(np.any(leaf) for leaf in jax.tree.leaves(slope))
    assert_equal_as_float32((value, slope), jax.jit(jax.value_and_grad(total))(parameters))


LAST = {
    "softmax, rows": (activations.softmax, losses.categorical_cross_entropy, "rows"),
    "softmax, integers": (activations.softmax, losses.categorical_cross_entropy_with_integer_labels, "integers"),
    "sigmoid": (activations.sigmoid, losses.binary_cross_entropy, "rows"),
    "logits, rows": (activations.identity, losses.softmax_cross_entropy, "rows"),
    "logits, integers": (activations.identity, losses.softmax_cross_entropy_with_integer_labels, "integers"),
    "binary logits": (activations.identity, losses.sigmoid_binary_cross_entropy, "rows"),
    "softmax with squared error": (activations.softmax, losses.l2_loss, "rows"),
}
BY_OPTAX = {
    "softmax, rows": optax.softmax_cross_entropy,
    "softmax, integers": optax.softmax_cross_entropy_with_integer_labels,
    "sigmoid": optax.sigmoid_binary_cross_entropy,
    "logits, rows": optax.softmax_cross_entropy,
    "logits, integers": optax.softmax_cross_entropy_with_integer_labels,
    "binary logits": optax.sigmoid_binary_cross_entropy,
    "softmax with squared error": lambda logits, labels: optax.l2_loss(jax.nn.softmax(logits), labels),
}


@pytest.fixture(scope="module")
def with_any_loss():
    """Loss and gradient of a network with each loss at its end, by hand and by JAX."""
    parameters, inputs, _ = random_case((4, 3, 5), 6, "rows", "float64")
    labels = {name: random_case((4, 3, 5), 6, kind, "float64")[2] for name, (_, _, kind) in LAST.items()}
    networks = {name: Network((activations.tanh, last), criterion) for name, (last, criterion, _) in LAST.items()}

    @jax.jit
    def by_hand(parameters, inputs, labels):
        return {
            name: network.value_and_gradient(parameters, inputs, labels[name], reduction="mean")
            for name, network in networks.items()
        }

    def mean(parameters, inputs, labels, loss):
        logits = outputs(parameters, inputs, (activations.tanh, activations.identity))
        return jnp.sum(loss(logits, labels)) / len(inputs)

    @jax.jit
    def by_jax(parameters, inputs, labels):
        return {
            name: jax.value_and_grad(mean)(parameters, inputs, labels[name], loss) for name, loss in BY_OPTAX.items()
        }

    return by_hand(parameters, inputs, labels), by_jax(parameters, inputs, labels)


@pytest.mark.parametrize("name", LAST)
def test_any_loss_at_the_end(with_any_loss, name):
    by_hand, by_jax = with_any_loss
    assert_equal_as_float32(by_hand[name], by_jax[name])


@pytest.mark.parametrize("name", ["softmax, rows", "softmax, integers", "sigmoid"])
def test_the_form_of_the_last_layer_is_chosen_where_the_full_product_is_lost(name):
    """Where probabilities round to 0 and 1 the full product is 0 times infinity."""
    last, criterion, kind = LAST[name]
    _, inputs, labels = random_case((2, 2), 3, kind)
    weights, bias = 1e4 * np.eye(2, dtype=FLOAT), np.zeros(2, FLOAT)
    loss, slope = Network((last,), criterion).value_and_gradient([(weights, bias)], inputs, labels)
    logits = np.asarray(inputs) @ weights
    by_jax = jax.jit(jax.value_and_grad(lambda bias: jnp.sum(BY_OPTAX[name](logits + bias[None, :], labels))))
    assert_equal_as_float32((loss, slope[0][1]), by_jax(bias))
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(slope))


@pytest.fixture(scope="module")
def small():
    model = Network((activations.relu, activations.identity), losses.squared_error)
    return model, *whole_numbers((3, 4, 2), 8, None, True)


def test_under_jit_vmap_and_scan(small):
    model, parameters, inputs, labels = small
    expected = model.gradient(parameters, inputs, labels)

    @jax.jit
    def found(parameters, inputs, labels):
        def add(total, example):
            one = (row[None] for row in example)
            return jax.tree.map(jnp.add, total, model.gradient(parameters, *one)), None

        of_each = jax.vmap(model.gradient, (None, 0, 0))(parameters, inputs[:, None], labels[:, None])
        return (
            model.gradient(parameters, inputs, labels),
            jax.tree.map(lambda slopes: jnp.sum(slopes, axis=0), of_each),
            jax.lax.scan(add, jax.tree.map(jnp.zeros_like, parameters), (inputs, labels))[0],
        )

    assert_same(found(parameters, inputs, labels), (expected, expected, expected))


def test_with_donated_buffers(small):
    model, parameters, inputs, labels = small
    slopes = model.gradient(parameters, inputs, labels)
    expected = jax.tree.map(lambda here, slope: here - np.asarray(slope), parameters, slopes)

    @partial(jax.jit, donate_argnums=0)
    def step(parameters):
        return jax.tree.map(lambda here, slope: here - slope, parameters, model.gradient(parameters, inputs, labels))

    given = jax.tree.map(jnp.array, parameters)
    assert_same(step(given), expected)
    assert all(leaf.is_deleted() for leaf in jax.tree.leaves(given))


@pytest.mark.parametrize("optimizer", [optax.sgd(0.5, momentum=0.5), optax.adam(0.1)], ids=["sgd", "adam"])
def test_optax_takes_the_gradient_as_it_is(small, optimizer):
    model, parameters, inputs, labels = small

    def step(parameters):
        slopes = model.gradient(parameters, inputs, labels)
        updates, _ = optimizer.update(slopes, optimizer.init(parameters), parameters)
        return optax.apply_updates(parameters, updates)

    assert jax.tree.map(jnp.shape, jax.eval_shape(step, parameters)) == jax.tree.map(jnp.shape, parameters)


def test_jax_differentiates_by_hand(small):
    model, parameters, inputs, labels = small
    by_hand = with_gradient(model.loss, model.gradient)
    expected = model.gradient(parameters, inputs, labels)
    assert_same(jax.jit(jax.grad(by_hand))(parameters, inputs, labels), expected)


ON_FOUR_DEVICES = """
import jax, numpy as np
from jax.sharding import AxisType, PartitionSpec as P
from manual_grads import activations, losses, with_gradient
from manual_grads.network import Network

assert jax.device_count() == 4
model = Network((activations.relu, activations.identity), losses.squared_error)
unit, row = np.eye(3, dtype="float32"), np.ones(3, "float32")
parameters = [(unit, row), (2 * unit, 0 * row)]
inputs, labels = np.arange(24, dtype="float32").reshape(8, 3) - 12, np.ones((8, 3), "float32")
mesh = jax.make_mesh((4,), ("data",), axis_types=(AxisType.Auto,))
by_hand = with_gradient(model.loss, model.gradient)

def total(parameters, inputs, labels):
    return jax.lax.psum(by_hand(parameters, inputs, labels), "data")

def slope(parameters, inputs, labels):
    return jax.lax.psum(model.gradient(parameters, inputs, labels), "data")

specs = {"mesh": mesh, "in_specs": (P(), P("data"), P("data")), "out_specs": P()}
expected = model.gradient(parameters, inputs, labels)
for found in (
    jax.jit(jax.shard_map(slope, **specs))(parameters, inputs, labels),
    jax.jit(jax.grad(jax.shard_map(total, **specs)))(parameters, inputs, labels),
):
    assert all(jax.tree.leaves(jax.tree.map(np.array_equal, found, expected))), found
print("the same")
"""


def test_on_four_devices():
    environment = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-W", "error", "-c", ON_FOUR_DEVICES]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.stdout == "the same\n", run.stderr


def test_initial_parameters_are_normal_with_the_given_deviation():
    model = Network((activations.relu, activations.identity), losses.l2_loss)
    key = jax.random.key(3)
    initial = jax.jit(partial(model.initial, widths=[300, 200, 100], epsilon=0.25))
    parameters = initial(key)
    assert jax.tree.map(jnp.shape, parameters) == [((300, 200), (200,)), ((200, 100), (100,))]
    drawn = np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(parameters)]) / 0.25
    count = len(drawn)
    # Of a normal sample the mean has the deviation 1 / sqrt(n), and the variance sqrt(2 / n): six of them.
    assert abs(drawn.mean()) < 6 / np.sqrt(count)
    assert abs(drawn.var() - 1) < 6 * np.sqrt(2 / count)
    assert len(np.unique(drawn)) > 0.99 * count
    assert_same(initial(key), parameters)
    absorbed = Network((activations.relu, activations.identity), losses.l2_loss, "leading")
    initial = jax.eval_shape(partial(absorbed.initial, widths=[3, 4, 2], epsilon=0.1), key)
    assert jax.tree.map(jnp.shape, initial) == [(4, 4), (5, 2)]
