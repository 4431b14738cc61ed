"""The plan of draws that a claim turns out to need."""

from collections.abc import Callable
from dataclasses import replace

from gradproof.errors import Undecided
from gradproof.fields import needs, towers

MOST_LEVELS = 6
MOST_TOWERS = 64
BY_RANK_REPEATS = 32
MOST_REPEATS = 2048


def adapting(plan: towers.Plan, attempt: Callable[[towers.Plan], None], *, has_labels: bool) -> towers.Plan:
    """The first plan with which an attempt succeeds, larger than this one if it must be.

    Raises `Undecided` where none that can be afforded does.
    """
    while True:
        try:
            attempt(plan)
        except needs.Exhausted:
            if plan.levels >= MOST_LEVELS:
                raise
            plan = replace(plan, levels=plan.levels + 1)
        except needs.NeedsCircle:
            plan = replace(plan, circular=True)
        except needs.NeedsLabels:
            plan = replace(plan, enumerate_labels=True)
        except needs.NeedsLogarithms:
            plan = replace(plan, logarithms=True)
        except needs.NeedsDraws as need:
            plan = larger(plan, need, has_labels=has_labels)
        else:
            return plan


def larger(plan: towers.Plan, need: needs.NeedsDraws, *, has_labels: bool) -> towers.Plan:
    """A plan with more draws."""
    if need.towers:
        if plan.towers < need.towers <= MOST_TOWERS:
            return replace(plan, towers=int(need.towers))
        if not plan.wide and plan.levels <= towers.WIDE_LEVELS:
            return replace(plan, towers=towers.Plan.towers, wide=True)
        if not plan.by_rank and plan.levels > 1:
            return replace(plan, towers=towers.Plan.towers, repeats=max(plan.repeats, BY_RANK_REPEATS), by_rank=True)
    elif has_labels and not plan.enumerate_labels:
        return replace(plan, enumerate_labels=True)
    elif plan.repeats < MOST_REPEATS:
        return replace(plan, repeats=plan.repeats * 8)
    raise Undecided(str(need)) from None
