"""At a tie an infinity is no number, and an entry without a value is not compared; one with a value is."""

import jax
import jax.numpy as jnp
import pytest
from stated import stated

from gradproof import Positive, Real, derivative, verify
from gradproof.checks import Study
from gradproof.checks.kinks import check_kinks

where, log, sqrt, relu = jnp.where, jnp.log, jnp.sqrt, jax.nn.relu


def failure_of(*sides, **claim):
    return check_kinks(Study(stated(*sides, **claim))).failure


def assert_accepted(*sides, **claim):
    failure = failure_of(*sides, **claim)
    assert failure is None or failure.open, failure.why


def assert_refused(*sides, why, **claim):
    failure = failure_of(*sides, **claim)
    assert failure is not None
    assert not failure.open
    assert why in failure.why


def slope_of(function):
    return lambda x: derivative(lambda x: jnp.sum(function(x)), x)


# Infinities


def inverse(y):
    return where(y == 0, 0.0, 1 / where(y == 0, 1.0, y))


def log_above_zero(y):
    return where(y > 0, log(where(y > 0, y, 1.0)), 0.0)


def root_above_zero(y):
    return where(y > 0, sqrt(where(y > 0, y, 1.0)), 0.0)


def entropy(y):
    return where(y > 0, y * log(where(y > 0, y, 1.0)), 0.0)


INFINITE = {
    "quotient": (inverse, lambda y: 1 / y, "side 1 is inf and side 0 is 0.0"),
    "quotient first": (lambda y: 1 / y, inverse, "side 1 is 0.0 and side 0 is inf"),
    "logarithm": (log_above_zero, lambda y: where(y >= 0, log(where(y >= 0, y, 1.0)), 0.0), "side 1 is -inf"),
    "log1p": (lambda y: where(y == 0, 0.0, y), lambda y: where(y == 0, jnp.log1p(y - 1), y), "side 1 is -inf"),
    "power": (inverse, lambda y: y**-1.0, "side 1 is inf"),
    "opposite log1p": (
        lambda y: where(y == 0, jnp.log1p(y - 1), y),
        lambda y: where(y == 0, -jnp.log1p(y - 1), y),
        "side 1 is inf and side 0 is -inf",
    ),
    "slope of a root": (
        slope_of(root_above_zero),
        lambda y: where(y >= 0, 0.5 / sqrt(where(y >= 0, y, 1.0)), 0.0),
        "side 1 is inf and side 0 is 0.0",
    ),
    "slope of an entropy": (
        slope_of(entropy),
        lambda y: where(y >= 0, log(where(y >= 0, y, 1.0)) + 1, 0.0),
        "side 1 is -inf and side 0 is 0.0",
    ),
    "opposite logarithms": (
        lambda y: where(y == 0, log(jnp.abs(y)), y),
        lambda y: where(y == 0, -log(jnp.abs(y)), y),
        "side 1 is inf and side 0 is -inf",
    ),
}


@pytest.mark.parametrize("symbol", [Real(), Real("n")])
@pytest.mark.parametrize("name", INFINITE)
def test_an_infinity_is_no_number(name, symbol):
    first, second, why = INFINITE[name]
    assert_refused(first, second, why=why, y=symbol)


def test_a_claim_with_an_infinity_at_a_tie_is_refuted_with_the_tie():
    verdict = verify(stated(*INFINITE["slope of a root"][:2], y=Real()))
    assert verdict.verdict == "refuted"
    assert verdict.counterexample.inputs == {"y": 0.0}


def softplus(z):
    return jnp.maximum(z, 0) + jnp.log1p(jnp.exp(-jnp.abs(z)))


@pytest.mark.parametrize("kinks", [None, "left open"])
def test_an_infinity_is_not_the_limit_from_all_sides(kinks):
    def wrong(z):
        return where(z == 0, 1 / z, jax.nn.sigmoid(z))

    assert_refused(slope_of(softplus), wrong, why="side 1 is inf and must be 0.5", z=Real("n"), kinks=kinks)


@pytest.mark.parametrize("symbol", [Real(), Real("n")])
def test_an_infinity_is_in_no_hull_and_follows_no_convention(symbol):
    def wrong(z):
        return where(z > 0, 1.0, where(z == 0, 1 / z, 0.0))

    assert_refused(slope_of(relu), wrong, why="side 1 is inf, which is not between", z=symbol, kinks="left open")
    for convention in (0, 1, "above"):
        assert_refused(slope_of(relu), wrong, why="side 1 is inf", z=symbol, convention=convention)


def test_numbers_that_are_made_of_infinities_are_compared():
    def bump(y):
        return jnp.exp(-1 / y**2)

    def wrong(y):
        return where(y == 0, 5.0, 0.0) + bump(y)

    assert_refused(bump, wrong, why="side 1 is 5.0 and side 0 is 0.0", y=Real())
    assert_refused(lambda y: where(y == 0, 0.0, bump(y)), wrong, why="side 1 is 5.0", y=Real())
    assert_accepted(lambda y: where(y == 0, 0.0, bump(where(y == 0, 1.0, y))), bump, y=Real())


def test_the_same_infinity_agrees_and_one_may_be_left_open():
    assert_accepted(lambda y: 1 / y + relu(y), lambda y: where(y > 0, y + 1 / y, 1 / y), y=Real("n"))
    root = slope_of(root_above_zero), INFINITE["slope of a root"][1]
    assert_accepted(*root, y=Real(), kinks="no limit from above")
    assert_accepted(*root, y=Real(), kinks="no limit from above", stable=False)
    assert_accepted(inverse, lambda y: 1 / y, y=Real(), kinks="no value at 0", stable=False)
    assert_refused(inverse, lambda y: 1 / y, why="side 1 is inf", y=Real(), stable=False)


