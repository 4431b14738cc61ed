"""Which claims a module has: those that its names hold, also in lists, tuples, mappings and classes, and those made."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gradproof.claims import Claim


def held(namespace: Mapping[str, Any], module: str) -> Iterator[tuple[str, Claim]]:
    """Each claim once, with the first name at the top of the module that leads to it.

    Arguments:
        module: the name of the module; of other modules' classes nothing is looked at.
    """
    seen: set[int] = set()
    for name, value in list(namespace.items()):
        if not name.startswith("__"):
            yield from ((name, claim) for claim in _within(value, module, seen))


def _within(value: Any, module: str, seen: set[int]) -> Iterator[Claim]:
    if id(value) in seen:
        return
    parts: Iterable[Any] = ()
    match value:
        case Claim():
            seen.add(id(value))
            yield value
        case list() | tuple():
            parts = value
        case dict():
            parts = value.values()
        case staticmethod() | classmethod():
            parts = (value.__func__,)
        case type() if value.__module__ == module:
            parts = vars(value).values()
        # A mark of pytest's above a claim holds it.
        case _ if type(value).__name__ == "MarkDecorator":
            parts = value.args
    if parts:
        seen.add(id(value))
        for part in list(parts):
            yield from _within(part, module, seen)


def uncalled(source: bytes, namespace: Mapping[str, Any], made: Iterable[Claim]) -> Iterator[tuple[str, int]]:
    """The functions in which a claim is written, with its line, that made none; tests may have some of their own."""
    lines = {claim.line for claim in made}
    for outer in ast.walk(ast.parse(source)):
        if not isinstance(outer, ast.FunctionDef) or outer.name.startswith("test"):
            continue
        for inner in ast.walk(outer):
            if isinstance(inner, ast.FunctionDef) and inner is not outer:
                declares = any(_declares(decorator, namespace) for decorator in inner.decorator_list)
                if declares and (line := min(d.lineno for d in inner.decorator_list)) not in lines:
                    yield outer.name, line


def _declares(decorator: ast.expr, namespace: Mapping[str, Any]) -> bool:
    """Whether a decorator is a call of `claim` or `demonstration`, whatever they are called."""
    match decorator:
        case ast.Call(func=ast.Name(id=name)):
            maker = namespace.get(name)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=name)):
            maker = getattr(namespace.get(module), name, None)
        case _:
            return False
    return getattr(maker, "__module__", None) == "gradproof.claims.declare"
