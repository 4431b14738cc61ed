"""Formulas with mistakes that people make in them, and what is asked of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
from stated import stated

from gradproof import Verdict, derivative, verify
from gradproof.checks import Study, examine
from gradproof.claims import Equality


@dataclass(frozen=True)
class Formula:
    """What is to be computed, a right formula and wrong ones, all functions of the symbols in order.

    A wrong formula may come with the diagnosis that it deserves.
    """

    symbols: dict[str, Any]
    truth: Callable[..., Any]
    right: Callable[..., Any]
    wrong: dict[str, Any]

    def judge(self, candidate: Callable[..., Any]) -> Verdict:
        return verify(self.stated(candidate), quick=True)

    def stated(self, candidate: Callable[..., Any]) -> Equality:
        return stated(self.truth, candidate, **self.symbols, stable=True)

    def assert_refused(self, mistake: str) -> None:
        wrong = self.wrong[mistake]
        candidate, diagnosis = wrong if isinstance(wrong, tuple) else (wrong, None)
        # One size shows each of them; that others are looked at where one does not is a matter of the pipeline's tests.
        if diagnosis is None:
            # Simple inputs are looked for elsewhere, and take longer than all checks.
            with jax.enable_x64(True):
                assert examine(Study(self.stated(candidate), quick=True)).refusal is not None
        else:
            verdict = self.judge(candidate)
            assert verdict.verdict == "refuted", verdict.why
            assert verdict.counterexample.diagnosis == diagnosis, verdict.counterexample.diagnosis


def formulas(found: Mapping[str, Any]) -> dict[str, Formula]:
    """Those of a module, by name."""
    return {name.lower().replace("_", " "): value for name, value in found.items() if isinstance(value, Formula)}


def mistakes(found: Mapping[str, Formula]) -> list[tuple[str, str]]:
    return [(name, mistake) for name, formula in found.items() for mistake in formula.wrong]


def gradient(loss: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """The derivative of a loss by one of its arguments."""

    def by(*arguments: Any) -> Any:
        return derivative(lambda x: loss(*arguments[:argnum], x, *arguments[argnum + 1 :]), arguments[argnum])

    return by
