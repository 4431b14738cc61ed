"""The parts of a docstring that are the same for all functions of a model, written once."""

import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

ARGUMENTS = {
    "inputs": "finite reals of shape (n, m), an example in each row.",
    "tangent": "the vector, in the structure and shapes of the parameters.",
    "reduction": '"sum" or "mean" over the examples.',
    "learning_rate": r"$\eta > 0$, if not the one above.",
    "steps": "the number of steps at most, at least 1.",
    "tolerance": "the fit has converged when no entry of the gradient is larger; at least 0.",
}
RAISES = "Raises `ValueError` for a wrong shape or value and `TypeError` for a wrong dtype or structure."


def documented(parameters: str, labels: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Put into a function's docstring, before its source, what its arguments are and what it raises.

    >>> @documented("weights of shape (m,).", "integers of shape (n,).")
    ... def errors(parameters, inputs, labels):
    ...     '''How many labels are predicted wrongly.
    ...
    ...     Source: counting.
    ...     '''
    >>> print(errors.__doc__)
    How many labels are predicted wrongly.
    <BLANKLINE>
    Arguments:
        parameters: weights of shape (m,).
        inputs: finite reals of shape (n, m), an example in each row.
        labels: integers of shape (n,).
    <BLANKLINE>
    Raises `ValueError` for a wrong shape or value and `TypeError` for a wrong dtype or structure.
    <BLANKLINE>
    Source: counting.
    """
    known = {**ARGUMENTS, "parameters": parameters, "labels": labels}

    def document(function: Callable[P, R]) -> Callable[P, R]:
        arguments = [f"    {name}: {known[name]}" for name in inspect.signature(function).parameters]
        statement, source = inspect.cleandoc(function.__doc__ or "").split("\n\nSource: ")
        parts = [statement, "\n".join(["Arguments:", *arguments]), RAISES, f"Source: {source}"]
        function.__doc__ = "\n\n".join(parts)
        return function

    return document
