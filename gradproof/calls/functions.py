"""The functions of a user: whether they can be called at all, and what they return."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from gradproof.claims.words import kind_of
from gradproof.errors import GradproofError, call


def require_callable(name: str, function: Any, arguments: Sequence[Any], given: str = "as in example_args") -> None:
    """Raises `GradproofError` for what is no plain function of these arguments.

    Arguments:
        given: what they are.
    """
    if not callable(function):
        raise GradproofError(f"the {name} is to be a function; given {kind_of(function)}, {_short(function)}")
    for test, word in (
        (inspect.isgeneratorfunction, "yields what it computes"),
        (inspect.iscoroutinefunction, "is async"),
        (inspect.isasyncgenfunction, "is async"),
    ):
        if test(function):
            raise GradproofError(f"the {name} {word}; make it a plain function that returns it")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*arguments)
    except TypeError as error:
        count = f"{len(arguments)} argument{'s' if len(arguments) > 1 else ''}"
        raise GradproofError(f"the {name} is called with {count}, {given}: {error}") from None


def called(name: str, function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    """What a function returns. Raises `GradproofError` where it ends the program."""
    try:
        return call(function, *arguments)
    except SystemExit as error:
        raise GradproofError(f"the {name} calls sys.exit({error.code!r}), and is to return") from None


def require_real(value: Any) -> Any:
    """The value of a loss. Raises `GradproofError` for one without reals in it."""
    leaves = jax.tree.leaves(value)
    if not leaves:
        raise GradproofError(f"the loss returns {kind_of(value)}, and is to return a real number or array")
    for leaf in leaves:
        try:
            jnp.asarray(leaf)
        except TypeError:
            raise GradproofError(f"the loss returns {kind_of(leaf)}, and is to return a real number or array") from None
    dtypes = [jnp.result_type(leaf) for leaf in leaves]
    if not any(jnp.issubdtype(dtype, jnp.inexact) for dtype in dtypes):
        raise GradproofError(
            f"the loss returns numbers of dtype {dtypes[0]}, which have no derivative; let it return floats"
        )
    return value


def _short(value: Any) -> str:
    return " ".join(repr(value).split())[:80]
