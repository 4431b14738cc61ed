"""The exact check follows programs within programs: loops, branches, rules of their own, meshes, and vmap."""

from functools import partial

import jax
import jax.numpy as jnp
import pytest
from exactly import assert_derivative, assert_proved, assert_refuted, assert_undecided, slope
from jax import lax
from jax.sharding import AxisType, PartitionSpec

from gradproof import Function, Functional, Index, Positive, Real, derivative

X = {"x": Real()}
N = {"x": Real("n")}
NN = {"x": Real("n"), "r": Real("n")}


def others(x):
    """The derivative of the product by each factor."""
    return jnp.array([jnp.prod(jnp.delete(x, i)) for i in range(x.size)])


def textbook_softmax(z):
    return jnp.exp(z) / jnp.sum(jnp.exp(z), axis=-1, keepdims=True)


# Programs within programs: symbols, function, derivative by the first symbol.


@jax.custom_jvp
def cube(x):
    return x**3


cube.defjvp(lambda primals, tangents: (primals[0] ** 3, 3 * primals[0] ** 2 * tangents[0]))


@jax.custom_vjp
def fourth(x):
    return x**4


fourth.defvjp(lambda x: (x**4, x), lambda x, cotangent: (4 * x**3 * cotangent,))


def recurrence(x, r):
    """h_t = h_{t-1} x_t + r_t."""
    return lax.scan(lambda h, item: (h * item[0] + item[1],) * 2, 1.0, (x, r))[0]


def device_sum(x, r):
    """The sum of x^2 r over the devices of a mesh."""
    mesh = jax.make_mesh((1,), ("devices",), axis_types=(AxisType.Auto,))
    shards = PartitionSpec("devices")

    @partial(jax.shard_map, mesh=mesh, in_specs=(shards, shards), out_specs=PartitionSpec())
    def total(x, r):
        return lax.psum(x**2 @ r, "devices")

    return total(x, r)


def gathered(x, r):
    """x r, by way of all the collectives that have a derivative."""
    mesh = jax.make_mesh((1,), ("devices",), axis_types=(AxisType.Auto,))
    shards = PartitionSpec("devices")

    @partial(jax.shard_map, mesh=mesh, in_specs=(shards, shards), out_specs=shards)
    def total(x, r):
        everything = lax.all_gather(x, "devices")[lax.axis_index("devices")]
        exchanged = lax.all_to_all(everything, "devices", 0, 0, tiled=True)
        return lax.pmean(lax.psum_scatter(exchanged, "devices", tiled=True), "devices") * r

    return jnp.sum(total(x, r) ** 2)


PROGRAMS = {
    "scan": (
        NN,
        recurrence,
        lambda x, r: sum(
            (r[t] if t >= 0 else 1) * jnp.where(jnp.arange(x.size) > t, others_after(x, t), 0)
            for t in range(-1, x.size - 1)
        ),
    ),
    "fori_loop": (N, lambda x: lax.fori_loop(0, 3, lambda i, v: v * x, x), lambda x: jnp.diag(4 * x**3)),
    "map": (N, lambda x: jnp.sum(lax.map(lambda v: v**2, x)), lambda x: 2 * x),
    "cond": (X, lambda x: lax.cond(x > 1, jnp.exp, lambda x: x**2, x), lambda x: jnp.where(x > 1, jnp.exp(x), 2 * x)),
    "switch": (
        {"x": Real(), "i": Index(below="3")},
        lambda x, i: lax.switch(i, [lambda x: x, lambda x: x**2, jnp.exp], x),
        lambda x, i: jnp.stack([1 + 0 * x, 2 * x, jnp.exp(x)])[i],
    ),
    "nested jit": (N, lambda x: jnp.sum(jax.jit(lambda x: jax.jit(jnp.exp)(x) * x)(x)), lambda x: jnp.exp(x) * (1 + x)),
    "custom_jvp": (N, lambda x: jnp.sum(cube(x)), lambda x: 3 * x**2),
    "custom_vjp": (N, lambda x: jnp.sum(fourth(x)), lambda x: 4 * x**3),
    "checkpoint": (N, lambda x: jnp.sum(jax.checkpoint(lambda x: jnp.sin(x) ** 2)(x)), lambda x: jnp.sin(2 * x)),
    "stop_gradient": (
        N,
        lambda x: jnp.log(jnp.sum(jnp.exp(x - lax.stop_gradient(jnp.max(x))))) + lax.stop_gradient(jnp.max(x)),
        textbook_softmax,
    ),
    "shard_map": (NN, device_sum, lambda x, r: 2 * x * r),
    "collectives": (NN, gathered, lambda x, r: 2 * x * r**2),
    "unknown function": (
        {"x": Real("n"), "f": Function()},
        lambda x, f: jnp.sum(f(x) ** 2),
        lambda x, f: 2 * f(x) * jax.vmap(jax.grad(f))(x),
    ),
}


