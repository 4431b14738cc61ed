"""Mistakes in how arrays are arranged: operands, axes and places for each other."""

from collections.abc import Callable, Iterator
from typing import Any

from jax import lax

from gradproof.mutation.operations import Operation, is_real, number
from gradproof.programs import rewriting

REDUCED = (
    *("reduce_sum", "reduce_prod", "reduce_max", "reduce_min", "reduce_and", "reduce_or"),
    *("argmax", "argmin"),
)
AXIS = {
    **dict.fromkeys(("concatenate", "iota", "sort"), "dimension"),
    **dict.fromkeys(("split", "cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp"), "axis"),
}
"""The parameters that are an axis."""

INDEXED = {"dynamic_slice": 1, "dynamic_update_slice": 2, "gather": 1}
"""The first operand that is an index."""


def operands(site: Operation) -> Iterator[rewriting.Edit]:
    """Two operands for each other."""
    equation, names = site.equation, site.names
    if site.primitive in ("sub", "div", "pow", "dot_general") and is_real(site.aval):
        yield site.edit(f"{site.primitive} {names[1]} {names[0]}", lambda a, b: rewriting.bound(equation, (b, a)))
    if site.primitive == "select_n" and len(names) == 3:
        yield site.edit(
            f"select_n {names[0]} {names[2]} {names[1]}", lambda p, a, b: rewriting.bound(equation, (p, b, a))
        )


def transposes(site: Operation) -> Iterator[rewriting.Edit]:
    """A transpose lost or added; a product that sums over another axis."""
    equation, name = site.equation, site.primitive
    if name == "transpose":
        yield site.edit(site.names[0], lambda x: [x])
        return
    # Of these the transposed is the same, or another mistake.
    orderless = len(site.operands) == 1 and site.aval.shape in ((), site.operands[0].aval.shape)
    for position, atom in enumerate(site.operands):
        shape = atom.aval.shape
        if len(shape) > 1 and max(shape[-2:]) > 1 and is_real(atom.aval) and not orderless:
            yield site.with_operand(position, f"transpose {site.names[position]}", _transposed)
    if name == "dot_general":
        ((left, right), batch) = equation.params["dimension_numbers"]
        ranks = [len(atom.aval.shape) for atom in site.operands]
        for other in _moved(left, ranks[0], batch[0]):
            yield site.with_parameter("dimension_numbers", ((other, right), batch))
        for other in _moved(right, ranks[1], batch[1]):
            yield site.with_parameter("dimension_numbers", ((left, other), batch))


def _transposed(x: Any) -> Any:
    axes = list(range(x.ndim))
    return lax.transpose(x, (*axes[:-2], axes[-1], axes[-2]))


def _moved(axes: Any, rank: int, taken: Any = ()) -> Iterator[tuple[int, ...]]:
    """The axes, with one exchanged for another."""
    for place in range(len(axes)):
        for other in range(rank):
            if other not in axes and other not in taken:
                yield (*axes[:place], other, *axes[place + 1 :])


def axes(site: Operation) -> Iterator[rewriting.Edit]:
    """Another axis; a part that begins one too early or too late; an order not reversed."""
    name, params = site.primitive, site.equation.params
    rank = max((len(atom.aval.shape) for atom in [*site.operands, site.equation.outvars[0]]), default=0)
    if name in REDUCED:
        for other in _moved(params["axes"], rank):
            yield site.with_parameter("axes", tuple(sorted(other)))
        if len(params["axes"]) > 1:
            yield from (site.with_parameter("axes", (axis,)) for axis in params["axes"])
    if name in AXIS:
        key = AXIS[name]
        yield from (site.with_parameter(key, axis) for axis in range(rank) if axis != params[key])
    if name == "broadcast_in_dim":
        dimensions = params["broadcast_dimensions"]
        for other in _moved(dimensions, rank):
            if list(other) == sorted(other):
                yield site.with_parameter("broadcast_dimensions", other)
    if name == "rev":
        yield site.edit(site.names[0], lambda x: [x])
        yield from (site.with_parameter("dimensions", other) for other in _moved(params["dimensions"], rank))
    yield from _shifts(site)


def _shifts(site: Operation) -> Iterator[rewriting.Edit]:
    equation, name, params = site.equation, site.primitive, site.equation.params
    if name == "slice":
        starts, limits = params["start_indices"], params["limit_indices"]
        for axis, length in enumerate(site.operands[0].aval.shape):
            for step in (1, -1):
                if starts[axis] + step >= 0 and limits[axis] + step <= length:
                    begin, end = _stepped(starts, axis, step), _stepped(limits, axis, step)
                    yield site.described(
                        f"{site.text}: from {starts} to {limits} -> from {begin} to {end}",
                        lambda x, begin=begin, end=end: rewriting.bound(
                            equation, (x,), start_indices=begin, limit_indices=end
                        ),
                    )
    if name == "pad":
        padding = params["padding_config"]
        for axis, (low, high, interior) in enumerate(padding):
            for step in (1, -1):
                if low or high:
                    other = (*padding[:axis], (low + step, high - step, interior), *padding[axis + 1 :])
                    yield site.with_parameter("padding_config", other)
    for position in range(INDEXED.get(name, len(site.operands)), len(site.operands)):
        for sign, step in (("+", 1), ("-", -1)):
            yield site.with_operand(position, f"{site.names[position]} {sign} 1", _plus(step))


def _stepped(places: Any, axis: int, step: int) -> tuple[int, ...]:
    return (*places[:axis], places[axis] + step, *places[axis + 1 :])


def _plus(step: int) -> Callable[[Any], Any]:
    return lambda x: lax.add(x, number(step, x))
