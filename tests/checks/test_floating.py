"""The check on the machine: what rounding explains passes, and nothing else does."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from stated import stated

from gradproof import Binary, Function, Index, OneHot, Positive, Real, Simplex, derivative, misprint, verify
from gradproof.checks import Study
from gradproof.checks.floating import check_floating
from gradproof.checks.inputs import SWEEP, drawn


def check(*sides, quick=False, **claim):
    """The result for the claim that these functions are equal."""
    return check_floating(Study(stated(*sides, **claim), quick=quick))


def loss(z):
    return jnp.sum(jax.nn.softplus(z))


def gradient(z):
    return derivative(loss, z)


def assert_refused(result, *words):
    assert result.failures
    for word in words:
        assert any(word in failure.why for failure in result.failures), [failure.why for failure in result.failures]


def test_a_stable_formula_passes_with_its_errors():
    result = check(gradient, jax.nn.sigmoid, z=Real("n"))
    assert result.failures == ()
    assert result.undecided is None
    assert result.code.outcome == "accurate"
    assert all(0 < units < 4 for units in result.code.units.values())


def test_the_same_seed_gives_the_same_result():
    results = [check(gradient, jax.nn.sigmoid, z=Real("n")) for _ in range(2)]
    assert results[0].code == results[1].code


def test_an_array_that_a_claim_makes_hides_no_rounding():
    """In float32 it has 32 bits, as where the formula is used, and not 64."""

    def cancels(z):
        return (z + 1e4 * jnp.ones(2)) - 1e4 * jnp.ones(2)

    result = check(lambda z: z, cancels, z=Real("2"), stable=False)
    assert result.failures == ()
    assert (result.code.outcome, result.code.first_is_better) == ("loses digits", True)
    assert (result.code.units["float64"], result.code.at.step) == (0, 1)


def test_an_array_of_64_bits_that_a_claim_holds_is_cut():
    with jax.enable_x64(True):
        held = jnp.array([[0.1, 0.2], [0.3, 0.4]])
    assert held.dtype == np.float64
    result = check(lambda z: held @ z, lambda z: jnp.sum(held * z[None, :], axis=1), z=Real("2"))
    assert result.failures == ()
    assert result.undecided is None
    assert max(result.code.units.values()) < 4


# Mistakes that only a machine shows, and mistakes as small as rounding


def test_one_element_wrong_by_1e_12_is_refused_in_float64_alone():
    def wrong(z):
        return jax.nn.sigmoid(z) * jnp.where(jnp.arange(len(z)) == 1, 1 + 1e-12, 1.0)

    result = check(gradient, wrong, z=Real("n"))
    assert_refused(result, "float64")
    assert {failure.entry for failure in result.failures} == {"[1]"}
    assert not any("float32" in failure.why for failure in result.failures)


OVERFLOWS = {
    "sigmoid": (gradient, lambda z: jnp.exp(z) / (1 + jnp.exp(z))),
    "log of one minus sigmoid": (jax.nn.softplus, lambda z: -jnp.log(1 - jax.nn.sigmoid(z))),
    "softmax": (jax.nn.softmax, lambda z: jnp.exp(z) / jnp.sum(jnp.exp(z))),
    "first side": (lambda z: jnp.log(jnp.sum(jnp.exp(z))), jax.nn.logsumexp),
    "tanh": (jnp.tanh, lambda z: (jnp.exp(2 * z) - 1) / (jnp.exp(2 * z) + 1)),
}


@pytest.mark.parametrize("name", OVERFLOWS)
def test_a_formula_that_overflows_where_the_value_does_not_is_refused(name):
    result = check(*OVERFLOWS[name], z=Real("n"))
    assert_refused(result, "float64", "float32", "has that number")
    assert all(np.isfinite(failure.expected) for failure in result.failures)
    assert not any(np.isfinite(failure.given) for failure in result.failures)


@pytest.mark.parametrize("name", OVERFLOWS)
def test_a_textbook_formula_is_compared_where_it_does_not_overflow(name):
    result = check(*OVERFLOWS[name], stable=False, z=Real("n"))
    assert result.failures == ()
    assert result.undecided is None


def test_a_formula_wrong_in_the_tails_alone_is_refused():
    result = check(gradient, lambda z: jnp.where(jnp.abs(z) > 12, 0.9, jax.nn.sigmoid(z)), z=Real("n"))
    assert_refused(result, "0.9")


def test_a_formula_wrong_where_a_probability_is_clipped_is_refused():
    def clipped(z):
        return -jnp.log(jnp.clip(jax.nn.sigmoid(z), 1e-7, 1))

    assert_refused(check(lambda z: jax.nn.softplus(-z), clipped, z=Real("n")))


def test_what_breaks_without_jit_is_refused():
    def perhaps_compiled_to_one(z):
        return jnp.exp(z) * jnp.exp(-z)

    assert_refused(check(jnp.ones_like, perhaps_compiled_to_one, z=Real("n")), "is nan and not 1.0")


def test_nan_equals_nothing():
    def broken(z):
        return jnp.where(z > 20, jnp.nan, jax.nn.sigmoid(z))

    assert_refused(check(gradient, broken, z=Real("n")), "nan")
    # Where both sides are NaN there is nothing to compare, and nothing passes for that.
    result = check(lambda z: jnp.log(-jnp.exp(z)), lambda z: jnp.log(-jnp.exp(z)) + 1, z=Real("n"))
    assert result.failures == ()
    assert result.undecided is not None


def test_points_that_are_all_ambiguous_are_undecided():
    def undetermined(z):
        third = z / 3
        return jnp.where(third + third + third - z > 1e-300, z, 2 * z)

    result = check(lambda z: 2 * z, undetermined, z=Real("n"))
    assert result.failures == ()
    assert result.undecided is not None
    assert "side 1" in result.undecided


def test_a_number_that_is_computed_in_two_ways_is_no_kink():
    """The sum and the product are equal wherever they are compared, and no rounding tells them apart."""

    def chosen(factor):
        return lambda x: jnp.where(x + x == 2 * x, factor * x, 0)

    right = check(lambda x: 3 * x, chosen(3), x=Real("n"))
    assert (right.failures, right.undecided) == ((), None)
    assert right.judged > 0
    assert_refused(check(lambda x: 3 * x, chosen(3.001), x=Real("n")), "in float64, side 1 is")


def test_a_primitive_that_is_not_known_is_undecided():
    result = check(jax.lax.bessel_i1e, lambda z: jax.lax.digamma(z) + 0, z=Positive("n"))
    assert result.undecided is not None
    assert "bessel_i1e" in result.undecided


def test_the_correction_of_a_misprint_is_judged_and_what_is_printed_is_not():
    def printed(printed, correct):
        return lambda z: misprint(printed=printed * jax.nn.sigmoid(z), correct=correct * jax.nn.sigmoid(z))

    assert check(gradient, printed(2, 1), z=Real("n"), correction="sigma").failures == ()
    assert_refused(check(gradient, printed(1, 2), z=Real("n"), correction="sigma"), "side 1")


def test_constants_that_are_no_binary_fractions_are_no_mistake():
    result = check(lambda x: jnp.sum(x) / 10, lambda x: 0.1 * jnp.sum(x), x=Real("n"))
    assert result.failures == ()
    result = check(lambda x: x * jnp.sqrt(2 / jnp.pi), lambda x: x * 0.7978845608028654, x=Real("n"))
    assert result.failures == ()


def test_an_infinity_that_is_the_value_is_right_and_another_one_is_not():
    def largest(x):
        return jnp.max(jnp.where(x > 0, x, -jnp.inf))

    assert check(largest, lambda x: -jnp.min(jnp.where(x > 0, -x, jnp.inf)), x=Real("2")).failures == ()

    def wrong(x):
        return jnp.where(jnp.any(x > 0), largest(x), jnp.inf)

    assert_refused(check(largest, wrong, x=Real("2")), "is inf and not -inf")


TENTHS = {
    "float32": (np.float32, lambda x: x * np.float32(0.1), lambda x: x / 10),
    "float16": (np.float16, lambda x: x * 3, lambda x: x + x + x),
    "bfloat16": (jnp.bfloat16, lambda x: x / 3 * x, lambda x: x * x / 3),
}


@pytest.mark.parametrize("name", TENTHS)
@pytest.mark.parametrize("back", [False, True])
def test_a_cast_in_the_program_rounds_like_all_else(name, back):
    narrow, first, second = TENTHS[name]

    def through(formula, factor=1.0):
        return lambda x: formula(x.astype(narrow)).astype(x.dtype if back else narrow) * factor

    moderate = {"x": Real("n"), "quick": False, "stable": False}
    right = check(through(first), through(second), **moderate)
    assert (right.failures, right.undecided) == ((), None)
    assert right.code.outcome == "accurate"
    assert max(right.code.units.values()) < 8
    # What is wrong by more than the format rounds is refused, and by less it is not.
    bits = np.dtype(narrow) if narrow is not jnp.bfloat16 else narrow
    unit = float(jnp.finfo(bits).eps)
    assert_refused(check(through(first), through(second, 1 + 16 * unit), **moderate), "in float64, side 1 is")
    assert check(through(first), through(second, 1 + unit / 16), **moderate).failures == ()


def test_a_cast_beside_a_number_of_64_bits_leaves_that_as_sharp():
    def cast(factor):
        return lambda x: jnp.concatenate([x.astype(np.float32).astype(x.dtype), factor * x])

    assert check(lambda x: jnp.concatenate([x, x]), cast(1.0), x=Real("n")).failures == ()
    wrong = check(lambda x: jnp.concatenate([x, x]), cast(1 + 1e-12), x=Real("2"))
    assert_refused(wrong, "in float64, side 1 is")
    assert {failure.entry for failure in wrong.failures} <= {"[2]", "[3]"}


def test_a_number_that_a_narrow_result_cannot_hold_is_not_missed():
    """The largest of float16 is 65504; to be infinite on the way to a wider format is a fault as ever."""
    both = {"x": Real("n")}
    narrow = check(lambda x: x.astype(np.float16) * 100, lambda x: 100 * x.astype(np.float16), **both)
    assert narrow.failures == ()
    wide = check(lambda x: x * 100, lambda x: (x.astype(np.float16) * 100).astype(x.dtype), **both)
    assert_refused(wide, "inf and not", "float64 has that number")


def test_trees_and_programs_within_programs_are_judged():
    def loops(w, X):
        z, _ = jax.lax.scan(lambda z, row: (z + row @ w, None), jnp.zeros(()), X)
        return {"z": jax.lax.cond(jnp.sum(w) > 0, lambda z: z, lambda z: z * 1, z), "w": (w,)}

    def direct(w, X):
        return {"z": jnp.sum(X @ w), "w": (w,)}

    assert check(direct, loops, w=Real("m"), X=Real("n m")).failures == ()

    def wrong(w, X):
        return {"z": jnp.sum(X @ w), "w": (w * (1 + 1e-15),)}

    result = check(direct, wrong, w=Real("m"), X=Real("n m"))
    assert_refused(result, "['w'][0]")


def test_unknown_functions_run_as_concrete_ones():
    def chained(w, X, f):
        return X.T @ derivative(lambda z: jnp.sum(f(z)), X @ w)

    result = check(
        lambda w, X, f: derivative(lambda w: jnp.sum(f(X @ w)), w),
        chained,
        quick=True,
        w=Real("m"),
        X=Real("n m"),
        f=Function(),
    )
    assert result.failures == ()
    assert result.undecided is None


def test_inputs_are_valid_and_exact_in_float32():
    symbols = {
        "x": Real("n m"),
        "s": Positive("n"),
        "y": Binary("n"),
        "Y": OneHot("n K"),
        "P": Simplex("n K"),
        "c": Index("n", below="K"),
    }

    claim = stated(lambda *_: 0.0, **symbols)
    sizes = Study(claim).sizes
    assert len(set(sizes.values())) == 3
    magnitudes = []
    for index, kind in enumerate(SWEEP):
        point = drawn(claim, sizes, kind, np.random.default_rng(index))
        assert all((x.astype(np.float32) == x).all() for x in point.values())
        assert (point["s"] > 0).all()
        assert set(point["y"]) <= {0, 1}
        assert (point["Y"].sum(axis=-1) == 1).all()
        assert (point["P"].sum(axis=-1) == 1).all()
        assert (point["P"] > 0).all()
        assert ((point["c"] >= 0) & (point["c"] < sizes["K"])).all()
        magnitudes.append(np.abs(point["x"][point["x"] != 0]))
    assert np.concatenate(magnitudes).min() < 1e-2
    assert np.concatenate(magnitudes).max() > 5e3


def test_a_label_that_is_zero_puts_nothing_on_a_kink():
    """At this seed each of the inputs has one."""
    masked = stated(
        lambda x, m, g: derivative(lambda x: jnp.sum(jax.nn.relu(x * m) * g), x),
        lambda x, m, g: g * m * (x * m > 0),
        x=Real("n"),
        m=Binary("n"),
        g=Real("n"),
    )
    assert verify(masked, seed=4).verdict == "proved"
