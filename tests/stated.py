"""The one way in which tests say a claim of plain functions."""

from collections.abc import Callable, Mapping
from typing import Any

from gradproof.claims import Equality


def stated(
    *sides: Callable[..., Any],
    sizes: Mapping[str, int] | None = None,
    correction: str | None = None,
    kinks: str | None = None,
    convention: str | None = None,
    stable: bool | None = None,
    **symbols: Any,
) -> Equality:
    """The claim that plain functions are equal; each takes the values of all symbols, in the order of their names."""

    def chain(**values: Any) -> Any:
        for side in sides:
            yield side(*(values[name] for name in symbols))

    return Equality(
        id="stated",
        title="stated",
        sides=chain,
        symbols=symbols,
        sizes=dict(sizes or {}),
        correction=correction,
        kinks=kinks,
        convention=convention,
        stable=stable,
    )
