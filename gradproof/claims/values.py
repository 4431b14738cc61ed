"""Values of any kind as plain ones: lists, mappings, numbers and text."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any


def plain(value: Any) -> Any:
    """The value in what JSON has. Numbers that JSON has not, such as infinity and 1/3, become text.

    >>> from fractions import Fraction
    >>> plain({"x": (1, 0.5, float("inf"), Fraction(1, 3))})
    {'x': [1, 0.5, 'inf', '1/3']}
    """
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return float(value) if math.isfinite(value) else str(float(value))
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    return plain(value.tolist()) if hasattr(value, "tolist") else str(value)


def shown(value: Any) -> str:
    """The value on one line, for reading.

    >>> from fractions import Fraction
    >>> shown([Fraction(1, 2), 3.0])
    '[1/2, 3.0]'
    """
    match plain(value):
        case list() as items:
            return f"[{', '.join(map(shown, items))}]"
        case dict() as items:
            return f"{{{', '.join(f'{name}: {shown(item)}' for name, item in items.items())}}}"
        case item:
            return str(item)
