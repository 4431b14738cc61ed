"""The derivative rules of functions that the sides of a claim call, each examined by itself: JAX's own are trusted.

A claim meets a rule at some inputs and some cotangents. A rule is right if it returns the value of its function and the
derivative, whatever the inputs and the cotangent or tangent, and if what JAX makes of it when it is differentiated once
more is the second derivative. That is a claim of its own, and is put to the exact check.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradproof.checks.counterexample import find
from gradproof.checks.exact import ExactCheck
from gradproof.checks.study import Study
from gradproof.claims import Equality
from gradproof.claims.symbols import ArraySymbol, Binary, Index, Real
from gradproof.claims.verdict import Counterexample, OfRule, Rule
from gradproof.errors import Undecided
from gradproof.programs import Program, derivative, rewriting, trace
from gradproof.programs.reading.integers import uses_of
from gradproof.programs.reading.ruled import Ruled, is_real, ruled

Arrays = list[Any]
Sides = tuple[Any, Any]


def examined_rules(study: Study) -> tuple[Rule, ...]:
    """What is found of each, once for all calls that are alike."""
    examinations: dict[str, _Examination] = {}
    for function in _called(study):
        one = _Examination(study, _by_what_it_takes(study, function))
        examinations.setdefault(one.written, one)
    found: dict[tuple[str, str], Rule] = {}
    for one in examinations.values():
        rule = one.rule()
        place = rule.function, rule.where
        # Of several shapes the gravest is said.
        if place not in found or _GRAVITY.index(rule.verdict) > _GRAVITY.index(found[place].verdict):
            found[place] = rule
    return tuple(found.values())


_GRAVITY: tuple[OfRule, ...] = ("proved", "surrogate", "undecided", "refuted")


def _called(study: Study) -> Iterator[Ruled]:
    """The functions with rules that the sides call, and those that these rules call; each call is told apart."""
    for oracle in reversed(derivative.ORACLES):
        program = study.program(study.sizes, oracle)
        yield from (function for function in ruled(program.closed.jaxpr) if not function.is_of_jax)
        if not program.asks_derivative:
            return


def _by_what_it_takes(study: Study, function: Ruled) -> Ruled:
    """By the inputs that its rule takes: a rule may raise an error for others, and is not wrong in silence."""
    alone = [replace(function, by=(place,)) for place in function.moving]
    if len(alone) < 2 or _Examination(study, function).runs:
        return function
    taken = tuple(one.moving[0] for one in alone if _Examination(study, one).runs)
    return replace(function, by=taken) if taken else function


@dataclass(frozen=True)
class _Found:
    """What the exact check says of two sides."""

    equal: bool
    counterexample: Counterexample | None = None
    undecided: str = ""


class _Examination:
    """One rule, for inputs of the shapes of one call.

    Arguments:
        study: of the claim that calls the function.
    """

    def __init__(self, study: Study, function: Ruled):
        self.study, self.function = study, function

    @property
    def written(self) -> str:
        """The function and its rule as text, which is the same for calls that are alike."""
        place = f"{self.function.name} {self.function.where} {self.function.inputs}"
        try:
            programs = [self._study(sides).program({}, "autodiff").closed for sides in (self._value, self._slopes)]
        except Undecided as reason:
            return f"{place} {reason}"
        return f"{place} {' '.join(map(rewriting.written, programs))}"

    @property
    def runs(self) -> bool:
        """Whether JAX takes a derivative by the rule."""
        try:
            self._study(self._slopes).program({}, "autodiff")
        except Undecided:
            return False
        return True

    def rule(self) -> Rule:
        function = self.function
        self.study.at(f"the derivative rule of {function}")
        verdict, why, counterexample = self._judged()
        return Rule(function.name, function.where, verdict, why, counterexample)

    def _judged(self) -> tuple[OfRule, str, Counterexample | None]:
        try:
            value = self._compared(self._value)
            if value.counterexample is not None:
                also = "" if self._compared(self._slopes).counterexample is None else ", and is not its derivative"
                return "refuted", f"it returns another value than the function{also}", value.counterexample
            slopes = self._compared(self._slopes)
            if slopes.counterexample is not None:
                if value.equal and self._is_surrogate():
                    return "surrogate", "it is not the derivative, and is not meant to be", None
                return "refuted", f"it is not the derivative of the function{self._none_by()}", slopes.counterexample
            if value.equal and slopes.equal:
                return self._differentiated()
            return "undecided", value.undecided or slopes.undecided, None
        except Undecided as reason:
            return "undecided", str(reason), None

    def _differentiated(self) -> tuple[OfRule, str, Counterexample | None]:
        """Of a rule that is right: whether it can be differentiated, and then is right, too."""
        function = self.function
        by = f" by {' and '.join(function.names[place] for place in function.by)}" if function.by else ""
        right = f"it is the derivative of the function{by}"
        try:
            second = self._compared(self._second, [function.inputs[place] for place in function.moving])
        except Undecided:
            return "proved", right, None
        if second.counterexample is not None:
            why = f"{right}, but differentiated once more it is not the second derivative"
            return "refuted", why, second.counterexample
        return "proved", f"{right}, and differentiated once more the second derivative" if second.equal else right, None

    def _none_by(self) -> str:
        """The arguments by which it gives zeros, in words."""
        program = self._study(self._slopes).program({}, "autodiff")
        zeros = [value.fill == 0 for value in program.said[program.sides[1].outputs]]
        if all(zeros) or self.function.is_pushforward:
            return ""
        moving = (self.function.names[place] for place in self.function.moving)
        held = " and ".join(name for name, zero in zip(moving, zeros, strict=True) if zero)
        return (
            f": it gives none by {held}, which the function can hold fixed with jax.lax.stop_gradient" if held else ""
        )

    def _is_surrogate(self) -> bool:
        """Whether it is as stop_gradient says in the function, or linear where that is constant but for its jumps."""
        if rewriting.uses(self.function.program.jaxpr, "stop_gradient") and self._compared(self._held).equal:
            return True
        return self._compared(self._linear, self.function.directions).equal and self._compared(self._flat).equal

    # What is compared

    def _value(self, xs: Arrays, directions: Arrays) -> Sides:
        return self.function.values(xs), self.function.by_rule(xs, directions)[0]

    def _slopes(self, xs: Arrays, directions: Arrays) -> Sides:
        return self.function.slopes(xs, directions), self.function.by_rule(xs, directions)[1]

    def _second(self, xs: Arrays, directions: Arrays, others: Arrays) -> Sides:
        return self.function.second(xs, directions, others), self.function.second_by_rule(xs, directions, others)

    def _held(self, xs: Arrays, directions: Arrays) -> Sides:
        return self.function.by_code(xs, directions), self.function.by_rule(xs, directions)[1]

    def _linear(self, xs: Arrays, directions: Arrays, others: Arrays) -> Sides:
        apart = [self.function.by_rule(xs, each)[1] for each in (directions, others)]
        together = self.function.by_rule(xs, [a + b for a, b in zip(directions, others, strict=True)])[1]
        return [a + b for a, b in zip(*apart, strict=True)], together

    def _flat(self, xs: Arrays, directions: Arrays) -> Sides:
        slopes = self.function.slopes(xs, directions)
        return slopes, [jnp.zeros_like(slope) for slope in slopes]

    # The claims that these are

    def _compared(self, sides: Callable[..., Sides], others: Sequence[Any] = ()) -> _Found:
        study = self._study(sides, others)
        report = ExactCheck(study).run()
        # A stop_gradient counts for JAX and not for dual numbers, which are the derivative.
        against = [difference for difference in report.failures if difference.oracles != ("autodiff",)]
        if against:
            return _Found(False, find(study, against[0]))
        return _Found(
            report.undecided is None and not report.failures,
            None,
            "" if report.undecided is None else str(report.undecided),
        )

    def _study(self, sides: Callable[..., Sides], others: Sequence[Any] = ()) -> Study:
        """Of the claim that two sides are equal, for all inputs and all directions.

        Arguments:
            others: what further directions there are.
        """
        function = self.function
        inputs = dict(zip(function.names, map(self._symbol, range(len(function.inputs))), strict=True))
        kind = "tangent" if function.is_pushforward else "cotangent"
        names = _names(kind, function.directions), _names(f"other_{kind}", others)
        directions = dict(zip(names[0] + names[1], map(_real, [*function.directions, *others]), strict=True))

        def generator(**values: Any) -> Any:
            avals = [*function.inputs, *function.directions, *others]
            given = [_as(values[name], aval) for name, aval in zip([*inputs, *directions], avals, strict=True)]
            start, stop = len(inputs), len(inputs) + len(names[0])
            parts = given[:start], given[start:stop], given[stop:]
            for side in sides(*(parts if others else parts[:2])):
                wide = jax.tree.map(_wide, side)
                yield jax.tree.leaves(wide)[0] if len(wide) == 1 else wide

        claim = Equality(
            id=function.name, title=f"the rule of {function.name}", sides=generator, symbols={**inputs, **directions}
        )
        return self.study.part(claim, partial(_traced, claim))

    def _symbol(self, place: int) -> ArraySymbol:
        """Any values of an input. Raises `Undecided` for whole numbers of which it is not seen what they index."""
        aval = self.function.inputs[place]
        shape = " ".join(map(str, aval.shape))
        if is_real(aval):
            return Real(shape)
        if aval.dtype == bool:
            return Binary(shape)
        axes = uses_of(self.function.program)[place].axes
        if not axes:
            raise Undecided(f"{self.function.names[place]} is {aval.str_short()}, and any values of that are too many")
        return Index(shape, below=str(min(axes)))


def _names(kind: str, avals: Sequence[Any]) -> list[str]:
    return [kind] if len(avals) == 1 else [f"{kind}{place}" for place in range(len(avals))]


def _real(aval: Any) -> Real:
    return Real(" ".join(map(str, aval.shape)))


def _as(value: Any, aval: Any) -> Any:
    return value > 0.5 if aval.dtype == bool else value.astype(aval.dtype)


def _wide(value: Any) -> Any:
    return value.astype(float)


def _traced(claim: Equality, oracle: derivative.Oracle, dtype: str) -> Program:
    return trace(claim, {}, oracle, np.dtype(dtype))
