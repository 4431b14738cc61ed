"""What leaves a claim undecided has a place in the user's program; what is a bug has one in the engine."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.core import Primitive
from stated import stated

from gradproof import Real, verify
from gradproof.errors import EngineError, Undecided
from gradproof.interpreter import Evaluator, RunAgain, rules, running
from gradproof.numerics import DoubleArithmetic, Input, certify
from gradproof.worlds import WorldArithmetic
from gradproof.worlds.atoms import Colours
from gradproof.worlds.draws import Plan

POINT = np.array([0.75, -1.25, 2.0])
HERE = r"test_evaluator\.py:\d+"


def exact():
    arithmetic = WorldArithmetic(Plan(b"seed"), Colours())
    return arithmetic, arithmetic.symbol("x", POINT.shape)


def doubles():
    arithmetic = DoubleArithmetic()
    return arithmetic, arithmetic.constant(POINT)


def run(function, make=doubles):
    arithmetic, x = make()
    return Evaluator(arithmetic).run_closed(jax.make_jaxpr(function)(POINT), [x])


def changed(function, name, params):
    """The program of a function in which one primitive has other parameters."""
    closed = jax.make_jaxpr(function)(POINT)
    jaxpr = closed.jaxpr
    eqns = [each.replace(params=params(each.params)) if each.primitive.name == name else each for each in jaxpr.eqns]
    assert any(each.primitive.name == name for each in eqns)
    return jax.extend.core.ClosedJaxpr(jaxpr.replace(eqns=eqns), closed.consts)


# Bugs


def typo(*_):
    raise AttributeError("'WorldArithmetic' has no attribute 'word'")


BUG = (
    r"a bug in gradproof, at interpreter/rules/elementwise\.py:\d+, while running the primitive 'exp' of "
    rf"{HERE}: AttributeError: 'WorldArithmetic' has no attribute 'word'; please report it with this claim"
)


@pytest.mark.parametrize(("make", "kind"), [(exact, WorldArithmetic), (doubles, DoubleArithmetic)])
def test_a_typo_in_an_arithmetic_is_a_bug_with_a_place(make, kind, monkeypatch):
    monkeypatch.setattr(kind, "exp", typo)
    with pytest.raises(EngineError) as bug:
        run(lambda x: jnp.exp(x), make)
    assert re.fullmatch(BUG, str(bug.value))
    assert isinstance(bug.value.__cause__, AttributeError)


def test_a_typo_in_the_exact_arithmetic_is_loud_in_verify(monkeypatch):
    claim = stated(lambda x: jnp.exp(2 * x), lambda x: jnp.exp(x) ** 2, x=Real("n"))
    assert verify(claim).verdict == "proved"
    monkeypatch.setattr(WorldArithmetic, "exp", typo)
    with pytest.raises(EngineError, match=BUG):
        verify(claim)


def test_a_typo_is_loud_in_a_loop_and_in_a_derivative(monkeypatch):
    def looped(x):
        return jax.lax.scan(lambda total, each: (total + jnp.exp(each), None), 0.0, x)[0]

    monkeypatch.setattr(DoubleArithmetic, "exp", typo)
    with pytest.raises(EngineError, match=BUG):
        run(looped)


@pytest.mark.parametrize("error", [KeyError("x"), IndexError("x"), ZeroDivisionError("x"), AssertionError("x")])
def test_any_error_of_the_engine_is_a_bug(error, monkeypatch):
    def raising(*_):
        raise error

    monkeypatch.setattr(DoubleArithmetic, "add", raising)
    with pytest.raises(EngineError, match=f"'add' of .*: {type(error).__name__}: "):
        run(lambda x: x + 1)


def test_an_error_in_reading_a_constant_is_a_bug(monkeypatch):
    monkeypatch.setattr(DoubleArithmetic, "constant", typo)
    closed = jax.make_jaxpr(lambda x: x + POINT)(POINT)
    with pytest.raises(EngineError, match="while reading a constant: AttributeError"):
        Evaluator(DoubleArithmetic()).run_closed(closed, [None])


def test_a_result_of_another_shape_is_a_bug(monkeypatch):
    monkeypatch.setattr(DoubleArithmetic, "exp", DoubleArithmetic.sum)
    with pytest.raises(EngineError, match=r"'exp' of .*: AssertionError: shape \(\), not \(3,\)"):
        run(lambda x: jnp.exp(x))


def test_the_reference_is_no_exception(monkeypatch):
    closed = jax.make_jaxpr(jnp.exp)(POINT)
    inputs = [Input(POINT)]
    assert certify(closed, [inputs])
    monkeypatch.setattr(running, "is_whole", typo)
    with pytest.raises(EngineError, match=r"interpreter/running\.py:\d+, while running the primitive 'exp'"):
        certify(closed, [inputs])


@pytest.mark.parametrize("kind", [RunAgain, MemoryError])
def test_what_is_no_bug_is_not_taken_for_one(kind, monkeypatch):
    def raising(*_):
        raise kind("no fault of anybody's")

    monkeypatch.setattr(DoubleArithmetic, "add", raising)
    with pytest.raises(kind, match=r"^no fault of anybody's$"):
        run(lambda x: x + 1)


# What is not known


def undecided(function, *arguments):
    with pytest.raises(Undecided) as reason:
        Evaluator(DoubleArithmetic()).run_closed(jax.make_jaxpr(function)(*arguments), [None] * len(arguments))
    return reason.value


def test_an_unknown_primitive_has_a_place():
    reason = undecided(lambda: jax.lax.bessel_i0e(1.0))
    assert reason.why == "the primitive 'bessel_i0e' is not known to the exact engine"
    assert re.fullmatch(HERE, reason.where)
    assert str(reason) == f"{reason.why}, at {reason.where}"


def test_a_place_is_that_of_the_innermost_line_of_the_user():
    def inner(x):
        return jax.lax.bessel_i0e(x)

    line = inner.__code__.co_firstlineno + 1
    reason = undecided(lambda: jax.jit(inner)(1.0) + jax.lax.cond(True, inner, inner, 1.0))
    assert reason.where == f"test_evaluator.py:{line}"


def test_a_reason_with_at_in_it_has_a_place_all_the_same(monkeypatch):
    def raising(*_):
        raise Undecided("nothing is known at all")

    monkeypatch.setattr(DoubleArithmetic, "add", raising)
    with pytest.raises(Undecided, match=rf"^nothing is known at all, at {HERE}$"):
        run(lambda x: x + 1)


def test_a_reason_keeps_its_kind_with_its_place(monkeypatch):
    class Special(Undecided):
        pass

    def raising(*_):
        raise Special("special")

    monkeypatch.setattr(DoubleArithmetic, "add", raising)
    with pytest.raises(Special, match=rf"^special, at {HERE}$"):
        run(lambda x: x + 1)


def test_a_rule_that_makes_numbers_of_integers_does_not_know_them():
    table = rules.Rules({}, {}, {"add": rules.Rule.of(lambda run, equation, a, b: run.number(a))})
    closed = jax.make_jaxpr(lambda i: i + i)(np.arange(3))
    with pytest.raises(
        Undecided, match=rf"^the primitive 'add' of integers is not known to the exact engine, at {HERE}$"
    ):
        Evaluator(DoubleArithmetic(), rules=table).run_closed(closed, [np.arange(3)])


@pytest.mark.parametrize("equation", ["ij,jk->ik", "bij,bkj->bik", "i,i->", "i,jk->ijk", "bij,kb->ikb"])
def test_products_of_integers_are_integers(equation):
    generator = np.random.default_rng(0)
    size = {"b": 2, "i": 3, "j": 4, "k": 2}
    a, b = (generator.integers(-3, 9, [size[c] for c in part]) for part in equation.split("->")[0].split(","))
    closed = jax.make_jaxpr(lambda a, b: jnp.einsum(equation, a, b))(a, b)
    (found,) = Evaluator(DoubleArithmetic()).run_closed(closed, [a, b])
    assert found.tolist() == np.einsum(equation, a, b).tolist()


class Expanding:
    """What newer versions of JAX call a primitive of a higher level."""

    def __init__(self, expand):
        self.expand = expand


def bound_to(expand):
    primitive = Primitive("call_hi_primitive")
    primitive.def_abstract_eval(lambda x, *, _prim: x)
    return jax.make_jaxpr(lambda x: primitive.bind(x, _prim=Expanding(expand)))(POINT)


def test_a_primitive_that_is_a_program_of_others_is_run_as_that():
    (found,) = Evaluator(DoubleArithmetic()).run_closed(bound_to(lambda x: 2 * x), [doubles()[1]])
    assert found.value.tolist() == (2 * POINT).tolist()


def test_an_error_in_a_primitive_of_the_user_is_no_bug_of_the_engine():
    with pytest.raises(Undecided, match=rf"^the primitive 'Expanding' does not expand: AttributeError: .*, at {HERE}$"):
        Evaluator(DoubleArithmetic()).run_closed(bound_to(typo), [doubles()[1]])


# Versions of JAX differ in the parameters of their primitives


def test_a_parameter_that_is_missing_is_named():
    closed = changed(lambda x: jax.lax.cumsum(x), "cumsum", lambda params: {"axis": params["axis"]})
    with pytest.raises(Undecided, match=r"'cumsum' is not of a form that the exact engine knows \(it lacks reverse"):
        Evaluator(DoubleArithmetic()).run_closed(closed, [doubles()[1]])


def test_a_parameter_that_is_new_is_named():
    closed = changed(lambda x: jnp.exp(x), "exp", lambda params: {**params, "base": 2})
    with pytest.raises(Undecided, match=rf"'exp' is not of a form .* \(it has base as a parameter\), at {HERE}$"):
        Evaluator(DoubleArithmetic()).run_closed(closed, [doubles()[1]])


def test_a_parameter_that_says_how_and_not_what_is_no_matter():
    closed = changed(jnp.exp, "exp", lambda params: {**params, "accuracy": "tolerant", "out_sharding": None})
    (found,) = Evaluator(DoubleArithmetic()).run_closed(closed, [doubles()[1]])
    assert found.value.tolist() == np.exp(POINT).tolist()
