"""One claim, examined from its first check to its verdict."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import get_args

import jax
import numpy as np

from gradproof.checks import Study, examine
from gradproof.claims import Claim, Definition, Demonstration, Equality
from gradproof.claims.verdict import Acceptable, Verdict
from gradproof.errors import GradproofError, place_of
from gradproof.measures import full_report
from gradproof.verification.findings import verdict_of


def verify(
    claim: Claim,
    *,
    seed: int = 0,
    quick: bool = False,
    full: bool = False,
    accept: Sequence[Acceptable] = (),
    watch: Callable[[str], None] | None = None,
) -> Verdict:
    """Prove a claim, refute it with a counterexample, or say why it is undecided.

    Arguments:
        claim: made by `claim`, `definition` or `demonstration`.
        seed: of all random draws; the same seed gives the same verdict.
        quick: one size instead of the grid, for a first look.
        full: of a claim that is proved, also its accuracy, the smallest errors that are refused, and what becomes of
            mistakes that are planted in it; this takes a hundred times as long.
        accept: verdicts that are to be a pass beside "proved", such as "tested".
        watch: is told what is being looked at, such as `n = 2, m = 3`, each time that it is something else.

    `proved` means: all sides are equal as functions at the listed sizes, off the kinks, but for a probability of error
    of at most 2 to the power `exact.bound_log2`; and on the kinks that were found they follow the rule at ties of
    SOUNDNESS.md. What the machine makes of them is `code` of the verdict.

    >>> from gradproof import Real, claim, verify
    >>> import jax.numpy as jnp
    >>> @claim("difference of squares")
    ... def squares(a=Real(), b=Real()):
    ...     yield a**2 - b**2
    ...     yield (a - b) * (a + b)
    >>> verify(squares).verdict
    'proved'
    """
    if isinstance(accept, str) or not set(accept) <= set(get_args(Acceptable)):
        words = ", ".join(map(repr, get_args(Acceptable)))
        raise GradproofError(f'accept is a list of verdicts, such as ["tested"], of {words}; given {accept!r}')
    if quick and full:
        raise GradproofError("quick and full are opposites; say one of them")
    start = time.perf_counter()
    with jax.enable_x64(True):
        match claim:
            case Equality():
                study = Study(claim, seed=seed, quick=quick, watch=watch)
                verdict = verdict_of(study, examine(study))
                # A first look is nothing to go on from.
                verdict = replace(verdict, program="" if quick else study.version)
                if full and verdict.verdict == "proved":
                    verdict = replace(verdict, full=full_report(study))
            case Definition():
                verdict = _definition(claim)
            case Demonstration():
                verdict = _demonstration(claim)
            case _:
                raise GradproofError(f"verify takes a claim, as `claim` and `definition` make it; given {claim!r}")
    return replace(verdict, accepts=tuple(accept), seconds=round(time.perf_counter() - start, 3))


def _definition(claim: Definition) -> Verdict:
    code = claim.code
    why = f"defined by {code.__module__}.{code.__qualname__}" if code is not None else "a matter of notation"
    return Verdict(claim, "definition", why)


def _demonstration(claim: Demonstration) -> Verdict:
    try:
        seen, in_control = claim.experiment(False), claim.experiment(True)
    except Exception as error:
        message = " ".join(str(error).split())
        where = place_of(error, claim.file) or claim.place
        why = f"the experiment does not run: {type(error).__name__}: {message[:400]}"
        return Verdict(claim, "undecided", f"{why}, at {where}" if where else why)
    for found in (seen, in_control):
        if np.shape(found) or np.asarray(found).dtype != bool:
            return Verdict(claim, "undecided", f"the experiment must return True or False, and returned {found!r}")
    if not seen:
        return Verdict(claim, "refuted", "the experiment does not show it")
    if in_control:
        return Verdict(claim, "refuted", "the control shows it, too")
    if claim.written_down is not None:
        return Verdict(claim, "undecided", claim.written_down)
    return Verdict(claim, "demonstrated", "the experiment shows it, and the control does not")
