"""Shapes in named sizes: `"n m+1 4m 3"`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gradproof.errors import GradproofError

_TERM = re.compile(r"(?P<sign>[+-]?)(?:(?P<factor>\d*)(?P<name>[A-Za-z_]\w*)|(?P<number>\d+))", re.ASCII)


@dataclass(frozen=True)
class Dimension:
    """One axis: a sum of names, multiples of names and numbers, as `m`, `m+1`, `4m` and `m+k`."""

    multiples: tuple[tuple[str, int], ...]
    """The names, and how often each is taken, in the order in which they are written."""
    offset: int

    @classmethod
    def parse(cls, text: str, shape: str) -> "Dimension":
        multiples: dict[str, int] = {}
        offset = end = 0
        for found in _TERM.finditer(text):
            if found.start() != end or (found["sign"] == "") != (end == 0):
                break
            end = found.end()
            sign = -1 if found["sign"] == "-" else 1
            if found["name"] is None:
                offset += sign * int(found["number"])
            else:
                multiples[found["name"]] = multiples.get(found["name"], 0) + sign * int(found["factor"] or 1)
        if not text or end != len(text) or any(factor < 1 for factor in multiples.values()):
            raise GradproofError(
                'a shape is sums of names and numbers, apart by spaces, such as "n m+1 4m 3"; '
                f'{text!r} in "{shape}" is none'
            )
        return cls(tuple(multiples.items()), offset)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.multiples)

    def at(self, sizes: Mapping[str, int]) -> int:
        return self.offset + sum(factor * sizes[name] for name, factor in self.multiples)

    def __str__(self) -> str:
        text = "+".join(f"{factor if factor > 1 else ''}{name}" for name, factor in self.multiples)
        return text + f"{self.offset:+d}" * (self.offset != 0) if text else str(self.offset)


def dimensions(shape: str) -> tuple[Dimension, ...]:
    if not isinstance(shape, str):
        raise GradproofError(f'a shape is a text of names and numbers, such as "n m+1 4m 3"; given {shape!r}')
    return tuple(Dimension.parse(text, shape) for text in shape.split())
