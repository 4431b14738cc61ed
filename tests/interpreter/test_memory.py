"""Memory: what a mutant shares with its origin is run once, and no result changes because of it."""

from dataclasses import fields
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from gradproof import Binary, Real, claim, derivative
from gradproof.catalogue.collect import select
from gradproof.checks import Study
from gradproof.checks.kinks.comparisons import ComparingArithmetic, ComparingDoubles
from gradproof.errors import Undecided
from gradproof.interpreter import Evaluator, Memory
from gradproof.interpreter.memory import Record
from gradproof.mutation import fate
from gradproof.mutation.mutants import mutants_of
from gradproof.numerics import Format, RoundingArithmetic
from gradproof.numerics.reference import ReferenceArithmetic
from gradproof.programs import rewriting
from gradproof.worlds.evaluator import WorldEvaluator


@claim("kinks", convention="relu'(0) is 0")
def kinks(W=Real("m n"), z=Real("m"), y=Binary("n")):
    def loss(z):
        a = jnp.where(z @ W > 0, z @ W, 0)
        return jnp.sum(jnp.log1p(jnp.exp(-a)) + (1 - y) * a)

    a = jnp.maximum(z @ W, 0)
    yield derivative(loss, z)
    yield W @ jnp.where(z @ W > 0, 1 / (1 + jnp.exp(-a)) - y, 0)


def found(of, most):
    return list(fate.fates(Study(of), most=most))


def found_and_steps(of, most):
    """The fates, and how many equations were run for them."""
    count = 0

    def counted(self, equation, inputs, step=Evaluator.step):
        nonlocal count
        # What is run in every region at once is not kept.
        count += not isinstance(self, WorldEvaluator)
        return step(self, equation, inputs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Evaluator, "step", counted)
        return found(of, most), count


def forget(patch):
    patch.setattr(Memory, "record", lambda self, key: Record(None))


@pytest.fixture(scope="module")
def with_and_without():
    """Fates and steps."""
    with_memory = found_and_steps(kinks, 8)
    with pytest.MonkeyPatch.context() as patch:
        forget(patch)
        return with_memory, found_and_steps(kinks, 8)


def test_fates_are_the_same_without_a_memory(with_and_without):
    (fates, _), (others, _) = with_and_without
    assert {"exact", "equivalent"} <= {fate.by for fate in fates}
    assert fates == others


def test_fates_of_a_claim_of_the_library_are_the_same_without_a_memory(monkeypatch):
    (elu,) = select(["activations.elu"])
    fates = found(elu, 2)
    forget(monkeypatch)
    assert found(elu, 2) == fates


def test_most_equations_are_not_run_again(with_and_without):
    (_, few), (_, many) = with_and_without
    assert few < many / 2


# Each arithmetic by itself.


def program(x):
    with_kinks = jnp.where(x > 0, jnp.expm1(x), 0.5 * x) + jnp.abs(x - 1)
    looped, _ = lax.scan(lambda total, each: (total * each + jnp.pi, None), jnp.ones(()), with_kinks)
    return jnp.sort(jnp.exp(with_kinks) / 3)[0] * looped


POINT = np.array([0.75, -1.25, 2.0])


def precise(make):
    arithmetic = make()
    return arithmetic, partial(arithmetic.symbol, POINT[None], continuous=True)


def doubles():
    arithmetic = ComparingDoubles()
    return arithmetic, partial(arithmetic.input, POINT)


ARITHMETICS = {
    "float32": partial(precise, partial(RoundingArithmetic, Format.of("float32"))),
    "reference": partial(precise, partial(ReferenceArithmetic, 160)),
    "comparing in high precision": partial(precise, ComparingArithmetic),
    "comparing in float64": doubles,
}


def run(make, closed, memory):
    arithmetic, inputs = make()
    record = memory.record(lambda: "point")
    record.begin(arithmetic)
    symbol = record.recall(arithmetic, run, (), inputs)
    try:
        with np.errstate(all="ignore"):
            outputs = Evaluator(arithmetic, record).run_closed(closed, [symbol])
    except Undecided as reason:
        outputs = repr(reason)
    return plain([outputs, arithmetic.noted(), arithmetic.condition()])


def plain(value):
    """All there is in a result, except for the identities of numbers, which are drawn one after the other."""
    match value:
        case np.ndarray():
            return value.shape, [str(x) for x in value.ravel()]
        case list() | tuple():
            return [plain(x) for x in value]
        case dict():
            return {key: plain(x) for key, x in value.items() if not isinstance(x, np.ndarray)}
    if hasattr(value, "__dataclass_fields__"):
        names = [field.name for field in fields(value) if field.name not in ("identity", "outcome", "equation")]
        return {name: plain(getattr(value, name)) for name in names}
    # Sums may be taken in another order.
    return f"{value:.12g}" if isinstance(value, float) else str(value)


@pytest.fixture(scope="module")
def programs():
    with jax.enable_x64(True):
        origin = rewriting.inlined(jax.make_jaxpr(program)(jax.ShapeDtypeStruct((3,), np.float64)))
        return origin, [mutant.closed for mutant in mutants_of(origin, ["x"]) if mutant.closed is not None][::3]


@pytest.mark.parametrize("name", ARITHMETICS)
def test_a_program_that_shares_equations_has_its_own_results(name, programs):
    make = ARITHMETICS[name]
    origin, others = programs
    memory = Memory()
    with memory.noting():
        run(make, origin, memory)
    assert len(others) > 20
    for other in [origin, *others]:
        assert run(make, other, memory) == run(make, other, Memory())


def test_a_memory_that_mistakes_inputs_for_others_is_noticed(programs, monkeypatch):
    monkeypatch.setattr("gradproof.interpreter.memory.is_", lambda x, y: True)
    origin, others = programs
    memory = Memory()
    with memory.noting():
        run(doubles, origin, memory)
    assert any(run(doubles, other, memory) != run(doubles, other, Memory()) for other in others)


@pytest.mark.parametrize(("room", "kept"), [(0, False), (1 << 20, True)])
def test_what_has_no_room_is_run_again(programs, monkeypatch, room, kept):
    monkeypatch.setattr("gradproof.interpreter.memory.MOST_BYTES", room)
    memory = Memory()
    with memory.noting():
        run(doubles, programs[0], memory)
    assert any(record.steps for record in memory.records.values()) == kept


def test_mutants_share_the_equations_of_a_program_without_calls(programs):
    origin, others = programs
    equations = {id(equation) for equation in origin.jaxpr.eqns}
    shared = [sum(id(equation) in equations for equation in other.jaxpr.eqns) for other in others]
    assert min(shared) > 0
    assert max(shared) > len(equations) / 2
    assert all(other.jaxpr.invars == origin.jaxpr.invars for other in others)
