"""A claim made from two plain functions and an example of their arguments."""

import inspect
import string
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from gradproof.claims import Equality
from gradproof.claims.symbols import Binary, Index, OneHot, Real
from gradproof.errors import GradproofError
from gradproof.programs.derivative import derivative


def claim_from_functions(
    loss: Callable[..., Any], gradient: Callable[..., Any], example_args: Sequence[Any], argnums: int
) -> Equality:
    """The claim that the second function is the derivative of the first."""
    if not isinstance(example_args, tuple | list) or not example_args:
        raise GradproofError("example_args is a tuple of the arguments of the loss; given " + repr(example_args)[:80])
    if not 0 <= argnums < len(example_args):
        raise GradproofError(f"argnums is the number of an argument, 0 to {len(example_args) - 1}; given {argnums}")
    leaves, structure = jax.tree.flatten(tuple(example_args))
    arrays = [_checked(np.asarray(leaf)) for leaf in leaves]
    names = argument_names(loss, example_args)
    whole = any(array.dtype.kind in "iu" for array in arrays)
    lengths = sorted({n for array in arrays for n in array.shape if n > 1})
    size_names = {n: string.ascii_lowercase[i] for i, n in enumerate(lengths)}
    symbols = {
        name: _symbol(array, " ".join(size_names.get(n, str(n)) for n in array.shape))
        for name, array in zip(names, arrays, strict=True)
    }

    def sides(**values: Any) -> Any:
        arguments = list(jax.tree.unflatten(structure, [values[name] for name in names]))

        def of(x: Any) -> Any:
            return loss(*arguments[:argnums], x, *arguments[argnums + 1 :])

        yield derivative(of, arguments[argnums])
        yield gradient(*arguments)

    return Equality(
        id=getattr(gradient, "__name__", "gradient"),
        title=f"{getattr(gradient, '__name__', 'gradient')} is the derivative of {getattr(loss, '__name__', 'loss')}",
        sides=sides,
        symbols=symbols,
        # Two functions say nothing of ties, so that what JAX chooses there is one choice of many.
        kinks="at a tie any value between the limits",
        # A number of classes cannot be told from integer labels, so that the sizes stay those of the example.
        sizes={size_names[n]: n for n in lengths} if whole else {},
    )


def argument_names(loss: Callable[..., Any], example_args: Sequence[Any]) -> list[str]:
    """The names of the parameters of the loss, with the path inside an argument that is a pytree."""
    try:
        parameters = [p.name for p in inspect.signature(loss).parameters.values() if p.kind == p.POSITIONAL_OR_KEYWORD]
    except ValueError:
        parameters = []
    parameters += [f"argument_{i}" for i in range(len(parameters), len(example_args))]
    return [
        parameters[argument] + "".join(f"_{jax.tree_util.keystr((key,), simple=True)}" for key in path)
        for argument, value in enumerate(example_args)
        for path, _ in jax.tree_util.tree_flatten_with_path(value)[0]
    ]


def _checked(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind not in "fiub":
        raise GradproofError(f"example_args are arrays of numbers; given one of dtype {array.dtype}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise GradproofError("example_args are finite; given an array with NaN or infinity in it")
    return array


def _symbol(array: np.ndarray, shape: str) -> Binary | Index | OneHot | Real:
    if array.dtype.kind in "iu":
        if array.size and array.min() < 0:
            raise GradproofError(f"integer arguments are classes, at least 0; given {array.min()}")
        return Index(shape, below=str(int(array.max(initial=0)) + 1))
    if array.size and np.isin(array, (0, 1)).all() and array.any() and not array.all():
        one_hot = array.ndim > 1 and (array.sum(axis=-1) == 1).all()
        return OneHot(shape) if one_hot else Binary(shape)
    return Real(shape)
