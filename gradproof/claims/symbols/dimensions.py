"""Shapes in named sizes: `"n m+1 3"`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gradproof.errors import GradproofError

_DIMENSION = re.compile(r"(?:(?P<name>[A-Za-z_]\w*)(?P<offset>[+-]\d+)?|(?P<number>\d+))\Z")


@dataclass(frozen=True)
class Dimension:
    """One axis: a name, a name with an offset (`m+1`), or a number."""

    name: str | None
    offset: int

    @classmethod
    def parse(cls, text: str, shape: str) -> "Dimension":
        match = _DIMENSION.match(text)
        if match is None:
            raise GradproofError(
                f'a shape is names and numbers apart by spaces, such as "n m+1 3"; {text!r} in "{shape}" is neither'
            )
        if match["number"] is not None:
            return cls(None, int(match["number"]))
        return cls(match["name"], int(match["offset"] or 0))

    def at(self, sizes: Mapping[str, int]) -> int:
        return self.offset + (sizes[self.name] if self.name else 0)

    def __str__(self) -> str:
        if self.name is None:
            return str(self.offset)
        return self.name + (f"{self.offset:+d}" if self.offset else "")


def dimensions(shape: str) -> tuple[Dimension, ...]:
    if not isinstance(shape, str):
        raise GradproofError(f'a shape is a text of names and numbers, such as "n m+1 3"; given {shape!r}')
    return tuple(Dimension.parse(text, shape) for text in shape.split())
