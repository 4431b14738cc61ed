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
from gradproof.errors import GradproofError, Undecided
from gradproof.programs.derivative import derivative

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
    plain, rule, left = _opened(function, arguments)
    made = vjp_claim if isinstance(function, jax.custom_vjp) else jvp_claim
    return made(plain, rule, left, **options)


def second_rule_claim(function: Any, arguments: Sequence[Any], **options: Any) -> GradientClaim:
    """That what JAX makes of the rule is the second derivative.

    Raises `Undecided` for a rule that JAX does not differentiate once more.
    """
    plain, rule, left = _opened(function, arguments)
    others = [jax.tree.map(lambda leaf: np.ones(np.shape(leaf)), argument) for argument in left]
    made = _second_pullback if isinstance(function, jax.custom_vjp) else _second_pushforward
    return made(plain, rule, left, others, **options)


def _second_pullback(
    function: Function, vjp: Function, arguments: Sequence[Any], others: Sequence[Any], **options: Any
) -> GradientClaim:
    """That of the sum of all cotangents, each with another weight."""
    cotangent = jax.tree.map(lambda leaf: np.ones(leaf.shape), jax.eval_shape(function, *arguments))
    real = [number for number, argument in enumerate(arguments) if _is_real(argument)]
    count, weights = len(arguments), [others[number] for number in real]

    def put(values: Sequence[Any], moved: Sequence[Any]) -> list[Any]:
        at = dict(zip(real, moved, strict=True))
        return [at.get(number, value) for number, value in enumerate(values)]

    def weighted(*values: Any) -> Any:
        inputs, by, directions = values[:count], values[count], values[count + 1 :]
        point = [inputs[number] for number in real]
        return derivative(lambda step: _dot(function(*put(inputs, _moved(step, point, directions))), by), 0.0)

    def by_rule(*values: Any) -> Any:
        inputs, by, directions = values[:count], values[count], values[count + 1 :]
        _, pullback = jax.vjp(lambda point: vjp(*put(inputs, point), by)[1], [inputs[number] for number in real])
        return tuple(pullback(tuple(directions))[0])

    inputs = parameters(function, count)
    names = [*inputs, "cotangent", *(f"weight_{inputs[number]}" for number in real)]
    example = (*arguments, cotangent, *weights)
    return _second(weighted, by_rule, vjp, names, example, argnums=tuple(real), **options)


def _second_pushforward(
    function: Function, jvp: Function, arguments: Sequence[Any], others: Sequence[Any], **options: Any
) -> GradientClaim:
    """That along other tangents."""
    count = len(arguments)

    def split(step: Any, values: Sequence[Any]) -> tuple[list[Any], Sequence[Any]]:
        return _moved(step, values[:count], values[2 * count :]), values[count : 2 * count]

    def along(step: Any, *values: Any) -> Any:
        inputs, directions = split(step, values)
        return derivative(lambda other: function(*_moved(other, inputs, directions)), 0.0)

    def by_rule(step: Any, *values: Any) -> Any:
        def slope(at: Any) -> Any:
            inputs, directions = split(at, values)
            return jvp(tuple(inputs), tuple(directions))[1]

        return jax.jvp(slope, (step,), (jnp.ones_like(step),))[1]

    inputs = parameters(function, count)
    names = ["step", *inputs, *(f"{kind}_{name}" for kind in ("tangent", "other_tangent") for name in inputs)]
    return _second(along, by_rule, jvp, names, (0.0, *arguments, *others, *others), **options)


def _second(
    function: Function, by_rule: Function, rule: Function, names: Sequence[str], example: Sequence[Any], **options: Any
) -> GradientClaim:
    try:
        with jax.enable_x64(True):
            jax.eval_shape(by_rule, *example)
    except Exception as error:
        raise Undecided(f"the rule is not differentiated once more: {error}") from error
    return gradient_claim(_called(function, rule, names), _called(by_rule, rule, names), example, **options)


def _opened(function: Any, arguments: Sequence[Any]) -> tuple[Function, Function, list[Any]]:
    """A function without its rule, the rule, and the arguments that are differentiated.

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
            # None stands for zeros.
            cotangents = (jax.tree.map(jnp.zeros_like, varying[n]) if found[n] is None else found[n] for n in real)
            return _dot(value, cotangent), tuple(cotangents)

        return plain, _called(backward, rule.bwd), left
    if isinstance(function, jax.custom_jvp):

        def forward(primals: Any, tangents: Any) -> Any:
            return rule.jvp(*before, primals, tangents)

        return plain, _called(forward, rule.jvp), left
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
