"""What becomes of the losses of the examples: nothing, their sum, or their mean."""

from typing import Any, Literal, get_args

Reduction = Literal["sum", "mean"]
AnyReduction = Literal["none", "sum", "mean"]


def require_reduction(reduction: Any, allowed: Any = Reduction) -> None:
    if reduction not in get_args(allowed):
        *first, last = (f'"{name}"' for name in get_args(allowed))
        raise ValueError(f"reduction must be {', '.join(first)} or {last}, got {reduction!r}")


def example_weight(reduction: AnyReduction, count: int) -> float:
    """The factor of each example in the total: 1 in a sum, 1 / n in a mean."""
    return 1 / count if reduction == "mean" else 1.0
