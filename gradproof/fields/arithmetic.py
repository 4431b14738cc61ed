"""Arithmetic over towers of prime fields, with a real point beside it that decides comparisons.

An array of values has, for each level of the towers, one row of residues a draw; levels that exp or log cannot
reach are None. Beside them goes the value at one real point, the same for all draws: its only use is to say which of
two numbers is larger, so that every comparison has an outcome that some real input has, on both sides of a claim.
See `SOUNDNESS.md`.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
from scipy import special

from gradproof.errors import Undecided
from gradproof.fields.degree import Degree
from gradproof.fields.exponents import Exponents
from gradproof.fields.towers import LARGEST_ORDER, Towers, column, inverse, multiply, raise_to
from gradproof.interpreter.arithmetic import Arithmetic, Redraw
from gradproof.interpreter.constants import Reading, read
from gradproof.programs.unknown import sines

Levels = tuple[Any, ...]
"""An array, or None, for each level."""

Signs = tuple[int, int]
"""The least and the largest sign that some number has, whatever the inputs."""

ANY, POSITIVE = (-1, 1), (1, 1)


@dataclass(frozen=True)
class Draws:
    """An array of values.

    `real` is their value at the real point. `rational` holds known numbers, `signs` what is known of their signs, and
    `label` says that they depend on labels which were drawn as if they were real.
    `torsion[i]` is the part of exp(value) at level i + 1 that no power of g makes up: log(a) = log|a| + i pi, in
    which the second term is 1 or -1 once it is the argument of exp. None is 1 throughout; 0 is "not known".
    `undefined` marks infinite constants and logarithms of zero: harmless where a select drops them.
    """

    shape: tuple[int, ...]
    levels: Levels
    real: np.ndarray
    degree: Degree
    torsion: Levels
    rational: Any = None
    undefined: np.ndarray | None = None
    signs: Signs = ANY
    label: bool = False


@dataclass
class Comparison:
    """What was seen of one comparison in the code: `outcomes` are the signs of the difference.

    Those whose sign is known beforehand, as for a sum of exponentials against zero, are not recorded.
    """

    site: Any
    outcomes: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Told:
    """What the outcome of a comparison with zero tells of the number: its signs where it does not hold, and where."""

    outcome: np.ndarray
    number: Draws
    signs: Sequence[Signs]


class Forced:
    """The opposite outcome for one comparison in the code, wherever the same two things are compared again."""

    def __init__(self, is_target: Callable[[Any], bool]):
        self.is_target = is_target
        self.turned: set[int] = set()
        self.learning = True

    def __call__(self, site: Any, sign: np.ndarray, fingerprint: np.ndarray) -> np.ndarray:
        if self.learning and self.is_target(site):
            self.turned.update(fingerprint.ravel().tolist())
        return np.where(np.isin(fingerprint, list(self.turned)), -sign, sign)


class FieldArithmetic(Arithmetic):
    """The arithmetic of one scene: one real point, many draws."""

    def __init__(
        self,
        towers: Towers,
        generator: np.random.Generator,
        forced: "Forced | None" = None,
        *,
        by_rank: bool = False,
    ):
        self.towers = towers
        self.generator = generator
        self.alive = np.ones(towers.draws, bool)
        self.accidents = 0.0
        """The degrees of everything that must not vanish or coincide by accident, added up."""
        self.heights = 0.0
        """The sizes of their coefficients, in bits, added up."""
        self.comparisons: dict[int, Comparison] = {}
        self.forced = forced
        self.exponents = Exponents(towers) if by_rank else None
        self._square_root_of_pi: Draws | None = None
        self._told: dict[int, Told] = {}
        """By the identity of an outcome: what it tells."""
        self._told_last: dict[int, Told] = {}

    def condition(self) -> Any:
        """The draws that are left: what is zero in all of them is taken for zero."""
        return self.alive.tobytes()

    def noted(self) -> Any:
        notes = self.alive.copy(), self.accidents, self.heights, self.comparisons, self._told_last
        self.accidents, self.heights, self.comparisons, self._told_last = 0.0, 0.0, {}, {}
        return notes

    def note(self, notes: Any) -> None:
        alive, accidents, heights, comparisons, told = notes
        self.alive &= alive
        self.accidents += accidents
        self.heights += heights
        self._told |= told
        self._told_last |= told
        for identity, found in comparisons.items():
            self.comparisons.setdefault(identity, Comparison(found.site)).outcomes.update(found.outcomes)

    def resume(self, other: "FieldArithmetic") -> None:
        self._square_root_of_pi = other._square_root_of_pi

    def live_towers(self) -> int:
        """How many towers have a draw left."""
        return int(np.count_nonzero(self.towers.by_tower(self.alive)))

    # Making numbers

    def lifted(self, value: Any) -> Draws:
        """A number, or integers and truth values as numbers."""
        return self.constant(value) if isinstance(value, np.ndarray) else value

    def symbol(self, real: np.ndarray, *, positive: bool = False, label: bool = False) -> Draws:
        """An input: independent and uniform at every level of every draw; `real` is its real value."""
        draw = self._positive if positive else self._signed
        levels = [draw(level, np.asarray(real, float)) for level in range(self.towers.levels)]
        return Draws(
            real.shape,
            tuple(levels),
            np.asarray(real, float),
            Degree(),
            self._no_torsion,
            signs=POSITIVE if positive else ANY,
            label=label,
        )

    def _signed(self, level: int, real: np.ndarray) -> np.ndarray:
        """Squares for positive reals and their negatives for negative ones, so that the root of x^2 is |x|."""
        prime = self.towers.primes[level].reshape((-1,) + (1,) * real.ndim)
        root = self.generator.integers(0, prime, (self.towers.draws, *real.shape))
        square = multiply(root, root, prime)
        if self.towers.circular:
            square = multiply(square, square, prime)
        return np.where(real < 0, -square % prime, square)

    def _positive(self, level: int, real: np.ndarray) -> np.ndarray:
        """Powers of g, which have logarithms without torsion; squares at the lowest level."""
        if level == 0:
            return self._signed(level, np.abs(real))
        below = self.towers.primes[level - 1].reshape((-1,) + (1,) * real.ndim)
        return self.towers.power(level - 1, self.generator.integers(0, below, (self.towers.draws, *real.shape)))

    @property
    def _no_torsion(self) -> Levels:
        return (None,) * self.towers.levels

    def constant(self, values: np.ndarray) -> Draws:
        values = np.asarray(values)
        if values.dtype != object and values.dtype.kind == "f":
            known = self.towers.constants
            key = values.shape, values.dtype, values.tobytes()
            if key not in known:
                made = self._read(values)
                if made.rational is None:
                    return made
                known[key] = made, self.towers.residues(tuple(made.rational.ravel()))[1]
            found, exist = known[key]
            self.alive &= exist
            return found
        return self._rational(_fractions(Fraction, values.astype(object)))

    def _rational(self, values: np.ndarray) -> Draws:
        values = np.asarray(values, object)
        flat = list(values.ravel())
        rows, exist = self.towers.residues(tuple(flat))
        self.alive &= exist
        levels = [residues.reshape((self.towers.draws, *values.shape)) for residues in rows]
        real = np.array([float(v) for v in flat], float).reshape(values.shape)
        return Draws(
            values.shape,
            tuple(levels),
            real,
            Degree.of_constants(flat),
            self._no_torsion,
            values,
            signs=_signs_of_all([(sign, sign) for sign in _signs(values).ravel().tolist()]) if values.size else ANY,
        )

    def _read(self, values: np.ndarray) -> Draws:
        """Floating-point constants, as the numbers they stand for."""
        values = values.astype(np.float64)
        finite = np.isfinite(values)
        if not finite.all():
            known = self._read(np.where(finite, values, 0.0))
            return replace(known, real=values, undefined=~finite, rational=None, signs=ANY)
        readings = {value: read(value) for value in set(values.ravel().tolist())}
        if all(r.half_powers_of_pi == 0 and not r.root for r in readings.values()):
            return self._rational(_fractions(lambda v: readings[v].rational, values))
        made = {value: self._made(reading) for value, reading in readings.items()}
        order = list(made)
        pool = [made[value] for value in order]
        return self.take(pool, np.vectorize(order.index, otypes=[np.int64])(values))

    def _made(self, reading: Reading) -> Draws:
        number = self.filled(reading.rational, ())
        if reading.root:
            number = self.power(number, Fraction(1, 2))
        if reading.half_powers_of_pi:
            if self._square_root_of_pi is None:
                self._square_root_of_pi = self.symbol(np.array(math.sqrt(math.pi)), positive=True)
            number = self.multiply(number, self.integer_power(self._square_root_of_pi, reading.half_powers_of_pi))
        return self.negative(number) if reading.sign < 0 else number

    # Field operations

    def _count_accident(self, degree: Degree) -> None:
        self.accidents += degree.total
        self.heights += degree.height.top + degree.height.bottom

    def _levelwise(self, operation: Callable[..., np.ndarray], *arrays: Draws) -> Levels:
        return tuple(
            None
            if any(array.levels[i] is None for array in arrays)
            else operation(*(array.levels[i] for array in arrays), prime)
            for i, prime in enumerate(self.towers.primes)
        )

    def _combine(self, a: Draws, b: Draws, levels: Levels, real: np.ndarray, degree: Degree, **changes: Any) -> Draws:
        return Draws(
            a.shape,
            levels,
            real,
            degree,
            changes.pop("torsion", self._no_torsion),
            undefined=_either(a.undefined, b.undefined),
            label=a.label or b.label,
            **changes,
        )

    def add(self, a: Draws, b: Draws) -> Draws:
        if a.rational is not None and b.rational is not None:
            return self._rational(a.rational + b.rational)
        levels = self._levelwise(lambda x, y, p: (x + y) % column(p, x), a, b)
        torsion = self._torsion(lambda i, s, t: multiply(s, t, column(self.towers.primes[i + 1], s)), a, b)
        with np.errstate(invalid="ignore", over="ignore"):
            real = a.real + b.real
        return self._combine(
            a, b, levels, real, a.degree + b.degree, torsion=torsion, signs=_signs_of_sum(a.signs, b.signs)
        )

    def multiply(self, a: Draws, b: Draws) -> Draws:
        if a.rational is not None and b.rational is not None:
            return self._rational(a.rational * b.rational)
        levels = self._levelwise(lambda x, y, p: multiply(x, y, column(p, x)), a, b)
        if b.rational is not None:
            torsion = self._scaled_torsion(a, b.rational)
        elif a.rational is not None:
            torsion = self._scaled_torsion(b, a.rational)
        else:
            torsion = self._torsion(lambda _, s, t: ((s == 1) & (t == 1)).astype(np.int64), a, b)
        with np.errstate(invalid="ignore", over="ignore"):
            real = a.real * b.real
        products = [s * t for s in a.signs for t in b.signs]
        signs = (min(products), max(products)) if a is not b else _signs_of_square(a)
        return self._combine(a, b, levels, real, a.degree * b.degree, torsion=torsion, signs=signs)

    def negative(self, a: Draws) -> Draws:
        if a.rational is not None:
            return self._rational(-a.rational)
        return replace(
            a,
            levels=self._levelwise(lambda x, p: -x % column(p, x), a),
            torsion=self._scaled_torsion(a, np.full(a.shape, Fraction(-1), object)),
            real=-a.real,
            signs=(-a.signs[1], -a.signs[0]),
        )

    def reciprocal(self, a: Draws) -> Draws:
        if a.rational is not None and all(v != 0 for v in a.rational.ravel()):
            return self._rational(_fractions(lambda v: 1 / v, a.rational))
        zero = self._identically_zero(a)
        self._count_accident(a.degree)
        levels = self._levelwise(lambda x, p: self._inverse(x, p, zero), a)
        with np.errstate(divide="ignore", over="ignore"):
            real = 1 / a.real
        torsion = tuple(None if t is None else (t == 1).astype(np.int64) for t in a.torsion)
        return replace(
            a,
            levels=levels,
            real=real,
            degree=a.degree.inverse(),
            torsion=torsion,
            rational=None,
            undefined=_either(a.undefined, zero if zero.any() else None),
        )

    def _inverse(self, x: np.ndarray, prime: np.ndarray, zero: np.ndarray) -> np.ndarray:
        self._need(x != 0, zero)
        return inverse(x, column(prime, x))

    def _need(self, holds: np.ndarray, excused: np.ndarray | None = None) -> None:
        """Drop the draws in which something does not hold that a generic draw has."""
        if excused is not None:
            holds = holds | excused
        self.alive &= holds.reshape(len(holds), -1).all(axis=1)

    def _identically_zero(self, a: Draws) -> np.ndarray:
        """The elements that are zero at every level of every draw."""
        if a.rational is not None:
            return np.array([v == 0 for v in a.rational.ravel()], bool).reshape(a.shape)
        zero = np.ones(a.shape, bool)
        seen = False
        # Where no draw is left the scene will be given up, but not for a zero that is none.
        rows = self.alive if self.alive.any() else slice(None)
        for level in a.levels:
            if level is not None:
                zero &= (level[rows] == 0).all(axis=0)
                seen = True
        if not seen:
            raise self.exhausted()
        return zero

    def exhausted(self) -> Undecided:
        return Exhausted("exponentials and logarithms are nested deeper than the towers are high")

    # Exponentials and logarithms

    def exp(self, a: Draws) -> Draws:
        zero = np.zeros(a.shape, bool)
        if a.undefined is not None:
            zero = a.undefined & (a.real == -np.inf)
        if a.rational is not None and all(v == 0 for v in a.rational.ravel()):
            return self.filled(1.0, a.shape)
        self._count_accident(a.degree)
        levels: list[np.ndarray | None] = [None]
        for i in range(self.towers.levels - 1):
            below, torsion = a.levels[i], a.torsion[i]
            if below is None:
                levels.append(None)
                continue
            value = self.towers.power(i, below)
            if torsion is not None:
                self._need(torsion != 0, zero)
                value = multiply(value, torsion, column(self.towers.primes[i + 1], value))
            levels.append(np.where(zero, 0, value))
        with np.errstate(over="ignore", under="ignore"):
            real = np.exp(a.real)
        undefined = None if a.undefined is None else a.undefined & ~zero
        return Draws(
            a.shape,
            tuple(levels),
            real,
            self._degree_of_exponential(a, zero),
            self._no_torsion,
            undefined=undefined,
            signs=(0, 1) if zero.any() else POSITIVE,
            label=a.label,
        )

    def _degree_of_exponential(self, a: Draws, zero: np.ndarray) -> Degree:
        if self.exponents is None:
            return a.degree.exponential()
        exponents = a.levels[self.exponents.level]
        if exponents is None:
            raise self.exhausted()
        degree, accident = self.exponents.degree(np.where(zero, 0, exponents), a.degree, self.alive)
        self._count_accident(accident)
        return degree

    def _outside(self, a: Draws) -> np.ndarray:
        """The elements that are not positive. Those that only underflow, or overflow, say nothing."""
        outside = ~(a.real > 0)
        defined = np.ones(a.shape, bool) if a.undefined is None else ~a.undefined
        rounded = defined & ((a.real == 0) & ~self._identically_zero(a) | ~np.isfinite(a.real))
        if rounded.any():
            raise Redraw("the real point leaves the range of floating point")
        return outside

    def log(self, a: Draws) -> Draws:
        bad = self._outside(a)
        if a.rational is not None and all(v == 1 for v in a.rational.ravel()):
            return self.filled(0.0, a.shape)
        self._count_accident(a.degree)
        levels: list[np.ndarray | None] = []
        torsions: list[np.ndarray | None] = []
        for i in range(self.towers.levels - 1):
            above = a.levels[i + 1]
            if above is None:
                levels.append(None)
                torsions.append(None)
                continue
            if self.towers.primes[i].max() > LARGEST_ORDER:
                raise Undecided("a logarithm is taken above too many exponentials")
            self._need(above != 0, bad)
            prime, order = column(self.towers.primes[i + 1], above), self.towers.primes[i]
            above = np.where(above == 0, 1, above)
            smooth = self._projected(above, i, prime, order)
            logarithm = self.towers.logarithm(i, smooth)
            levels.append(logarithm)
            rest = multiply(above, inverse(smooth, prime), prime)
            torsions.append(None if (rest == 1).all() else rest)
        with np.errstate(divide="ignore", invalid="ignore"):
            real = np.log(a.real)
        return Draws(
            a.shape,
            (*levels, None),
            real,
            a.degree.logarithm(),
            (*torsions, None),
            undefined=_either(a.undefined, bad if bad.any() else None),
            label=a.label,
        )

    def _projected(self, x: np.ndarray, level: int, prime: np.ndarray, order: np.ndarray) -> np.ndarray:
        """The factor of x that lies in the subgroup of this order; the rest has an order that divides the cofactor."""
        cofactor = (self.towers.primes[level + 1] - 1) // order
        exponent = np.array(
            [k * pow(int(k), -1, int(q)) for k, q in zip(cofactor.tolist(), order.tolist(), strict=True)]
        )
        return raise_to(x, column(exponent, x), prime)

    def _torsion(self, operation: Callable[..., np.ndarray], a: Draws, b: Draws) -> Levels:
        if all(t is None for t in a.torsion) and all(t is None for t in b.torsion):
            return self._no_torsion
        result: list[np.ndarray | None] = []
        for i, (s, t) in enumerate(zip(a.torsion, b.torsion, strict=True)):
            if s is None and t is None:
                result.append(None)
            else:
                shape = (self.towers.draws, *a.shape)
                one = np.ones(shape, np.int64)
                result.append(operation(i, one if s is None else s, one if t is None else t))
        return tuple(result)

    def _scaled_torsion(self, a: Draws, scale: np.ndarray) -> Levels:
        """Of a times known rationals n/d: the n-th power of the d-th root, where the torsion has one."""
        if all(t is None for t in a.torsion):
            return a.torsion
        result: list[np.ndarray | None] = []
        for i, torsion in enumerate(a.torsion):
            if torsion is None:
                result.append(None)
                continue
            prime = self.towers.primes[i + 1]
            cofactor = (prime - 1) // self.towers.primes[i]
            exponent = np.zeros(torsion.shape, np.int64)
            known = torsion != 0
            for place, value in np.ndenumerate(scale):
                for row, k in enumerate(cofactor.tolist()):
                    common = _shared_part(k, value.denominator)
                    rest = k // common
                    exponent[(row, *place)] = (
                        value.numerator * pow(value.denominator, -1, rest) % rest if rest > 1 else 0
                    )
                    if common > 1:
                        known[(row, *place)] &= pow(int(torsion[(row, *place)]), rest, int(prime[row])) == 1
            powered = raise_to(torsion, exponent, column(prime, torsion))
            result.append(np.where(known, powered, 0))
        return tuple(result)

    def sin(self, a: Draws) -> Draws:
        return self._circular(a, np.sin, -1)

    def cos(self, a: Draws) -> Draws:
        return self._circular(a, np.cos, 1)

    def _circular(self, a: Draws, function: Callable[[np.ndarray], np.ndarray], sign: int) -> Draws:
        """(e^{iz} - e^{-iz}) / 2i, or (e^{iz} + e^{-iz}) / 2."""
        if not self.towers.circular:
            raise NeedsCircle("sine and cosine need a root of -1")
        turned = replace(
            a,
            levels=tuple(
                None if x is None else multiply(x, column(root, x), column(p, x))
                for x, root, p in zip(a.levels, self.towers.roots, self.towers.primes, strict=True)
            ),
            rational=None,
            real=np.zeros(a.shape),
            signs=ANY,
        )
        up = self.exp(turned)
        down = self.reciprocal(up)
        both = self.add(up, down if sign > 0 else self.negative(down))
        half = self.multiply(both, self.filled(0.5, a.shape))
        levels = half.levels
        if sign < 0:
            levels = tuple(
                None if x is None else multiply(x, column(-root % p, x), column(p, x))
                for x, root, p in zip(levels, self.towers.roots, self.towers.primes, strict=True)
            )
        with np.errstate(invalid="ignore"):
            return replace(half, levels=levels, real=function(a.real), signs=ANY)

    # Roots and other functions

    def power(self, a: Draws, exponent: Fraction) -> Draws:
        if exponent.denominator == 1:
            return self.integer_power(a, exponent.numerator)
        if a.rational is not None and exponent.denominator == 2 and all(v >= 0 for v in a.rational.ravel()):
            outside = _fractions(_root_of_square_part, a.rational)
            inside = _fractions(lambda v: v / (_root_of_square_part(v) or 1) ** 2, a.rational)
            # The root in the field that is a square is s sqrt(f) only where s is one.
            if any(s != 1 for s in outside.ravel()):
                factor = self.integer_power(self._rational(outside), exponent.numerator)
                if all(f in (0, 1) for f in inside.ravel()):
                    return factor
                return self.multiply(factor, self.power(self._rational(inside), exponent))
        bad = self._outside(a)
        zero = self._identically_zero(a)
        self._count_accident(a.degree)
        n, d = exponent.numerator, exponent.denominator

        def root(x: np.ndarray, prime: np.ndarray) -> np.ndarray:
            odd = (prime - 1) // (4 if self.towers.circular else 2)
            fits = np.array([math.gcd(d, int(m)) == 1 for m in odd])
            powers = np.array([n * pow(d, -1, int(m)) % int(m) if ok else 0 for m, ok in zip(odd, fits, strict=True)])
            p = column(prime, x)
            square = raise_to(x, column(odd, x), p) == 1
            self._need(square & column(fits, x), bad)
            return np.where(zero, 0, raise_to(x, column(powers, x), p))

        with np.errstate(invalid="ignore", divide="ignore"):
            real = np.power(a.real, float(exponent))
        return Draws(
            a.shape,
            self._levelwise(root, a),
            real,
            (a.degree if n > 0 else a.degree.inverse()).scaled(max(abs(n), d)),
            self._no_torsion,
            undefined=_either(a.undefined, bad & ~zero if (bad & ~zero).any() or (n < 0 and bad.any()) else None),
            signs=(0, 1) if bad.any() else POSITIVE,
            label=a.label,
        )

    def cholesky(self, a: Draws) -> Draws:
        """Each entry is a minor over the root of two, which says more of its degree than how it is computed."""
        minor = a.degree.determinant(a.shape[-1])
        counted = self.accidents, self.heights
        factor = super().cholesky(replace(a, degree=Degree(0.0)))
        self.accidents, self.heights = counted
        for _ in range(a.shape[-1]):
            self._count_accident(minor)
        return replace(factor, degree=minor * (minor * minor).inverse().scaled(2))

    def solve_lower(self, a: Draws, b: Draws) -> Draws:
        return replace(super().solve_lower(a, b), degree=a.degree.solution(a.shape[-1], b.degree))

    # These are as positive or negative as what they are of.

    def expm1(self, a: Draws) -> Draws:
        return _bounded(super().expm1(a), a.signs)

    def tanh(self, a: Draws) -> Draws:
        return _bounded(super().tanh(a), a.signs)

    def sinh(self, a: Draws) -> Draws:
        return _bounded(super().sinh(a), a.signs)

    def integer_power(self, a: Draws, exponent: int) -> Draws:
        result = super().integer_power(a, exponent)
        if exponent % 2 == 0 and result is not a and result.rational is None:
            return replace(result, signs=_signs_of_square(a))
        return result

    def erf(self, a: Draws) -> Draws:
        """An unknown odd function: that is all that its algebra needs."""
        up = self._hashed("erf", a, special.erf(a.real))
        down = self._hashed("erf", self.negative(a), -special.erf(a.real))
        return replace(self.add(up, self.negative(down)), real=special.erf(a.real))

    def unknown(self, a: Draws, name: str, order: int, event: bool) -> Draws:
        real = sines(np.sin, a.real, name, order, event)
        if not event:
            return self._hashed(f"{name}'{order}", a, real)
        count = a.shape[-1]
        batch = a.shape[:-1]
        entries = np.indices((count,) * order).reshape(order, -1).T if order else np.zeros((1, 0), int)
        # Partial derivatives commute: each is keyed by its variables in order.
        key = self._vector_key(name, a)
        columns = [
            self._hashed(f"{name}'{sorted(entry.tolist())}", key, real.reshape(*batch, -1)[..., i])
            for i, entry in enumerate(entries)
        ]
        size = math.prod(batch)
        index = np.arange(len(columns) * size).reshape(len(columns), *batch)
        return self.take(columns, np.moveaxis(index, 0, -1).reshape(real.shape))

    def _vector_key(self, name: str, a: Draws) -> Draws:
        """One number for each vector, which differs for different vectors but for accidents."""
        weights = self.symbol_for(f"{name} weights {a.shape[-1]}", (a.shape[-1],))
        spread = self.take([weights], np.broadcast_to(np.arange(a.shape[-1]), a.shape))
        return self.sum(self.multiply(a, spread))

    def symbol_for(self, name: str, shape: tuple[int, ...]) -> Draws:
        """The same random numbers whenever this name is asked for."""
        generator, self.generator = self.generator, np.random.default_rng([self.towers.seed, *name.encode()])
        try:
            return self.symbol(np.ones(shape))
        finally:
            self.generator = generator

    def _hashed(self, name: str, a: Draws, real: np.ndarray) -> Draws:
        self._count_accident(a.degree)

        def mixed(x: np.ndarray, prime: np.ndarray) -> np.ndarray:
            state: Any
            salt = np.random.default_rng([self.towers.seed, *name.encode()]).integers(1, 2**62, (2, len(prime)))
            with np.errstate(over="ignore"):
                state = x.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + column(salt[0], x).astype(np.uint64)
                for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
                    state = (state ^ (state >> np.uint64(shift))) * np.uint64(factor)
                state = (state ^ (state >> np.uint64(31))) ^ column(salt[1], x).astype(np.uint64)
            return (state % column(prime, x).astype(np.uint64)).astype(np.int64)

        return Draws(
            a.shape,
            self._levelwise(mixed, a),
            real,
            Degree(),
            self._no_torsion,
            undefined=a.undefined,
            label=a.label,
        )

    # Rearranging and adding up

    def take(self, pool: Sequence[Draws], index: np.ndarray) -> Draws:
        index = np.asarray(index, np.int64)
        sizes = [math.prod(array.shape) for array in pool]
        used = _used(sizes, index)
        chosen = [array for array, use in zip(pool, used, strict=True) if use] or [self.filled(0.0, ())]
        if sum(used) < len(pool) or not any(used):
            offsets = np.cumsum([0, *sizes])
            moved = np.cumsum([0, *(size if use else 0 for size, use in zip(sizes, used, strict=True))])
            shifted = np.full(index.shape, -1)
            for i, use in enumerate(used):
                inside = (index >= offsets[i]) & (index < offsets[i + 1])
                if use:
                    shifted = np.where(inside, index - offsets[i] + moved[i], shifted)
            index = shifted
        filled = bool((index < 0).any())
        if all(array.rational is not None for array in chosen):
            flat = np.concatenate([array.rational.ravel() for array in chosen])
            picked = np.asarray(flat[index], object)
            if filled:
                picked[index < 0] = Fraction(0)
            return self._rational(picked)
        draws = self.towers.draws

        def pick(arrays: list[np.ndarray], fill: Any) -> np.ndarray:
            flat = arrays[0] if len(arrays) == 1 else np.concatenate(arrays, axis=-1)
            picked = flat[..., index]
            return np.where(index < 0, fill, picked) if filled else picked

        levels = tuple(
            None
            if any(array.levels[i] is None for array in chosen)
            else pick([array.levels[i].reshape(draws, -1) for array in chosen], 0)
            for i in range(self.towers.levels)
        )
        torsion = tuple(
            None
            if all(array.torsion[i] is None for array in chosen)
            else pick(
                [
                    np.ones((draws, math.prod(array.shape)), np.int64)
                    if array.torsion[i] is None
                    else array.torsion[i].reshape(draws, -1)
                    for array in chosen
                ],
                1,
            )
            for i in range(self.towers.levels)
        )
        undefined: Any = None
        if any(array.undefined is not None for array in chosen):
            undefined = pick(
                [np.zeros(math.prod(a.shape), bool) if a.undefined is None else a.undefined.ravel() for a in chosen],
                False,
            )
            undefined = undefined if undefined.any() else None
        degree = chosen[0].degree
        for array in chosen[1:]:
            degree = degree.largest(array.degree)
        return Draws(
            index.shape,
            levels,
            pick([array.real.ravel() for array in chosen], 0.0),
            degree,
            torsion,
            None,
            undefined,
            signs=_signs_of_all([array.signs for array in chosen] + [(0, 0)] * filled),
            label=any(array.label for array in chosen),
        )

    def sum(self, x: Draws) -> Draws:
        count = x.shape[-1]
        if x.rational is not None:
            return self._rational(x.rational.sum(axis=-1) if count else np.full(x.shape[:-1], Fraction(0), object))
        torsion: list[np.ndarray | None] = []
        for i, t in enumerate(x.torsion):
            if t is None:
                torsion.append(None)
                continue
            product = np.ones(t.shape[:-1], np.int64)
            for k in range(count):
                product = multiply(product, t[..., k], column(self.towers.primes[i + 1], product))
            torsion.append(product)
        with np.errstate(invalid="ignore", over="ignore"):
            real = x.real.sum(axis=-1)
        return Draws(
            x.shape[:-1],
            self._levelwise(lambda v, p: v.sum(axis=-1) % column(p, v[..., 0]) if count else v.sum(axis=-1), x),
            real,
            x.degree.times(count),
            tuple(torsion),
            undefined=None if x.undefined is None else np.asarray(x.undefined.any(axis=-1)),
            signs=x.signs if count else (0, 0),
            label=x.label,
        )

    # Comparisons

    def sign(self, a: Draws) -> np.ndarray:
        if a.rational is not None:
            return _signs(a.rational)
        if a.label:
            raise NeedsLabels("a comparison depends on the labels")
        undefined = np.zeros(a.shape, bool) if a.undefined is None else a.undefined
        zero = self._identically_zero(a)
        unsure = ~undefined & ~zero & ~(np.abs(a.real) > 0)
        if (unsure | np.isnan(a.real)).any():
            raise Redraw("the real point is too near a kink, or leaves the range of floating point")
        sign = np.where(zero, 0, np.sign(a.real)).astype(np.int64)
        self._count_accident(a.degree)
        if undefined.any() or a.signs[0] == a.signs[1]:
            return sign
        if a.signs == ANY:
            comparison = self.comparisons.setdefault(id(self.site), Comparison(self.site))
            comparison.outcomes.update(np.unique(sign).tolist())
        return sign if self.forced is None else self.forced(self.site, sign, self._fingerprint(a))

    def _fingerprint(self, a: Draws) -> np.ndarray:
        """A number for each element that equals another's exactly where the values agree up to sign."""
        level = next(i for i, x in enumerate(a.levels) if x is not None)
        first = int(np.argmax(self.alive))
        x, p = a.levels[level][first], int(self.towers.primes[level][first])
        return np.minimum(x, p - x)

    def order(self, a: Draws, b: Draws) -> np.ndarray:
        for x, y, flip in ((a, b, 1), (b, a, -1)):
            if x.undefined is not None and y.undefined is None:
                # An infinite constant, against finite numbers.
                return flip * np.where(
                    x.undefined,
                    np.sign(np.nan_to_num(x.real)),
                    self.sign(self.subtract(_defined(a), _defined(b))) * flip,
                ).astype(np.int64)
        return self.sign(self.subtract(a, b))

    def compare(self, a: Draws, b: Draws, holds: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        outcome = super().compare(a, b, holds)
        if b.rational is not None and not b.rational.any():
            of = holds(np.arange(-1, 2))
            signs = [np.flatnonzero(of == whether) - 1 for whether in (False, True)]
            told = Told(outcome, a, [(int(s[0]), int(s[-1])) for s in signs])
            self._told[id(outcome)] = self._told_last[id(outcome)] = told
        return outcome

    def cases(self, which: np.ndarray, *cases: Draws) -> Sequence[Draws]:
        """A number that was compared with zero has, where it is chosen, the signs that led to it."""
        if id(which) not in self._told:
            return cases
        told = self._told[id(which)]
        return [_bounded(x, s) if x is told.number else x for x, s in zip(cases, told.signs, strict=True)]

    def maximum(self, a: Draws, b: Draws) -> Draws:
        return _bounded(super().maximum(a, b), (max(a.signs[0], b.signs[0]), max(a.signs[1], b.signs[1])))

    def minimum(self, a: Draws, b: Draws) -> Draws:
        return _bounded(super().minimum(a, b), (min(a.signs[0], b.signs[0]), min(a.signs[1], b.signs[1])))

    def absolute(self, a: Draws) -> Draws:
        return _bounded(super().absolute(a), (0, 1))

    def finite(self, a: Draws) -> np.ndarray:
        return np.ones(a.shape, bool) if a.undefined is None else ~a.undefined

    def rationals(self, a: Draws) -> np.ndarray | None:
        known: np.ndarray | None = a.rational
        return known

    def fraction(self, a: Draws) -> Fraction | None:
        if a.rational is None or not a.rational.size:
            return None
        values = set(a.rational.ravel())
        return values.pop() if len(values) == 1 else None

    def equal(self, a: Draws, b: Draws) -> np.ndarray:
        """Where two values agree at every level that both reach, in every draw."""
        shared = [i for i in range(self.towers.levels) if a.levels[i] is not None and b.levels[i] is not None]
        if not shared:
            raise self.exhausted()
        same = np.ones(a.shape, bool)
        for i in shared:
            same &= (a.levels[i][self.alive] == b.levels[i][self.alive]).all(axis=0)
        return same


class Exhausted(Undecided):
    """Higher towers may help."""


class NeedsCircle(Undecided):
    """Circular towers are needed."""


class NeedsLabels(Undecided):
    """The labels must be given their values one by one."""


def _fractions(function: Callable[[Any], Fraction], values: np.ndarray) -> np.ndarray:
    result = np.empty(values.size, object)
    result[:] = [function(value) for value in values.ravel().tolist()]
    return result.reshape(values.shape)


def _either(a: np.ndarray | None, b: np.ndarray | None) -> np.ndarray | None:
    if a is None or b is None:
        return a if b is None else b
    return a | b


def _bounded(a: Draws, signs: Signs) -> Draws:
    """The same with what else is known of the signs; of known numbers all is."""
    return a if a.rational is not None else replace(a, signs=signs)


def _defined(a: Draws) -> Draws:
    if a.undefined is None:
        return a
    return replace(a, real=np.where(a.undefined, 1.0, a.real), undefined=None)


def _signs(values: np.ndarray) -> np.ndarray:
    """Of fractions, which can be smaller than any number of floating point."""
    return np.array([(v > 0) - (v < 0) for v in values.ravel()], np.int64).reshape(values.shape)


def _signs_of_sum(a: Signs, b: Signs) -> Signs:
    """Of numbers that do not cancel the larger one's."""
    least = max(a[0], b[0]) if min(a[0], b[0]) >= 0 else -1
    largest = min(a[1], b[1]) if max(a[1], b[1]) <= 0 else 1
    return least, largest


def _signs_of_square(a: Draws) -> Signs:
    return POSITIVE if (a.real != 0).all() else (0, 1)


def _signs_of_all(signs: Sequence[Signs]) -> Signs:
    return min(s[0] for s in signs), max(s[1] for s in signs)


def _shared_part(n: int, d: int) -> int:
    """The largest divisor of n made of primes of d."""
    common = 1
    while (g := math.gcd(n, d)) > 1:
        n, common = n // g, common * g
    return common


def _root_of_square_part(value: Fraction) -> Fraction:
    """s where the value is s^2 f and f has no square factor, or none but large ones."""
    return Fraction(_square_root_within(value.numerator), _square_root_within(value.denominator))


def _square_root_within(n: int) -> int:
    found = 1
    for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97):
        while n and n % prime**2 == 0:
            n, found = n // prime**2, found * prime
    rest = math.isqrt(n)
    return found * rest if rest * rest == n else found


def _used(sizes: list[int], index: np.ndarray) -> list[bool]:
    edges = np.cumsum([0, *sizes])
    return [bool(((index >= low) & (index < high)).any()) for low, high in itertools.pairwise(edges)]
