r"""The check on the machine: every side in floating point, entry by entry, against the value at high precision.

A result must lie within the bound on the rounding errors of its own program, which `_precise` carries through it: a
tolerance of each entry, derived and not chosen. Where that bound is infinite nothing is said of a finite result; but
NaN and infinity are refused wherever the value itself is a number of the format, save in a formula that is declared to
be a textbook one.

The value is that of the first side by dual numbers, so that JAX's derivative is measured and not trusted. Points on a
kink are left to `_kinks`, and points at which rounding may decide a comparison are counted and not judged.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import jax
import numpy as np
from jax.extend import core

from gradproof.claims.claim import Claim, is_array_symbol
from gradproof.claims.sizes import grid
from gradproof.claims.symbols import Binary, Index, OneHot, Positive, Real, Simplex, Symbol
from gradproof.claims.verdict import Counterexample
from gradproof.errors import Undecided
from gradproof.interpreter import indexing
from gradproof.numerics.magnitude import sizes_of
from gradproof.numerics.precise import Certified, Format, Input, PreciseArithmetic, Run, Value, certify, run_each
from gradproof.programs.derivative import Oracle
from gradproof.programs.trace import Program, Side, trace
from gradproof.programs.trace import arguments as arguments_of
from gradproof.programs.unknown import sines

DTYPES = ("float64", "float32")

Point = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Scene:
    """How inputs are drawn: the range of their magnitudes, spread evenly over its orders, and their signs.

    With `signs` of -1 the first real symbol is negative and the others are positive, so that their product is negative;
    0 is a sign for each entry.
    """

    low: float
    high: float
    signs: int = 0
    zeros: bool = False
    equal: bool = False
    huge: bool = False


MODERATE = Scene(0.25, 3.0)

GENTLE = (MODERATE, MODERATE, MODERATE, Scene(1e-3, 1e-2), Scene(0.25, 3.0, zeros=True))
"""Of a textbook formula."""

SWEEP = (
    MODERATE,
    Scene(1e-3, 1e-2),
    Scene(0.25, 3.0, zeros=True),
    Scene(8.0, 40.0, 1),
    Scene(8.0, 40.0, -1),
    Scene(0.25, 3.0, huge=True),
    Scene(1e-3, 1e4),
    Scene(1e3, 1e4, 1),
    Scene(1e3, 1e4, -1),
)

QUICK = (MODERATE, Scene(40.0, 1e3, 1), Scene(40.0, 1e3, -1), Scene(1e-3, 1e4))

HUGE = 1e4


@dataclass(frozen=True)
class Failure:
    """A result that rounding does not explain."""

    why: str
    step: int
    sizes: Mapping[str, int]
    inputs: Point
    entry: str
    expected: float
    given: float

    @property
    def counterexample(self) -> Counterexample:
        inputs = {name: values.tolist() for name, values in self.inputs.items()}
        return Counterexample(self.sizes, inputs, self.step, self.entry, self.expected, self.given, None)


@dataclass(frozen=True)
class Worst:
    """The largest relative error that was measured, and where."""

    error: float
    step: int
    inputs: Point
    entry: str


@dataclass(frozen=True)
class FloatingResult:
    """What was found on the machine.

    `worst` is of the sides that were judged, by dtype.
    """

    sizes: Mapping[str, int]
    worst: Mapping[str, Worst] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    judged: int = 0
    unjudged: int = 0
    undecided: str | None = None

    @property
    def floating(self) -> dict[str, float]:
        """The largest relative error of each dtype."""
        return {dtype: worst.error for dtype, worst in self.worst.items()}


def check_floating(
    claim: Claim, *, seed: int, quick: bool, beside: Sequence[Point] = (), backend: str | None = None
) -> FloatingResult:
    """Run all sides of a claim on the machine, at inputs of many magnitudes, and judge every entry.

    Arguments:
        seed: of the inputs.
        quick: fewer inputs.
        beside: further inputs, as beside the kinks.
        backend: where to run; the default one if None.
    """
    machine = machine_of(claim, backend)
    try:
        with machine.settings():
            check = Check(machine)
            check.run([*points_of(machine, seed, quick=quick), *beside])
            return check.result()
    except Undecided as reason:
        return FloatingResult(machine.sizes, undecided=str(reason))


def points_of(machine: "Machine", seed: int, *, quick: bool) -> list[Point]:
    """The inputs at which a claim is run."""
    claim = machine.claim
    kinds = GENTLE if claim.textbook else QUICK if quick else SWEEP
    return [scene(claim, machine.sizes, kind, np.random.default_rng([seed, index])) for index, kind in enumerate(kinds)]


class Machine:
    """The programs of a claim at one assignment of sizes, compiled for a backend."""

    def __init__(self, claim: Claim, backend: str | None):
        self.claim, self.backend = claim, backend
        # In this order, whatever the claim: equal shapes share what is compiled for them.
        names = sorted(claim.size_names(), key=lambda name: (name.isupper(), name))
        self.sizes = grid(names, claim.sizes)[0]
        self.names = sorted(name for name, symbol in claim.symbols.items() if is_array_symbol(symbol))

    @contextmanager
    def settings(self) -> Iterator[None]:
        """Full precision, on the backend."""
        with ExitStack() as stack:
            stack.enter_context(jax.enable_x64(True))
            if self.backend is not None:
                stack.enter_context(jax.default_device(jax.devices(self.backend)[0]))
            yield

    @property
    def exact(self) -> Program:
        """With derivatives by dual numbers."""
        return trace(self.claim, self.sizes, "dual")

    def program(self, dtype: str, oracle: Oracle = "autodiff") -> Program:
        """As the machine runs it, with derivatives by this oracle."""
        return trace(self.claim, self.sizes, oracle, np.dtype(dtype))

    def outputs(self, point: Point) -> list[np.ndarray]:
        """Those of all sides, in float64."""
        return [np.asarray(x) for x in self._compiled(*self.arguments("float64", point))]

    @cached_property
    def _compiled(self) -> Any:
        return jax.jit(core.jaxpr_as_fun(self.program("float64").closed))

    def stepwise(self, dtype: str, closed: core.ClosedJaxpr, points: Sequence[Point]) -> list[np.ndarray]:
        """The outputs of a program with each operation compiled by itself; the first axis is the points."""
        arguments = zip(*(self.arguments(dtype, point) for point in points), strict=True)
        return _op_by_op(closed.jaxpr, closed.consts, [np.stack(values) for values in arguments], len(points))

    def arguments(self, dtype: str, point: Point) -> list[np.ndarray]:
        """The point for a program."""
        shapes = arguments_of(self.claim, self.sizes, np.dtype(dtype))
        return [np.asarray(point[name], shapes[name].dtype) for name in self.names]

    def inputs(self, point: Point) -> list[Input]:
        """The point for an arithmetic."""
        return [input_of(self.claim.symbols[name], point[name]) for name in self.names]


_latest: list[Machine] = []


def machine_of(claim: Claim, backend: str | None) -> Machine:
    """The machine of a claim; that of the claim last asked for is kept, since compiling is what costs time."""
    if not (_latest and _latest[0].claim is claim and _latest[0].backend == backend):
        _latest[:] = [Machine(claim, backend)]
    return _latest[0]


_INNER = ("jaxpr", "call_jaxpr", "fun_jaxpr")

# fmt: off
_ELEMENTWISE = frozenset({
    "abs", "add", "add_any", "and", "cbrt", "ceil", "convert_element_type", "cos", "cosh", "div", "eq", "erf",
    "erf_inv", "erfc", "exp", "exp2", "expm1", "floor", "ge", "gt", "integer_pow", "is_finite", "le", "log",
    "log1p", "logistic", "lt", "max", "min", "mul", "ne", "neg", "not", "or", "pow", "rem", "round", "rsqrt",
    "sign", "sin", "sinh", "sqrt", "square", "sub", "tan", "tanh", "xor",
})
# fmt: on

_WIDTH = 64
"""Element-wise operations are run on arrays of this length, or of multiples, so that few have to be compiled."""


def _op_by_op(jaxpr: core.Jaxpr, constants: Sequence[Any], arguments: Sequence[Any], points: int) -> list[Any]:
    """Run a program with each operation compiled by itself; those that only move elements are left to numpy.

    The first axis of all arrays is the points.
    """

    def everywhere(value: Any, dtype: Any = None) -> np.ndarray:
        return np.broadcast_to(np.asarray(value, dtype), (points, *np.shape(value)))

    values: dict[Any, Any] = dict(zip(jaxpr.constvars, map(everywhere, constants), strict=True))
    values.update(zip(jaxpr.invars, arguments, strict=True))

    def read(atom: Any) -> Any:
        aval: Any = atom.aval
        return everywhere(atom.val, aval.dtype) if isinstance(atom, core.Literal) else values[atom]

    for equation in jaxpr.eqns:
        name, params = equation.primitive.name, equation.params
        inputs = [read(atom) for atom in equation.invars]
        inner = next((params[key] for key in _INNER if key in params), None)
        bound = partial(equation.primitive.bind, **params)
        if inner is not None and name != "scan":
            closed = inner if isinstance(inner, core.ClosedJaxpr) else core.ClosedJaxpr(inner, ())
            outputs = _op_by_op(closed.jaxpr, closed.consts, inputs, points)
        elif name in _ELEMENTWISE:
            outputs = [_flat(bound, inputs)]
        elif name == "unknown":
            # No code of the user's, and a shape of its own in nearly every claim.
            outputs = [sines(np.sin, *inputs, **params)]
        else:
            moves = name in indexing.RULES and name != "gather"
            function = partial(indexing.RULES[name], **_placeless(params)) if moves else bound
            results = [function(*(x[i] for x in inputs)) for i in range(points)]
            rows = zip(*(r if isinstance(r, list | tuple) else [r] for r in results), strict=True)
            outputs = [np.stack(list(map(np.asarray, row))) for row in rows]
        values.update(zip(equation.outvars, outputs, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _placeless(params: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in params.items() if key not in ("sharding", "out_sharding")}


def _flat(function: Callable[..., Any], inputs: Sequence[np.ndarray]) -> np.ndarray:
    """An element-wise function, on flat arrays filled up with ones."""
    rank = max(x.ndim for x in inputs)
    # Literals have no axes but that of the points.
    spread = np.broadcast_arrays(*(x.reshape(len(x), *(1,) * (rank - x.ndim), *x.shape[1:]) for x in inputs))
    count = spread[0].size
    padded = [np.ones(_WIDTH * max(1, -(-count // _WIDTH)), x.dtype) for x in spread]
    for row, x in zip(padded, spread, strict=True):
        row[:count] = x.ravel()
    return np.asarray(function(*padded))[:count].reshape(spread[0].shape)


def scene(claim: Claim, sizes: Mapping[str, int], kind: Scene, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Inputs that float32 has exactly."""
    point: dict[str, np.ndarray] = {}
    reals = [name for name, symbol in claim.symbols.items() if isinstance(symbol, Real)]
    for name, symbol in claim.symbols.items():
        if not is_array_symbol(symbol):
            continue
        shape = symbol.shape(sizes)
        match symbol:
            case Index():
                point[name] = generator.integers(0, symbol.below.at(sizes), shape).astype(np.int32)
            case Binary():
                point[name] = generator.integers(0, 2, shape).astype(float)
            case Simplex():
                point[name] = _probabilities(shape, generator)
            case OneHot():
                point[name] = np.eye(shape[-1])[generator.integers(0, shape[-1], shape[:-1])]
            case _:
                positive = isinstance(symbol, Positive)
                point[name] = _magnitudes(kind, shape, generator, zeros=kind.zeros and not positive)
                if not positive:
                    signs = generator.choice([-1.0, 1.0], () if kind.equal else shape)
                    first = reals and name == reals[0]
                    point[name] = point[name] * (
                        signs if kind.signs == 0 else -1.0 if first and kind.signs < 0 else 1.0
                    )
    if kind.huge and reals:
        target = point[reals[int(generator.integers(len(reals)))]]
        if target.size:
            target.flat[int(generator.integers(target.size))] = HUGE
    return point


