"""Points on several kinks at once, made of points on one of them each."""

from collections.abc import Iterator
from itertools import combinations

from gradproof.checks.inputs import Point
from gradproof.checks.kinks.search import PointSearch
from gradproof.checks.kinks.visits import Visit

MOST_PAIRS = 12
"""So many pairs of sets of comparisons are tried at most."""


def find_ties_together(search: PointSearch) -> None:
    """Visit points at which comparisons are tied that were only met apart, by giving one point a symbol of another."""
    tried: set[frozenset[frozenset[object]]] = set()
    for first, second in combinations([visit for visit in search.visits if visit.tied()], 2):
        both = first.tied() | second.tied()
        pair = frozenset((frozenset(first.tied()), frozenset(second.tied())))
        if pair in tried or any(both <= visit.tied() for visit in search.visits):
            continue
        tried.add(pair)
        if len(tried) > MOST_PAIRS:
            return
        for point in _mixed(search, first, second):
            differences = search.differences_at(point)
            if all(0 in differences.get(key, ()) for key in both):
                search.visits.append(search.visit(point))
                break


def _mixed(search: PointSearch, first: Visit, second: Visit) -> Iterator[Point]:
    for name in search.free():
        yield {**first.point, name: second.point[name]}
        yield {**second.point, name: first.point[name]}