def others_after(x, t):
    """The derivative of the product of the factors after t."""
    return jnp.concatenate([jnp.zeros(t + 1), others(x[t + 1 :])])


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_with_programs_in_it_has_its_derivative(name):
    symbols, function, by_hand = PROGRAMS[name]
    assert_derivative(function, by_hand, **symbols)


def test_a_while_loop_has_its_forward_derivative():
    def power(x, k):
        return lax.while_loop(lambda state: state[0] < k, lambda state: (state[0] + 1, state[1] * x), (0, x))[1]

    symbols = {"x": Real(), "k": Index(below="4")}
    assert_proved(power, lambda x, k: x ** (k + 1), **symbols)
    assert_proved(lambda x, k: jax.jvp(lambda x: power(x, k), (x,), (1.0,))[1], lambda x, k: (k + 1) * x**k, **symbols)


def test_powers_of_one_number_by_several_integers_are_taken_one_by_one():
    assert_derivative(
        lambda x: jnp.sum(x ** jnp.arange(4)), lambda x: jnp.sum(jnp.arange(1, 4) * x ** jnp.arange(3)), x=Real()
    )
    assert_proved(lambda x: x * 2.0 ** jnp.arange(3), lambda x: jnp.stack([x, x + x, 4 * x]), x=Real())


VMAPPED = {
    "dot_general": lambda x: (x[:, None] * x[None, :]) @ x,
    "cond": lambda x: lax.cond(x[0] > 0, jnp.exp, lambda x: x**2, x),
    "scan": lambda x: lax.scan(lambda h, v: (h * v + v, h), 1.0, x)[1],
    "gather and scatter": lambda x: x.at[jnp.argmax(x)].multiply(2.0) * x[::-1],
    "dynamic_slice": lambda x: lax.dynamic_slice(x, (jnp.argmin(x),), (1,)) ** 3,
    "cumprod": jnp.cumprod,
    "reduce_max": lambda x: jnp.max(x) * x,
    "custom_jvp": cube,
    "custom_vjp": fourth,
    "softmax": lambda x: jax.nn.softmax(x) ** 2,
    "logsumexp": jax.nn.logsumexp,
}


@pytest.mark.parametrize("name", VMAPPED)
def test_a_vmapped_form_is_the_form_of_each_row(name):
    function = VMAPPED[name]
    assert_proved(
        slope(lambda x: jnp.sum(jax.vmap(function)(x))),
        lambda x: jnp.stack([jax.grad(lambda row: jnp.sum(function(row)))(row) for row in x]),
        x=Real("n m"),
        quick=True,
    )


def test_a_vmapped_derivative_is_the_derivative_of_each_row():
    assert_proved(lambda x: jax.vmap(slope(lambda row: jnp.sum(row**3)))(x), lambda x: 3 * x**2, x=Real("n m"))


def test_a_program_that_asks_for_a_size_is_checked_where_it_is_another_one():
    def doubled(x):
        return 2 * x if len(x) <= 5 else jnp.sin(x)

    assert assert_refuted(lambda x: x + x, lambda x: doubled(x), x=Real("n")).sizes == {"n": 7}
    report = assert_proved(lambda x: doubled(x), lambda x: doubled(x) * 3 / 3, x=Real("n"))
    assert report.sizes[-1] == report.larger == {"n": 7}
    assert assert_proved(lambda x: 2 * x, lambda x: x + x, x=Real("n")).larger is None


def test_a_loop_without_a_bound_on_its_turns_is_refuted_soon_and_else_left_open():
    def halved(turn):
        return lambda x: lax.while_loop(lambda x: x > 1, turn, x)

    by_half = halved(lambda x: x * 0.5)
    assert_refuted(by_half, lambda x: jnp.where(x > 1, x / 2, x), x=Positive())
    assert_undecided("more than 512 regions", by_half, halved(lambda x: x - x / 2), x=Positive())


def test_a_function_of_vectors_of_what_is_compared():
    def sorted_by_negatives(x, loss):
        return loss(-jnp.sort(-x)[::-1])

    by_rectified = (
        lambda x, loss: derivative(lambda x: loss(jax.nn.relu(x)), x),
        lambda x, loss: jnp.where(x > 0, derivative(loss, jax.nn.relu(x)), 0.0),
    )
    symbols = {"x": Real("n"), "loss": Functional()}
    assert_proved(*by_rectified, **symbols)
    assert_proved(lambda x, loss: loss(jnp.sort(x)), sorted_by_negatives, **symbols)
    assert_refuted(lambda x, loss: loss(jnp.sort(x)), lambda x, loss: loss(x), **symbols)