def test_a_textbook_formula_that_overflows_at_a_tie_is_not_wrong_there():
    def stable(z):
        return where(z > 1000.0, 0.0, 1.0) * jax.nn.sigmoid(z)

    def printed(z):
        return where(z > 1000.0, 0.0, 1.0) * jnp.exp(z) / (1 + jnp.exp(z))

    assert_accepted(stable, printed, z=Real(), stable=False)
    assert_accepted(stable, printed, z=Real())
    assert_refused(stable, printed, why="side 1 is nan", z=Real(), stable=True)


# Entries without a value

NOT_COMPARED = {
    "root": (lambda x, y: sqrt(x), lambda x, y: where(x < 0, 5.0, sqrt(where(x < 0, 1.0, x)))),
    "logarithm": (lambda x, y: log(x), lambda x, y: where(x < 0, 5.0, log(jnp.abs(x)))),
    "slope": (
        lambda x, y: derivative(lambda x: jnp.sum(x * log(x)), x),
        lambda x, y: where(x < 0, 5.0, log(x) + 1),
    ),
    "two symbols": (
        lambda x, y: jnp.stack([log(x), relu(y)]),
        lambda x, y: jnp.stack([where(x >= 0, log(where(x >= 0, x, 1.0)), 5.0), jnp.maximum(y, 0)]),
    ),
    "side 0 by hand": (
        lambda x, y: jnp.stack([sqrt(x), where(y > 0, 1.0, 0.0)]),
        lambda x, y: jnp.stack([where(x < 0, 3.0, sqrt(where(x < 0, 1.0, x))), slope_of(relu)(y)]),
    ),
    "sum": (
        lambda x, y: sqrt(x) + relu(y),
        lambda x, y: where(x < 0, 5.0, sqrt(where(x < 0, 1.0, x))) + jnp.maximum(y, 0),
    ),
    "hole off the kink": (
        lambda x, y: jnp.stack([x**2 / x, relu(y)]),
        lambda x, y: jnp.stack([x, where(y > 0, y, 0.0)]),
    ),
}


@pytest.mark.parametrize("name", NOT_COMPARED)
def test_an_entry_in_which_side_0_has_no_value_is_not_compared(name):
    assert_accepted(*NOT_COMPARED[name], x=Real("n"), y=Real("n"))


def test_such_a_claim_is_proved_in_an_array_as_alone():
    sides = [lambda x: sqrt(x), lambda x: where(x < 0, 5.0, sqrt(where(x < 0, 1.0, x)))]
    assert [verify(stated(*sides, x=symbol)).verdict for symbol in (Real(), Real("n"))] == ["proved", "proved"]


def test_beside_an_entry_without_a_value_the_others_are_compared():
    def wrong_at_zero(x):
        return where(x < 0, 5.0, where(x == 0, 3.0, sqrt(where(x < 0, 1.0, x))))

    assert_refused(sqrt, wrong_at_zero, why="side 1 is 3.0 and side 0 is 0.0", x=Real("n"))

    def nan_at_zero(x, y):
        return jnp.stack([where(x < 0, 5.0, sqrt(jnp.abs(x))), y * y / jnp.abs(y)])

    def right(x, y):
        return jnp.stack([sqrt(x), jnp.abs(y)])

    assert_refused(right, nan_at_zero, why="side 1 is nan and side 0 is 0.0", x=Real(), y=Real())


def test_where_side_0_has_a_value_nan_is_refused_on_any_kink():
    """The second side has a hole at x = 0, where a kink of y is met."""
    hole = NOT_COMPARED["hole off the kink"][::-1]
    assert_refused(*hole, why="side 1 is nan and side 0 is 0.0", x=Real(), y=Real())
    assert_refused(*NOT_COMPARED["root"][::-1], why="side 1 is nan and side 0 is 5.0", x=Real("n"), y=Real())


def test_a_side_0_that_is_nan_on_its_own_kink_is_compared():
    assert_refused(lambda z: z * z / jnp.abs(z), jnp.abs, why="side 0 is nan", z=Real("n"))
    slope = slope_of(lambda x: where(x > 0, x**1.5, 0.0))
    assert_accepted(slope, lambda x: where(x > 0, 1.5 * sqrt(where(x > 0, x, 1.0)), 0.0), x=Positive("n"))


@pytest.mark.parametrize(
    ("value", "verdict"), [(0.0, "proved"), (0.5, "proved"), (5.0, "undecided"), (jnp.nan, "refuted")]
)
def test_beyond_limits_that_were_met_a_value_is_left_open_and_not_proved(value, verdict):
    """A norm has as many limits at zero as there are directions."""

    def safe(x):
        square = jnp.sum(x**2)
        return jnp.where(square == 0, value, x / jnp.sqrt(jnp.where(square == 0, 1, square)))

    norm = stated(
        lambda x: derivative(lambda x: jnp.sqrt(jnp.sum(x**2)), x), safe, x=Real("n"), kinks="any value between limits"
    )
    assert verify(norm).verdict == verdict


# Matrices without an inverse


def test_where_a_matrix_is_singular_nothing_is_asked():
    square = {"A": Real("2 2")}

    def adjugate(A):
        return jnp.array([[A[1, 1], -A[0, 1]], [-A[1, 0], A[0, 0]]]) / (A[0, 0] * A[1, 1] - A[0, 1] * A[1, 0])

    assert_accepted(jnp.linalg.inv, adjugate, **square)
    assert_accepted(lambda A: A @ jnp.linalg.inv(A), lambda A: jnp.eye(2) + 0 * A, **square)

    def doubled(A):
        return where(A[0, 0] == A[1, 0], 2.0, 1.0) * adjugate(A)

    assert_refused(jnp.linalg.inv, doubled, why="side 1", **square)
