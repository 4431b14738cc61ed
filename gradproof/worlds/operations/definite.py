r"""Cholesky factors: of a matrix that is known to be positive semidefinite, the pivots are positive.

The entries of a matrix are often sums of as many terms, as those of $X^\top W X + \lambda I$ are. Then it is the sum of
one matrix for each term. Such a matrix $T$ is positive semidefinite if $T = D E M E^\top D$ with a diagonal $D$, an $E$
that only repeats rows, and an $M$ whose diagonal outweighs the rest of each row: $M_{kk} \ge \sum_{l \ne k} |M_{kl}|$
(Gershgorin). The products that the entries are made of say what to divide by; whether it is right is decided by
residues. A pivot that is not zero is then positive but where it vanishes.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import blake2b
from math import factorial, isqrt, prod

import numpy as np

from gradproof.interpreter import triangular
from gradproof.worlds.atoms import Colours, loose
from gradproof.worlds.draws import Plan
from gradproof.worlds.errors import NeedsOrigins
from gradproof.worlds.operations.constants import Constants
from gradproof.worlds.value import FINITE, NEGATIVE, POSITIVE, ZERO, Value, kinds

MOST_TERMS = 64


@dataclass(frozen=True)
class Entry:
    """One element of an array, by its place in it."""

    of: Value
    place: int


Term = tuple[Fraction, Entry]
"""A number and what it is a factor of."""


@dataclass(frozen=True)
class Origin:
    """What an element was made of: the terms of a sum, or the factors of a product."""

    parts: tuple[Entry, ...]
    product: bool


class Definite(Constants):
    """What sums and products are made of is remembered, once a Cholesky factor is taken."""

    def __init__(self, plan: Plan, colours: Colours):
        super().__init__(plan, colours)
        self.made: list[tuple[Value, tuple[Value, ...], bool]] = []
        """Results, what they were made of, and whether they are products; not looked at yet."""
        self.origins: dict[bytes, Origin] = {}
        self.met: set[bytes] = set()

    def add(self, a: Value, b: Value) -> Value:
        return self._noted(super().add(a, b), (a, b), product=False)

    def sum(self, x: Value) -> Value:
        return self._noted(super().sum(x), (x,), product=False)

    def multiply(self, a: Value, b: Value) -> Value:
        made = self._noted(super().multiply(a, b), (a, b), product=True)
        if self.plan.origins:
            self.remember(made)
            self.remember(self.negative(made))
        return made

    def _noted(self, made: Value, parts: tuple[Value, ...], *, product: bool) -> Value:
        if self.plan.origins:
            self.made.append((made, parts, product))
        return made

    def cholesky(self, a: Value) -> Value:
        """The lower factors, column by column, of minors: these are polynomials, and the degree of each is known."""
        if not self.plan.origins:
            raise NeedsOrigins
        known, size = self.is_semidefinite(a), a.shape[-1]
        batch, columns, roots = a.shape[:-2], [], []
        entry = triangular.positions(a.shape)
        of_all = self.degrees.either([a.degree])
        minors, before = self.take([a], np.maximum(entry, entry.swapaxes(-1, -2))), self.filled(1.0, (*batch, 1, 1))
        for order in range(1, size + 1):
            place = triangular.positions(minors.shape)
            corner, left = self.take([minors], place[..., :1, :1]), self.take([minors], place[..., :1])
            pivot = self.divide(corner, before)
            if known:
                zero = pivot.zeros.any(axis=0)
                pivot = replace(pivot, signs=np.where(zero, ZERO | POSITIVE, POSITIVE).astype(np.int8))
                # Signs may be those of the worlds in which elements were chosen.
                self.remember(pivot, always=a.support is None)
            root = self.power(pivot, Fraction(1, 2))
            roots.append(root)
            columns.append(self.divide(left, self._spread(self.multiply(before, root), left)))
            if order < size:
                rest = self.take([minors], place[..., 1:, 1:])
                low = triangular.positions(left.shape)[..., 1:, :]
                product = self.multiply(
                    self.take([left], np.broadcast_to(low, rest.shape)),
                    self.take([left], np.broadcast_to(low.swapaxes(-1, -2), rest.shape)),
                )
                crossed = self.subtract(self.multiply(self._spread(corner, rest), rest), product)
                degree = self.degrees.total(self.degrees.power(of_all, order + 1), factorial(order + 1))
                minors = replace(self.divide(crossed, self._spread(before, crossed)), degree=degree)
                before = corner
        # Undefined as a whole where a pivot is not positive, as JAX has it.
        total = self.sum(
            self.take(roots, np.stack([n * prod(batch) + triangular.positions(batch) for n in range(size)], -1))
        )
        spoilt = self.take([total], np.broadcast_to(triangular.positions(batch)[..., None, None], a.shape))
        return self.add(self._lower(columns, a.shape), self.multiply(self.filled(0.0, a.shape), spoilt))

    def _spread(self, a: Value, like: Value) -> Value:
        return self.take([a], np.broadcast_to(triangular.positions(a.shape), like.shape))

    def _lower(self, columns: list[Value], shape: tuple[int, ...]) -> Value:
        place, start = np.full(shape, -1), 0
        for j, column in enumerate(columns):
            place[..., j:, j] = start + triangular.positions(column.shape)[..., 0]
            start += prod(column.shape)
        return self.take(columns, place)

    def is_semidefinite(self, a: Value) -> bool:
        """Whether all matrices of the last two axes are known to be so, by their lower triangles."""
        size = a.shape[-1]
        if a.rational is not None or size == 0 or (kinds(a) != FINITE).any() or a.vague or loose(a.support).any():
            return False
        self._learn_origins()
        return all(self._is_sum(a, start) for start in range(0, prod(a.shape), size * size))

    def _is_sum(self, a: Value, start: int) -> bool:
        """Whether the matrix that begins at a place is a sum of semidefinite ones, and of a diagonal."""
        size = a.shape[-1]
        entries = {(j, k): self.terms(Entry(a, start + j * size + k)) for j in range(size) for k in range(j + 1)}
        counts = {len(terms) for (j, k), terms in entries.items() if j != k} or {len(entries[0, 0])}
        count = min(counts)
        lengths = list(map(len, entries.values()))
        if len(counts) > 1 or min(lengths) < count or max(lengths) > MOST_TERMS:
            return False
        self.decide(a, MOST_TERMS)
        # What is added to the diagonal alone comes last, or first.
        for first in (True, False):
            parts = {
                place: (terms[:count], terms[count:]) if first else (terms[-count:], terms[:-count])
                for place, terms in entries.items()
            }
            rest = [term for _, more in parts.values() for term in more]
            if self._are_positive(rest) and all(
                self._is_semidefinite_term(
                    [parts[max(j, k), min(j, k)][0][t] for j in range(size) for k in range(size)]
                )
                for t in range(count)
            ):
                return True
        return False

    def _are_positive(self, terms: Sequence[Term]) -> bool:
        if not terms:
            return True
        signs = self.known_signs(self._of_terms(terms, (len(terms),)))
        return signs is not None and bool((signs >= 0).all())

    def _is_semidefinite_term(self, terms: Sequence[Term]) -> bool:
        """Whether a matrix of these entries, row by row, is known to be positive semidefinite."""
        size = isqrt(len(terms))
        matrix = self._of_terms(terms, (size, size))
        if (kinds(matrix) != FINITE).any():
            return False
        scale = [self._scale(terms[j * size + j][1]) for j in range(size)]
        if any(s.zeros.any() for s in scale):
            return False
        index = np.broadcast_to(np.arange(size)[:, None], (size, size))
        units = self.reciprocal(self.take(scale, np.arange(size)))
        matrix = self.multiply(self.multiply(matrix, self.take([units], index)), self.take([units], index.T))
        self.decide(matrix, size)
        residues = np.broadcast_to(matrix.residues, (self.worlds(matrix), *matrix.residues.shape[1:]))
        rows = [residues[:, :, j].tobytes() for j in range(size)]
        chosen = [rows.index(row) for row in dict.fromkeys(rows)]
        merged = self.take([matrix], np.array([[j * size + k for k in chosen] for j in chosen]))
        return self._is_dominated_by_diagonal(merged)

    def _is_dominated_by_diagonal(self, matrix: Value) -> bool:
        size = matrix.shape[0]
        off = np.array([[j * size + k for k in range(size) if k != j] for j in range(size)], int)
        signs = self.known_signs(self.take([matrix], off)) if size > 1 else np.zeros(off.shape)
        if signs is None:
            return False
        beside = self.sum(self.multiply(self.take([matrix], off), self.constant(signs.astype(float))))
        diagonal = self.take([matrix], np.arange(size) * (size + 1))
        rest = self.known_signs(self.subtract(diagonal, beside))
        if rest is None or (rest < 0).any():
            return False
        positive = (rest > 0) | (signs != 0).any(axis=1)
        self.remember(replace(diagonal, signs=np.where(positive, POSITIVE, diagonal.signs).astype(np.int8)))
        return True

    def known_signs(self, a: Value) -> np.ndarray | None:
        """Of all elements, the same in all worlds; None where one is not known."""
        self.decide_up_to_constants(a, 2 + len(self.positive))
        wide, slopes = self.columns_of(a)
        found = np.zeros(prod(a.shape))
        for j, may_be in enumerate(a.signs.ravel()):
            signs: set[int | None] = set()
            for w in range(len(wide)):
                column = wide[w, j]
                if not column.any():
                    signs.add(0)
                elif may_be & ~ZERO in (POSITIVE, NEGATIVE):
                    signs.add(1 if may_be & POSITIVE else -1)
                elif (ratio := self.multiple_of_positive(column) or self.field.rational(column)) is not None:
                    signs.add(1 if ratio > 0 else -1)
                else:
                    signs.add(self.sign_of_product(column, None if slopes is None else slopes[w, j]) or None)
            (sign,) = signs if len(signs) == 1 else (None,)
            if sign is None:
                return None
            found[j] = sign
        return found.reshape(a.shape)

    def _scale(self, entry: Entry) -> Value:
        """What an element of the diagonal is the square of, up to a factor: the product of what it has twice."""
        factors = self.factors(entry)
        count = Counter(map(self._key, factors))
        scale = self.filled(1.0, ())
        for factor in {self._key(factor): factor for factor in factors}.values():
            for _ in range(count[self._key(factor)] // 2):
                scale = self.multiply(scale, self._array([factor], ()))
        return scale

    # What elements are made of

    def terms(self, entry: Entry) -> list[Term]:
        """The terms of an element and their factors, down to what is no sum."""
        origin = self.origins.get(self._key(entry))
        if origin is None:
            return [(Fraction(1), entry)]
        if not origin.product:
            return [term for part in origin.parts for term in self.terms(part)]
        for number, other in (origin.parts, origin.parts[::-1]):
            if number.of.rational is not None:
                factor = number.of.rational.ravel()[number.place]
                return [(factor * each, part) for each, part in self.terms(other)]
        return [(Fraction(1), entry)]

    def factors(self, entry: Entry) -> list[Entry]:
        """Those of an element, down to what is no product."""
        origin = self.origins.get(self._key(entry))
        return [entry] if origin is None or not origin.product else [f for e in origin.parts for f in self.factors(e)]

    def _learn_origins(self) -> None:
        """Of each number what it was first made of, if it is none of that itself."""
        made, self.made = self.made, []
        for result, parts, product in made:
            count = prod(result.shape)
            keys = [self._keys(part) for part in parts]
            for each in keys:
                self.met.update(each)
            for place, key in enumerate(self._keys(result)):
                if key not in self.met:
                    self.met.add(key)
                    many = len(keys[0]) // count
                    used = [Entry(part, place * many + i) for part in parts for i in range(many)]
                    self.origins[key] = Origin(tuple(used), product)

    def _keys(self, a: Value) -> list[bytes]:
        """Of each element, a hash of its residues."""
        residues = np.broadcast_to(a.residues, (self.atoms.worlds, *a.residues.shape[1:]))
        flat = np.moveaxis(residues.reshape(*residues.shape[:2], -1), -1, 0)
        return [blake2b(element.tobytes(), digest_size=16).digest() for element in np.ascontiguousarray(flat)]

    def _key(self, entry: Entry) -> bytes:
        return self._keys(self._array([entry], ()))[0]

    def _of_terms(self, terms: Sequence[Term], shape: tuple[int, ...]) -> Value:
        factors = self.known(np.array([factor for factor, _ in terms], object).reshape(shape))
        return self.multiply(self._array([entry for _, entry in terms], shape), factors)

    def _array(self, entries: list[Entry], shape: tuple[int, ...]) -> Value:
        arrays = {id(entry.of): entry.of for entry in entries}
        starts = dict(zip(arrays, np.cumsum([0, *(prod(a.shape) for a in arrays.values())]), strict=False))
        index = [starts[id(entry.of)] + entry.place for entry in entries]
        return self.take(list(arrays.values()), np.array(index).reshape(shape))
