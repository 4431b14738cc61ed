"""The kill matrix: each check refuses a mistake that was made for it, and what none refuses is equivalent or known."""

import re
from collections import Counter
from dataclasses import replace

import jax.numpy as jnp
import pytest

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
    misprint,
)
from gradproof.checks import examine
from gradproof.checks.exact import ExactCheck
from gradproof.checks.floating import FloatingResult
from gradproof.checks.kinks import KinkResult
from gradproof.checks.study import Study
from gradproof.cli import parallel
from gradproof.mutation.fate import HandSide, _sample, fates, hand_sides


def found(claim, *, seed=0, most=None):
    return list(fates(Study(claim, seed=seed), most=most))


def by(fates, check):
    """What is changed in the mutants that a check refuses."""
    return [fate.change for fate in fates if fate.by == check]


# Small claims.


@claim("square")
def square(x=Real("n")):
    yield derivative(lambda x: jnp.sum(x**2), x)
    yield 2 * x


@claim("logistic")
def logistic(w=Real("m"), X=Real("n m"), y=Binary("n")):
    z = X @ w
    yield derivative(lambda w: jnp.sum(jnp.log(1 + jnp.exp(X @ w)) - y * (X @ w)), w)
    yield (jnp.exp(jnp.minimum(z, 0)) / (1 + jnp.exp(-jnp.abs(z))) - y) @ X


@claim("layer")
def layer(f=Function(), layers=((Real("m k"), Real("k")),), z=Real("m"), t=Real("k")):
    """Sides that are trees, and parameters that are tuples."""
    ((W, b),) = layers
    yield {"W": jnp.outer(z, t), "b": t}, jnp.sum(f(z @ W + b))
    yield {"W": z[:, None] * t[None, :], "b": 0 + t}, jnp.sum(f(b + z @ W))


@claim("sign")
def sign(z=Real("n")):
    yield jnp.sign(z)
    yield jnp.where(z > 0, 1.0, jnp.where(z < 0, -1.0, 0.0))


@pytest.fixture(scope="module")
def of_layer():
    return found(layer)


@pytest.fixture(scope="module")
def of_sign():
    return found(sign)


