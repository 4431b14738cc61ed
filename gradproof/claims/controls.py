"""Whether the control of a demonstration could pass, and its experiment fail, read from the code.

An experiment that returns `not control` and whatever else, or leaves with False once it is asked for its control, shows
nothing: its outcome is written down, and not observed. Code is read as far as it decides by `control` alone; of
everything else either truth value is possible.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence

Truth = bool | None
"""None where either is possible."""

Known = dict[str, Truth]
"""Of local names."""


def outcomes(experiment: Callable[[bool], bool], *, control: bool) -> set[bool]:
    """What the experiment can return, as far as its code says: both, where it says nothing."""
    code = _code(experiment)
    if code is None or not code.args.args:
        return {True, False}
    body = code.body if isinstance(code, ast.FunctionDef) else [ast.Return(code.body)]
    found: set[bool] = set()
    for truth in _returned(body, {code.args.args[0].arg: control}):
        found |= {True, False} if truth is None else {truth}
    return found or {True, False}


def _code(experiment: Callable[[bool], bool]) -> ast.FunctionDef | ast.Lambda | None:
    """The function as it is written, where that can be found."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(experiment)))
    except (OSError, TypeError, SyntaxError):
        return None
    if isinstance(tree.body[0], ast.FunctionDef):
        return tree.body[0]
    match [node for node in ast.walk(tree) if isinstance(node, ast.Lambda)]:
        case [found]:
            return found
    return None


def _returned(body: Sequence[ast.stmt], known: Known) -> Iterator[Truth]:
    """The truth of what each return that may be reached gives; `known` changes as names are given values."""
    for statement in body:
        match statement:
            case ast.Return(value=value):
                yield _truth(value, known)
                return
            case ast.Raise():
                return
            case ast.If(test=test, body=then, orelse=otherwise) if (decided := _truth(test, known)) is not None:
                taken = then if decided else otherwise
                yield from _returned(taken, known)
                if _leaves(taken):
                    return
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                known[name] = _truth(value, known)
            case _:
                # Loops, branches that inputs decide, and whatever else gives values to names.
                for part in _bodies(statement):
                    yield from _returned(part, dict(known))
                for name in _names_given(statement):
                    known[name] = None


def _bodies(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    for field in ("body", "orelse", "finalbody"):
        if isinstance(found := getattr(statement, field, None), list):
            yield found
    for inner in [*getattr(statement, "handlers", []), *getattr(statement, "cases", [])]:
        yield inner.body


def _names_given(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _leaves(body: Sequence[ast.stmt]) -> bool:
    return any(isinstance(statement, ast.Return | ast.Raise) for statement in body)


def _truth(value: ast.expr | None, known: Known) -> Truth:
    match value:
        case None:
            return False
        case ast.Constant(value=constant):
            return bool(constant)
        case ast.Name(id=name):
            return known.get(name)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _truth(operand, known)
            return None if inner is None else not inner
        case ast.BoolOp(op=op, values=values):
            truths = [_truth(part, known) for part in values]
            deciding = isinstance(op, ast.Or)
            return deciding if deciding in truths else None if None in truths else not deciding
        case ast.IfExp(test=test, body=then, orelse=otherwise):
            decided = _truth(test, known)
            if decided is not None:
                return _truth(then if decided else otherwise, known)
            first, second = _truth(then, known), _truth(otherwise, known)
            return first if first == second else None
        case ast.Call(func=ast.Name(id="bool"), args=[argument]):
            return _truth(argument, known)
        case ast.Compare(left=left, ops=[ast.Is() | ast.Eq() | ast.IsNot() | ast.NotEq() as op], comparators=[right]):
            sides = _truth(left, known), _truth(right, known)
            # Only truth values: 2 == 3 compares numbers.
            if None in sides or not all(_is_truth(part, known) for part in (left, right)):
                return None
            return (sides[0] == sides[1]) is isinstance(op, ast.Is | ast.Eq)
    return None


def _is_truth(value: ast.expr, known: Known) -> bool:
    if isinstance(value, ast.Constant):
        return isinstance(value.value, bool)
    return isinstance(value, ast.Name) and known.get(value.id) is not None
