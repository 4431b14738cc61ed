"""The verdict of what the checks found."""

from dataclasses import replace

from gradproof.checks import Study, find
from gradproof.checks.exact.differences import Difference, in_words
from gradproof.checks.pipeline import Findings, Refusal
from gradproof.claims.verdict import Counterexample, Exact, Outcome, Verdict
from gradproof.claims.words import assignments, despite
from gradproof.errors import NotCovered, RoundedConstants, Undecided
from gradproof.worlds import TooManyRegions


def verdict_of(study: Study, found: Findings) -> Verdict:
    """What the findings say of a claim."""
    if found.refusal is not None and not found.of_code:
        return _refuted(study, found, found.refusal)
    if found.open_questions:
        return _open(study, found, found.open_questions[0])
    off = ", off the kinks" if found.kinks is not None and found.kinks.kinks else ""
    larger = found.report.larger
    also = f"; at {assignments(larger)}, too, where other operations are made" if larger else ""
    if found.trial is not None and found.trial.points:
        sizes = " and at ".join(map(assignments, study.claim.sizes_to_try()))
        also = f"{also}; at {sizes}, those of the example, they agree on the machine"
    if found.report.valueless:
        nothing = " and at ".join(map(assignments, found.report.valueless))
        also = f"{also}; at {nothing} side 0 has a value at none of the inputs that were tried"
    proved = _made(study, found, "proved", f"all sides are equal{off}{also}{despite(found.rules)}")
    return _of_misprints(study, found, proved) if study.corrects else proved


def _of_misprints(study: Study, found: Findings, proved: Verdict) -> Verdict:
    """The correction is proved; what is printed is to be refuted by real inputs."""
    assert found.exact is not None
    refuted = {difference.side.step for difference in found.report.misprints}
    for side in found.exact.sides:
        if side.role == "printed" and side.step not in refuted:
            name = f"side {side.step}, said to be a misprint,"
            if side.step in found.report.unequal:
                return _made(study, found, "undecided", f"{name} differs from side 0 at no inputs that were tried")
            return replace(proved, why=f"{name} is equal to side 0")
    printed = [_shown(study, found, difference) for difference in found.report.misprints]
    return replace(printed[0], exact=proved.exact, corrected=True, code=proved.code, kinks=proved.kinks)


def _refuted(study: Study, found: Findings, refusal: Refusal) -> Verdict:
    if refusal.counterexample is not None:
        return _made(study, found, "refuted", refusal.why, refusal.counterexample)
    if refusal.difference is not None:
        return _shown(study, found, refusal.difference)
    return _made(study, found, "undecided", next(map(str, found.open_questions), refusal.why))


def _shown(study: Study, found: Findings, difference: Difference) -> Verdict:
    """Refuted, by the simplest inputs that show it."""
    # Where the sides fit at some sizes only, these are its sizes.
    counterexample = find(found.exact.study if found.exact else study, difference, found.rules)
    return _made(study, found, "refuted", in_words(difference), counterexample)


def _open(study: Study, found: Findings, reason: Undecided) -> Verdict:
    """What is not proved may yet be more than undecided."""
    met = found.report.met
    match reason:
        case TooManyRegions() if met is not None and met.regions > 1:
            at = f" at {assignments(met.sizes)}" if met.sizes else ""
            seen = f"on {met.regions} of at most 2^{met.comparisons} regions{at} the sides agree"
            return _made(study, found, "some regions", f"{seen}; {reason}")
        case RoundedConstants():
            return _made(study, found, "up to constants", str(reason))
        case NotCovered() if found.trial is not None and found.trial.points:
            seen = f"on the machine the sides agree at {found.trial.points} inputs"
            return _made(study, found, "tested", f'{reason}; {seen}; accept=["tested"] takes that for a pass')
    return _made(study, found, "undecided", str(reason))


def _made(
    study: Study, found: Findings, verdict: Outcome, why: str, counterexample: Counterexample | None = None
) -> Verdict:
    report = found.report
    constants, coincidence = study.readings()
    passed = not report.failures and report.undecided is None
    return Verdict(
        study.claim,
        verdict,
        why,
        Exact(
            round(report.bound_log2, 1) if passed else None,
            report.draws,
            tuple(report.sizes),
            report.oracles,
            constants,
            coincidence,
        ),
        code=None if found.floating is None else found.floating.code,
        kinks=() if found.kinks is None else found.kinks.kinks,
        counterexample=counterexample,
        rules=found.rules,
    )
