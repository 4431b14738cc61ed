"""The verdict on plain functions: a gradient, or a derivative rule, for an example of their arguments."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from gradproof.calls import (
    GradientClaim,
    gradient_claim,
    jvp_claim,
    rule_claim,
    second_rule_claim,
    special_parts,
    vjp_claim,
)
from gradproof.claims.symbols import ArraySymbol
from gradproof.claims.verdict import Acceptable, Verdict
from gradproof.claims.words import explain
from gradproof.errors import Undecided
from gradproof.verification.examination import verify

ANY_BETWEEN = "at a tie any value between the limits"
"""Functions say nothing of ties, so that what JAX chooses there is one choice of many."""

MOST_DOMAINS = 8
"""As many combinations of what is special about the arguments of an example are tried."""


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
