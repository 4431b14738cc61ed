"""The whole verdict on a claim: exact, on the machine, and on the kinks."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import jax

from gradproof.checks.counterexample import find
from gradproof.checks.exact import Difference, ExactCheck, Report
from gradproof.checks.floating import check_floating
from gradproof.checks.kinks import check_kinks
from gradproof.claims.claim import Claim
from gradproof.claims.verdict import Counterexample, Exact, Outcome, Verdict
from gradproof.errors import Undecided
from gradproof.measures.full import full_report
from gradproof.programs.from_functions import claim_from_functions


def verify(claim: Claim, *, seed: int = 0, quick: bool = False, full: bool = False) -> Verdict:
    """Prove a claim, refute it with a counterexample, or say why it is undecided.

    Arguments:
        claim: made by `claim`, `definition` or `demonstration`.
        seed: of all random draws; the same seed gives the same verdict.
        quick: one size instead of the grid, for a first look.
        full: of a claim that is proved, also its accuracy, the smallest errors that are refused, and what becomes of
            mistakes that are planted in it; this takes a hundred times as long.

    `proved` means: all sides are equal as functions at the listed sizes, off the kinks, but for a probability of error
    of at most 2 to the power `exact.bound_log2`; they agree on the kinks that were found, or the claim leaves them
    open; and the code runs within its rounding errors at the inputs tried.

    >>> from gradproof import Real, claim, verify
    >>> import jax.numpy as jnp
    >>> @claim("difference of squares")
    ... def squares(a=Real(), b=Real()):
    ...     yield a**2 - b**2
    ...     yield (a - b) * (a + b)
    >>> verify(squares).verdict
    'proved'
    """
    start = time.perf_counter()
    with jax.enable_x64(True):
        if claim.experiment is not None:
            verdict = _demonstration(claim, claim.experiment)
        elif claim.sides is None:
            verdict = _definition(claim)
        else:
            verdict = _Verification(claim, seed, quick).verdict()
            if full and verdict.verdict == "proved":
                verdict = replace(verdict, full=full_report(claim, seed=seed))
    return replace(verdict, seconds=round(time.perf_counter() - start, 3))


def check(
    loss: Callable[..., Any],
    gradient: Callable[..., Any],
    example_args: Sequence[Any],
    *,
    argnums: int = 0,
    seed: int = 0,
) -> Verdict:
    r"""The whole verdict on a loss and its gradient, two plain functions of the same arguments.

    $$ \texttt{gradient}(x, \dots) = \frac{\partial}{\partial x} \texttt{loss}(x, \dots) $$

    Arguments:
        loss: returns a scalar, or any array.
        gradient: returns the derivative of the loss by the argument at `argnums`, in the same form.
        example_args: arguments of the right shapes and kinds; their values are not used, but equal lengths are taken
            for the same size, and rows with a single 1 and zeros for one-hot labels.
        argnums: which argument the gradient is by.
        seed: of all random draws.

    Raises `GradproofError` for arguments that are not finite arrays of numbers.

    >>> import jax.numpy as jnp
    >>> from gradproof import check
    >>> check(lambda w, x: jnp.sum((w * x) ** 2), lambda w, x: 2 * w * x, (jnp.ones(3), jnp.ones(3))).verdict
    'refuted'
    """
    return verify(claim_from_functions(loss, gradient, example_args, argnums), seed=seed)


def _definition(claim: Claim) -> Verdict:
    code = claim.code
    why = f"defined by {code.__module__}.{code.__qualname__}" if code is not None else "a matter of notation"
    return Verdict(claim, "definition", why)


def _demonstration(claim: Claim, experiment: Callable[[bool], bool]) -> Verdict:
    try:
        seen, in_control = experiment(False), experiment(True)
    except Exception as error:
        message = " ".join(str(error).split())
        return Verdict(claim, "undecided", f"the experiment does not run: {type(error).__name__}: {message[:400]}")
    for found in (seen, in_control):
        if not isinstance(found, bool):
            return Verdict(claim, "undecided", f"the experiment must return True or False, and returned {found!r}")
    if not seen:
        return Verdict(claim, "refuted", "the experiment does not show it")
    if in_control:
        return Verdict(claim, "refuted", "the control shows it, too")
    return Verdict(claim, "demonstrated", "the experiment shows it, and the control does not")


class _Verification:
    """One claim, from the exact check to the machine."""

    def __init__(self, claim: Claim, seed: int, quick: bool):
        self.claim, self.seed, self.quick = claim, seed, quick
        self.exact = ExactCheck(claim, seed)

    def verdict(self) -> Verdict:
        report = self.exact.run(quick=self.quick)
        if report.failures:
            return self.refuted(report, report.failures[0])
        if report.undecided is not None:
            return self.undecided(report, report.undecided)
        try:
            on_machine = self.on_machine(report)
        except Undecided as reason:
            return self.undecided(report, str(reason))
        if on_machine.verdict != "proved" or self.claim.correction is None:
            return on_machine
        refuted = {difference.side.step for difference in report.misprints}
        for side in self.exact.sides:
            if side.role == "printed" and side.step not in refuted:
                return replace(on_machine, why=f"side {side.step}, said to be a misprint, is equal to side 0")
        # The correction is proved; what is printed is to be refuted by real inputs.
        printed = [self.refuted(report, difference) for difference in report.misprints]
        unclear = [verdict for verdict in printed if verdict.verdict != "refuted"]
        if unclear:
            return unclear[0]
        return replace(
            printed[0],
            exact=on_machine.exact,
            corrected=True,
            floating=on_machine.floating,
            kinks=on_machine.kinks,
        )

    def made(self, report: Report, verdict: Outcome, why: str, counterexample: Counterexample | None = None) -> Verdict:
        exact = Exact(
            round(report.bound_log2, 1) if verdict == "proved" else None,
            report.draws,
            tuple(report.sizes),
            report.oracles,
        )
        return Verdict(self.claim, verdict, why, exact, counterexample=counterexample)

    def undecided(self, report: Report, why: str) -> Verdict:
        """What the exact check leaves open the machine may refute, as where a side has no value."""
        floating = check_floating(self.claim, seed=self.seed, quick=self.quick)
        if floating.failures:
            failure = floating.failures[0]
            return self.made(report, "refuted", failure.why, failure.counterexample)
        return self.made(report, "undecided", why)

    def refuted(self, report: Report, difference: Difference) -> Verdict:
        counterexample = find(self.claim, difference, self.seed)
        if counterexample is None:
            return self.undecided(
                report, f"{_difference(difference)} over the fields, but no real inputs were found that show it"
            )
        return self.made(report, "refuted", _difference(difference), counterexample)

    def on_machine(self, report: Report) -> Verdict:
        """Floating point and kinks, of sides that are equal off the kinks."""
        kinks = check_kinks(self.claim, seed=self.seed, quick=self.quick)
        verdict = replace(
            self.made(report, "proved", "all sides are equal" + (", off the kinks" if kinks.kinks else "")),
            kinks=kinks.kinks,
        )
        if kinks.failure is not None and not kinks.failure.open:
            return replace(
                verdict, verdict="refuted", why=kinks.failure.why, counterexample=kinks.failure.counterexample
            )
        self.exact.check_near(dict(kinks.sizes), kinks.points)
        if report.failures:
            return replace(self.refuted(report, report.failures[0]), kinks=kinks.kinks)
        floating = check_floating(self.claim, seed=self.seed, quick=self.quick, beside=kinks.beside)
        verdict = replace(verdict, floating=floating.floating)
        if floating.failures:
            failure = floating.failures[0]
            return replace(verdict, verdict="refuted", why=failure.why, counterexample=failure.counterexample)
        if floating.undecided is not None:
            return replace(verdict, verdict="undecided", why=floating.undecided)
        return verdict


_BLAME = {
    ("evaluation",): "",
    ("autodiff", "dual"): ", by JAX's autodiff and by dual numbers alike",
    ("autodiff",): (
        " as JAX's autodiff gives it, though it is equal as dual numbers give it: a derivative rule of the loss is "
        "wrong, or a stop_gradient is in the way"
    ),
    ("dual",): (
        " as dual numbers give it, though it is equal as JAX's autodiff gives it: a derivative rule of the loss and "
        "this side are wrong alike"
    ),
}


def _difference(difference: Difference) -> str:
    name = f"side {difference.side.step}"
    match difference.side.role:
        case "printed":
            name += " as printed"
        case "correct":
            name += ", corrected,"
    if difference.shapes is not None:
        expected, given = difference.shapes
        return f"{name} is {given} and side 0 is {expected}"
    return f"{name} differs from side 0{_BLAME[difference.oracles]}"
