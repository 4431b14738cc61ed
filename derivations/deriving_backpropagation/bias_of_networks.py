"""Line 378: biases for networks, by inputs of each layer that begin with a 1.

As in line 376, the network with biases says what is meant: z^(l) = w_l^T h^(l-1) + b_l. The augmented matrix of a layer
is the row of its biases over w_l.
"""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from derivations._words import Activations, ByLayer, augmented, numbered, vector_function
from derivations.deriving_backpropagation._conventions import printed
from derivations.deriving_backpropagation.network import ACTIVATIONS, WEIGHTS
from gradproof import Functional, Real, claim, derivative

BIASES = Real("2 1"), Real("3 1"), Real("2 1")


def forward_with_biases(
    x: jax.Array, parameters: Mapping[int, tuple[jax.Array, jax.Array]], phi: Activations
) -> dict[int, jax.Array]:
    """h^(0), ..., h^(L) with biases b_l added to the products with w_l."""
    h = {0: x}
    for layer, (w_l, b_l) in parameters.items():
        h[layer] = phi[layer](w_l.T @ h[layer - 1] + b_l)
    return h


def forward_of_augmented(x: jax.Array, w: ByLayer, phi: Activations) -> dict[int, jax.Array]:
    """The same with the inputs of each layer augmented."""
    h = {0: x}
    for layer, w_l in w.items():
        h[layer] = phi[layer](w_l.T @ augmented(h[layer - 1]))
    return h


def with_row_of_biases(w_l: Any, b_l: Any) -> Any:
    """An augmented matrix, with one row more than w_l."""
    return jnp.vstack([b_l.T, w_l])


@claim(
    "000.378",
    r"\tilde{h}^{(l)} = [1, h^{(l)}]^T, \quad l = 0, \dots, L - 1, \quad"
    r" \tilde{z}_l = w_l^T \tilde{h}^{(l-1)}, \quad l = 1, \dots, L",
    title="biases by augmented inputs",
    source=printed(378),
    covers={"000.378a": "holds", "000.378b": "definition", "000.378c": "holds", "000.378d": "holds"},
    reading="z~_l is z^(l) of augmented inputs; L = 3. All h are compared, and the derivatives of a loss by biases and "
    "weights. The derivative of z^(l) by h^(l-1) is then w_l^T without its column of biases.",
    same_as=["000.376a", "000.376c"],
    sizes={"m": 2},
    textbook=True,
)
def biases_by_augmented_inputs(
    w=WEIGHTS[:3], b=BIASES, components=ACTIVATIONS[:3], loss=Functional(), x=Real("m 1"), y=Real("2 1")
):
    phi = numbered(map(vector_function, components))
    parameters = numbered(zip(w, b, strict=True))
    rows = {layer: with_row_of_biases(*both) for layer, both in parameters.items()}
    by_parameters = derivative(lambda at: loss(forward_with_biases(x, at, phi)[3], y), parameters)
    yield (
        forward_with_biases(x, parameters, phi),
        {layer: with_row_of_biases(*both) for layer, both in by_parameters.items()},
    )
    yield (
        forward_of_augmented(x, rows, phi),
        derivative(lambda rows: loss(forward_of_augmented(x, rows, phi)[3], y), rows),
    )
