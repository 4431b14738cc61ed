"""The verdict of the exact check on claims that are meant to mislead it."""

from collections.abc import Callable
from typing import Any

import jax
from stated import stated

from gradproof.checks import Study
from gradproof.checks.pipeline import Findings, exact


def found(*sides: Callable[..., Any], **claim: Any) -> Findings:
    with jax.numpy_rank_promotion("allow"):
        study = Study(stated(*sides, **claim))
        with study.settings():
            return exact(study, Findings())


def assert_right(*sides: Callable[..., Any], **claim: Any) -> None:
    findings = found(*sides, **claim)
    assert findings.refusal is None, findings.refusal
    assert findings.open_questions == ()
    assert findings.report.bound_log2 <= -100


def assert_wrong(*sides: Callable[..., Any], **claim: Any) -> None:
    findings = found(*sides, **claim)
    assert findings.refusal is not None, findings.open_questions
