"""Running a jaxpr in an arithmetic that is not the machine's.

Integers and truth values are run as they are, with numpy. A primitive that no rule knows makes the claim undecided,
by its name and its place in the code.
"""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import jax
import numpy as np
from jax.extend import core

from gradproof.errors import Undecided
from gradproof.interpreter import indexing
from gradproof.interpreter.arithmetic import Arithmetic
from gradproof.interpreter.dual import DualArithmetic
from gradproof.interpreter.memory import FORGETFUL, Made, Record
from gradproof.programs.places import INSIDE, is_bell, place

LONGEST_LOOP = 10_000


class Evaluator:
    """Runs programs in one arithmetic; what the equations of a whole program make is recalled from a record."""

    def __init__(self, arithmetic: Arithmetic, record: Record = FORGETFUL):
        self.arithmetic, self.record = arithmetic, record

    def run(self, jaxpr: core.Jaxpr, constants: Sequence[Any], arguments: Sequence[Any]) -> list[Any]:
        """The outputs of a jaxpr; constants and arguments are numpy arrays or numbers of the arithmetic."""
        environment: dict[Any, Any] = {}

        def read(atom: Any) -> Any:
            return self.known(atom.val) if isinstance(atom, core.Literal) else environment[atom]

        def made(equation: Any) -> list[Any]:
            return self.step(equation, list(map(read, equation.invars)))

        for variable, value in zip(jaxpr.constvars, constants, strict=True):
            environment[variable] = self.recalled(value, (), partial(self.known, value))
        environment.update(zip(jaxpr.invars, arguments, strict=True))
        for equation in jaxpr.eqns:
            variables = [environment[atom] for atom in equation.invars if not isinstance(atom, core.Literal)]
            outputs = self.recalled(equation, variables, partial(made, equation))
            for variable, value in zip(equation.outvars, outputs, strict=True):
                aval: Any = variable.aval
                if value.shape != aval.shape:
                    raise AssertionError(f"{equation.primitive.name}: shape {value.shape}, not {aval.shape}")
                environment[variable] = value
        return [read(atom) for atom in jaxpr.outvars]

    def recalled(self, what: Any, inputs: Sequence[Any], make: Callable[[], Made]) -> Made:
        record, self.record = self.record, FORGETFUL
        try:
            return record.recall(self.arithmetic, what, inputs, make)
        finally:
            self.record = record

    def run_closed(self, closed: core.ClosedJaxpr, arguments: Sequence[Any]) -> list[Any]:
        return self.run(closed.jaxpr, closed.consts, arguments)

    def known(self, value: Any) -> Any:
        """A constant of a program: a number if it is a float, numpy if not."""
        if not isinstance(value, np.ndarray | np.generic | jax.Array | float | int | bool):
            return value
        array = np.asarray(value)
        if array.dtype.kind in "biu":
            return array
        if array.dtype.kind == "c":
            raise Undecided("complex numbers are not supported")
        return self.arithmetic.constant(array.astype(np.float64) if array.dtype != np.float64 else array)

    def number(self, value: Any) -> Any:
        return self.arithmetic.constant(np.asarray(value)) if isinstance(value, np.ndarray | np.generic) else value

    def numbers(self, values: Sequence[Any]) -> list[Any]:
        """Numbers of one shape: the rules of JAX's own primitives let axes of length one be spread."""
        shape = np.broadcast_shapes(*(value.shape for value in values))
        return [self.spread(self.number(value), shape) for value in values]

    def spread(self, x: Any, shape: tuple[int, ...]) -> Any:
        """The same, repeated along axes that it does not have or that are of length one."""
        return x if x.shape == shape else self.moved(lambda a: np.broadcast_to(a, shape), [x], {})

    def step(self, equation: Any, inputs: list[Any]) -> list[Any]:
        name = equation.primitive.name
        self.arithmetic.site = equation
        try:
            if name == "select_n":
                inputs = [inputs[0], *self.arithmetic.cases(*inputs)]
            if name in indexing.RULES:
                out = self.moved(indexing.RULES[name], inputs, equation.params)
            elif all(isinstance(value, np.ndarray) for value in inputs) and name in WHOLE and not _real(equation):
                out = WHOLE[name](*inputs, **equation.params)
            elif name in RULES:
                out = RULES[name](self, equation, *inputs)
            else:
                raise Undecided(f"the primitive {name!r} is not known to the exact engine")
        except Undecided as reason:
            # Inside jax no line is the user's; the call that led there has one.
            if reason.args and " at " not in str(reason) and (here := place(equation)) != INSIDE:
                raise type(reason)(f"{reason}, at {here}") from None
            raise
        except (AttributeError, KeyError, TypeError) as error:
            # Versions of JAX differ in the parameters of their primitives.
            why = (
                f"the primitive {name!r} is not of a form that the exact engine knows ({type(error).__name__}: {error})"
            )
            raise Undecided(f"{why}, at {place(equation)}") from error
        outputs = list(out) if isinstance(out, list | tuple) else [out]
        return [np.asarray(value) if isinstance(value, np.generic) else value for value in outputs]

    def moved(self, rule: Callable[..., Any], inputs: list[Any], params: dict[str, Any]) -> Any:
        """Apply a rule that only moves elements, to positions in place of the numbers themselves."""
        params = {key: value for key, value in params.items() if key not in ("sharding", "out_sharding")}
        if not any(not isinstance(value, np.ndarray) for value in inputs):
            whole = rule(*inputs, **params)
            return list(map(np.asarray, whole)) if isinstance(whole, list | tuple) else np.asarray(whole)
        pool, arguments, start = [], [], 0
        for position, value in enumerate(inputs):
            if isinstance(value, np.ndarray) and (value.dtype.kind in "iu" or (position == 0 and value.dtype == bool)):
                arguments.append(value)
                continue
            number = self.number(value)
            size = math.prod(number.shape)
            arguments.append(np.arange(start, start + size).reshape(number.shape))
            pool.append(number)
            start += size
        out = rule(*arguments, **params)
        if isinstance(out, list | tuple):
            return [self.arithmetic.take(pool, index) for index in out]
        return self.arithmetic.take(pool, out)

    def last(self, x: Any, axes: Sequence[int]) -> Any:
        """Move axes to the end and merge them into one."""
        rest = [axis for axis in range(len(x.shape)) if axis not in axes]
        shape = [x.shape[axis] for axis in rest] + [math.prod(x.shape[axis] for axis in axes)]
        return self.moved(lambda a: a.transpose([*rest, *axes]).reshape(shape), [x], {})


