"""The one way in which tests say a claim of plain functions."""

from collections.abc import Callable
from typing import Any

from gradproof import Claim, claim
from gradproof.claims.symbols.base import Symbol


def stated(*sides: Callable[..., Any], id: str = "stated", **named: Any) -> Claim:
    """The claim that plain functions are equal.

    Arguments:
        sides: each takes the values of all symbols, in the order in which they are named.
        named: the symbols by name, and whatever else `claim` takes.
    """
    symbols = {name: value for name, value in named.items() if isinstance(value, Symbol)}
    options = {name: value for name, value in named.items() if name not in symbols}

    def chain(**values: Any) -> Any:
        for side in sides:
            yield side(*(values[name] for name in symbols))

    return claim(id, symbols=symbols, **options)(chain)
