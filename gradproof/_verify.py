"""The whole verdict on a claim: exact, on the machine, and on the kinks."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import jax

from gradproof._arithmetic import Undecided
from gradproof._claim import Claim
from gradproof._counterexample import find
from gradproof._exact import Difference, Report, check_exact
from gradproof._floating import FloatingResult, check_floating
from gradproof._kinks import KinkResult, check_kinks
from gradproof._plain import claim_from_functions
from gradproof._verdict import Counterexample, Exact, Outcome, Verdict


def verify(claim: Claim, *, seed: int = 0, quick: bool = False) -> Verdict:
    """Prove a claim, refute it with a counterexample, or say why it is undecided.

    Arguments:
        claim: made by `claim` or `definition`.
        seed: of all random draws; the same seed gives the same verdict.
        quick: one size instead of the grid, for a first look.

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
        verdict = _verdict(claim, seed, quick)
    return _timed(verdict, time.perf_counter() - start)


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

    >>> import jax.numpy as jnp
    >>> from gradproof import check
    >>> check(lambda w, x: jnp.sum((w * x) ** 2), lambda w, x: 2 * w * x, (jnp.ones(3), jnp.ones(3))).verdict
    'refuted'
    """
    return verify(claim_from_functions(loss, gradient, example_args, argnums), seed=seed)


def _timed(verdict: Verdict, seconds: float) -> Verdict:
    from dataclasses import replace

    return replace(verdict, seconds=round(seconds, 3))