def _real(equation: Any) -> bool:
    return any(out.aval.dtype.kind not in "biu" for out in equation.outvars)


# Integers and truth values, as numpy runs them.


def _truncated_division(a: Any, b: Any, **_: Any) -> Any:
    return np.sign(a) * np.sign(b) * (np.abs(a) // np.abs(b))


def _convert(x: Any, *, new_dtype: Any, **_: Any) -> Any:
    return x.astype(new_dtype)


def _reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, *, axes, **_: function(x, axis=tuple(axes))


def _cumulative(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, *, axis, reverse, **_: (
        np.flip(function(np.flip(x, axis), axis=axis), axis) if reverse else function(x, axis=axis)
    )


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *xs, **_: function(*xs)


WHOLE: dict[str, Callable[..., Any]] = {
    "add": _plain(np.add),
    "sub": _plain(np.subtract),
    "mul": _plain(np.multiply),
    "neg": _plain(np.negative),
    "div": _truncated_division,
    "rem": _plain(np.fmod),
    "sign": _plain(np.sign),
    "abs": _plain(np.abs),
    "max": _plain(np.maximum),
    "min": _plain(np.minimum),
    "eq": _plain(np.equal),
    "ne": _plain(np.not_equal),
    "lt": _plain(np.less),
    "le": _plain(np.less_equal),
    "gt": _plain(np.greater),
    "ge": _plain(np.greater_equal),
    "and": _plain(np.bitwise_and),
    "or": _plain(np.bitwise_or),
    "xor": _plain(np.bitwise_xor),
    "not": _plain(np.invert),
    "square": _plain(np.square),
    "integer_pow": lambda x, *, y: x**y,
    "clamp": lambda low, x, high, **_: np.clip(x, low, high),
    "convert_element_type": _convert,
    "iota": lambda *, dtype, shape, dimension, **_: np.broadcast_to(
        np.arange(shape[dimension], dtype=dtype).reshape([-1 if a == dimension else 1 for a in range(len(shape))]),
        shape,
    ),
    "reduce_sum": _reduction(np.sum),
    "reduce_prod": _reduction(np.prod),
    "reduce_max": _reduction(np.max),
    "reduce_min": _reduction(np.min),
    "reduce_and": _reduction(np.all),
    "reduce_or": _reduction(np.any),
    "argmax": lambda x, *, axes, index_dtype: np.argmax(x, axis=axes[0]).astype(index_dtype),
    "argmin": lambda x, *, axes, index_dtype: np.argmin(x, axis=axes[0]).astype(index_dtype),
    "cumsum": _cumulative(np.cumsum),
    "cumprod": _cumulative(np.cumprod),
    "cummax": _cumulative(np.maximum.accumulate),
    "cummin": _cumulative(np.minimum.accumulate),
    "copy": _plain(np.copy),
    "copy_p": _plain(np.copy),
    "stop_gradient": _plain(np.copy),
}


# Numbers.


def _elementwise(method: str) -> Callable[..., Any]:
    def rule(run: Evaluator, equation: Any, *xs: Any) -> Any:
        return getattr(run.arithmetic, method)(*run.numbers(xs))

    return rule


def _same(run: Evaluator, equation: Any, x: Any, *_: Any) -> Any:
    return x


def _comparison(holds: Callable[[np.ndarray], np.ndarray]) -> Callable[..., Any]:
    return lambda run, equation, *xs: run.arithmetic.compare(*run.numbers(xs), holds)


def _convert_number(run: Evaluator, equation: Any, x: Any) -> Any:
    if _real(equation):
        return run.number(x)
    if equation.params["new_dtype"] == np.bool_:
        return run.arithmetic.sign(x) != 0
    known = run.arithmetic.rationals(x)
    if known is None:
        raise Undecided("a real number is converted to an integer")
    return np.array([math.trunc(v) for v in known.ravel()], equation.params["new_dtype"]).reshape(x.shape)


def _integer_pow(run: Evaluator, equation: Any, x: Any) -> Any:
    return run.arithmetic.integer_power(run.number(x), equation.params["y"])


def _pow(run: Evaluator, equation: Any, a: Any, b: Any) -> Any:
    arithmetic = run.arithmetic
    if isinstance(b, np.ndarray):
        shape = np.broadcast_shapes(a.shape, b.shape)
        base, exponents = run.spread(run.number(a), shape), np.broadcast_to(b, shape)
        cases = {n: arithmetic.integer_power(base, int(n)) for n in np.unique(exponents)}
        which = np.searchsorted(list(cases), exponents)
        return arithmetic.select(which, list(cases.values()))
    base, b = run.numbers((a, b))
    if (fraction := arithmetic.fraction(b)) is not None:
        if fraction.denominator == 1 and abs(fraction) < 1000:
            return arithmetic.integer_power(base, int(fraction))
        if fraction.denominator <= 12 and abs(fraction) < 1000:
            return arithmetic.power(base, fraction)
    return arithmetic.general_power(base, b)


def _root(exponent: Fraction) -> Callable[..., Any]:
    return lambda run, equation, x: run.arithmetic.power(run.number(x), exponent)


def _cbrt(run: Evaluator, equation: Any, x: Any) -> Any:
    arithmetic = run.arithmetic
    sign = arithmetic.sign(x)
    root = arithmetic.power(arithmetic.absolute(x), Fraction(1, 3))
    return arithmetic.multiply(arithmetic.constant(sign), root)


def _exp2(run: Evaluator, equation: Any, x: Any) -> Any:
    arithmetic = run.arithmetic
    return arithmetic.exp(arithmetic.multiply(arithmetic.log(arithmetic.filled(2.0, x.shape)), x))


def _sign(run: Evaluator, equation: Any, x: Any) -> Any:
    return run.number(run.arithmetic.sign(x))


def _clamp(run: Evaluator, equation: Any, low: Any, x: Any, high: Any) -> Any:
    arithmetic = run.arithmetic
    low, x, high = run.numbers((low, x, high))
    return arithmetic.minimum(arithmetic.maximum(x, low), high)


def _is_finite(run: Evaluator, equation: Any, x: Any) -> Any:
    return run.arithmetic.finite(run.number(x))


def _reduce_sum(run: Evaluator, equation: Any, x: Any) -> Any:
    return run.arithmetic.sum(run.last(run.number(x), equation.params["axes"]))


def _folded(method: str, empty: float) -> Callable[..., Any]:
    """A reduction by pairs."""

    def rule(run: Evaluator, equation: Any, x: Any) -> Any:
        arithmetic = run.arithmetic
        merged = run.last(run.number(x), equation.params["axes"])
        if merged.shape[-1] == 0:
            return arithmetic.filled(empty, merged.shape[:-1])
        columns = run.moved(indexing.unstack, [merged], {"axis": len(merged.shape) - 1})
        total = columns[0]
        for item in columns[1:]:
            total = getattr(arithmetic, method)(total, item)
        return total

    return rule


def _accumulated(method: str) -> Callable[..., Any]:
    def rule(run: Evaluator, equation: Any, x: Any) -> Any:
        axis, backwards = equation.params["axis"], equation.params["reverse"]
        items = run.moved(indexing.unstack, [run.number(x)], {"axis": axis})
        if backwards:
            items = items[::-1]
        totals = items[:1]
        for item in items[1:]:
            totals.append(getattr(run.arithmetic, method)(totals[-1], item))
        return run.moved(indexing.stack, totals[::-1] if backwards else totals, {"axis": axis})

    return rule


def _cumlogsumexp(run: Evaluator, equation: Any, x: Any) -> Any:
    arithmetic = run.arithmetic
    return arithmetic.log(_accumulated("add")(run, equation, arithmetic.exp(x)))


def _argument(sign: int) -> Callable[..., Any]:
    """The first place of the largest or the smallest."""

    def rule(run: Evaluator, equation: Any, x: Any) -> Any:
        (axis,) = equation.params["axes"]
        items = run.moved(indexing.unstack, [x], {"axis": axis})
        best, place_of = items[0], np.zeros(items[0].shape, equation.params["index_dtype"])
        for index, item in enumerate(items[1:], 1):
            better = run.arithmetic.order(item, best) * sign > 0
            best = run.arithmetic.select(better, (best, item))
            place_of = np.where(better, index, place_of)
        return place_of.astype(equation.params["index_dtype"])

    return rule


def _dot_general(run: Evaluator, equation: Any, a: Any, b: Any) -> Any:
    (contract_a, contract_b), (batch_a, batch_b) = equation.params["dimension_numbers"]
    a, b = run.number(a), run.number(b)
    free_a = [axis for axis in range(len(a.shape)) if axis not in (*contract_a, *batch_a)]
    free_b = [axis for axis in range(len(b.shape)) if axis not in (*contract_b, *batch_b)]
    batch, left, right, inner = (
        [x.shape[axis] for axis in axes] for x, axes in ((a, batch_a), (a, free_a), (b, free_b), (a, contract_a))
    )
    shape = (*batch, *left, *right, math.prod(inner))

    def arranged(x: Any, axes: Sequence[int], at: int, gap: int) -> Any:
        """Axes in the order batch, left, right, inner, with the ones that x lacks put in at a place."""

        def rule(index: np.ndarray) -> np.ndarray:
            ordered = index.transpose(axes)
            merged = ordered.reshape([*ordered.shape[: len(axes) - len(inner)], shape[-1]])
            return np.broadcast_to(np.expand_dims(merged, tuple(range(at, at + gap))), shape)

        return run.moved(rule, [x], {})

    product = run.arithmetic.multiply(
        arranged(a, [*batch_a, *free_a, *contract_a], len(batch) + len(left), len(right)),
        arranged(b, [*batch_b, *free_b, *contract_b], len(batch), len(left)),
    )
    return run.arithmetic.sum(product)


def _cholesky(run: Evaluator, equation: Any, a: Any) -> Any:
    return run.arithmetic.cholesky(run.number(a))


def _triangular_solve(run: Evaluator, equation: Any, a: Any, b: Any) -> Any:
    """With the triangle below and on the left: transposed where it must be, and in reverse order where it is above."""
    params, n = equation.params, a.shape[-1]
    # Of x a = b the transposed is a' x' = b'. Real numbers are their own conjugates.
    transposed = params["transpose_a"] == params["left_side"]
    order = -1 if params["lower"] == transposed else 1
    diagonal = np.eye(n, dtype=bool) & params["unit_diagonal"]

    def triangle(entry: np.ndarray, one: np.ndarray) -> np.ndarray:
        turned = (entry.swapaxes(-1, -2) if transposed else entry)[..., ::order, ::order]
        return np.where(diagonal, one, np.where(np.tri(n, dtype=bool), turned, -1))

    def columns(entry: np.ndarray) -> np.ndarray:
        return entry if params["left_side"] else entry.swapaxes(-1, -2)

    a = run.moved(triangle, [a, run.arithmetic.filled(1.0, ())], {})
    b = run.moved(lambda entry: columns(entry)[..., ::order, :], [b], {})
    return run.moved(lambda entry: columns(entry[..., ::order, :]), [run.arithmetic.solve_lower(a, b)], {})


SCATTERED: dict[str, tuple[str, Callable[..., Any]]] = {
    "scatter-add": ("add", np.add.at),
    "scatter-sub": ("subtract", np.subtract.at),
    "scatter-mul": ("multiply", np.multiply.at),
}


def _scatter(run: Evaluator, equation: Any, x: Any, indices: Any, updates: Any) -> Any:
    name = equation.primitive.name
    places = indexing.scatter_places(
        x.shape,
        indices,
        updates.shape,
        dimension_numbers=equation.params["dimension_numbers"],
        mode=equation.params["mode"],
    ).ravel()
    if not _real(equation):
        whole, inside = x.ravel().copy(), places >= 0
        at = SCATTERED[name][1] if name in SCATTERED else np.put
        at(whole, places[inside], updates.ravel()[inside])
        return whole.reshape(x.shape)
    x, updates = run.number(x), run.number(updates)
    rank = np.zeros(places.shape, np.int64)
    seen: dict[int, int] = {}
    for position, target in enumerate(places.tolist()):
        rank[position] = seen.get(target, 0)
        seen[target] = rank[position] + 1
    size = math.prod(x.shape)
    for turn in range(int(rank.max()) + 1 if rank.size else 0):
        chosen = np.flatnonzero((rank == turn) & (places >= 0))
        source = np.full(size, -1)
        source[places[chosen]] = chosen
        source = source.reshape(x.shape)
        arriving = run.arithmetic.take([updates], source)
        result = getattr(run.arithmetic, SCATTERED[name][0])(x, arriving) if name in SCATTERED else arriving
        x = run.arithmetic.select((source >= 0).astype(np.int64), (x, result))
    return x


def _sort(run: Evaluator, equation: Any, *xs: Any) -> list[Any]:
    """Each element goes to the place that as many others come before; equal ones keep their order."""
    axis, keys = equation.params["dimension"], equation.params["num_keys"]
    if keys != 1 or isinstance(xs[0], np.ndarray):
        raise Undecided("only sorting by one array of real numbers is supported")
    items = run.moved(indexing.unstack, [xs[0]], {"axis": axis})
    before = np.zeros((len(items), *items[0].shape), np.int64)
    for i, first in enumerate(items):
        for j, second in enumerate(items[:i]):
            later = run.arithmetic.order(first, second) >= 0
            before[i] += later
            before[j] += ~later
    source = np.argsort(before, axis=0)
    return [
        run.moved(lambda x: np.moveaxis(np.take_along_axis(np.moveaxis(x, axis, 0), source, 0), 0, axis), [x], {})
        for x in xs
    ]


# Programs within programs.


def _call(run: Evaluator, equation: Any, *xs: Any) -> list[Any]:
    params = equation.params
    inner = next(params[key] for key in ("jaxpr", "call_jaxpr", "fun_jaxpr") if key in params)
    if is_bell(equation, inner):
        square = run.arithmetic.integer_power(run.number(xs[0]), 2)
        return [run.arithmetic.exp(run.arithmetic.negative(square))]
    if isinstance(inner, core.ClosedJaxpr):
        return run.run_closed(inner, xs)
    return run.run(inner, (), xs)


def _expanded(run: Evaluator, equation: Any, *xs: Any) -> list[Any]:
    """A primitive of newer versions of JAX that is a program of others, such as `nonzero`."""
    avals = [jax.ShapeDtypeStruct(atom.aval.shape, atom.aval.dtype) for atom in equation.invars]
    return run.run_closed(jax.make_jaxpr(equation.params["_prim"].expand)(*avals), xs)


def _scan(run: Evaluator, equation: Any, *xs: Any) -> list[Any]:
    params = equation.params
    # What is carried has one shape inside and outside, what is scanned has an axis more outside. Versions of JAX differ
    # in how else they say so.
    body = params["jaxpr"].jaxpr
    scanned = sum(o.aval.shape != i.aval.shape for o, i in zip(equation.invars, body.invars, strict=True))
    kept = sum(o.aval.shape == i.aval.shape for o, i in zip(equation.outvars, body.outvars, strict=True))
    carried = len(xs) - scanned
    fixed = carried - kept
    constants, carry, sequences = list(xs[:fixed]), list(xs[fixed:carried]), xs[carried:]
    length = params["length"]
    if length > LONGEST_LOOP:
        raise Undecided(f"a loop of {length} turns is longer than {LONGEST_LOOP}")
    collected: list[list[Any]] = []
    turns = range(length)
    for turn in reversed(turns) if params["reverse"] else turns:
        items = [run.moved(lambda s, turn=turn: s[turn], [sequence], {}) for sequence in sequences]
        out = run.run_closed(params["jaxpr"], [*constants, *carry, *items])
        carry = out[: len(carry)]
        collected.append(out[len(carry) :])
    if params["reverse"]:
        collected.reverse()
    if not length:
        shapes = [v.aval for v in equation.outvars[len(carry) :]]
        return carry + [run.known(np.zeros(aval.shape, aval.dtype)) for aval in shapes]
    return carry + [run.moved(indexing.stack, list(items), {"axis": 0}) for items in zip(*collected, strict=True)]


def _cond(run: Evaluator, equation: Any, which: Any, *xs: Any) -> list[Any]:
    branches = equation.params["branches"]
    return run.run_closed(branches[int(np.clip(int(which), 0, len(branches) - 1))], xs)


def _platform_index(run: Evaluator, equation: Any) -> Any:
    """Which branch is for the machine at hand; None is for any."""
    platforms = equation.params["platforms"]
    return np.asarray(next(i for i, names in enumerate(platforms) if not names or jax.default_backend() in names))


def _while(run: Evaluator, equation: Any, *xs: Any) -> list[Any]:
    params = equation.params
    n, m = params["cond_nconsts"], params["body_nconsts"]
    test, body, carry = xs[:n], xs[n : n + m], list(xs[n + m :])
    for _ in range(LONGEST_LOOP):
        (go_on,) = run.run_closed(params["cond_jaxpr"], [*test, *carry])
        if not go_on:
            return carry
        carry = run.run_closed(params["body_jaxpr"], [*body, *carry])
    raise Undecided(f"a while loop did not end in {LONGEST_LOOP} turns")


def _linear_solve(run: Evaluator, equation: Any, *xs: Any) -> list[Any]:
    """What its solver makes of the right sides."""
    lengths = equation.params["const_lengths"]
    start = lengths.matvec + lengths.vecmat
    constants, right = xs[start : start + lengths.solve], xs[sum(lengths) :]
    return run.run_closed(equation.params["jaxprs"].solve, [*constants, *right])


def _shard_map(run: Evaluator, equation: Any, *xs: Any) -> list[Any]:
    """On a single device the body is the whole program."""
    mesh = equation.params["mesh"]
    if mesh.size > 1:
        raise Undecided(f"a shard_map over {mesh.size} devices; a claim is checked on a mesh whose axes have length 1")
    return _call(run, equation, *xs)


def _collective(run: Evaluator, equation: Any, *xs: Any) -> list[Any]:
    """What a device gathers from itself alone, in the shape in which it comes."""
    return [
        run.moved(lambda x, shape=out.aval.shape: x.reshape(shape), [x], {})
        for x, out in zip(xs, equation.outvars, strict=True)
    ]


def _unknown(run: Evaluator, equation: Any, x: Any) -> Any:
    return run.arithmetic.unknown(run.number(x), **equation.params)


def _empty(run: Evaluator, equation: Any) -> Any:
    """Memory that nobody has written to: no number, wherever it is used."""
    (out,) = equation.outvars
    return run.known(np.full(out.aval.shape, np.nan if _real(equation) else 0, out.aval.dtype))


def _derivative(run: Evaluator, equation: Any, *xs: Any) -> list[Any]:
    """By dual numbers, along every basis direction at once; no rule of JAX is asked."""
    jaxpr, constants = equation.params["jaxpr"], equation.params["constants"]
    point = [run.number(x) for x in xs[constants:]]
    shapes = [x.shape for x in point]
    dual = DualArithmetic(run.arithmetic, sum(map(math.prod, shapes)))
    values = Evaluator(dual).run(jaxpr, xs[:constants], dual.basis(point))
    columns = []
    for value in values:
        start = 0
        slope = dual.slope(run.number(value) if isinstance(value, np.ndarray) else value)
        for shape in shapes:
            stop = start + math.prod(shape)

            def rule(index: np.ndarray, start: int = start, stop: int = stop, shape: Any = shape) -> np.ndarray:
                return np.moveaxis(index[start:stop], 0, -1).reshape((*index.shape[1:], *shape))

            columns.append(run.moved(rule, [slope], {}))
            start = stop
    return columns


RULES: dict[str, Callable[..., Any]] = {
    "add": _elementwise("add"),
    "add_any": _elementwise("add"),
    "sub": _elementwise("subtract"),
    "mul": _elementwise("multiply"),
    "div": _elementwise("divide"),
    "neg": _elementwise("negative"),
    "max": _elementwise("maximum"),
    "min": _elementwise("minimum"),
    "abs": _elementwise("absolute"),
    "exp": _elementwise("exp"),
    "exp2": _exp2,
    "log": _elementwise("log"),
    "log1p": _elementwise("log1p"),
    "expm1": _elementwise("expm1"),
    "logistic": _elementwise("logistic"),
    "tanh": _elementwise("tanh"),
    "one_minus_square": _elementwise("one_minus_square"),
    "sinh": _elementwise("sinh"),
    "cosh": _elementwise("cosh"),
    "sin": _elementwise("sin"),
    "cos": _elementwise("cos"),
    "tan": _elementwise("tan"),
    "erf": _elementwise("erf"),
    "erfc": _elementwise("erfc"),
    "square": lambda run, equation, x: run.arithmetic.integer_power(run.number(x), 2),
    "integer_pow": _integer_pow,
    "pow": _pow,
    "sqrt": _root(Fraction(1, 2)),
    "rsqrt": _root(Fraction(-1, 2)),
    "cbrt": _cbrt,
    "sign": _sign,
    "clamp": _clamp,
    "is_finite": _is_finite,
    "eq": _comparison(lambda s: s == 0),
    "ne": _comparison(lambda s: s != 0),
    "lt": _comparison(lambda s: s < 0),
    "le": _comparison(lambda s: s <= 0),
    "gt": _comparison(lambda s: s > 0),
    "ge": _comparison(lambda s: s >= 0),
    "convert_element_type": _convert_number,
    "reduce_precision": _same,
    "copy": _same,
    "copy_p": _same,
    "stop_gradient": _same,
    "optimization_barrier": lambda run, equation, *xs: list(xs),
    "empty": _empty,
    "empty2": _empty,
    "iota": lambda run, equation: run.number(WHOLE["iota"](**{**equation.params, "dtype": np.int64})),
    "reduce_sum": _reduce_sum,
    "reduce_prod": _folded("multiply", 1.0),
    "reduce_max": _folded("maximum", -math.inf),
    "reduce_min": _folded("minimum", math.inf),
    "argmax": _argument(1),
    "argmin": _argument(-1),
    "cumsum": _accumulated("add"),
    "cumprod": _accumulated("multiply"),
    "cummax": _accumulated("maximum"),
    "cummin": _accumulated("minimum"),
    "cumlogsumexp": _cumlogsumexp,
    "dot_general": _dot_general,
    "cholesky": _cholesky,
    "triangular_solve": _triangular_solve,
    "scatter": _scatter,
    **dict.fromkeys(SCATTERED, _scatter),
    "sort": _sort,
    "jit": _call,
    "pjit": _call,
    "closed_call": _call,
    "core_call": _call,
    "custom_jvp_call": _call,
    "custom_vjp_call": _call,
    "custom_vjp_call_jaxpr": _call,
    "checkpoint": _call,
    "remat": _call,
    "remat2": _call,
    "call_hi_primitive": _expanded,
    "scan": _scan,
    "cond": _cond,
    "platform_index": _platform_index,
    "while": _while,
    "custom_linear_solve": _linear_solve,
    "shard_map": _shard_map,
    "axis_index": lambda run, equation: np.zeros((), np.int32),
    **dict.fromkeys(
        (
            "all_gather",
            "all_gather_invariant",
            "all_to_all",
            "pmax",
            "pmin",
            "psum",
            "psum_invariant",
            "pvary",
            "reduce_scatter",
            "reshard",
            "sharding_constraint",
        ),
        _collective,
    ),
    "unknown": _unknown,
    "derivative": _derivative,
}
