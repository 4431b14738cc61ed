"""Which lengths of an example may be others, found by trying, and which belong together."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, islice

Shapes = Mapping[str, tuple[int, ...]]
Fits = Callable[[Shapes], bool]
"""Whether functions can be run at these shapes, and fit together."""
Axis = tuple[str, int]

MOST_TRIED = 80


def free_sizes(shapes: Shapes, fits: Fits) -> list[list[Axis]]:
    """The groups of axes whose lengths can be changed together, whatever those of the others are.

    Axes of one length may be one size, or two that happen to be equal: the smallest group that can be changed is taken.
    """
    axes = [(name, place) for name, shape in shapes.items() for place, length in enumerate(shape) if length > 1]
    groups: list[list[Axis]] = []
    left = MOST_TRIED
    for axis in axes:
        if any(axis in group for group in groups):
            continue
        for group in islice(_candidates(axis, axes, shapes), left):
            left -= 1
            if fits(changed(shapes, [(group, _other(shapes))])):
                groups.append(group)
                break
    return _together(shapes, _disjoint(groups), fits)


def changed(shapes: Shapes, lengths: Sequence[tuple[Sequence[Axis], int]]) -> dict[str, tuple[int, ...]]:
    """Shapes in which the axes of some groups have other lengths."""
    new = {name: list(shape) for name, shape in shapes.items()}
    for group, length in lengths:
        for name, place in group:
            new[name][place] = length
    return {name: tuple(shape) for name, shape in new.items()}


def _candidates(axis: Axis, axes: Sequence[Axis], shapes: Shapes) -> Iterator[list[Axis]]:
    """An axis alone, with one or two others of its length, or with all of them."""
    same = [other for other in axes if other != axis and _length(shapes, other) == _length(shapes, axis)]
    yield [axis]
    yield from ([axis, other] for other in same)
    yield from ([axis, *pair] for pair in combinations(same, 2))
    if len(same) > 2:
        yield [axis, *same]


def _length(shapes: Shapes, axis: Axis) -> int:
    return shapes[axis[0]][axis[1]]


def _other(shapes: Shapes) -> int:
    """A length that no axis has, nor a sum or a multiple of some."""
    longest = max((length for shape in shapes.values() for length in shape), default=1)
    return next(n for n in range(longest + 1, 4 * longest + 9) if all(n % k for k in range(2, int(n**0.5) + 1)))


def _disjoint(groups: Sequence[list[Axis]]) -> list[list[Axis]]:
    """Groups with an axis in common are one."""
    found: list[list[Axis]] = []
    for group in groups:
        touching = [other for other in found if set(other) & set(group)]
        merged = list(dict.fromkeys(axis for part in (*touching, group) for axis in part))
        found = [other for other in found if other not in touching] + [merged]
    return found


def _together(shapes: Shapes, groups: list[list[Axis]], fits: Fits) -> list[list[Axis]]:
    """The groups that can have lengths of their own all at once: the first ones, if not all."""
    while groups:
        others = [_other(shapes) + 2 * place for place in range(len(groups))]
        if fits(changed(shapes, list(zip(groups, others, strict=True)))):
            return groups
        groups = groups[:-1]
    return groups
