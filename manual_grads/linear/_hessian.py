"""Hessians of linear models, a block of examples at a time."""

import itertools
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from manual_grads.linear._parameters import predictions
from manual_grads.linear._rows import summed
from manual_grads.losses import ElementwiseLoss, Loss


def of_numbers(criterion: ElementwiseLoss, parameters: Any, inputs: Array, labels: Array, weight: float) -> Any:
    """For one number per example: the square of the inputs times the roots of the curvatures, which is symmetric."""

    def of_rows(inputs: Array, labels: Array) -> Any:
        roots = criterion.curvature_root(predictions(parameters, inputs), labels)
        scaled = roots[:, None] * inputs
        weights_block = scaled.T @ scaled
        if isinstance(parameters, tuple):
            cross_block = roots @ scaled
            return (weights_block, cross_block), (cross_block, roots @ roots)
        return weights_block

    return jax.tree.map(lambda block: weight * block, summed(of_rows, inputs, labels))


def of_rows(criterion: Loss, parameters: Any, inputs: Array, labels: Array, weight: float) -> Any:
    """For a row of classes per example: each pair of classes once, since the blocks are symmetric in them."""
    classes = jax.tree.leaves(parameters)[0].shape[1]
    # Lists, since JAX would compile each operation that makes an array of them.
    pairs = list(itertools.combinations_with_replacement(range(classes), 2))
    number = {pair: place for place, pair in enumerate(pairs)}
    rows, columns = (jnp.array(each) for each in zip(*pairs, strict=True))
    pair_of = jnp.array([[number[min(i, j), max(i, j)] for j in range(classes)] for i in range(classes)])

    def of_some(inputs: Array, labels: Array) -> Any:
        entries = criterion.curvature_entries(predictions(parameters, inputs), labels)

        def of_pair(pair: tuple[Array, Array]) -> tuple[Array, Array, Array]:
            curvature = entries(*pair)
            return inputs.T @ (curvature[:, None] * inputs), curvature @ inputs, jnp.sum(curvature)

        return jax.lax.map(of_pair, (rows, columns))

    weights_blocks, cross_blocks, bias_blocks = (weight * blocks for blocks in summed(of_some, inputs, labels))

    def arranged(blocks: Array) -> Array:
        return blocks.at[pair_of].get(mode="promise_in_bounds", wrap_negative_indices=False)

    weights_block = arranged(weights_blocks).transpose(2, 0, 3, 1)
    if isinstance(parameters, tuple):
        cross_block = arranged(cross_blocks)
        return (weights_block, cross_block.transpose(2, 0, 1)), (cross_block.transpose(0, 2, 1), arranged(bias_blocks))
    return weights_block
