"""Claims that say nothing are refused by name, and those that look like them are not."""

import jax
import jax.numpy as jnp
import pytest
from exactly import assert_proved, assert_refuted, assert_undecided, check, slope
from stated import stated

from gradproof import Positive, Real, claim, misprint, verify
from gradproof.checks import Study
from gradproof.checks.exact import ExactCheck
from gradproof.claims import Equality

XY = {"x": Real("n"), "y": Real("n")}
SAME = "same program as side 0"


def loss(x, y):
    return jnp.sum(jnp.tanh(x) * y) / (1 + jnp.sum(y**2))


def by_another_name(x, y):
    return loss(x, y)


TRIVIAL = {
    "itself": loss,
    "another name": by_another_name,
    "other variables": lambda a, b: loss(a, b),
    "jit": jax.jit(loss),
    "checkpoint": jax.checkpoint(loss),
    "vmap of one": lambda x, y: jax.vmap(loss)(x[None], y[None])[0],
    "vmap of entries": lambda x, y: jnp.sum(jax.vmap(lambda a, b: jnp.tanh(a) * b)(x, y)) / (1 + jnp.sum(y**2)),
    "commuted": lambda x, y: jnp.sum(y * jnp.tanh(x)) / (jnp.sum(y**2) + 1),
    "square": lambda x, y: jnp.sum(jnp.tanh(x) * y) / (1 + jnp.sum(jnp.square(y))),
    "times one": lambda x, y: 1 * loss(x * jnp.ones_like(x), y / 1),
    "plus zero times something": lambda x, y: loss(x + 0 * jnp.sin(y), y),
    "plus zero": lambda x, y: loss(x + 0, y - jnp.zeros_like(y)) + jnp.zeros(()),
    "to the first power": lambda x, y: loss(x**1, y),
    "minus minus": lambda x, y: 0 - (0 - loss(x, jnp.negative(0 - y))),
    "reshape": lambda x, y: loss(x.reshape(-1, 1).reshape(-1), jnp.squeeze(y[:, None])),
    "transposed twice": lambda x, y: loss(jnp.outer(x, jnp.ones(1)).T.T[:, 0], y),
    "turned round twice": lambda x, y: loss(x[::-1][::-1], y),
    "cast to the same type": lambda x, y: loss(x.astype(x.dtype), jnp.asarray(y, y.dtype)),
    "slice of everything": lambda x, y: loss(x[:], y[0:]),
    "dead code": lambda x, y: (jnp.exp(x), loss(x, y))[1],
    "branch that is known": lambda x, y: jnp.where(True, loss(x, y), 0.0),
    "concatenated alone": lambda x, y: loss(jnp.concatenate([x]), jnp.stack([y])[0]),
}


@pytest.mark.parametrize("name", TRIVIAL)
def test_the_same_function_twice_says_nothing(name):
    assert_undecided(SAME, loss, lambda x, y: TRIVIAL[name](x, y), sizes={"n": 2}, **XY)
    assert_undecided(SAME, slope(loss), slope(lambda x, y: TRIVIAL[name](x, y)), sizes={"n": 2}, **XY)


REAL = {
    "sum of itself": (lambda x, y: 2 * x, lambda x, y: x + x),
    "product with itself": (lambda x, y: x * x, lambda x, y: x**2),
    "associated": (lambda x, y: (x + y) + 1, lambda x, y: x + (y + 1)),
    "another function of JAX": (lambda x, y: jax.nn.sigmoid(x), lambda x, y: 1 / (1 + jnp.exp(-x))),
    "a sum, and a product of vectors": (lambda x, y: jnp.sum(x * y), lambda x, y: x @ y),
    "one of three sides": (lambda x, y: 2 * x, lambda x, y: x + x, lambda x, y: x * 2),
}


@pytest.mark.parametrize("name", REAL)
def test_what_has_to_be_computed_is_a_claim(name):
    assert_proved(*REAL[name], sizes={"n": 2}, **XY)


