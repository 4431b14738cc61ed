"""Trees of arrays as a person writes them."""

from collections.abc import Iterator, Sequence
from typing import Any

import jax


def written(structure: Any, leaves: Sequence[str]) -> str:
    """A tree, with a text for each of its leaves, such as `{'W': float64[2,3], 'b': float64[3]}`."""
    return _written(structure, iter(leaves))


def _written(structure: Any, leaves: Iterator[str]) -> str:
    if structure == jax.tree.structure(0):
        return next(leaves)
    if structure == jax.tree.structure(None):
        return "None"
    kind, data = structure.node_data()
    parts = [_written(child, leaves) for child in structure.children()]
    if kind is tuple:
        return f"({', '.join(parts)}{',' * (len(parts) == 1)})"
    if kind is list:
        return f"[{', '.join(parts)}]"
    if kind is dict:
        return f"{{{', '.join(f'{key!r}: {part}' for key, part in zip(data, parts, strict=True))}}}"
    shown = [f"{name}={part}" for name, part in zip(_names(structure), parts, strict=True) if not name.startswith("_")]
    return f"{kind.__name__}({', '.join(shown)})"


def _names(structure: Any) -> list[str]:
    """Of the parts of an object."""
    made = jax.tree.unflatten(structure, range(structure.num_leaves))
    parts = jax.tree_util.tree_flatten_with_path(made, is_leaf=lambda part: part is not made)[0]
    return [jax.tree_util.keystr(path, simple=True) for path, _ in parts]
