"""What of the loss is to blame where JAX's derivative is wrong: a derivative rule of a function, or a stop_gradient."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import core

from gradproof.checks.diagnosis.case import PRECISION
from gradproof.claims.verdict import Rule
from gradproof.errors import Undecided
from gradproof.numerics import Input, certify
from gradproof.programs import Program, derivative, places, rewriting
from gradproof.programs.reading.ruled import CUSTOM, Ruled

TRIES = 4
"""At so many random inputs a rule is compared with its function: at half of them all are positive."""


def to_blame(program: Program, rules: Sequence[Rule] = ()) -> str | None:
    """The function in the derivatives of a program whose rule is not its derivative, or else what stops a gradient.

    Arguments:
        program: by dual numbers, so that it holds what is derived.
        rules: what is known of them.
    """
    known = {(rule.function, rule.where): rule.verdict for rule in rules}
    equations = list(_equations(program.first.jaxpr))
    derived = [
        inner for one in equations if one.primitive.name == "derivative" for inner in _equations(one.params["jaxpr"])
    ]
    for equation in derived:
        if equation.primitive.name not in CUSTOM:
            continue
        function = Ruled(equation)
        match known.get((function.name, function.where), "undecided"):
            case "refuted":
                return f"the derivative rule of {function} is wrong"
            case "surrogate":
                return f"the derivative rule of {function} is a surrogate"
            case "undecided" if _is_wrong(equation):
                return f"the derivative rule of {function} is wrong"
    if any(_is_stopped(one) for one in equations if one.primitive.name == "derivative"):
        stopped = dict.fromkeys(places.place(one) for one in derived if one.primitive.name == "stop_gradient")
        return f"the stop_gradient at {' or '.join(stopped)} is in the way" if stopped else None
    return None


def _equations(jaxpr: core.Jaxpr) -> Iterator[Any]:
    """Those of a program and of all that it runs, but for what is within a function with a rule of its own."""
    for equation in jaxpr.eqns:
        yield equation
        if equation.primitive.name not in (*CUSTOM, "derivative"):
            for inner in core.jaxprs_in_params(equation.params):
                yield from _equations(inner)


def _is_wrong(equation: Any) -> bool:
    """Whether the rule of a function gives another derivative than dual numbers do."""
    called = rewriting.called(equation)
    if called is None:
        return False
    return _differ(
        lambda values: rewriting.bound(equation, values), called, equation.invars, range(len(equation.invars))
    )


def _is_stopped(equation: Any) -> bool:
    """Whether JAX has another derivative even where no function has a rule of its own."""
    constants, jaxpr = equation.params["constants"], equation.params["jaxpr"]
    opened = jaxpr.replace(constvars=[], invars=[*jaxpr.constvars, *jaxpr.invars])
    whole = rewriting.inlined(core.ClosedJaxpr(opened, ()))
    moving = range(constants, len(equation.invars))
    return _differ(lambda values: core.jaxpr_as_fun(whole)(*values), whole, equation.invars, moving)


def _differ(
    function: Callable[[Sequence[Any]], Sequence[Any]],
    called: core.ClosedJaxpr,
    atoms: Sequence[Any],
    by: Iterable[int],
) -> bool:
    """Whether JAX's derivative of a function differs, at random inputs, from that of its program by dual numbers.

    Arguments:
        atoms: the inputs, for their shapes.
        by: those that the derivative is by, as far as they are real.
    """
    generator = np.random.default_rng(0)
    moving = [place for place in by if jnp.issubdtype(atoms[place].aval.dtype, jnp.floating)]
    weights = [
        generator.normal(size=out.shape) if jnp.issubdtype(out.dtype, jnp.floating) else None
        for out in called.out_avals
    ]

    def weighed(outputs: Sequence[Any]) -> Any:
        return sum(jnp.sum(w * x) for w, x in zip(weights, outputs, strict=True) if w is not None)

    def slopes(values: Sequence[Any]) -> Any:
        def put(moved: Sequence[Any]) -> list[Any]:
            at = dict(zip(moving, moved, strict=True))
            return [at.get(place, value) for place, value in enumerate(values)]

        at = [values[place] for place in moving]
        with derivative.using("autodiff"):
            by_rules = derivative.derivative(lambda x: weighed(function(put(x))), at)
        with derivative.using("dual"):
            by_itself = derivative.derivative(lambda x: weighed(core.jaxpr_as_fun(called)(*put(x))), at)
        return by_rules, by_itself

    try:
        closed = jax.make_jaxpr(slopes)([jax.ShapeDtypeStruct(atom.aval.shape, atom.aval.dtype) for atom in atoms])
    except Exception:
        # What has no derivative of its own, as a callback, is no witness against its rule.
        return False
    half = len(closed.out_avals) // 2
    for number in range(TRIES):
        point = [Input(_drawn(atom.aval, generator, positive=number % 2 == 1)) for atom in atoms]
        try:
            (run,) = certify(closed, [point], precisions=(PRECISION,))
        except Undecided:
            continue
        pairs = zip(run.outputs[:half], run.outputs[half:], strict=True)
        known = not (run.tied or run.ambiguous) and all(x.known.all() for x in run.outputs)
        if known and not all(a.within_errors(b).all() for a, b in pairs):
            return True
    return False


def _drawn(aval: Any, generator: np.random.Generator, *, positive: bool) -> np.ndarray:
    if not jnp.issubdtype(aval.dtype, jnp.floating):
        return np.zeros(aval.shape, aval.dtype)
    values = generator.normal(size=aval.shape)
    return np.asarray(abs(values) if positive else values, aval.dtype)
