"""Running a program in every region at once: where integers and truth values differ from world to world."""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradproof.errors import Undecided
from gradproof.interpreter import Arithmetic, Evaluator
from gradproof.worlds.atoms import Atoms, filled, one_union
from gradproof.worlds.cases import Cases, Whole, made

LONGEST_LOOP = 1000

DATA_ONLY = frozenset({"concatenate", "stack", "pad"})
"""Primitives of several arrays that move elements of all of them, and of which none is an index."""


INDEXED = frozenset({"gather", "dynamic_slice"})
"""Primitives of which an element is chosen by one index, made of a few whole numbers."""

MOST_ENTRIES = 4

EXTREMES = {"reduce_max": 1, "reduce_min": -1}


class WorldEvaluator(Evaluator):
    """The rules of all arithmetics, and those for cases."""

    name = ""
    """Of the primitive that is being run."""

    def within(self, arithmetic: Arithmetic) -> "WorldEvaluator":
        return WorldEvaluator(arithmetic, rules=self.rules)

    def outputs(self, equation: Any, inputs: list[Any]) -> Sequence[Any]:
        self.name = name = equation.primitive.name
        if name in EXTREMES and not isinstance(inputs[0], np.ndarray | Cases) and math.prod(inputs[0].shape):
            return [self.extreme(inputs[0], equation.params["axes"], EXTREMES[name])]
        if name == "while":
            # Its condition may compare numbers, and differ from world to world where no input does.
            return self.while_(equation, inputs)
        if not any(isinstance(x, Cases) for x in inputs):
            return super().outputs(equation, inputs)
        if name == "select_n":
            return [self.selected(inputs[0], inputs[1:])]
        if name == "cond" and isinstance(inputs[0], Cases):
            branches = equation.params["branches"]
            which = np.clip(inputs[0].astype(np.int64), 0, len(branches) - 1)
            outputs = [self.run_closed(branch, inputs[1:]) for branch in branches]
            return [self.selected(which, parts) for parts in zip(*outputs, strict=True)]
        if name.startswith("scatter"):
            return self.case_by_case(equation, inputs)
        return super().outputs(equation, inputs)

    def case_by_case(self, equation: Any, inputs: list[Any]) -> list[Any]:
        """Once for all values that integers have together in some world; every element depends on all of them."""
        cases = [x for x in inputs if isinstance(x, Cases)]
        atoms = cases[0].atoms
        first: dict[bytes, int] = {}
        keys = [b"".join(x.values[w].tobytes() for x in cases) for w in range(atoms.worlds)]
        for world, key in enumerate(keys):
            first.setdefault(key, world)
        outputs = [super(WorldEvaluator, self).outputs(equation, _in_world(inputs, w)) for w in first.values()]
        place = {key: number for number, key in enumerate(first)}
        total = 0
        for x in cases:
            total |= one_union(x.support)
        found = []
        for parts in zip(*outputs, strict=True):
            shape = parts[0].shape
            which = np.array([place[key] for key in keys]).reshape(-1, *(1 for _ in shape))
            which = made(atoms, np.broadcast_to(which, (atoms.worlds, *shape)), filled(total, shape))
            found.append(self.selected(which, parts))
        return found

    def extreme(self, x: Any, axes: Sequence[int], sign: int) -> Any:
        """The largest or smallest along axes."""
        merged = self.last(x, axes)
        places = self.arithmetic.places(merged, sign)
        return self.selected(places, self.moved(_unstacked, merged))

    def selected(self, which: Whole, cases: Sequence[Any]) -> Any:
        """Place by place, and world by world."""
        shape = cases[0].shape
        which = which.astype(np.int64)
        which = which if which.shape == shape else np.broadcast_to(which, shape)
        if all(isinstance(case, np.ndarray | Cases) for case in cases):
            out: Any = cases[0]
            for number, case in enumerate(cases[1:], 1):
                out = np.where(which == number, case, out)
            return out
        return self.arithmetic.select(which, [self.number(case) for case in cases])

    def while_(self, equation: Any, inputs: Sequence[Any]) -> list[Any]:
        """Worlds in which the condition fails keep what they have."""
        params = equation.params
        tests, bodies = params["cond_nconsts"], params["body_nconsts"]
        test, body, carry = inputs[:tests], inputs[tests : tests + bodies], list(inputs[tests + bodies :])
        for _ in range(LONGEST_LOOP):
            (go_on,) = self.run_closed(params["cond_jaxpr"], [*test, *carry])
            if not isinstance(go_on, Cases):
                if not go_on:
                    return carry
                carry = self.run_closed(params["body_jaxpr"], [*body, *carry])
                continue
            # What comes after so many turns depends on how each of them was decided.
            go_on.atoms.require_few(one_union(go_on.support))
            after = self.run_closed(params["body_jaxpr"], [*body, *carry])
            carry = [self.selected(go_on, (old, new)) for old, new in zip(carry, after, strict=True)]
        raise Undecided(f"a while loop did not end in {LONGEST_LOOP} turns")

    def moved(self, rule: Callable[..., Any], *inputs: Any) -> Any:
        if not any(isinstance(x, Cases) for x in inputs):
            return super().moved(rule, *inputs)
        if all(isinstance(x, np.ndarray | Cases) for x in inputs):
            return self._whole_moved(rule, inputs)
        return self._moved_by_cases(rule, inputs)

    def _whole_moved(self, rule: Callable[..., Any], inputs: Sequence[Whole]) -> Any:
        if len(inputs) == 1 or self.name in DATA_ONLY:
            atoms = _atoms(inputs)
            results = [_listed(rule(*_in_world(inputs, w))) for w in range(atoms.worlds)]
            supports = _listed(
                rule(*(x.support if isinstance(x, Cases) else np.zeros(x.shape, object) for x in inputs))
            )
        else:
            atoms, results, supports = _chosen(self.name, rule, inputs)
        out = [
            made(atoms, np.stack(parts), np.asarray(support, object))
            for parts, support in zip(zip(*results, strict=True), supports, strict=True)
        ]
        return out if isinstance(rule(*_in_world(inputs, 0)), list | tuple) else out[0]

    def _moved_by_cases(self, rule: Callable[..., Any], inputs: Sequence[Any]) -> Any:
        """Numbers, to places that differ from world to world."""
        pool, arguments = self.positions(inputs)
        atoms, results, supports = _chosen(self.name, rule, arguments)
        out = []
        for parts, support in zip(zip(*results, strict=True), supports, strict=True):
            distinct: dict[bytes, int] = {}
            taken: list[Any] = []
            which = []
            for part in parts:
                place = distinct.setdefault(np.asarray(part).tobytes(), len(taken))
                if place == len(taken):
                    taken.append(self.arithmetic.take(pool, np.asarray(part)))
                which.append(np.full(np.shape(part), place))
            out.append(self.arithmetic.select(made(atoms, np.stack(which), support), taken))
        return out if isinstance(rule(*_in_world(arguments, 0)), list | tuple) else out[0]


