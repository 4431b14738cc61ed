"""How the losses of the examples are brought together: their sum or their mean."""

from typing import Any, Literal

Reduction = Literal["sum", "mean"]


def require_reduction(reduction: Any) -> None:
    if reduction not in ("sum", "mean"):
        raise ValueError(f'reduction must be "sum" or "mean", got {reduction!r}')


def example_weight(reduction: Reduction, count: int) -> float:
    """The factor of each example in the total: 1 in a sum, 1 / n in a mean."""
    return 1 / count if reduction == "mean" else 1.0
