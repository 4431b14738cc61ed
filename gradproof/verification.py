"""The whole verdict on a claim: exact, on the machine, and on the kinks."""

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import jax
import numpy as np

from gradproof.calls import (
    GradientClaim,
    gradient_claim,
    jvp_claim,
    rule_claim,
    second_rule_claim,
    special_parts,
    vjp_claim,
)
from gradproof.checks import Study, examine, find
from gradproof.checks.exact.differences import Difference, in_words
from gradproof.checks.pipeline import Findings, Refusal
from gradproof.claims import Claim, Definition, Demonstration, Equality
from gradproof.claims.symbols import ArraySymbol
from gradproof.claims.verdict import Acceptable, Counterexample, Exact, Outcome, Verdict
from gradproof.claims.words import assignments, despite, explain
from gradproof.errors import GradproofError, NotCovered, RoundedConstants, Undecided, place_of
from gradproof.measures import full_report
from gradproof.worlds import TooManyRegions

ANY_BETWEEN = "at a tie any value between the limits"
"""Functions say nothing of ties, so that what JAX chooses there is one choice of many."""

MOST_DOMAINS = 8
"""As many combinations of what is special about the arguments of an example are tried."""


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
    if quick and full:
        raise GradproofError("quick and full are opposites; say one of them")
    start = time.perf_counter()
    with jax.enable_x64(True):
        match claim:
            case Equality():
                study = Study(claim, seed=seed, quick=quick, watch=watch)
                verdict = _verdict(study, examine(study))
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


def check(
    loss: Callable[..., Any],
    gradient: Callable[..., Any],
    example_args: Sequence[Any],
    *,
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
    domains: Any = None,
    sizes: str | None = None,
    kinks: str | None = ANY_BETWEEN,
    convention: str | float | None = None,
    stable: bool | None = None,
    textbook: bool = False,
    seed: int = 0,
    quick: bool = False,
    full: bool = False,
    accept: Sequence[Acceptable] = (),
) -> Verdict:
    r"""The whole verdict on a loss and its gradient, two plain functions of the same arguments.

    $$ \texttt{gradient}(x, \dots) = \frac{\partial}{\partial x} \texttt{loss}(x, \dots) $$

    Arguments:
        loss: returns a scalar, or any array.
        gradient: returns the derivative of the loss by the argument at `argnums`, in the form of that argument; or a
            pair of the value and that.
        example_args: arguments of the right shapes and kinds. Floats stand for any reals, whole numbers for every class
            of the axis that they index, or else for any reals; text, functions, keys, and numbers of Python's that must
            be known, as shapes and axes must, stay as they are.
        argnums: the argument that the gradient is by, or several, as in `jax.grad`.
        has_aux: whether the loss returns a pair, of which the first is differentiated.
        domains: symbols such as `Positive()` for arguments that are no reals: a mapping from names, or a tuple with one
            for each argument and None for any real.
        sizes: "example" for those of the example alone; by default all at which both functions run, too.
        kinks, convention, stable, textbook: as in `claim`. By default a gradient may be anything in the convex hull of
            the one-sided limits where compared numbers are equal; such ties are listed in `kinks` of the verdict, with
            `agree` false where it is not what JAX returns.
        seed, quick, full, accept: as in `verify`.

    Where the claim fails for all reals, and holds for what the example has, as labels of 0 and 1 or rows that are
    one-hot, the verdict is "holds where", and says how to say so: it is no pass until that is said.

    Raises `GradproofError` for arguments that are not finite arrays of numbers.

    >>> import jax.numpy as jnp
    >>> from gradproof import check
    >>> check(lambda w, x: jnp.sum((w * x) ** 2), lambda w, x: 2 * w * x, (jnp.ones(3), jnp.ones(3))).verdict
    'refuted'
    """
    claim = gradient_claim(
        loss,
        gradient,
        example_args,
        argnums=argnums,
        has_aux=has_aux,
        domains=domains,
        sizes=sizes,
        stable=stable,
        textbook=textbook,
        kinks=kinks,
        convention=convention,
    )
    found = verify(claim, seed=seed, quick=quick, full=full, accept=accept)
    return found if found.verdict == "proved" else _where(found, claim, special_parts(claim), seed=seed, quick=quick)


def assert_gradient(
    loss: Callable[..., Any], gradient: Callable[..., Any], example_args: Sequence[Any], **options: Any
) -> None:
    """Raise `AssertionError` with the whole explanation, unless `check` proves the gradient.

    Arguments:
        options: those of `check`.

    >>> import jax.numpy as jnp
    >>> from gradproof import assert_gradient
    >>> assert_gradient(lambda w: jnp.sum(w**2), lambda w: 2 * w, (jnp.ones(3),))
    """
    __tracebackhide__ = True
    verdict = check(loss, gradient, example_args, **options)
    if not verdict:
        raise AssertionError(explain(verdict))


def check_vjp(
    function: Callable[..., Any], vjp: Callable[..., Any], example_args: Sequence[Any], **options: Any
) -> Verdict:
    r"""The verdict on a function and its pullback, `vjp(*args, cotangent)`, for every cotangent.

    $$ \texttt{vjp}(x, g) = g^\top \frac{\partial}{\partial x} \texttt{function}(x) $$

    Arguments:
        function: of arguments that are real, or stay as they are.
        vjp: returns a tuple with the cotangent of each real argument.
        example_args, options: as in `check`.

    >>> import jax.numpy as jnp
    >>> from gradproof import check_vjp
    >>> check_vjp(lambda x: x**2, lambda x, g: (2 * x,), (jnp.ones(3),)).counterexample.diagnosis
    'it lacks the factor cotangent'
    """
    return _of_rule(vjp_claim, function, vjp, example_args, **options)


