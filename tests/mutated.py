"""The one way in which tests make mutants of plain functions."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax.extend import core

from gradproof.mutation.mutants import Mutant, mutants_of


def real(*shape: int, dtype: Any = np.float64) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(shape, dtype)


def program(function: Callable[..., Any], **shapes: jax.ShapeDtypeStruct) -> core.ClosedJaxpr:
    return jax.make_jaxpr(lambda arrays: function(**arrays))(shapes)


def made(function: Callable[..., Any], **shapes: jax.ShapeDtypeStruct) -> list[Mutant]:
    return list(mutants_of(program(function, **shapes), sorted(shapes)))


def changes(kind: str, function: Callable[..., Any], **shapes: jax.ShapeDtypeStruct) -> list[str]:
    return [mutant.change for mutant in made(function, **shapes) if mutant.kind == kind]
