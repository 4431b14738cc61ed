"""The hint at a mistake: what is said of wrong gradients, that it fits, and that what does not fit is not said."""

import re
from dataclasses import replace

import jax
import jax.numpy as jnp
import pytest
import wrong_entries
import wrong_gradients
from stated import stated

from gradproof import Real, derivative, verify
from gradproof.checks import Study
from gradproof.checks.counterexample import CounterexampleSearch
from gradproof.checks.diagnosis import diagnose
from gradproof.checks.diagnosis.case import Explanation
from gradproof.checks.exact import ExactCheck
from gradproof.checks.exact.differences import Difference

GRADIENTS = {**wrong_gradients.GRADIENTS, **wrong_entries.GRADIENTS}
MISTAKES = [(name, mistake) for name, gradient in GRADIENTS.items() for mistake in gradient.wrong]


def search(truth, given, seed=0, **symbols):
    """For what is wrong with the second side, which differs by both oracles."""
    study = Study(stated(truth, given, **symbols), seed=seed)
    side = study.program(study.sizes, "dual").sides[1]
    return CounterexampleSearch(study, Difference(side, study.sizes, ("autodiff", "dual"), {}))


@pytest.fixture(scope="module", params=MISTAKES, ids=lambda pair: " ".join(pair))
def mistake(request):
    name, mistake = request.param
    gradient = GRADIENTS[name]
    return search(gradient.truth, gradient.given(mistake), **gradient.symbols), gradient.wrong[mistake][1]


def test_there_are_many_mistakes_and_most_have_a_hint():
    hints = [GRADIENTS[name].wrong[mistake][1] for name, mistake in MISTAKES]
    only_where = re.compile(r"the derivatives? by [\w ]+ (is|are) wrong; the others? (is|are) right")
    explained = [hint for hint in hints if hint is not None and not only_where.fullmatch(hint)]
    assert len(hints) >= 55
    assert len(explained) >= 70


@pytest.mark.parametrize("name", GRADIENTS)
def test_what_is_called_right_is_right(name):
    gradient = GRADIENTS[name]
    report = ExactCheck(Study(stated(gradient.truth, gradient.right, **gradient.symbols), quick=True)).run()
    assert (report.undecided, report.differences) == (None, [])


def test_a_hint_is_what_the_mistake_deserves_and_makes_the_gradient_right(mistake):
    """It is applied at inputs that the diagnosis has not seen."""
    found, hint = mistake
    first, second = found.study.program(found.difference.sizes, "dual").sides
    if first.written != second.written:
        assert found.diagnosis_of_shapes() == hint
        return
    diagnosis = found.explained()
    assert (diagnosis and diagnosis.text) == hint
    if diagnosis is not None:
        assert diagnosis.explained or "wrong; the other is right" in diagnosis.text
        found.generator.bit_generator.advance(1 << 40)
        fresh = found.samples()
        for case, explanation in diagnosis.explained:
            assert replace(case, samples=fresh).explained_by(explanation)


# What does not fit


def multiplied():
    """A gradient that is n times what it should be, and samples of it."""
    found = search(lambda x: x**2, lambda x: len(x) * x**2, x=Real("n"))
    return found, found.samples()


def said(change, of="given"):
    return lambda case: iter([Explanation(lambda it: "planted", change, of)])