def check_jvp(
    function: Callable[..., Any], jvp: Callable[..., Any], example_args: Sequence[Any], **options: Any
) -> Verdict:
    r"""The verdict on a function and its pushforward, `jvp(primals, tangents)`, along all tangents.

    $$ \texttt{jvp}(x, t) = \Bigl(\texttt{function}(x), \frac{\partial}{\partial x} \texttt{function}(x)\, t\Bigr) $$

    Arguments:
        function: of real arguments.
        jvp: returns the value and the derivative along the tangents, as the rule of a `jax.custom_jvp` does.
        example_args, options: as in `check`.

    >>> import jax.numpy as jnp
    >>> from gradproof import check_jvp
    >>> check_jvp(jnp.sin, lambda x, t: (jnp.sin(x[0]), jnp.cos(x[0]) * t[0]), (1.0,)).verdict
    'proved'
    """
    return _of_rule(jvp_claim, function, jvp, example_args, **options)


def check_rule(function: Callable[..., Any], example_args: Sequence[Any], **options: Any) -> Verdict:
    """The verdict on the rule of a function with `jax.custom_vjp` or `jax.custom_jvp`.

    The value that the rule gives is that of the function, and the rule is its derivative for every cotangent or
    tangent, by every argument that is differentiated. Where JAX can differentiate the rule once more, what it makes of
    it is the second derivative.

    Arguments:
        function: with a rule of its own.
        example_args, options: as in `check`.

    Raises `GradproofError` for a function without a rule.

    >>> import jax
    >>> from gradproof import check_rule
    >>> cube = jax.custom_jvp(lambda x: x**3)
    >>> _ = cube.defjvp(lambda primals, tangents: (cube(*primals), 2 * primals[0] ** 2 * tangents[0]))
    >>> check_rule(cube, (1.0,)).verdict
    'refuted'
    """
    found = _of_rule(rule_claim, function, example_args, **options)
    if found.verdict != "proved":
        return found
    try:
        second = _of_rule(second_rule_claim, function, example_args, **options)
    except Undecided:
        return found
    if second.verdict != "refuted":
        return found
    return replace(second, why=f"the rule is the derivative, but differentiated once more it is wrong: {second.why}")


def _of_rule(
    claim: Callable[..., GradientClaim],
    *functions: Any,
    kinks: str | None = ANY_BETWEEN,
    seed: int = 0,
    quick: bool = False,
    full: bool = False,
    accept: Sequence[Acceptable] = (),
    **options: Any,
) -> Verdict:
    return verify(claim(*functions, kinks=kinks, **options), seed=seed, quick=quick, full=full, accept=accept)


def _where(
    found: Verdict, claim: GradientClaim, special: Mapping[str, Sequence[ArraySymbol]], *, seed: int, quick: bool
) -> Verdict:
    """The verdict, unless the claim holds for what is special about the example: then where it holds."""
    # Of no special arguments there is nothing to try.
    for symbols in islice(itertools.product(*special.values()), MOST_DOMAINS if special else 0):
        narrow = dict(zip(special, symbols, strict=True))
        proved = verify(claim.where(narrow), seed=seed, quick=quick)
        if proved.verdict != "proved":
            continue
        for name in special:
            # What holds without it needs it not.
            fewer = {other: symbol for other, symbol in narrow.items() if other != name}
            if fewer and (simpler := verify(claim.where(fewer), seed=seed, quick=quick)).verdict == "proved":
                narrow, proved = fewer, simpler
        return replace(
            found,
            claim=proved.claim,
            verdict="holds where",
            why=f"it {_holds_where(narrow)}; elsewhere it is {found.verdict}: {found.why}",
            exact=proved.exact,
        )
    return found


def _holds_where(narrow: Mapping[str, ArraySymbol]) -> str:
    where = " and ".join(f"{name} is {symbol.domain}" for name, symbol in narrow.items())
    domains = ", ".join(f'"{name}": {symbol!r}' for name, symbol in narrow.items())
    return f"holds where {where}: say so with domains={{{domains}}}"


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
        if not isinstance(found, bool) and str(getattr(found, "dtype", "")) + str(np.shape(found)) != "bool()":
            return Verdict(claim, "undecided", f"the experiment must return True or False, and returned {found!r}")
    if not seen:
        return Verdict(claim, "refuted", "the experiment does not show it")
    if in_control:
        return Verdict(claim, "refuted", "the control shows it, too")
    if claim.written_down is not None:
        return Verdict(claim, "undecided", claim.written_down)
    return Verdict(claim, "demonstrated", "the experiment shows it, and the control does not")


def _verdict(study: Study, found: Findings) -> Verdict:
    """What the findings say of a claim."""
    if found.refusal is not None and not found.of_code:
        return _refuted(study, found, found.refusal)
    if found.open_questions:
        return _open(study, found, found.open_questions[0])
    off = ", off the kinks" if found.kinks is not None and found.kinks.kinks else ""
    larger = found.report.larger
    also = f"; at {assignments(larger)}, too, where other operations are made" if larger else ""
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
    counterexample = find(study, difference, found.rules)
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
            return _made(study, found, "tested", f"{reason}; {seen}")
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
