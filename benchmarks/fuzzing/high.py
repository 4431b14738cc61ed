"""Arrays of real numbers in high precision, as balls, with the machine's infinities and NaN: what the referee runs."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from flint import arb, fmpq

Array = Any


class Unclear(Exception):
    """A comparison that is too close to decide, or is of a quotient by zero, whose sign nobody knows."""


class Special:
    """What is no real number: an infinity, NaN, or a quotient by zero, of which only that is known."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name

    def __neg__(self) -> "Special":
        return {"inf": LOWEST, "-inf": INFINITY}.get(self.name, self)

    def __add__(self, other: Any) -> "Special":
        return _worse(self, other) or (self if other is self or not isinstance(other, Special) else NAN)

    __radd__ = __add__

    def __sub__(self, other: Any) -> "Special":
        return self + (-other)

    def __rsub__(self, other: Any) -> "Special":
        return -self + other

    def __mul__(self, other: Any) -> "Special":
        if (worse := _worse(self, other)) is not None:
            return worse
        try:
            sign = compared(other, 0)
        except Unclear:
            return UNKNOWN
        return NAN if not sign else self if sign == 1 else -self

    __rmul__ = __mul__


INFINITY, LOWEST, NAN, UNKNOWN = Special("inf"), Special("-inf"), Special("nan"), Special("unknown")


def _worse(a: Any, b: Any) -> Special | None:
    return next((one for one in (UNKNOWN, NAN) if one is a or one is b), None)


def finite(x: Any) -> bool:
    return not isinstance(x, Special) and bool(arb(x).is_finite())


def compared(a: Any, b: Any) -> int | None:
    """-1, 0 or 1; None if one of them is NaN."""
    if (worse := _worse(a, b)) is not None:
        if worse is UNKNOWN:
            raise Unclear
        return None
    if a is b and isinstance(a, Special):
        return 0
    if a is INFINITY or b is LOWEST:
        return 1
    if b is INFINITY or a is LOWEST:
        return -1
    difference = arb(a) - arb(b)
    for sign, holds in ((1, difference > 0), (-1, difference < 0), (0, difference == 0)):
        if holds:
            return sign
    raise Unclear


def divided(a: Any, b: Any) -> Any:
    if (worse := _worse(a, b)) is not None:
        return worse
    if isinstance(b, Special):
        return NAN if isinstance(a, Special) else arb(0)
    try:
        sign = compared(b, 0)
    except Unclear:
        return UNKNOWN
    if not sign:
        return NAN if not isinstance(a, Special) and arb(a) == 0 else UNKNOWN
    return a * sign if isinstance(a, Special) else arb(a) / arb(b)


def _function(real: Callable[[Any], Any], above: Any, below: Any) -> Callable[[Array], Array]:
    """A function of one number, and its limits at the infinities."""

    def one(x: Any) -> Any:
        if isinstance(x, Special):
            return {"inf": above, "-inf": below}.get(x.name, x)
        return real(arb(x))

    return _each(one)


def _each(function: Callable[..., Any], count: int = 1) -> Callable[..., Array]:
    run = np.frompyfunc(function, count, 1)
    return lambda *xs: np.asarray(run(*map(_objects, xs)), object)


def _objects(x: Any) -> Array:
    return np.asarray(x, object)


def _log(x: Any) -> Any:
    return LOWEST if x == 0 else x.log() if x > 0 else NAN if x < 0 else UNKNOWN


def _root(x: Any) -> Any:
    return arb(0) if x == 0 else x.sqrt() if x > 0 else NAN if x < 0 else UNKNOWN


def _larger(a: Any, b: Any) -> Any:
    sign = compared(a, b)
    return NAN if sign is None else a if sign >= 0 else b


def _truth(function: Callable[[Any], bool]) -> Callable[[Array], Array]:
    def one(x: Any) -> bool:
        if x is UNKNOWN:
            raise Unclear
        return function(x)

    run = np.frompyfunc(one, 1, 1)
    return lambda x: np.asarray(run(_objects(x)), bool)


