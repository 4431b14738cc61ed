"""The product X^T D X of a data matrix and a diagonal one."""

import jax
from jaxtyping import Array, Float


def weighted_gram(inputs: Float[Array, "n m"], weights: Float[Array, " n"], rows: int = 4096) -> Float[Array, "m m"]:
    r"""$\sum_i d_i x_i x_i^\top$, a block of rows at a time, so that D X is never written to memory as a whole."""

    def product(inputs: Array, weights: Array) -> Array:
        return inputs.T @ (weights[:, None] * inputs)

    def add_block(block: Array, total: Array) -> Array:
        start = block * rows
        some = jax.lax.dynamic_slice_in_dim(inputs, start, rows), jax.lax.dynamic_slice_in_dim(weights, start, rows)
        return total + product(*some)

    blocks = len(inputs) // rows
    rest = product(inputs[blocks * rows :], weights[blocks * rows :])
    return jax.lax.fori_loop(0, blocks, add_block, rest) if blocks else rest
