"""What the arrays of a side are called: by what they are derivatives, or by their places."""

from collections.abc import Mapping

from jax.extend import core

from gradproof.checks.study import Study


def named_arrays(study: Study, sizes: Mapping[str, int]) -> list[str]:
    """Of the first side; where that is a derivative, by the names of the symbols that it is by."""
    program = study.program(sizes, "dual")
    side = program.sides[0]
    inputs = dict(zip(program.closed.jaxpr.invars, study.claim.inputs, strict=True))
    by: dict[object, str] = {}
    for equation in program.closed.jaxpr.eqns:
        if equation.primitive.name == "derivative":
            at = equation.invars[equation.params["constants"] :]
            for place, output in enumerate(equation.outvars):
                symbol = at[place % len(at)]
                if isinstance(symbol, core.Var) and symbol in inputs:
                    by[output] = inputs[symbol]
    outputs = program.closed.jaxpr.outvars[side.outputs]
    found = [by.get(output) if isinstance(output, core.Var) else None for output in outputs]
    if None in found or len(set(found)) < len(found):
        return [f"the array at {side.entry_name(leaf, ())}" for leaf in range(len(found))]
    return [f"the derivative by {name}" for name in found]
