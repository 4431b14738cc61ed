"""The one way from a study to findings, which `verify`, `check`, the full report and the kill matrix all take."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from gradproof.checks.exact import ExactCheck
from gradproof.checks.exact.differences import Difference, Report
from gradproof.checks.exact.repeated import require_repeatable
from gradproof.checks.fitting import what_fits
from gradproof.checks.floating import FloatingResult, check_floating
from gradproof.checks.kinks import KinkResult, check_kinks
from gradproof.checks.rules import examined_rules
from gradproof.checks.study import Study
from gradproof.checks.trial import Trial, run_trial
from gradproof.claims.verdict import By, Counterexample, Rule
from gradproof.errors import EngineError, GradproofError, NotCovered, Undecided, Untraceable


@dataclass(frozen=True)
class Refusal:
    """What a check says against a claim.

    A difference of functions is shown by simple inputs later; what was seen on the machine has some.
    """

    by: By
    """The name of the check."""
    why: str
    difference: Difference | None = None
    counterexample: Counterexample | None = None


@dataclass(frozen=True)
class Findings:
    """What the checks found so far."""

    rules: tuple[Rule, ...] = ()
    exact: ExactCheck | None = None
    kinks: KinkResult | None = None
    floating: FloatingResult | None = None
    refusal: Refusal | None = None
    trial: Trial | None = None
    """Where no exact rule covers the sides."""
    open_questions: tuple[Undecided, ...] = ()
    """Why checks could not decide."""

    @property
    def report(self) -> Report:
        """Of the exact check."""
        return Report() if self.exact is None else self.exact.report

    @property
    def of_code(self) -> bool:
        """Whether what is refused is the code alone, and its formula is proved."""
        return self.refusal is not None and self.refusal.by == "floating" and not self.open_questions

    def refused(
        self,
        by: By,
        why: str,
        *,
        difference: Difference | None = None,
        counterexample: Counterexample | None = None,
    ) -> "Findings":
        return replace(self, refusal=Refusal(by, why, difference, counterexample))

    def unclear(self, why: Undecided) -> "Findings":
        return replace(self, open_questions=(*self.open_questions, why))


TRIED = 2
"""Sizes at which sides are tried that no exact rule covers."""

Check = Callable[[Study, Findings], Findings]
"""A check gets the study and what was found before it, and hands back what it adds. It may raise `Undecided`."""


def rules(study: Study, found: Findings) -> Findings:
    """Are the derivative rules right that functions in it have? Mistakes are planted in none."""
    if study.planted:
        return found
    # That the sides do not trace the next check says.
    with suppress(Untraceable):
        return replace(found, rules=examined_rules(study))
    return found


def exact(study: Study, found: Findings) -> Findings:
    """Are the sides equal as functions, off the kinks?"""
    check = ExactCheck(study)
    report = check.run()
    found = replace(found, exact=check)
    if report.failures:
        if not study.planted:
            require_repeatable(study, report)
        return found.refused("exact", _by_oracles(report.failures[0]), difference=report.failures[0])
    if isinstance(report.undecided, Untraceable) and not study.planted and (fit := what_fits(study)).rows:
        for sizes in fit.rows:
            there = ExactCheck(Study(study.claim, seed=study.seed, sizes=sizes, memory=study.memory))
            if there.run().failures:
                difference = there.report.failures[0]
                why = f"{_by_oracles(difference)}, at sizes at which they fit"
                return replace(found, exact=there).refused("exact", why, difference=difference)
        return found.unclear(Untraceable(f"{report.undecided.why}; {fit.advice}", report.undecided.where))
    return found if report.undecided is None else found.unclear(report.undecided)


def kinks(study: Study, found: Findings) -> Findings:
    """Do they agree on the kinks?"""
    convention = study.claim.convention
    if convention is not None and study.claim.stated_convention is None:
        raise Undecided(
            f"the convention {convention!r} states no value and no side, so that nothing is compared: say a number, "
            '"left", "right", "mean" or words such as "relu\'(0) is 0"; what is left open is said with kinks='
        )
    result = check_kinks(study)
    found = replace(found, kinks=result)
    if result.failure is None or result.failure.open:
        return found if result.undecided is None else found.unclear(Undecided(result.undecided))
    return found.refused("kink", result.failure.why, counterexample=result.failure.counterexample)


def near_kinks(study: Study, found: Findings) -> Findings:
    """Where they are not known to be equal: do they differ in the regions that meet at the kinks?"""
    if found.exact is None or found.kinks is None:
        return found
    found.exact.check_near(found.kinks.sizes, found.kinks.points)
    if not found.report.failures:
        return found
    difference = found.report.failures[0]
    return found.refused("exact", f"{_by_oracles(difference)}, near a kink", difference=difference)


def floating(study: Study, found: Findings) -> Findings:
    """Do they compute it, within their rounding errors?

    That is asked of the code. Of sides that are not known to be equal, a number that rounding does not explain is a
    difference; where one has no value high precision says whether it lacks that as a formula.
    """
    result = check_floating(study, () if found.kinks is None else found.kinks.near)
    found = replace(found, floating=result)
    if found.open_questions and found.exact is not None:
        wrong = next((failure for failure in result.failures if not failure.spoilt), None)
        if wrong is not None:
            return found.refused("floating", f"on the machine, {wrong.why}", counterexample=wrong.counterexample)
        if found.exact.differ_at(result.sizes, [failure.inputs for failure in result.failures]):
            difference = found.report.failures[0]
            return found.refused("exact", _by_oracles(difference), difference=difference)
    elif result.failures and study.claim.stable:
        failure = result.failures[0]
        return found.refused("floating", f"on the machine, {failure.why}", counterexample=failure.counterexample)
    return found


def tried(study: Study, found: Findings) -> Findings:
    """Where no exact rule covers the sides, or sizes are too large: do they return the same at a few inputs?"""
    if study.corrects or study.planted:
        return found
    grid = [] if found.open_questions else study.claim.sizes_to_try()
    if isinstance(next(iter(found.open_questions), None), NotCovered):
        grid = study.grid[:TRIED]
    if not grid:
        return found
    trial = run_trial(study, grid)
    found = replace(found, trial=trial)
    if trial.difference is None:
        return found
    why = f"on the machine, {trial.difference.why}"
    return found.refused("exact", why, counterexample=trial.difference.counterexample)


CHECKS: tuple[Check, ...] = (rules, exact, kinks, near_kinks, floating, tried)
"""In the order in which they are made; the first one that refuses a claim is the last."""


def examine(study: Study) -> Findings:
    """Make all checks, until one refuses the claim."""
    found = Findings()
    for check in CHECKS:
        study.at(f"the check {getattr(check, '__name__', check)!r}")
        try:
            found = check(study, found)
        except Undecided as reason:
            found = found.unclear(reason)
        except (GradproofError, EngineError, MemoryError):
            raise
        except Exception as error:
            raise EngineError.of(error, f"making the check {getattr(check, '__name__', check)!r}") from error
        if found.refusal is not None:
            break
    return found


def _by_oracles(difference: Difference) -> str:
    return f"side 1 differs from side 0, by {' and '.join(difference.oracles)}"