def _magnitudes(kind: Scene, shape: tuple[int, ...], generator: np.random.Generator, *, zeros: bool) -> np.ndarray:
    exponents = generator.uniform(math.log(kind.low), math.log(kind.high), () if kind.equal else shape)
    values = np.exp(exponents).astype(np.float32).astype(float)
    values = np.broadcast_to(values, shape).copy()
    return values * generator.integers(0, 2, shape) if zeros else values


def _probabilities(shape: tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    """Rows of multiples of 2^-12, none of them zero, with sum one."""
    rows = np.maximum(np.floor(generator.dirichlet(np.ones(shape[-1]), shape[:-1]) * 2**12), 1)
    rest = 2**12 - rows.sum(axis=-1)
    np.put_along_axis(
        rows, rows.argmax(axis=-1)[..., None], rows.max(axis=-1, keepdims=True) + rest[..., None], axis=-1
    )
    return np.asarray(rows / 2**12)


def input_of(symbol: Symbol, values: np.ndarray) -> Input:
    """The values of a symbol for an arithmetic."""
    label = isinstance(symbol, Binary) or (isinstance(symbol, OneHot) and not isinstance(symbol, Simplex))
    return Input(values, continuous=not label, positive=isinstance(symbol, Positive | Simplex))


@dataclass(frozen=True)
class Judgement:
    """Of each entry of a result: whether its error is bounded, whether it is no number, and whether it errs by more."""

    bounded: np.ndarray
    spoilt: np.ndarray
    wrong: np.ndarray

    @property
    def refused(self) -> np.ndarray:
        return self.spoilt | self.wrong


def judged(
    result: np.ndarray, value: Value, known: np.ndarray, bound: Value, run: Run, format: Format, *, textbook: bool
) -> Judgement:
    """Judge a result.

    Arguments:
        value: what it should be, where that is known.
        bound: what rounding may make of it in the run of its program.
        textbook: whether it may be no number where its error is not bounded.
    """
    bounded = known & (bound.bound < np.inf) & (not run.ambiguous) & (not run.tied)
    # Twice the value is a number of the format, so that no rounding error makes it infinite.
    spoilt = known & ~np.isfinite(result) & (value.size < format.largest - 1)
    wrong = bounded & ~(gap(result, value) <= np.logaddexp2(bound.bound, value.bound))
    return Judgement(bounded, spoilt & bounded if textbook else spoilt, wrong)


@dataclass(frozen=True)
class Results:
    """The sides at one point, with what they should be."""

    point: Point
    expected: Certified
    runs: Mapping[str, Run]
    """By dtype, of the sides that are judged, as are those that follow."""
    jitted: Mapping[str, list[np.ndarray]]
    stepwise: Mapping[str, list[np.ndarray]]


class Check:
    """One claim under examination."""

    def __init__(self, machine: Machine):
        self.machine = machine
        sides = machine.exact.sides
        self.first = sides[0]
        if any(form(side) != form(self.first) for side in sides if side.role != "printed"):
            raise Undecided("the sides have different shapes")
        self.reference = machine.exact.first
        self.is_derivative = uses(self.reference.jaxpr, "derivative")
        self.sides = [
            side for side in sides if side.role != "printed" and not (side is self.first and self.is_derivative)
        ]
        if not self.sides:
            raise Undecided("there is no side to run but a derivative")
        # JAX's derivatives are traced where a side that is judged has one.
        oracle: Oracle = "autodiff" if uses(machine.exact.part(self.sides).jaxpr, "derivative") else "dual"
        self.given = {dtype: machine.program(dtype, oracle).part(self.sides) for dtype in DTYPES}
        self.worst: dict[str, Worst] = {}
        self.failures: dict[tuple[int, str], Failure] = {}
        self.judged: dict[tuple[int, str], int] = {(side.step, dtype): 0 for side in self.sides for dtype in DTYPES}
        self.unjudged = 0

    def result(self) -> FloatingResult:
        blind = [f"side {step} in {dtype}" for (step, dtype), count in self.judged.items() if not count]
        return FloatingResult(
            self.machine.sizes,
            self.worst,
            tuple(self.failures.values()),
            sum(self.judged.values()),
            self.unjudged,
            f"at no input could rounding errors be bounded: {', '.join(blind)}" if blind else None,
        )

    def results(self, points: Sequence[Point]) -> Iterator[Results]:
        """Run all sides at these points, but for those on kinks."""
        inputs = [self.machine.inputs(point) for point in points]
        certified = certify(self.reference, inputs)
        off = [i for i, expected in enumerate(certified) if not expected.tied]
        runs, stepwise = {}, {}
        for dtype, closed in self.given.items():
            make = partial(PreciseArithmetic, Format.of(dtype))
            runs[dtype] = _without_identities(run_each(make, closed, [inputs[i] for i in off]))
            stepwise[dtype] = self.machine.stepwise(dtype, closed, [points[i] for i in off]) if off else []
        for row, i in enumerate(off):
            yield Results(
                points[i],
                certified[i],
                {dtype: runs[dtype][row] for dtype in DTYPES},
                self.jitted(points[i]),
                {dtype: [x[row] for x in stepwise[dtype]] for dtype in DTYPES},
            )

    def jitted(self, point: Point) -> dict[str, list[np.ndarray]]:
        """The outputs of the sides that are judged, by dtype."""
        outputs = self._compiled({dtype: self.machine.arguments(dtype, point) for dtype in DTYPES})
        return {dtype: [np.asarray(x) for x in outputs[dtype]] for dtype in DTYPES}

    @cached_property
    def _compiled(self) -> Any:
        # One program for all dtypes: most of the time of a small one goes into what is done once for each.
        functions = {dtype: core.jaxpr_as_fun(closed) for dtype, closed in self.given.items()}
        return jax.jit(lambda arguments: {dtype: function(*arguments[dtype]) for dtype, function in functions.items()})

    def run(self, points: Sequence[Point]) -> None:
        """Run and judge the sides at these points."""
        for results in self.results(points):
            for dtype in DTYPES:
                for side, part in self.parts():
                    self.judge(dtype, side, results, part, results.jitted[dtype][part], "")
                    self.judge(dtype, side, results, part, results.stepwise[dtype][part], ", without jit")

    def parts(self) -> Iterator[tuple[Side, slice]]:
        """The sides that are judged, and where they stand among the outputs of all of these."""
        start = 0
        for side in self.sides:
            yield side, slice(start, start + len(side.avals))
            start += len(side.avals)

    def judge(
        self, dtype: str, side: Side, results: Results, part: slice, given: Sequence[np.ndarray], how: str
    ) -> None:
        point, expected, run = results.point, results.expected, results.runs[dtype]
        for leaf, (value, known, bound, result) in enumerate(
            zip(expected.outputs, expected.known, run.outputs[part], given, strict=True)
        ):
            found = judged(result, value, known, bound, run, Format.of(dtype), textbook=self.machine.claim.textbook)
            counted = int((found.bounded | found.spoilt).sum())
            self.judged[side.step, dtype] += counted
            self.unjudged += result.size - counted
            for index in np.argwhere(found.refused)[:1]:
                entry = tuple(index.tolist())
                where = entry_name(side, leaf, entry)
                right, given_there = float(value.value[entry]), float(result[entry])
                reason = (
                    f"{dtype} has that number"
                    if found.spoilt[entry]
                    else f"rounding explains a difference of {bound.error[entry]:.2g}"
                )
                failure = Failure(
                    f"on the machine, in {dtype}{how}, side {side.step} is {given_there} and not {right} at {where}; "
                    f"{reason}",
                    side.step,
                    self.machine.sizes,
                    point,
                    where,
                    right,
                    given_there,
                )
                self.failures.setdefault((side.step, dtype), failure)
        self.measure(dtype, side, point, expected, given)

    def measure(
        self,
        dtype: str,
        side: Side,
        point: Point,
        expected: Certified,
        given: Sequence[np.ndarray],
    ) -> None:
        """Note the largest relative error, of values that are normal numbers of the format."""
        format = Format.of(dtype)
        for leaf, (value, known, result) in enumerate(zip(expected.outputs, expected.known, given, strict=True)):
            normal = known & (value.size >= format.smallest) & (value.size < format.largest - 1)
            if self.machine.claim.textbook:
                normal &= np.isfinite(result)
            if normal.any():
                with np.errstate(over="ignore", invalid="ignore"):
                    error = np.where(normal, np.exp2(gap(result, value) - value.size), -1.0)
                entry = tuple(map(int, np.unravel_index(int(np.argmax(error)), error.shape)))
                if dtype not in self.worst or error[entry] > self.worst[dtype].error:
                    self.worst[dtype] = Worst(float(error[entry]), side.step, point, entry_name(side, leaf, entry))


def _without_identities(runs: list[Run]) -> list[Run]:
    """Runs in which numbers that are equal at every point are no kink, but one number that is computed in two ways."""
    everywhere = len(runs) > 1 and all(run.tied for run in runs)
    return [replace(run, tied=run.tied and not everywhere) for run in runs]


def gap(result: np.ndarray, value: Value) -> np.ndarray:
    """The base-2 logarithm of |result - value|, infinite where the result is no number."""
    finite = np.isfinite(result)
    return np.where(finite, sizes_of(value.value - np.where(finite, result, 0.0).astype(float)), np.inf)


def form(side: Side) -> Any:
    return side.structure, [aval.shape for aval in side.avals]


def entry_name(side: Side, leaf: int, index: Sequence[int]) -> str:
    """Where a number stands in a side, such as `[1][0, 2]`."""
    paths, _ = jax.tree.flatten_with_path(jax.tree.unflatten(side.structure, [0] * side.structure.num_leaves))
    return jax.tree_util.keystr(paths[leaf][0]) + (str(list(index)) if index else "") or "the value"


def uses(jaxpr: core.Jaxpr, name: str) -> bool:
    """Whether a primitive of this name is anywhere in a program."""
    return any(
        equation.primitive.name == name or any(uses(inner, name) for inner in core.jaxprs_in_params(equation.params))
        for equation in jaxpr.eqns
    )
