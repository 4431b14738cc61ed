"""How much work a program is, as far as its equations tell."""

import math
from typing import Any

from jax.extend import core


def longest_loop(jaxpr: core.Jaxpr) -> int:
    """The number of turns of the longest loop of a program, among those whose number is known."""
    inner = [longest_loop(other) for equation in jaxpr.eqns for other in core.jaxprs_in_params(equation.params)]
    loops = [equation.params["length"] for equation in jaxpr.eqns if equation.primitive.name == "scan"]
    return max([*loops, *inner], default=0)


def work(jaxpr: core.Jaxpr) -> int:
    """About how many operations on single numbers a program makes."""
    total = 0
    for equation in jaxpr.eqns:
        outputs = sum(map(_count, equation.outvars))
        inside = sum(map(work, core.jaxprs_in_params(equation.params)))
        match equation.primitive.name:
            case "derivative":
                inside *= 1 + sum(map(_count, equation.invars[equation.params["constants"] :]))
            case "scan":
                inside *= equation.params["length"]
            case "dot_general":
                (contracted, _), _ = equation.params["dimension_numbers"]
                operand: Any = equation.invars[0].aval
                inside = outputs * math.prod(operand.shape[axis] for axis in contracted)
        total += inside or outputs
    return total


def _count(atom: Any) -> int:
    return math.prod(atom.aval.shape)
