"""The kill matrix: each check refuses a mistake that was made for it, and what none refuses is equivalent or known."""

import re
from collections import Counter
from dataclasses import replace

import jax.numpy as jnp
import pytest
from stated import stated

from gradproof import (
    Binary,
    Function,
    GradproofError,
    OneHot,
    Positive,
    Real,
    claim,
    definition,
    derivative,
    errors,
    misprint,
)
from gradproof.checks import Study, pipeline
from gradproof.checks.exact import ExactCheck
from gradproof.checks.floating import FloatingResult
from gradproof.checks.kinks import KinkResult
from gradproof.claims.verdict import Code
from gradproof.cli import parallel
from gradproof.mutation.fate import fates, hand_sides, outcomes, sample
from gradproof.programs import rewriting


def found(claim, *, seed=0, most=None):
    return list(fates(Study(claim, seed=seed), most=most))


def by(fates, check):
    """What is changed in the mutants that a check refuses."""
    return [fate.change for fate in fates if fate.by == check]


def of_some(claim, changes):
    """What becomes of the mutants with these changes alone."""
    (side,) = hand_sides(Study(claim))
    return {mutant.change: side.fate(mutant) for mutant in side.mutants if mutant.change in changes}


# Small claims.


SQUARE = stated(lambda x: derivative(lambda x: jnp.sum(x**2), x), lambda x: 2 * x, x=Real("n"))


def logistic_loss(w, X, y):
    return jnp.sum(jnp.log(1 + jnp.exp(X @ w)) - y * (X @ w))


def logistic_gradient(w, X, y):
    z = X @ w
    return (jnp.exp(jnp.minimum(z, 0)) / (1 + jnp.exp(-jnp.abs(z))) - y) @ X


LOGISTIC = stated(
    lambda w, X, y: derivative(lambda w: logistic_loss(w, X, y), w),
    logistic_gradient,
    w=Real("m"),
    X=Real("n m"),
    y=Binary("n"),
)

SIGN = stated(jnp.sign, lambda z: jnp.where(z > 0, 1.0, jnp.where(z < 0, -1.0, 0.0)), z=Real("n"))


def sigmoid(z):
    return jnp.where(z > 0, 1 / (1 + jnp.exp(-z)), jnp.exp(z) / (1 + jnp.exp(z)))


SIGMOID = stated(lambda z: 1 / (1 + jnp.exp(-z)), sigmoid, z=Real(), stable=True)


@pytest.fixture(scope="module")
def of_layer():
    """Sides that are trees, and parameters that are tuples."""

    @claim("layer")
    def layer(f=Function(), layers=((Real("m k"), Real("k")),), z=Real("m"), t=Real("k")):
        ((W, b),) = layers
        yield {"W": jnp.outer(z, t), "b": t}, jnp.sum(f(z @ W + b))
        yield {"W": z[:, None] * t[None, :], "b": 0 + t}, jnp.sum(f(b + z @ W))

    return found(layer)


@pytest.fixture(scope="module")
def of_square():
    return found(SQUARE)


@pytest.fixture(scope="module")
def of_sign():
    return found(SIGN)


def test_every_mutant_of_a_small_claim_is_refused(of_square):
    assert {fate.by for fate in of_square} == {"exact"}
    assert [fate.change for fate in of_square][:3] == [
        "mul 2.0 x -> add 2.0 x",
        "mul 2.0 x -> div 2.0 x",
        "mul 2.0 x -> 2.0",
    ]


def test_those_that_are_not_are_equivalent_and_can_be_named(of_layer, of_sign):
    assert {fate.by for fate in of_layer} == {"shape", "exact", "equivalent"}
    assert by(of_layer, "equivalent") == [
        "add 0.0 t -> t",
        "dot_general z layers[0][0] -> dot_general layers[0][0] z",
    ]
    assert by(of_sign, "equivalent") == [
        "broadcast_in_dim 0.0 -> neg (broadcast_in_dim 0.0)",
        # Where z is not positive and not negative.
        "select_n lt_1 broadcast_in_dim_3 broadcast_in_dim_2 -> select_n lt_1 z broadcast_in_dim_2",
    ]


