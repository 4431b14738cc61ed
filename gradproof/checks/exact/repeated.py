"""A claim that is another one each time it is traced differs from itself, and says nothing of its formulas."""

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
from jax.extend import core

from gradproof.checks.exact.differences import Report
from gradproof.checks.study import Study
from gradproof.errors import GradproofError
from gradproof.programs import derivative, trace


def require_repeatable(study: Study, report: Report) -> None:
    """Raises `GradproofError` where sides differ, if the constants of their program are others when traced again."""
    sizes, oracle = report.failures[0].sizes, derivative.ORACLES[0]
    first, second = study.program(sizes, oracle).closed, trace(study.claim, sizes, oracle).closed
    if list(_constants(first)) != list(_constants(second)):
        raise GradproofError(
            "the claim computes with other numbers each time that it is called, as where it draws from numpy.random or "
            "counts its calls; draw them once outside of it, or from a jax.random.key"
        )


def _constants(closed: core.ClosedJaxpr) -> Iterator[bytes]:
    """What a program has that is no input, in order."""
    yield from map(_bytes, closed.consts)
    yield from _within(closed.jaxpr)


def _within(jaxpr: core.Jaxpr) -> Iterator[bytes]:
    for equation in jaxpr.eqns:
        yield from (_bytes(atom.val) for atom in equation.invars if isinstance(atom, core.Literal))
        for value in equation.params.values():
            for each in value if isinstance(value, list | tuple) else (value,):
                if isinstance(each, core.ClosedJaxpr):
                    yield from _constants(each)
                elif isinstance(each, core.Jaxpr):
                    yield from _within(each)


def _bytes(constant: Any) -> bytes:
    is_key = isinstance(constant, jax.Array) and jax.numpy.issubdtype(constant.dtype, jax.dtypes.extended)
    return np.asarray(jax.random.key_data(constant) if is_key else constant).tobytes()
