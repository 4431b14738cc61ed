"""Running a jaxpr in an arithmetic that is not the machine's.

Integers and truth values are run as they are, with numpy. A primitive that no rule knows makes the claim undecided,
by its name and its place in the code; an error in the engine's own code is a bug, and is reported as one.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import numpy as np
from jax.extend import core

from gradproof.errors import EngineError, Undecided
from gradproof.interpreter.arithmetic import Arithmetic
from gradproof.interpreter.basic import RunAgain
from gradproof.interpreter.memory import FORGETFUL, Made, Record
from gradproof.interpreter.rules.random import drawn
from gradproof.interpreter.rules.rule import Rules
from gradproof.interpreter.rules.table import RULES
from gradproof.interpreter.running import Running, is_real, is_whole
from gradproof.programs import places

EXPECTED = EngineError, Undecided, RunAgain, MemoryError
"""What is no bug of the engine; any other error is turned into one that says where in the engine it was raised."""


class Evaluator(Running):
    """Runs programs in one arithmetic; what the equations of a whole program make is recalled from a record."""

    def __init__(self, arithmetic: Arithmetic, record: Record = FORGETFUL, rules: Rules = RULES):
        super().__init__(arithmetic)
        self.record, self.rules = record, rules

    def within(self, arithmetic: Arithmetic) -> "Evaluator":
        return Evaluator(arithmetic, rules=self.rules)

    def run(self, jaxpr: core.Jaxpr, constants: Sequence[Any], arguments: Sequence[Any]) -> list[Any]:
        environment: dict[Any, Any] = {}

        def read(atom: Any) -> Any:
            return self.known(atom.val) if isinstance(atom, core.Literal) else environment[atom]

        def made(equation: Any) -> list[Any]:
            return self.step(equation, list(map(read, equation.invars)))

        for variable, value in zip(jaxpr.constvars, constants, strict=True):
            try:
                environment[variable] = self.recalled(value, (), partial(self.known, value))
            except EXPECTED:
                raise
            except Exception as error:
                raise EngineError.of(error, "reading a constant") from error
        environment.update(zip(jaxpr.invars, arguments, strict=True))
        for equation, last in zip(jaxpr.eqns, _last_uses(jaxpr), strict=True):
            variables = [environment[atom] for atom in equation.invars if not isinstance(atom, core.Literal)]
            try:
                outputs = self.recalled(equation, variables, partial(made, equation))
                for variable, value in zip(equation.outvars, outputs, strict=True):
                    aval: Any = variable.aval
                    if value.shape != aval.shape:
                        raise AssertionError(f"shape {value.shape}, not {aval.shape}")
                    environment[variable] = value
            except EXPECTED:
                raise
            except Exception as error:
                raise EngineError.of(error, _running(equation)) from error
            for variable in last:
                environment.pop(variable, None)
        return [read(atom) for atom in jaxpr.outvars]

    def recalled(self, what: Any, inputs: Sequence[Any], make: Callable[[], Made]) -> Made:
        if self.record is FORGETFUL:
            return make()
        record, self.record = self.record, FORGETFUL
        try:
            return record.recall(self.arithmetic, what, inputs, make)
        finally:
            self.record = record

    def step(self, equation: Any, inputs: list[Any]) -> list[Any]:
        """The outputs of one equation."""
        self.arithmetic.at(equation)
        try:
            outputs = self.outputs(equation, inputs)
        except Undecided as reason:
            # Inside jax no line is the user's; the call that led there has one.
            if reason.where is None and (here := places.place(equation)) != places.INSIDE:
                raise reason.at(here) from None
            raise
        return [np.asarray(value) if isinstance(value, np.generic) else value for value in outputs]

    def outputs(self, equation: Any, inputs: list[Any]) -> Sequence[Any]:
        """By the rule of its primitive; raises `Undecided` where there is none."""
        name, rules = equation.primitive.name, self.rules
        real = any(is_real(variable.aval) for variable in equation.outvars)
        if name == "select_n":
            inputs = [inputs[0], *self.arithmetic.cases(*inputs)]
        if (rule := rules.moving.get(name)) is not None:
            keys = any(isinstance(value, jax.Array) for value in inputs)
            out = (
                drawn(self, equation, *inputs, **equation.params)
                if keys
                else self.moved(rule.applied(equation), *inputs)
            )
        elif not real and (rule := rules.whole.get(name)) is not None and _all_whole(inputs):
            out = rule.applied(equation)(*inputs)
            # Sums and products of NumPy have more bits; JAX's are cut.
            dtypes: list[Any] = [variable.aval.dtype for variable in equation.outvars]
            parts = out if isinstance(out, list | tuple) else [out]
            out = [part.astype(dtype) for part, dtype in zip(parts, dtypes, strict=True)]
        elif (rule := rules.numbers.get(name)) is not None:
            out = rule.applied(equation)(self, equation, *inputs)
            if not real and not isinstance(out, list) and not is_whole(out):
                raise Undecided(f"the primitive {name!r} of integers is not known to the exact engine")
        else:
            raise Undecided(f"the primitive {name!r} is not known to the exact engine")
        return out if isinstance(out, list | tuple) else [out]


def _last_uses(jaxpr: core.Jaxpr) -> list[list[Any]]:
    """For each equation, the variables that no later one needs."""
    needed = {atom for atom in jaxpr.outvars if not isinstance(atom, core.Literal)}
    last = []
    for equation in reversed(jaxpr.eqns):
        atoms: Any = (*equation.invars, *equation.outvars)
        last.append([atom for atom in atoms if not isinstance(atom, core.Literal) and atom not in needed])
        needed.update(last[-1])
    return last[::-1]


def _all_whole(values: Sequence[Any]) -> bool:
    return all(is_whole(value) for value in values)


def _running(equation: Any) -> str:
    here = places.place(equation)
    of = f" of {here}" if here != places.INSIDE else ""
    return f"running the primitive {equation.primitive.name!r}{of}"