WRONG = {
    "nothing is changed": lambda sample: list(sample.given),
    "another factor": lambda sample: [x / 2 for x in sample.given],
    "right at one size": lambda sample: [x / 2 if len(x) == 2 else x for x in sample.given],
    "reversed": lambda sample: [(x / len(x))[::-1] for x in sample.given],
    "of another shape": lambda sample: [(x / len(x))[:1] for x in sample.given],
    "nearly right": lambda sample: [x / len(x) * (1 + 2.0**-40) for x in sample.given],
    "of no array": lambda sample: [],
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_a_wrong_hypothesis_is_refused(change):
    found, samples = multiplied()
    assert diagnose(found.claim, samples, found.names(), hypotheses=[said(change)]) is None


def test_a_right_hypothesis_is_believed():
    found, samples = multiplied()
    for change, of in [
        (lambda s: [x / len(x) for x in s.given], "given"),
        (lambda s: [len(x) * x for x in s.expected], "expected"),
    ]:
        diagnosis = diagnose(found.claim, samples, found.names(), hypotheses=[said(change, of)])
        assert diagnosis is not None
        assert diagnosis.text == "planted"


def test_one_sample_is_no_evidence():
    found, samples = multiplied()
    assert diagnose(found.claim, samples[:1], found.names()) is None


def test_of_several_arrays_all_have_to_be_explained():
    found = search(
        lambda x, y: derivative(lambda p: jnp.sum(jnp.exp(p[0]) * p[1] ** 2), (x, y)),
        lambda x, y: (-jnp.exp(x) * y**2, jnp.sin(x + y)),
        x=Real("n"),
        y=Real("n"),
    )
    assert found.diagnosis() is None


def test_a_factor_is_told_from_its_neighbours():
    """Sizes are such that no product of one is another one."""

    def factor(given):
        return search(lambda x, y: x * jnp.sum(y), given, x=Real("n"), y=Real("m")).diagnosis()

    assert factor(lambda x, y: 6 * x * jnp.sum(y)) == "it is 6 times what it should be"
    assert factor(lambda x, y: len(x) * len(y) * x * jnp.sum(y)) == "it is n m times what it should be"
    assert factor(lambda x, y: (len(x) + 1) * x * jnp.sum(y)) == "it is (n+1) times what it should be"
    assert factor(lambda x, y: (len(x) + len(y)) * x * jnp.sum(y)) is None


# A derivative rule of the loss


@jax.custom_jvp
def cube(x):
    return x**3


@cube.defjvp
def _(primals, tangents):
    return cube(*primals), 2 * primals[0] ** 2 * tangents[0]


@jax.custom_vjp
def product(x, y):
    return x * y


product.defvjp(lambda x, y: (x * y, (x, y)), lambda kept, by: (by * kept[1], by * kept[1]))


def of_cube(x):
    return jnp.sum(jax.nn.relu(cube(x)))


def of_product(x, y):
    return jnp.sum(jnp.tanh(jax.jit(product)(x, y)))


def slope_of_product(x, y):
    return (1 - jnp.tanh(x * y) ** 2) * x


RULES = {
    "right": (
        of_cube,
        lambda x: jnp.where(x > 0, 3 * x**2, 0.0),
        "the derivative rule of cube ({}) is wrong; side 1 is right",
    ),
    "as the rule": (
        of_cube,
        lambda x: jnp.where(x > 0, 2 * x**2, 0.0),
        "the derivative rule of cube ({}) is wrong, and side 1 follows it",
    ),
    "as neither": (of_cube, lambda x: jnp.where(x > 0, 6 * x**2, 0.0), "it is 2 times what it should be"),
    "of two": (of_product, slope_of_product, "the derivative rule of product ({}) is wrong; side 1 is right"),
}


@pytest.mark.parametrize(("loss", "by_hand", "hint"), RULES.values(), ids=RULES)
def test_a_wrong_rule_is_blamed_and_not_the_formula(loss, by_hand, hint):
    names = ("x",) if loss is of_cube else ("x", "y")
    statement = stated(
        lambda *values: derivative(lambda last: loss(*values[:-1], last), values[-1]),
        by_hand,
        kinks="at a tie any value between the limits",
        **{name: Real("n") for name in names},
    )
    verdict = verify(statement, quick=True)
    assert verdict.verdict == "refuted"
    function = cube if loss is of_cube else product
    line = function.__wrapped__.__code__.co_firstlineno
    assert verdict.counterexample.diagnosis == hint.format(f"test_diagnosis.py:{line}")


def test_what_stops_a_gradient_is_named_by_its_line():
    def stopped(x):
        return jnp.sum(jax.lax.stop_gradient(x) * x)

    verdict = verify(stated(lambda x: derivative(stopped, x), lambda x: 2 * x, x=Real("n")), quick=True)
    line = stopped.__code__.co_firstlineno + 1
    assert verdict.counterexample.diagnosis == (
        f"the stop_gradient at test_diagnosis.py:{line} is in the way; side 1 is right"
    )


def test_where_the_number_of_arrays_depends_on_sizes_nothing_is_said():
    found, samples = multiplied()
    more = [replace(sample, expected=2 * sample.expected, given=2 * sample.given) for sample in samples[:1]]
    assert diagnose(found.claim, samples, found.names()) is not None
    assert diagnose(found.claim, [*more, *samples[1:]], found.names()) is None