FALSE = {
    "operands of a difference": (lambda x, y: x - y, lambda x, y: y - x),
    "operands of a quotient": (lambda x, y: x / (1 + y**2), lambda x, y: (1 + y**2) / x),
    "rows and columns": (lambda x, y: x[:, None] * y[None], lambda x, y: x[None] * y[:, None]),
    "columns, times one": (lambda x, y: x[:, None] * jnp.ones((2, 2)), lambda x, y: x[None] * jnp.ones((2, 2))),
    "transposed once": (lambda x, y: jnp.outer(x, y), lambda x, y: jnp.outer(x, y).T),
    "turned round once": (lambda x, y: x, lambda x, y: x[::-1]),
    "sums of other lengths": (lambda x, y: jnp.sum(jnp.exp(jnp.zeros(2))), lambda x, y: jnp.sum(jnp.exp(jnp.zeros(3)))),
    "derivatives in derivatives": (
        slope(lambda x, y: slope(lambda z: x @ z)(x) @ y),
        slope(lambda x, y: slope(lambda z: z @ z)(x) @ y),
    ),
    "which of two is differentiated": (slope(lambda x, y: jnp.sum(x**2 * y)), lambda x, y: x**2),
    "zero times what may be infinite": (lambda x, y: x, lambda x, y: x + 0 * jnp.log(x**2 * y)),
    "zero times infinity": (lambda x, y: x, lambda x, y: x + 0 * jnp.full_like(x, jnp.inf)),
    "loops with other bodies": (
        lambda x, y: jax.lax.fori_loop(0, 2, lambda i, z: z * x, y),
        lambda x, y: jax.lax.fori_loop(0, 2, lambda i, z: z * y, x),
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_what_differs_is_never_taken_for_the_same(name):
    report = check(*FALSE[name], sizes={"n": 2}, **XY)
    assert report.undecided is None
    assert report.failures


def test_a_rule_of_its_own_makes_another_function():
    @jax.custom_jvp
    def ruled(x):
        return jnp.sum(x**2)

    ruled.defjvp(lambda primals, tangents: (ruled(*primals), jnp.sum(2 * primals[0] * tangents[0])))
    assert_proved(slope(lambda x: jnp.sum(x**2)), slope(ruled), x=Real("n"))
    assert_undecided(SAME, slope(ruled), slope(lambda x: ruled(x)), x=Real("n"))


ZERO = {
    "derivative by what is not there, as zeros": (slope(lambda x, y: y @ y), lambda x, y: jnp.zeros_like(x)),
    "derivative by what is not there": (slope(lambda x, y: y @ y), lambda x, y: x - x),
    "derivative of what is multiplied by zero": (slope(lambda x, y: jnp.sum(0 * x + y)), lambda x, y: 0 * x),
    "derivative of steps": (slope(lambda x, y: jnp.sum((x > 0) * y)), lambda x, y: y - y),
    "differences of equals": (lambda x, y: x * y - y * x, lambda x, y: (x + y) - x - y),
    "zeros twice": (lambda x, y: jnp.zeros_like(x), lambda x, y: jnp.zeros(x.shape)),
}


@pytest.mark.parametrize("name", ZERO)
def test_sides_that_are_zero_whatever_the_inputs_say_nothing(name):
    assert_undecided("sides are zero whatever", *ZERO[name], **XY)


def test_that_something_vanishes_is_a_claim():
    def shifted(c, x):
        return jax.nn.logsumexp(x + c) - c

    assert_proved(slope(shifted), lambda c, x: jnp.zeros_like(c), c=Real(), x=Real("n"))
    assert_proved(lambda x, y: (x + y) - x - y, lambda x, y: 0 * x, **XY)
    # Zero at one of the sizes only.
    assert_proved(slope(lambda x: jnp.sum(x[1:] ** 2)), lambda x: 2 * x.at[0].set(0), x=Real("n"))


def test_sides_without_entries_say_nothing():
    assert_undecided("no entries at any of the sizes", lambda x, y: 2 * x[:0], lambda x, y: x[:0] + x[:0], **XY)


def test_sides_without_a_value_say_nothing():
    why = "no side has a finite value at any of the inputs that were tried: nothing is compared"
    assert_undecided(why, lambda x: x * jnp.nan, lambda x: x + jnp.nan, x=Real())
    assert_undecided(why, lambda x: jnp.log(-x), lambda x: 2 * jnp.log(-x), x=Positive())
    assert_refuted(lambda x: 2 * x, lambda x: jnp.log(-x), x=Positive())


def printed_as(change, correct=lambda x: 2 * x, **kwargs) -> Equality:
    @claim("printed", correction="2 x", **kwargs)
    def printed(x=Real("n")):
        yield x + x
        yield misprint(printed=change(2 * x), correct=correct(x))

    return printed


SHAPES = {
    "column": lambda x: x[:, None],
    "row": lambda x: x[None],
    "more axes": lambda x: x[None, :, None],
    "dictionary": lambda x: {"x": x[None].T},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_misprint_that_differs_in_shape_alone_is_refused(shape):
    found = verify(printed_as(SHAPES[shape]))
    assert found.verdict == "undecided"
    assert found.why.startswith("side 1 as printed differs from side 0 in shape alone")
    assert 'severity="shape"' in found.why


def test_it_is_one_where_the_shape_is_what_is_printed_wrong():
    found = verify(printed_as(lambda x: x[:, None], severity="shape"))
    assert found.verdict == "refuted"
    assert found.as_expected


NUMBERS = {
    "half": lambda x: x[None] / 2,
    "another order": lambda x: x[::-1, None],
    "more numbers": lambda x: jnp.outer(x, x),
    "fewer numbers": jnp.sum,
}


@pytest.mark.parametrize("numbers", NUMBERS)
def test_a_misprint_with_other_numbers_is_one_in_any_shape(numbers):
    assert verify(printed_as(NUMBERS[numbers])).as_expected


def test_what_is_right_in_a_misprint_may_be_the_first_side():
    report = ExactCheck(Study(printed_as(lambda x: x + 1, correct=lambda x: x + x))).run()
    assert report.undecided is None
    assert [difference.side.role for difference in report.differences] == ["printed"]


def test_verify_says_so():
    found = verify(stated(loss, jax.jit(loss), **XY))
    assert found.verdict == "undecided"
    assert SAME in found.why