def test_every_mutant_of_a_small_claim_is_refused():
    assert {fate.by for fate in found(square)} == {"exact"}
    assert [fate.change for fate in found(square)][:3] == [
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
    assert {fate.by for fate in found(logistic, most=30)} <= {"shape", "exact", "equivalent"}


def test_sizes_are_the_first_at_which_all_patterns_of_labels_can_be_tried():
    @claim("rows")
    def rows(W=Real("m K"), Y=OneHot("n K")):
        yield jnp.sum(Y)
        yield jnp.float64(len(Y))

    assert [side.sizes for side in hand_sides(Study(rows))] == [{"m": 4, "K": 3, "n": 2}]
    assert [side.sizes for side in hand_sides(Study(logistic))] == [{"m": 2, "n": 3}]


def test_shape(of_layer):
    (fate,) = [fate for fate in of_layer if fate.change.endswith("dot_general z (transpose layers[0][0])")]
    assert (fate.kind, fate.by) == ("transpose", "shape")
    assert re.match(r"test_fates\.py:\d+$", fate.where)
    assert fate.why.startswith("TypeError: dot_general requires contracting dimensions")


def test_kink(of_sign):
    assert by(of_sign, "kink")[:2] == ["gt z 0.0 -> ge z 0.0", "lt z 0.0 -> le z 0.0"]


def test_on_a_kink_that_the_claim_leaves_open_nothing_is_refused(of_sign):
    assert by(found(replace(sign, kinks="sign(0) is left open")), "equivalent")[:2] == by(of_sign, "kink")[:2]


@claim("sigmoid")
def sigmoid(z=Real("n")):
    yield 1 / (1 + jnp.exp(-z))
    yield jnp.where(z > 0, 1 / (1 + jnp.exp(-z)), jnp.exp(z) / (1 + jnp.exp(z)))


def test_floating():
    """Each of the two forms is right, and overflows on one side."""
    assert by(found(sigmoid), "floating") == [
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
        self.report.undecided = "the day is not a good one"
        return self.report


def test_in_float32_the_mutant_with_the_same_change_is_run():
    @claim("third")
    def third(x=Real("n")):
        yield x / 3
        yield x * (1 / 3)

    (side,) = hand_sides(Study(third))
    assert "constant 0.3333333333333333 -> 0.6666666666666666 in mul x 0.3333333333333333" in [
        mutant.change for mutant in side.mutants if id(mutant) in side.twins
    ]
    assert {twin.in_avals[0].dtype for twin in side.twins.values()} == {jnp.dtype("float32")}
    # A factor that float32 does not tell from 1.
    assert [mutant.change for mutant in side.mutants if id(mutant) not in side.twins] == [
        "constant 0.3333333333333333 -> 0.33333333333366666 in mul x 0.3333333333333333"
    ]


BLIND = {
    "exact": lambda patch: patch.setattr(examine, "ExactCheck", Blind),
    "kink": lambda patch: patch.setattr(examine, "check_kinks", lambda study: KinkResult(sizes=study.sizes)),
    "floating": lambda patch: patch.setattr(examine, "check_floating", lambda *_: FloatingResult(sizes={})),
}


def test_what_blind_checks_let_pass_is_a_survivor(monkeypatch):
    for blind in BLIND.values():
        blind(monkeypatch)
    assert {fate.by for fate in found(square)} == {"survivor"}
    why = found(square)[0].why
    assert re.fullmatch(r"\S+ and not \S+ at {'x': \[.*\]}", why), why


def test_a_mistake_on_a_kink_that_is_not_looked_at_is_a_survivor(monkeypatch):
    for check in ("kink", "floating"):
        BLIND[check](monkeypatch)
    assert by(found(sign), "survivor")[:2] == ["gt z 0.0 -> ge z 0.0", "lt z 0.0 -> le z 0.0"]


def test_where_the_exact_check_is_undecided_the_others_decide(monkeypatch):
    monkeypatch.setattr(examine, "ExactCheck", Undecided)
    monkeypatch.setattr(HandSide, "refuse_if_wrong", lambda _: None)

    @claim("plus")
    def plus(x=Real("n"), y=Real("n")):
        yield x + y
        yield y + x + 0

    changes = {fate.change: (fate.by, fate.why) for fate in found(plus)}
    assert changes["add y x -> sub y x"][0] == "floating"
    assert changes["add add_0 0.0 -> add_0"] == ("undecided", "the day is not a good one")


def test_what_has_no_value_is_refused(monkeypatch):
    """Of a textbook formula the machine's NaN is not judged."""

    @claim("logarithm", textbook=True)
    def logarithm(x=Positive("n")):
        yield jnp.log(x * x)
        yield 2 * jnp.log(x)

    change = "log x -> log 0"
    (fate,) = [fate for fate in found(logarithm) if fate.change == change]
    assert (fate.by, fate.why) == (
        "exact",
        "side 1 has no value at any of the points that were tried, where side 0 has one",
    )
    # The referee says so, too.
    (side,) = hand_sides(Study(logarithm))
    monkeypatch.setattr(examine, "ExactCheck", Undecided)
    assert [side.fate(mutant)[0] for mutant in side.mutants if mutant.change == change] == ["floating"]


def test_a_side_that_is_wrong_shows_nothing():
    @claim("wrong")
    def wrong(x=Real("n")):
        yield 2 * x
        yield 3 * x

    with pytest.raises(GradproofError, match=r"^claim 'wrong': side 1 is refused as it stands \(exact: side 1 differs"):
        found(wrong)


def test_of_a_misprint_the_correction_is_mutated():
    @claim("printed", correction="3 x")
    def printed(x=Real("n")):
        yield 2 * x
        yield misprint(printed=3 * x, correct=x + x)

    fates = found(printed)
    assert {fate.by for fate in fates} == {"exact"}
    assert "add x x -> sub x x" in [fate.change for fate in fates]


def test_a_definition_has_no_mutants():
    assert list(parallel.fates([definition("e", code=jnp.exp)], [], seed=0, most=1, backend="cpu")) == [[]]


def test_a_sample_is_spread_over_the_kinds_and_the_same_for_a_seed():
    kinds = ["sign"] * 50 + ["wire"] * 50 + ["mask"]
    drawn = _sample(kinds, 3, 11)
    assert Counter(kinds[index] for index in drawn) == {"sign": 5, "wire": 5, "mask": 1}
    assert drawn == sorted(drawn) == _sample(kinds, 3, 11) != _sample(kinds, 4, 11)
    assert _sample(kinds, 3, None) == list(range(101))


def test_fates_are_the_same_for_a_seed():
    assert found(square, seed=1, most=5) == found(square, seed=1, most=5)