def _chosen(
    name: str, rule: Callable[..., Any], inputs: Sequence[Whole]
) -> tuple[Atoms, list[list[Any]], list[np.ndarray]]:
    """What a rule makes in each world, and the atoms that each element of it depends on.

    An element that one index chooses depends on those of its entries by which it changes, whatever the other ones are.
    Where several may hide each other, all elements depend on all of them.
    """
    atoms = _atoms(inputs)
    results = [_listed(rule(*_in_world(inputs, w))) for w in range(atoms.worlds)]
    total = 0
    for x in inputs:
        total |= one_union(x.support) if isinstance(x, Cases) else 0
    indices = _indices(name, inputs)
    if indices is None:
        everywhere = [np.full(np.shape(part), total, object) for part in results[0]]
        return atoms, results, everywhere
    first = _in_world(inputs, 0)
    supports = [np.zeros(np.shape(part), object) for part in results[0]]
    for index in indices:
        support = 0
        for position, entry in index:
            support |= int(inputs[position].support[entry])
        # All values that it has must be among those of the worlds that were run.
        atoms.need(support)
        for values in itertools.product(*(np.unique(inputs[p].values[(slice(None), *entry)]) for p, entry in index)):
            changed = list(map(np.array, first))
            for (position, entry), value in zip(index, values, strict=True):
                changed[position][entry] = value
            outputs = _listed(rule(*changed))
            for number, (was, now) in enumerate(zip(results[0], outputs, strict=True)):
                differ = np.asarray(was) != np.asarray(now)
                supports[number] = np.asarray(np.where(differ, supports[number] | support, supports[number]), object)
    return atoms, results, supports


def _indices(name: str, inputs: Sequence[Whole]) -> list[list[tuple[int, tuple[int, ...]]]] | None:
    """The entries of each index, of those that differ from world to world, if an element depends on one index alone."""
    if isinstance(inputs[0], Cases) or name not in INDEXED:
        return None
    entries = [
        (position, entry)
        for position, x in enumerate(inputs)
        if isinstance(x, Cases)
        for entry in np.ndindex(x.shape)
        if x.support[entry]
    ]
    if name == "gather":
        rows = [list(row) for _, row in itertools.groupby(entries, key=lambda each: each[1][:-1])]
    else:
        rows = [entries]
    return rows if all(len(row) <= MOST_ENTRIES for row in rows) else None


def _atoms(inputs: Sequence[Any]) -> Atoms:
    return next(x.atoms for x in inputs if isinstance(x, Cases))


def _in_world(inputs: Sequence[Any], world: int) -> list[Any]:
    return [np.asarray(x.values[world]) if isinstance(x, Cases) else x for x in inputs]


def _unstacked(x: np.ndarray) -> list[np.ndarray]:
    """Along the last axis."""
    return [x[..., number] for number in range(x.shape[-1])]


def _listed(x: Any) -> list[Any]:
    return list(x) if isinstance(x, list | tuple) else [x]
