"""A loss and what is said to be its gradient: whether they can be called, at which shapes, and what they return."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

import jax
import jax.numpy as jnp

from gradproof.calls.arguments import Example
from gradproof.calls.forms import alike
from gradproof.calls.sizes import Shapes
from gradproof.claims.words import kind_of
from gradproof.errors import GradproofError, call
from gradproof.programs.derivative import derivative
from gradproof.programs.reading.integers import Use, uses_of

Returned = Literal["gradient", "value and gradient", "gradient and more"]


def require_callable(name: str, function: Any, arguments: Sequence[Any], given: str = "as in example_args") -> None:
    """Raises `GradproofError` for what is no plain function of these arguments.

    Arguments:
        given: what they are.
    """
    if not callable(function):
        raise GradproofError(f"the {name} is to be a function; given {kind_of(function)}, {_short(function)}")
    for test, word in (
        (inspect.isgeneratorfunction, "yields what it computes"),
        (inspect.iscoroutinefunction, "is async"),
        (inspect.isasyncgenfunction, "is async"),
    ):
        if test(function):
            raise GradproofError(f"the {name} {word}; make it a plain function that returns it")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*arguments)
    except TypeError as error:
        count = f"{len(arguments)} argument{'s' if len(arguments) > 1 else ''}"
        raise GradproofError(f"the {name} is called with {count}, {given}: {error}") from None


def called(name: str, function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    """What a function returns. Raises `GradproofError` where it ends the program."""
    try:
        return call(function, *arguments)
    except SystemExit as error:
        raise GradproofError(f"the {name} calls sys.exit({error.code!r}), and is to return") from None


def require_real(value: Any) -> Any:
    """The value of a loss. Raises `GradproofError` for one without reals in it."""
    leaves = jax.tree.leaves(value)
    if not leaves:
        raise GradproofError(f"the loss returns {kind_of(value)}, and is to return a real number or array")
    for leaf in leaves:
        try:
            jnp.asarray(leaf)
        except TypeError:
            raise GradproofError(f"the loss returns {kind_of(leaf)}, and is to return a real number or array") from None
    dtypes = [jnp.result_type(leaf) for leaf in leaves]
    if not any(jnp.issubdtype(dtype, jnp.inexact) for dtype in dtypes):
        raise GradproofError(
            f"the loss returns numbers of dtype {dtypes[0]}, which have no derivative; let it return floats"
        )
    return value


def _short(value: Any) -> str:
    return " ".join(repr(value).split())[:80]


@dataclass(frozen=True)
class Functions:
    """A loss and what is said to be its gradient, as they are called.

    Arguments:
        by: the arguments that the gradient is by.
        in_tuple: whether it returns a tuple, with a part for each of these.
        has_aux: whether the loss returns a pair, of which it is the first.
        returns: what the gradient returns.
    """

    loss: Callable[..., Any]
    gradient: Callable[..., Any]
    by: tuple[int, ...]
    in_tuple: bool
    has_aux: bool
    returns: Returned = "gradient"

    def sides(self, example: Example, values: Mapping[str, Any]) -> Iterator[Any]:
        """The derivative, and what the gradient returns in the same form: with the value, if it returns that, too."""
        reals = {n: [p.name for p in example.varying.values() if p.argument == n and p.kind == "real"] for n in self.by}

        def value(point: Sequence[Sequence[Any]]) -> Any:
            moved = {
                name: x for n, xs in zip(self.by, point, strict=True) for name, x in zip(reals[n], xs, strict=True)
            }
            found = called("loss", self.loss, example.arguments({**values, **moved}))
            if self.has_aux and not (isinstance(found, tuple) and len(found) == 2):
                raise GradproofError(
                    f"with has_aux=True the loss returns a pair, its value and something else; given {kind_of(found)}"
                )
            return require_real(found[0] if self.has_aux else found)

        point = [[values[name] for name in reals[n]] for n in self.by]
        of_value = form_of(jax.eval_shape(value, point))
        slopes = of_value.flatten_up_to(derivative(value, point))
        expected = jax.tree.unflatten(of_value, [self._in_form(example, slope) for slope in slopes])
        yield (value(point), expected) if self.returns == "value and gradient" else expected
        returned = called("gradient", self.gradient, example.arguments(values))
        if returned is None:
            raise GradproofError("the gradient returns None, and is to return the derivative")
        if _is_of_the_first(of_value, expected, returned):
            raise GradproofError("the loss returns a pair; say has_aux=True if its first part is to be differentiated")
        if self.returns == "gradient":
            yield self._alike(example, expected, returned)
            return
        first, second = (self._alike(example, expected, part) for part in returned)
        if self.returns == "gradient and more":
            yield first
        else:
            yield returned[0][0] if self.has_aux else returned[0], second

    def as_returned(self, example: Example) -> "Functions":
        """The same, where it is known what the gradient returns: a pair of it and something else is told by forms."""
        found: list[Returned] = []

        def both(values: Mapping[str, Any]) -> None:
            expected, returned = self.sides(example, values)
            form = form_of(expected)
            if form_of(returned) == form or not (isinstance(returned, tuple) and len(returned) == 2):
                return
            first, second = (form_of(self._alike(example, expected, part)) for part in returned)
            if self.has_aux and first == form:
                found.append("gradient and more")
            elif second == form:
                found.append("value and gradient")

        # Where they do not run, the claim says so.
        with jax.enable_x64(True), suppress(Exception):
            jax.eval_shape(both, arrays_of(example, shapes_of(example)))
        return replace(self, returns=found[0]) if found else self

    def _alike(self, example: Example, expected: Any, given: Any) -> Any:
        """What a gradient returns, in the form of the derivative if it says as much."""
        arguments = [(example.structure.children()[n], [p for p in example.parts if p.argument == n]) for n in self.by]
        if not self.in_tuple:
            return alike(*arguments[0], expected, given)
        if not isinstance(given, tuple | list) or len(given) != len(arguments) or not isinstance(expected, tuple):
            return given
        return tuple(alike(*argument, *pair) for argument, *pair in zip(arguments, expected, given, strict=True))

    def _in_form(self, example: Example, slopes: Sequence[Sequence[Any]]) -> Any:
        """Slopes by the reals of each argument, as trees of these arguments; what does not vary has none."""
        trees = []
        for number, found in zip(self.by, slopes, strict=True):
            left = iter(found)
            parts = [part for part in example.parts if part.argument == number]
            leaves = [next(left) if part.kind == "real" else None for part in parts]
            trees.append(jax.tree.unflatten(example.structure.children()[number], leaves))
        return tuple(trees) if self.in_tuple else trees[0]

    def shaped(self, example: Example, shapes: Shapes) -> tuple[Any, Any]:
        """The forms of both sides at some shapes. Raises what the functions raise."""
        with jax.enable_x64(True):
            return jax.eval_shape(lambda values: tuple(self.sides(example, values)), arrays_of(example, shapes))

    def fit(self, example: Example, shapes: Shapes) -> bool:
        """Whether both run at these shapes, and what they return has one form."""
        try:
            expected, given = self.shaped(example, shapes)
        except Exception:
            return False
        forms = [[leaf.shape for leaf in jax.tree.leaves(side)] for side in (expected, given)]
        return forms[0] == forms[1] and form_of(expected) == form_of(given)

    def runs(self, example: Example) -> bool:
        """Whether both run, with all that varies unknown."""
        try:
            self.shaped(example, shapes_of(example))
        except Exception:
            return False
        return True

    def uses(self, example: Example, shapes: Shapes) -> dict[str, Use]:
        """What each part is used for; nothing is known where the functions do not run."""
        arrays = arrays_of(example, shapes)

        def both(*xs: Any) -> Any:
            return tuple(self.sides(example, dict(zip(arrays, xs, strict=True))))

        try:
            with jax.enable_x64(True):
                closed = jax.make_jaxpr(both)(*arrays.values())
        except Exception:
            return {}
        return dict(zip(arrays, uses_of(closed), strict=True))


def _is_of_the_first(of_value: Any, expected: Any, returned: Any) -> bool:
    """Whether the loss returns a pair, and the gradient is that of its first part."""
    return of_value == form_of((0, 0)) and form_of(returned) == form_of(expected[0]) != form_of(expected)


def form_of(tree: Any) -> Any:
    return jax.tree.structure(tree)


def shapes_of(example: Example) -> dict[str, tuple[int, ...]]:
    return {name: part.shape for name, part in example.varying.items()}


def arrays_of(example: Example, shapes: Shapes) -> dict[str, jax.ShapeDtypeStruct]:
    """What varies, as unknown arrays of some shapes."""
    whole = {name for name, part in example.varying.items() if part.kind == "whole"}
    return {
        name: jax.ShapeDtypeStruct(shapes[name], "int32" if name in whole else "float64") for name in example.varying
    }
