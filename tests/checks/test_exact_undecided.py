"""What the exact check leaves undecided, with its reason and place."""

import jax
import jax.numpy as jnp
import pytest
from exactly import assert_proved, assert_undecided, check, slope
from jax import lax
from jax.sharding import AbstractMesh, AxisType, PartitionSpec
from stated import stated

from gradproof import Index, Positive, Real, verify

HERE = r"test_exact_undecided\.py:\d+"
X = {"x": Real()}
N = {"x": Real("n")}


UNKNOWN = {
    "bessel_i0e": ({"x": Positive()}, lax.bessel_i0e),
    "nextafter": (X, lambda x: jnp.nextafter(x, 2.0)),
    "qr": ({"x": Real("n n")}, lambda x: jnp.linalg.qr(x)[0]),
    "fft": (N, lambda x: jnp.real(jnp.fft.fft(x))),
}


@pytest.mark.parametrize("primitive", UNKNOWN)
def test_an_unknown_primitive_is_named_with_its_place(primitive):
    symbols, function = UNKNOWN[primitive]
    why = rf"'{primitive}' is not known to the exact engine, at {HERE}"
    assert_undecided(why, lambda x: function(x), lambda x: 2 * function(x) / 2, **symbols)


def test_an_unknown_primitive_is_named_in_a_derivative_and_inside_another_program():
    def by_hand(x):
        return lax.bessel_i0e(x) + x * lax.bessel_i1e(x)

    def branches(x):
        return lax.cond(x > 2, lax.bessel_i0e, jnp.exp, x)

    assert_undecided("'bessel_i0e'", slope(lambda x: x * lax.bessel_i0e(x)), by_hand, x=Positive())
    assert_undecided(rf"'bessel_i0e' .*{HERE}", branches, lambda x: 2 * branches(x) / 2, x=Positive())


NEVER_FINITE = {
    "1 / 0": lambda x: x / (x - x),
    "1 / 0 that is not seen at once": lambda x: 1 / (jnp.cosh(x) ** 2 - jnp.sinh(x) ** 2 - 1),
    "0 / 0": lambda x: (x - x) / (x - x),
    "NaN": lambda x: x * jnp.nan,
    "infinity": lambda x: x + jnp.inf,
    "infinity less infinity": lambda x: x + jnp.inf - jnp.inf,
    "logarithm of zero": lambda x: jnp.log(x - x),
    "logarithm of a negative number": lambda x: jnp.log(-jnp.exp(x)),
    "root of a negative number": lambda x: jnp.sqrt(-1 - x**2),
    "memory that nobody has written to": lambda x: x + lax.empty((), x.dtype),
}


@pytest.mark.parametrize("name", NEVER_FINITE)
def test_what_is_never_finite_is_equal_to_nothing(name):
    function = NEVER_FINITE[name]
    why = "no side has a finite value"
    assert_undecided(why, lambda x: function(x), lambda x: function(2 * x - x), **X)
    report = check(lambda x: function(x), lambda x: x, **X)
    assert report.failures or report.undecided


@pytest.mark.parametrize("name", NEVER_FINITE)
def test_what_is_never_finite_is_not_equal_to_a_number(name):
    """High precision knows of some of them that they are none; of others it cannot say."""
    function = NEVER_FINITE[name]
    report = check(lambda x: x, lambda x: jnp.stack([x, function(x)])[1], **X)
    assert report.failures or report.undecided


def test_what_is_not_finite_is_harmless_where_it_is_dropped():
    assert_proved(lambda x: jnp.where(x > 0, jnp.log(x), x), lambda x: jnp.where(x > 0, jnp.log(jnp.abs(x)), x), **X)
    assert_proved(lambda x: jnp.max(jnp.stack([x, -jnp.inf])), lambda x: 1 * x, **X)


def test_a_claim_needs_two_sides():
    assert_undecided("two sides", jnp.exp, **X)


def test_a_claim_has_an_end():
    assert_undecided("more than 64 sides; let its generator end, at stated.py", *[jnp.exp] * 65, **X)


def test_code_that_fails_is_undecided_with_its_error():
    assert_undecided(
        "side 0 does not trace at n = 2: TypeError.*dot_general.*, at test_exact_undecided.py:",
        lambda x: x @ jnp.ones(7),
        lambda x: x[0],
        **N,
    )
    asks = "side 1 does not trace at n = 2: ConcretizationTypeError: it asks for the numbers .*, at test_exact"
    assert_undecided(asks, lambda x: x[0], lambda x: float(x[0]), **N)


LONE = {
    "loop that is too long": (X, lambda x: lax.fori_loop(0, 10**5, lambda i, v: v + x, x), "longer than"),
    "loop without an end": (X, lambda x: lax.while_loop(lambda v: v == v, lambda v: v + x, x), "did not end"),
    "real number as an index": (X, lambda x: jnp.arange(3.0)[x.astype(int)], "converted to an integer"),
    "complex numbers": (X, lambda x: jnp.abs(x + 1j), "complex"),
}


@pytest.mark.parametrize("name", LONE)
def test_what_cannot_be_run_is_undecided(name, monkeypatch):
    monkeypatch.setattr("gradproof.interpreter.rules.control.LONGEST_LOOP", 100)
    symbols, function, why = LONE[name]
    assert_undecided(why, lambda x: function(x), lambda x: function(2 * x / 2), **symbols)


def test_a_shard_map_over_several_devices_is_undecided():
    mesh = AbstractMesh((2,), ("devices",), axis_types=(AxisType.Auto,))
    shards = PartitionSpec("devices")
    twice = jax.shard_map(lambda x: 2 * x, mesh=mesh, in_specs=shards, out_specs=shards)
    assert_undecided(rf"2 devices.*{HERE}", lambda x: twice(x), lambda x: x + x, x=Real("4"))


def test_a_claim_without_sides_is_undecided():
    assert verify(stated(x=Real())).verdict == "undecided"


def test_random_numbers_of_a_key_are_known_unless_it_depends_on_inputs():
    def masked(x):
        return jnp.sum(jnp.where(jax.random.bernoulli(jax.random.key(0), 0.5, x.shape), x, 0))

    def seeded(x, k):
        return x * jax.random.normal(jax.random.key(k))

    assert verify(stated(masked, lambda x: masked(2 * x) / 2, **N)).verdict == "proved"
    assert verify(stated(masked, lambda x: jnp.sum(x), **N)).verdict == "refuted"

    def dropped(x):
        first, second = jax.random.split(jax.random.key(1))
        return x * jax.random.bernoulli(first) + jax.random.uniform(second)

    assert (
        verify(
            stated(
                dropped,
                lambda x: dropped(2 * x) - x * jax.random.bernoulli(jax.random.split(jax.random.key(1))[0]),
                **X,
            )
        ).verdict
        == "proved"
    )
    why = "the key of random numbers depends on inputs"
    assert_undecided(why, seeded, lambda x, k: seeded(2 * x, k) / 2, x=Real(), k=Index(below="2"))