def test_a_claim_with_labels():
    assert {fate.by for fate in found(LOGISTIC, most=8)} <= {"shape", "exact", "equivalent"}


def test_sizes_are_the_first_at_which_all_patterns_of_labels_can_be_tried():
    @claim("rows")
    def rows(W=Real("m K"), Y=OneHot("n K")):
        yield jnp.sum(Y)
        yield jnp.float64(len(Y))

    assert [side.sizes for side in hand_sides(Study(rows))] == [{"m": 4, "K": 3, "n": 2}]
    assert [side.sizes for side in hand_sides(Study(LOGISTIC))] == [{"m": 2, "n": 3}]


def test_shape(of_layer):
    (fate,) = [fate for fate in of_layer if fate.change.endswith("dot_general z (transpose layers[0][0])")]
    assert (fate.kind, fate.by) == ("transpose", "shape")
    assert re.match(r"test_fates\.py:\d+$", fate.where)
    assert fate.why.startswith("TypeError: dot_general requires contracting dimensions")


def test_kink(of_sign):
    assert by(of_sign, "kink")[:2] == ["gt z 0.0 -> ge z 0.0", "lt z 0.0 -> le z 0.0"]


def test_on_a_kink_that_the_claim_leaves_open_nothing_is_refused(of_sign):
    fates = of_some(replace(SIGN, kinks="sign(0) is left open"), by(of_sign, "kink")[:2])
    assert list(fates.values()) == [("equivalent", "")] * 2


def test_floating():
    """Each of the two forms is right, and overflows on one side."""
    assert by(found(SIGMOID), "floating") == [
        "gt z 0.0 -> le z 0.0",
        "gt z 0.0 -> gt 0 0.0",
        "select_n gt_0 div_8 div_4 -> select_n gt_0 div_4 div_8",
        "select_n gt_0 div_8 div_4 -> select_n (not gt_0) div_8 div_4",
        "select_n gt_0 div_8 div_4 -> select_n (all false) div_8 div_4",
    ]


class Blind(ExactCheck):
    """Finds nothing."""

    def run(self):
        return self.report

    def check_near(self, sizes, points):
        pass


class Undecided(ExactCheck):
    """Decides nothing."""

    def run(self):
        self.report.undecided = errors.Undecided("the day is not a good one")
        return self.report


def test_in_float32_the_mutant_with_the_same_change_is_run():
    (side,) = hand_sides(Study(stated(lambda x: x / 3, lambda x: x * (1 / 3), x=Real("n"))))
    assert "constant 0.3333333333333333 -> 0.6666666666666666 in mul x 0.3333333333333333" in [
        mutant.change for mutant in side.mutants if id(mutant) in side.twins
    ]
    assert {twin.in_avals[0].dtype for twin in side.twins.values()} == {jnp.dtype("float32")}
    # A factor that float32 does not tell from 1.
    assert [mutant.change for mutant in side.mutants if id(mutant) not in side.twins] == [
        "constant 0.3333333333333333 -> 0.33333333333366666 in mul x 0.3333333333333333"
    ]


BLIND = {
    "exact": lambda patch: patch.setattr(pipeline, "ExactCheck", Blind),
    "kink": lambda patch: patch.setattr(pipeline, "check_kinks", lambda study: KinkResult(sizes=study.sizes)),
    "floating": lambda patch: patch.setattr(
        pipeline, "check_floating", lambda *_: FloatingResult({}, Code("not measured"))
    ),
}


def test_what_blind_checks_let_pass_is_a_survivor(monkeypatch):
    for blind in BLIND.values():
        blind(monkeypatch)
    fates = found(SQUARE)
    assert {fate.by for fate in fates} == {"survivor"}
    why = fates[0].why
    assert re.fullmatch(r"\S+ and not \S+ at {'x': \[.*\]}", why), why