class High:
    """The functions that rules may call, of arrays of balls; it notes the outcomes of all comparisons."""

    def __init__(self) -> None:
        self.decisions: list[int | None] = []

    exp = staticmethod(_function(arb.exp, INFINITY, arb(0)))
    log = staticmethod(_function(_log, INFINITY, NAN))
    sqrt = staticmethod(_function(_root, INFINITY, NAN))
    tanh = staticmethod(_function(arb.tanh, arb(1), arb(-1)))
    sin = staticmethod(_function(arb.sin, NAN, NAN))
    cos = staticmethod(_function(arb.cos, NAN, NAN))
    erf = staticmethod(_function(arb.erf, arb(1), arb(-1)))
    divide = staticmethod(_each(divided, 2))
    isnan = staticmethod(_truth(lambda x: x is NAN))
    isfinite = staticmethod(_truth(lambda x: not isinstance(x, Special)))
    logical_and, logical_or = staticmethod(np.logical_and), staticmethod(np.logical_or)
    logical_not = staticmethod(np.logical_not)
    array, concatenate = staticmethod(_objects), staticmethod(np.concatenate)
    infinity = INFINITY

    @property
    def pi(self) -> Any:
        return arb.pi()

    def number(self, text: str) -> Any:
        return exact(text)

    def _signs(self, a: Array, b: Array) -> Array:
        signs = np.frompyfunc(compared, 2, 1)(_objects(a), _objects(b))
        self.decisions.extend(np.ravel(signs).tolist())
        return _objects(signs)

    def greater(self, a: Array, b: Array) -> Array:
        return np.asarray(self._signs(a, b) == 1, bool)

    def equal(self, a: Array, b: Array) -> Array:
        return np.asarray(self._signs(a, b) == 0, bool)

    def sign(self, a: Array) -> Array:
        return _each(lambda sign: NAN if sign is None else arb(sign))(self._signs(a, 0))

    def maximum(self, a: Array, b: Array) -> Array:
        self._signs(a, b)
        return _each(_larger, 2)(a, b)

    def minimum(self, a: Array, b: Array) -> Array:
        return -self.maximum(-_objects(a), -_objects(b))

    def where(self, condition: Array, a: Array, b: Array) -> Array:
        return np.where(condition, _objects(a), _objects(b))

    def sum(self, a: Array, axis: int | None = None) -> Array:
        return _objects(np.sum(_objects(a), axis=axis))

    def matmul(self, a: Array, b: Array) -> Array:
        return _objects(_objects(a) @ _objects(b))

    def transpose(self, a: Array) -> Array:
        return a.T

    def zeros(self, shape: tuple[int, ...]) -> Array:
        return np.full(shape, arb(0), object)

    def ones(self, shape: tuple[int, ...]) -> Array:
        return np.full(shape, arb(1), object)

    def order(self, a: Array) -> Array:
        """Places from the smallest to the largest of the last axis, equal ones in their order."""
        rows = a.reshape(-1, a.shape[-1])
        found = []
        for row in rows:
            places: list[int] = []
            for place, x in enumerate(row.tolist()):
                signs = [compared(x, row.item(other)) for other in places]
                self.decisions.extend(signs)
                # NaN is last.
                before = sum(s == 1 or s == 0 or (s is None and x is NAN) for s in signs)
                places.insert(before, place)
            found.append(places)
        return np.array(found).reshape(a.shape)

    def take(self, a: Array, index: Array) -> Array:
        return np.take_along_axis(_objects(a), np.asarray(index), axis=-1)

    def first_largest(self, a: Array) -> Array:
        """A one at the first of the largest of each row, NaN being the largest of all, and else zeros."""
        found = np.full(a.shape, arb(0), object)
        # Infinities and NaN are objects, so that numpy cannot look for the largest.
        for row, out in zip(a.reshape(-1, a.shape[-1]), found.reshape(-1, a.shape[-1]), strict=True):
            best = 0
            for place in range(1, len(row)):
                if row[best] is NAN:
                    break
                sign = compared(row[place], row[best])
                self.decisions.append(sign)
                if sign is None or sign == 1:
                    best = place
            out[best] = arb(1)
        return found

    def one_hot(self, index: Array, count: int) -> Array:
        return _each(arb)(np.eye(count, dtype=int)[np.asarray(index, int)])

    def cumsum(self, a: Array, *, reverse: bool = False) -> Array:
        turned = np.flip(_objects(a), -1) if reverse else _objects(a)
        summed = np.cumsum(turned, axis=-1)
        return np.flip(summed, -1) if reverse else summed

    def roll(self, a: Array, by: int) -> Array:
        return np.roll(_objects(a), by, axis=-1)

    def scan(
        self, body: Callable[[Any, Any], tuple[Any, Any]], carry: Any, items: Sequence[Array], *, reverse: bool = False
    ) -> tuple[Any, list[Array]]:
        """As `jax.lax.scan`; what is scanned and what is collected are tuples of arrays."""
        turns = range(len(items[0]))
        collected = []
        for turn in reversed(turns) if reverse else turns:
            carry, out = body(carry, tuple(_objects(item[turn]) for item in items))
            collected.append(out)
        if reverse:
            collected.reverse()
        return carry, [np.stack([_objects(part) for part in parts]) for parts in zip(*collected, strict=True)]

    def directions(self, function: Callable[[Array], Array], shape: tuple[int, ...]) -> Array:
        """A linear function of arrays of a shape, at each unit array."""
        count = int(np.prod(shape, dtype=int))
        units = _each(arb)(np.eye(count, dtype=int)).reshape(count, *shape)
        return np.stack([_objects(function(unit)) for unit in units]).reshape(shape)


def exact(text: str) -> Any:
    """The number that a decimal stands for."""
    whole, _, rest = text.partition(".")
    return arb(fmpq(int(whole + rest), 10 ** len(rest)))
