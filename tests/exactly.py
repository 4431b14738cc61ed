"""What the exact check makes of a claim of plain functions, and assertions on it."""

import re
from collections.abc import Callable
from typing import Any

from stated import stated

from gradproof import derivative
from gradproof.checks import Study
from gradproof.checks.exact import ExactCheck
from gradproof.checks.exact.differences import Difference, Report
from gradproof.errors import Undecided
from gradproof.worlds import compare


def check(*sides: Callable[..., Any], quick: bool = False, **claim: Any) -> Report:
    """The report on the claim that these functions are equal."""
    return ExactCheck(Study(stated(*sides, **claim), quick=quick)).run()


def slope(function: Callable[..., Any]) -> Callable[..., Any]:
    """The derivative of a function by its first argument, by either oracle."""
    return lambda x, *others: derivative(lambda x: function(x, *others), x)


def assert_proved(*sides: Callable[..., Any], **claim: Any) -> Report:
    report = check(*sides, **claim)
    assert report.undecided is None, report.undecided
    assert report.differences == [], report.differences
    assert report.bound_log2 <= -100, report.bound_log2
    return report


def assert_derivative(function: Callable[..., Any], by_hand: Callable[..., Any], **claim: Any) -> None:
    """By both oracles."""
    report = assert_proved(slope(function), lambda *values: by_hand(*values), **claim)
    assert report.oracles == ("autodiff", "dual"), report.oracles


def assert_refuted(*sides: Callable[..., Any], **claim: Any) -> Difference:
    """By the difference that is returned."""
    report = check(*sides, **claim)
    assert report.undecided is None, report.undecided
    assert len(report.failures) == 1, report.failures
    return report.failures[0]


def assert_undecided(why: str, *sides: Callable[..., Any], **claim: Any) -> None:
    report = check(*sides, **claim)
    assert report.differences == [], report.differences
    assert report.undecided is not None
    assert re.search(why, str(report.undecided)), report.undecided


def proved(one: Callable[..., Any], other: Callable[..., Any], symbols: dict[str, Any]) -> bool:
    """Whether two functions are found to be equal in every region, whatever real inputs show."""
    claim = stated(one, other, **symbols)
    try:
        return compare([Study(claim).program({}, "dual")], claim, {}).proved
    except Undecided:
        return False
