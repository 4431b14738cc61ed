"""The claims that a derivative rule is that of its function: for every cotangent, or along every tangent."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradproof.calls.arguments import parameters, require_arguments
from gradproof.calls.functions import require_callable
from gradproof.calls.gradients import GradientClaim, gradient_claim
from gradproof.errors import GradproofError

Function = Callable[..., Any]


def vjp_claim(function: Function, vjp: Function, arguments: Sequence[Any], **options: Any) -> GradientClaim:
    """That `vjp(*arguments, cotangent)` is the cotangent of each real argument, for any cotangent of the value.

    With a value, as a pair, that is compared, too: a sum with any weights is that of the function.
    """
    require_arguments(arguments)
    require_callable("function", function, arguments)
    require_callable("rule", vjp, (*arguments, None), "as in example_args, with a cotangent")
    cotangent = jax.tree.map(lambda leaf: np.ones(leaf.shape), jax.eval_shape(function, *arguments))
    real = [number for number, argument in enumerate(arguments) if _is_real(argument)]
    if not real:
        raise GradproofError("a rule is of real arguments; none of those in example_args is real")

    def weighted(*values: Any) -> Any:
        *inputs, weights = values
        return _dot(function(*inputs), weights)

    def by_rule(*values: Any) -> Any:
        return vjp(*values)

    names = [*parameters(function, len(arguments)), "cotangent"]
    weighted, by_rule = _called(weighted, function, names), _called(by_rule, vjp, names)
    return gradient_claim(weighted, by_rule, (*arguments, cotangent), argnums=tuple(real), **options)


def jvp_claim(function: Function, jvp: Function, arguments: Sequence[Any], **options: Any) -> GradientClaim:
    """That `jvp(arguments, tangents)` is the value, and the derivative along any tangents."""
    require_arguments(arguments)
    require_callable("function", function, arguments)
    require_callable("rule", jvp, (None, None), "the primals and the tangents")
    tangents = [jax.tree.map(lambda leaf: np.ones(np.shape(leaf)), argument) for argument in arguments]
    count = len(arguments)

    def along(step: Any, *values: Any) -> Any:
        return function(*_moved(step, values[:count], values[count:]))

    def by_rule(step: Any, *values: Any) -> Any:
        directions = values[count:]
        return jvp(tuple(_moved(step, values[:count], directions)), directions)

    inputs = parameters(function, count)
    names = ["step", *inputs, *(f"tangent_{name}" for name in inputs)]
    along, by_rule = _called(along, function, names), _called(by_rule, jvp, names)
    return gradient_claim(along, by_rule, (0.0, *arguments, *tangents), **options)


def rule_claim(function: Any, arguments: Sequence[Any], **options: Any) -> GradientClaim:
    """That the rule of a function with `jax.custom_vjp` or `jax.custom_jvp` is that of the function.

    Raises `GradproofError` for a function without one.
    """
    require_arguments(arguments)
    fixed = tuple(getattr(function, "nondiff_argnums", ()))
    left = [argument for number, argument in enumerate(arguments) if number not in fixed]

    def whole(varying: Sequence[Any]) -> list[Any]:
        """All arguments, of those that are differentiated."""
        rest = iter(varying)
        return [argument if number in fixed else next(rest) for number, argument in enumerate(arguments)]

    def plain(*varying: Any) -> Any:
        return function.fun(*whole(varying))

    names = parameters(function.fun, len(arguments)) if hasattr(function, "fun") else []
    plain = _called(plain, function, [name for number, name in enumerate(names) if number not in fixed])
    before, rule = [arguments[number] for number in fixed], function
    if isinstance(function, jax.custom_vjp):
        real = [number for number, argument in enumerate(left) if _is_real(argument)]

        def backward(*values: Any) -> Any:
            *varying, cotangent = values
            value, residuals = rule.fwd(*whole(varying))
            found = rule.bwd(*before, residuals, cotangent)
            return _dot(value, cotangent), tuple(found[number] for number in real)

        return vjp_claim(plain, _called(backward, rule.bwd), left, **options)
    if isinstance(function, jax.custom_jvp):

        def forward(primals: Any, tangents: Any) -> Any:
            return rule.jvp(*before, primals, tangents)

        return jvp_claim(plain, _called(forward, rule.jvp), left, **options)
    raise GradproofError(
        f"a function with jax.custom_vjp or jax.custom_jvp is checked for its rule; given {function!r}"
    )


def _dot(value: Any, weights: Any) -> Any:
    """The sum of all entries, each with its weight."""
    parts = jax.tree.map(lambda x, weight: jnp.sum(x * weight), value, weights)
    return sum(jax.tree.leaves(parts), jnp.zeros(()))


def _moved(step: Any, inputs: Sequence[Any], directions: Sequence[Any]) -> list[Any]:
    return jax.tree.map(lambda x, direction: x + step * direction, list(inputs), list(directions))


def _is_real(argument: Any) -> bool:
    leaves = jax.tree.leaves(argument)
    return bool(leaves) and all(
        isinstance(x, float) or jnp.issubdtype(jnp.result_type(x), jnp.floating) for x in leaves
    )


def _called(made: Function, function: Any, names: Sequence[str] | None = None) -> Function:
    """The name of a function given to what is made of it, and names to its arguments."""
    made.__name__ = str(getattr(function, "__name__", "rule"))
    if names is not None:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        signature = inspect.Signature([inspect.Parameter(name, kind) for name in names])
        vars(made)["__signature__"] = signature
    return made