def test_a_mistake_on_a_kink_that_is_not_looked_at_is_a_survivor(monkeypatch):
    for check in ("kink", "floating"):
        BLIND[check](monkeypatch)
    fates = of_some(SIGN, ["gt z 0.0 -> ge z 0.0", "lt z 0.0 -> le z 0.0"])
    assert [by for by, _ in fates.values()] == ["survivor"] * 2


def test_where_the_exact_check_is_undecided_the_others_decide(monkeypatch):
    monkeypatch.setattr(pipeline, "ExactCheck", Undecided)
    plus = stated(lambda x, y: x + y, lambda x, y: y + x + 0, x=Real("n"), y=Real("n"))
    wrong, right = "add y x -> sub y x", "add add_0 0.0 -> add_0"
    fates = of_some(plus, [wrong, right])
    assert fates[wrong][0] == "floating"
    assert fates[right] == ("undecided", "the day is not a good one")


def test_what_has_no_value_is_refused():
    """Of a textbook formula the machine's NaN is not judged; in high precision the logarithm of zero is infinite."""

    logarithm = stated(lambda x: jnp.log(x * x), lambda x: 2 * jnp.log(x), x=Positive("n"), stable=False)
    change = "log x -> log 0"
    assert [fate.by for fate in found(logarithm) if fate.change == change] == ["exact"]


def test_a_side_that_is_wrong_shows_nothing():
    wrong = stated(lambda x: 2 * x, lambda x: 3 * x, x=Real("n"))
    with pytest.raises(GradproofError, match=r"^claim 'stated': side 1 is refused as it stands \(exact: side 1"):
        found(wrong)


def test_of_a_misprint_the_correction_is_mutated():
    fates = found(
        stated(lambda x: 2 * x, lambda x: misprint(printed=3 * x, correct=x + x), x=Real("n"), correction="3 x")
    )
    assert {fate.by for fate in fates} == {"exact"}
    assert "add x x -> sub x x" in [fate.change for fate in fates]


def test_a_definition_has_no_mutants():
    defined = definition("e", code=jnp.exp)
    assert list(parallel.fates([defined], [], seed=0, most=1, backend="cpu")) == [(defined, [])]


def test_a_sample_is_spread_over_the_kinds_and_the_same_for_a_seed():
    kinds = ["sign"] * 50 + ["wire"] * 50 + ["mask"]
    drawn = sample(kinds, 3, 11)
    assert Counter(kinds[index] for index in drawn) == {"sign": 5, "wire": 5, "mask": 1}
    assert drawn == sorted(drawn) == sample(kinds, 3, 11) != sample(kinds, 4, 11)
    assert sample(kinds, 3, None) == list(range(101))


def test_fates_are_the_same_for_a_seed():
    assert found(SQUARE, seed=1, most=5) == found(SQUARE, seed=1, most=5)


def needs_a_sum(study, found):
    """A check of the day, with an opinion of its own."""
    program = study.exact
    last = program.part(program.sides[-1:])
    return found if rewriting.uses(last.jaxpr, "add") else found.refused("no sum", "side 1 has no sum")


def test_a_check_that_is_added_refuses_mutants(monkeypatch):
    product = stated(lambda a, b: a * b, lambda a, b: b * a + 0, a=Real(), b=Real())
    before = found(product)
    assert by(before, "equivalent") == ["add mul_0 0.0 -> sub mul_0 0.0", "add mul_0 0.0 -> mul_0"]
    monkeypatch.setattr(pipeline, "CHECKS", (*pipeline.CHECKS, needs_a_sum))
    after = found(product)
    assert by(after, "no sum") == by(before, "equivalent")
    assert by(after, "exact") == by(before, "exact")
    assert outcomes(after)[-4:] == ("no sum", "equivalent", "undecided", "survivor")
