"""Arrays of numbers in every world: known numbers, what is decided by residues, and elements moved and chosen."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from gradproof.interpreter import Arithmetic
from gradproof.worlds.atoms import LOOSE, Atoms, Colours, Support, gated, loose, union
from gradproof.worlds.bound import Degree, Degrees, Which
from gradproof.worlds.cases import Cases, Whole, support_of, worlds_of
from gradproof.worlds.draws import Drawn, Plan
from gradproof.worlds.errors import TooLoose, Unlucky
from gradproof.worlds.pairs import Pairs
from gradproof.worlds.residues import Column, columns
from gradproof.worlds.roots import Roots
from gradproof.worlds.value import (
    ANY,
    FINITE,
    INFINITE,
    NEGATIVE,
    POSITIVE,
    ZERO,
    Value,
    fractions,
    kinds,
    none_where,
    signs_of,
    vague_of,
)


class Elements(Arithmetic):
    """What has no arithmetic in it."""

    def __init__(self, plan: Plan, colours: Colours):
        self.plan = plan
        self.field = Drawn(plan)
        self.atoms = Atoms(colours)
        self.degrees = Degrees()
        self.roots = Roots(self.field)
        self.pairs = Pairs(self.field, self.roots.power, self.roots.remember)
        self.squares: list[Value] = []
        """What was squared, of whose squares the roots may be taken."""
        self.valued = True
        """Whether all numbers that were met have values in all worlds, in which they are met or not."""
        self.divided = np.zeros(self.atoms.worlds, bool)
        """The worlds in which something is divided by zero: what has no value there may be infinite, of either sign."""
        self.decisions = colours.decisions
        """How often something was taken for zero, or for equal, or not, by its residues."""
        self.degree, self.height = colours.degree, colours.height
        """The largest of what was decided so."""

    def decide(self, a: Value, count: int = 1, beside: tuple[float, float] = (0.0, 0.0)) -> None:
        """Note that each element was compared so many times with zero, or with something as large as it is.

        Arguments:
            beside: degree and height of all else that it was compared with.
        """
        degree, height = self.degrees.whole(a.degree)
        self.degree = max(self.degree, 2 * degree + beside[0])
        self.height = max(self.height, 2 * height + beside[1] + 1)
        self.decisions += max(math.prod(a.shape), 1) * self.worlds(a) * count

    def settled(self, a: Value) -> Value:
        """Elements that are the same in all worlds depend on no atom."""
        if a.kind is not None:
            self.valued = False
            # What is infinite or none is no number that something could be made of.
            finite = (a.kind == FINITE)[:, None]
            slope = None if a.slope is None else np.where(finite, a.slope, 0)
            signs = np.where((np.abs(a.kind) == INFINITE).any(axis=0), ANY, a.signs).astype(np.int8)
            a = replace(a, residues=np.where(finite, a.residues, 0), slope=slope, signs=signs)
        if self.worlds(a) == 1:
            if a.support is None:
                return a
            rest = np.asarray(a.support & LOOSE, object)
            return replace(a, support=rest if loose(rest).any() else None)
        same = (a.residues == a.residues[:1]).all(axis=(0, 1))
        if a.slope is not None:
            same &= (a.slope == a.slope[:1]).all(axis=(0, 1))
        if a.kind is not None:
            same &= (a.kind == a.kind[:1]).all(axis=0)
        if a.support is None:
            if not same.all():
                raise AssertionError("a number that is not the same in all worlds depends on no atom")
            support = None
        else:
            self.decide(a)
            support = self.atoms.settled(same, a.support)
        if support is not None and gated(support).any():
            return replace(a, support=support)
        narrow = {name: getattr(a, name) for name in ("residues", "slope", "kind")}
        narrow = {name: None if x is None else x[:1] for name, x in narrow.items()}
        return replace(a, support=support, **narrow)

    @staticmethod
    def worlds(a: Value) -> int:
        return max(len(x) for x in (a.residues, a.slope, a.kind) if x is not None)

    def columns_of(self, a: Value) -> tuple[np.ndarray, np.ndarray | None]:
        """The residues and the slopes of each element in each world: (worlds, elements, draws)."""
        worlds = self.worlds(a)

        def wide(x: np.ndarray) -> np.ndarray:
            return columns(np.broadcast_to(x, (worlds, *x.shape[1:])))

        return wide(a.residues), None if a.slope is None else wide(a.slope)

    def note_quotients(self, zero: np.ndarray) -> None:
        """Something is divided by what is zero in some worlds."""
        self.divided |= zero.reshape(len(zero), -1).any(axis=1)

    def require_tight(self, a: Value) -> None:
        """Raises `Undecided` where zero in some world is not zero as a polynomial."""
        doubtful = np.broadcast_to(loose(a.support) & ((a.signs & ZERO) != 0), a.shape)
        wide, _ = self.columns_of(a) if doubtful.any() else (np.zeros((0, 0, 0)), None)
        worlds = [slice(None)] if len(wide) == 1 else [slice(w, w + 1) for w in range(len(wide))]
        zipped = zip(worlds, wide, strict=False)
        places = np.flatnonzero(doubtful)
        supports = np.zeros(doubtful.size, object) if a.support is None else a.support.ravel()
        doubted = [(world[j], here, int(supports[j])) for here, world in zipped for j in places]
        if doubted:
            self.decide(a, beside=self.degrees.whole(a.degree))
        if not all(self.is_unit(*doubt) for doubt in doubted):
            raise TooLoose("a sum over many comparisons, or a whole number, is divided by, or a root of it is taken")

    def is_unit(self, column: Column, worlds: slice, beside: Support) -> bool:
        """Whether a polynomial in outcomes is not zero in some worlds; a number is what it is in all of them.

        Arguments:
            beside: the atoms by which the worlds were chosen.
        """
        return bool(self.field.rational(column))

    def rationals(self, a: Value) -> np.ndarray | None:
        return a.rational

    def fraction(self, a: Value) -> Fraction | None:
        values: Any = set() if a.rational is None else set(a.rational.ravel().tolist())
        return values.pop() if len(values) == 1 else None

    def known(self, values: np.ndarray) -> Value:
        """Rational numbers."""
        values = np.asarray(values, object)
        flat = values.ravel().tolist()
        made = {}
        for x in set(flat):
            try:
                made[x] = self.field.constant(x)
            except ZeroDivisionError:
                raise Unlucky("a prime divides the denominator of a constant") from None
        residues = np.empty((self.field.draws, len(flat)), np.int64)
        for place, x in enumerate(flat):
            residues[:, place] = made[x]
        integer = math.lcm(*(x.denominator for x in made)) if made else 1
        height = max((_bits(x.numerator * (integer // x.denominator)) for x in made), default=0.0)
        return Value(
            residues.reshape(1, self.field.draws, *values.shape),
            signs_of(values),
            self.degrees.which(Degree(0.0, {}, height, integer)),
            rational=values,
        )

    def of_cases(self, cases: Cases) -> Value:
        """Integers and truth values as numbers."""
        values = cases.values.astype(np.float64)
        pool = sorted({0.0, *values[~np.isnan(values)].ravel().tolist()})
        known = self.known(fractions(Fraction, np.array(pool, object)))
        place = np.searchsorted(pool, np.nan_to_num(values, nan=0.0))
        residues = np.stack([known.residues[0][:, place[w]] for w in range(len(values))])
        signs = np.zeros(cases.shape, np.int8)
        for bit, holds in ((NEGATIVE, values < 0), (ZERO, values == 0), (POSITIVE, values > 0)):
            signs |= np.where(holds.any(axis=0), bit, 0).astype(np.int8)
        kind = none_where(np.isnan(values), None)
        return self.settled(Value(residues, signs, known.degree, kind=kind, support=cases.support))

    def take(self, pool: Sequence[Value], index: np.ndarray) -> Value:
        index = np.asarray(index, np.int64)
        used, index = _used([math.prod(x.shape) for x in pool], index)
        chosen = [pool[i] for i in used] or [self.filled(0.0, (1,))]
        if all(x.rational is not None for x in chosen):
            known = [np.asarray(x.rational, object).ravel() for x in chosen]
            flat = np.concatenate([*known, np.array([Fraction(0)], object)])
            return self.known(np.asarray(flat[index], object).reshape(index.shape))
        worlds, within = max(map(self.worlds, chosen)), not (index < 0).any()

        def picked(name: str, leading: tuple[int, ...], empty: Callable[[Value], np.ndarray], zero: Any) -> Any:
            parts = [getattr(x, name) for x in chosen]
            if all(part is None for part in parts):
                return None
            parts = [empty(x) if part is None else part for x, part in zip(chosen, parts, strict=True)]
            return _picked([_flat(part, leading) for part in parts], index, None if within else zero)

        draws = self.field.draws
        return self.settled(
            Value(
                picked("residues", (worlds, draws), lambda x: x.residues, 0),
                picked("signs", (), lambda x: x.signs, ZERO),
                self._degrees_picked(chosen, index),
                slope=picked("slope", (worlds, draws), lambda x: np.zeros((1, draws, *x.shape), np.int64), 0),
                kind=picked("kind", (worlds,), kinds, FINITE),
                support=picked("support", (), lambda x: np.zeros(x.shape, object), 0),
                vague=vague_of(chosen),
            )
        )

    def _degrees_picked(self, pool: Sequence[Value], index: np.ndarray) -> Which:
        """Zero is a constant."""
        degrees = [x.degree for x in pool]
        if all(x.ndim == 0 for x in degrees) and (either := self.degrees.settled(np.array(degrees))).ndim == 0:
            return either
        worlds = max(len(x) if x.ndim else 1 for x in degrees)
        flat = [np.broadcast_to(x, (worlds, *y.shape)).reshape(worlds, -1) for x, y in zip(degrees, pool, strict=True)]
        return self.degrees.settled(np.concatenate([*flat, np.zeros((worlds, 1), int)], axis=-1)[..., index])

    def select(self, which: Whole, cases: Sequence[Value]) -> Value:
        """In each world, place by place, the element of the case that `which` names."""
        if not isinstance(which, Cases):
            return super().select(which, cases)
        chosen = which.astype(np.int64)
        number = worlds_of(chosen)
        signs = np.zeros(which.shape, np.int8)
        parts: dict[str, Any] = {}
        for name in ("residues", "slope", "kind"):
            if all(getattr(x, name) is None for x in cases):
                continue
            out: Any = None
            for i, case in enumerate(cases):
                part = getattr(case, name)
                if part is None:
                    part = kinds(case) if name == "kind" else np.zeros((1, self.field.draws, *case.shape), np.int64)
                here = number == i if name == "kind" else (number == i)[:, None]
                out = np.where(here, part, 0) if out is None else np.where(here, part, out)
            parts[name] = out
        for i, case in enumerate(cases):
            picked = number == i
            signs_here = self.signs_in(case, picked, which.support)
            signs |= np.where(picked.any(axis=0), signs_here, 0).astype(np.int8)
        support = union(support_of(which), *(case.support for case in cases))
        degree = self.degrees.chosen(number, [case.degree for case in cases])
        parts |= {"support": support, "vague": vague_of(cases)}
        return self.settled(Value(signs=signs, degree=degree, **parts))

    def signs_in(self, a: Value, worlds: np.ndarray, support: np.ndarray) -> np.ndarray:
        """The signs that elements may have in these worlds, which are chosen by these atoms."""
        return a.signs


def _flat(part: np.ndarray, leading: tuple[int, ...]) -> np.ndarray:
    """The same with one axis after those in front, which are as long as these."""
    count = len(leading)
    if part.shape[:count] != leading:
        part = np.broadcast_to(part, (*leading, *part.shape[count:]))
    return part.reshape(*leading, math.prod(part.shape[count:]))


def _picked(flat: list[np.ndarray], index: np.ndarray, zero: Any) -> np.ndarray:
    """Elements along the last axis; if there is a zero it is the last one, where -1 finds it."""
    dtype = flat[0].dtype
    if zero is not None:
        flat = [*flat, np.full((*flat[0].shape[:-1], 1), zero, dtype)]
    # NumPy makes a bare object of a single element.
    return np.asarray((flat[0] if len(flat) == 1 else np.concatenate(flat, axis=-1)).take(index, axis=-1), dtype)


def _used(sizes: Sequence[int], index: np.ndarray) -> tuple[list[int], np.ndarray]:
    """Which arrays of a pool an index names, and the index into these alone; -1 names the end."""
    if len(sizes) == 1:
        return [0] if (index >= 0).any() else [], index
    edges = np.cumsum([0, *sizes])
    source = np.searchsorted(edges, np.maximum(index, 0), side="right") - 1
    used = sorted(set(source[index >= 0].ravel().tolist()))
    start = np.cumsum([0, *(sizes[i] for i in used)])
    shift = np.zeros(len(sizes) + 1, np.int64)
    for place, i in enumerate(used):
        shift[i] = start[place] - edges[i]
    return used, np.where(index < 0, -1, index + shift[source])


def _bits(n: int) -> float:
    n = abs(n)
    excess = max(n.bit_length() - 60, 0)
    return math.log2(n >> excess) + excess if n else 0.0
