"""One equation of a program, seen from the program around it: its operands by name, what is known before it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jax.extend import core

from gradproof.programs import rewriting


def is_real(aval: Any) -> bool:
    return np.issubdtype(aval.dtype, np.floating)


def number(value: Any, like: Any) -> np.ndarray:
    return np.asarray(value, like.dtype)


@dataclass(frozen=True)
class Scope:
    """A program, or the body of a loop or a branch in one, with the names of its first variables."""

    closed: core.ClosedJaxpr
    named: dict[Any, str]
    given: frozenset[Any]
    """The variables that are inputs of the whole program."""

    @cached_property
    def names(self) -> dict[Any, str]:
        jaxpr = self.closed.jaxpr
        names = {variable: f"constant_{i}" for i, variable in enumerate(jaxpr.constvars)} | self.named
        for index, equation in enumerate(jaxpr.eqns):
            name = f"{equation.primitive.name}_{index}"
            several = len(equation.outvars) > 1
            names.update((v, f"{name}.{i}" if several else name) for i, v in enumerate(equation.outvars))
        return names

    @cached_property
    def constants(self) -> dict[Any, np.ndarray]:
        return {v: np.asarray(c) for v, c in zip(self.closed.jaxpr.constvars, self.closed.consts, strict=True)}

    @cached_property
    def born(self) -> dict[Any, int]:
        """When each variable is first known: by the number of its equation, and negative for those known before."""
        jaxpr = self.closed.jaxpr
        first = [*jaxpr.constvars, *jaxpr.invars]
        born = {variable: position - len(first) for position, variable in enumerate(first)}
        return born | {variable: i for i, equation in enumerate(jaxpr.eqns) for variable in equation.outvars}

    @cached_property
    def uses(self) -> dict[Any, list[tuple[Any, int]]]:
        """The equations that read each variable, and as which operand; none stands for an output of the program."""
        jaxpr = self.closed.jaxpr
        found: dict[Any, list[tuple[Any, int]]] = defaultdict(list)
        for equation in jaxpr.eqns:
            for position, atom in enumerate(equation.invars):
                if not isinstance(atom, core.Literal):
                    found[atom].append((equation, position))
        for atom in jaxpr.outvars:
            if not isinstance(atom, core.Literal):
                found[atom].append((None, 0))
        return dict(found)

    @cached_property
    def makers(self) -> dict[Any, Any]:
        """The equation that makes each variable."""
        return {variable: equation for equation in self.closed.jaxpr.eqns for variable in equation.outvars}

    def name(self, atom: Any) -> str:
        return str(np.asarray(atom.val)) if isinstance(atom, core.Literal) else self.names[atom]

    def constant(self, atom: Any) -> np.ndarray | None:
        """The value of an atom that is the same whatever the inputs are."""
        return np.asarray(atom.val) if isinstance(atom, core.Literal) else self.constants.get(atom)

    def within(self, at: int) -> Iterator[tuple[rewriting.Body, "Scope"]]:
        """The bodies of an equation, whose variables have the names of what they are first given."""
        equation = self.closed.jaxpr.eqns[at]
        for body in rewriting.bodies(equation):
            named, given = {}, set()
            for position, (variable, atom) in enumerate(zip(body.closed.jaxpr.invars, body.arguments, strict=True)):
                literal = isinstance(atom, core.Literal)
                named[variable] = f"{equation.primitive.name}_{at}.in{position}" if literal else self.names[atom]
                if not literal and atom in self.given:
                    given.add(variable)
            yield body, Scope(body.closed, named, frozenset(given))


@dataclass(frozen=True)
class Operation:
    """One equation of a scope."""

    scope: Scope
    at: int

    @property
    def equation(self) -> Any:
        return self.scope.closed.jaxpr.eqns[self.at]

    @property
    def primitive(self) -> str:
        return self.equation.primitive.name

    @property
    def operands(self) -> list[Any]:
        return list(self.equation.invars)

    @property
    def aval(self) -> Any:
        """Of the first output."""
        return self.equation.outvars[0].aval

    @property
    def names(self) -> list[str]:
        return [self.scope.name(atom) for atom in self.equation.invars]

    @property
    def text(self) -> str:
        return " ".join([self.primitive, *self.names])

    def known(self, like: Any) -> list[Any]:
        """The variables with the form of an atom that are known here, those nearest to it first."""
        born = self.scope.born
        others = [
            v
            for v, when in born.items()
            if when < self.at and v is not like and rewriting.form(v.aval) == rewriting.form(like.aval)
        ]
        start = born.get(like, self.at)
        return sorted(others, key=lambda variable: abs(born[variable] - start))

    def edit(self, after: str, rule: rewriting.Rule) -> rewriting.Edit:
        """Another right side."""
        return self.described(f"{self.text} -> {after}", rule)

    def described(self, change: str, rule: rewriting.Rule, also: Sequence[Any] = ()) -> rewriting.Edit:
        return rewriting.Edit(change, rule, (*self.equation.invars, *also), tuple(self.equation.outvars))

    def with_parameter(self, key: str, value: Any) -> rewriting.Edit:
        equation = self.equation
        change = f"{self.text}: {key} {equation.params[key]} -> {value}"
        return self.described(change, lambda *xs: rewriting.bound(equation, xs, **{key: value}))

    def with_operand(self, position: int, name: str, value: Callable[[Any], Any]) -> rewriting.Edit:
        """Something else at one use, made of what is there."""
        equation = self.equation
        return self.edit(
            self._with_name(position, name),
            lambda *xs: rewriting.bound(equation, [value(x) if i == position else x for i, x in enumerate(xs)]),
        )

    def with_variable(self, position: int, variable: Any) -> rewriting.Edit:
        """Another variable at one use."""
        equation = self.equation

        def rule(*xs: Any) -> Any:
            return rewriting.bound(equation, [xs[-1] if i == position else x for i, x in enumerate(xs[:-1])])

        change = f"{self.text} -> {self._with_name(position, self.scope.name(variable))}"
        return self.described(change, rule, (variable,))

    def _with_name(self, position: int, name: str) -> str:
        names = self.names
        names[position] = f"({name})" if " " in name else name
        return " ".join([self.primitive, *names])

    def everywhere(self, variable: Any, name: str, value: Callable[[Any], Any]) -> rewriting.Edit:
        """Something else from here on, made of a variable."""
        change = f"{self.scope.name(variable)} -> {name} at all its uses"
        return rewriting.Edit(change, lambda x: [value(x)], (variable,), (variable,), before=True)
