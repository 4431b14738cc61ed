"""Lines 58 to 71: backpropagation unit by unit, in networks of two to five layers, with any activations."""

import jax
import jax.numpy as jnp

from derivations._words import Activations, ByLayer, column, hadamard, plus, slopes
from derivations.backpropagation_algorithm._conventions import (
    ACTIVATIONS,
    LAYERS,
    SQUARE,
    TARGETS,
    activations,
    by_parameters,
    by_z,
    deltas,
    forward,
    half_square,
    hypothesis,
    networks,
    parameters,
    printed,
)
from gradproof import Positive, Real, claim, definition, derivative, misprint


def last_delta(y: jax.Array, z: jax.Array, f: Activations, layer: int) -> list[jax.Array]:
    """Step 2, line 65, for each output unit i."""
    a, slope = f[layer](z), slopes(f[layer], z)
    return [-(y[i, 0] - a[i, 0]) * slope[i, 0] for i in range(len(y))]


def delta_before(W: jax.Array, later: list[jax.Array], slope: jax.Array) -> list[jax.Array]:
    """Step 3, line 67, for each unit i of a hidden layer."""
    s_later, s = W.shape
    return [sum(W[j, i] * later[j] for j in range(s_later)) * slope[i, 0] for i in range(s)]


def errors(x: jax.Array, y: jax.Array, W: ByLayer, b: ByLayer, f: Activations) -> dict[int, list[jax.Array]]:
    """Steps 1 to 3: delta of each unit in the layers from n_l down to 2."""
    z, _ = forward(x, W, b, f)
    last = len(W) + 1
    delta = {last: last_delta(y, z[last], f, last)}
    for layer in range(last - 1, 1, -1):
        delta[layer] = delta_before(W[layer], delta[layer + 1], slopes(f[layer], z[layer]))
    return delta


def per_unit(x: jax.Array, y: jax.Array, W: ByLayer, b: ByLayer, f: Activations) -> tuple[ByLayer, ByLayer]:
    """Steps 1 to 4: the derivatives by each entry of W and b."""
    _, a = forward(x, W, b, f)
    delta = errors(x, y, W, b, f)
    by_W = {
        layer: jnp.array([[a_i * delta_j for a_i in a[layer][:, 0]] for delta_j in delta[layer + 1]]) for layer in W
    }
    by_b = {layer: column(jnp.stack(delta[layer + 1])) for layer in b}
    return by_W, by_b


output = definition(
    "001.58",
    r"h_{W,b}(x) = a^{(n_l)}",
    code=hypothesis,
    title="value of the hypothesis",
    source=printed(58),
    covers=["001.58a"],
)
error_term = definition(
    "001.58b",
    r"\delta_i^{(l)} = \frac{\partial}{\partial z_i^{(l)}} J(W, b; x, y)",
    code=by_z,
    title="error term",
    source=printed(58, 65),
    covers=["001.58b"],
    reading="How much a unit is responsible for the error is how much its input changes the cost, as in line 65.",
)


@claim(
    "001.58c",
    r"\delta_i^{(n_l)} = (a_i^{(n_l)} - y_i) \, f'(z_i^{(n_l)})",
    title="difference and error term",
    source=printed(58, 65),
    covers={"001.58c": "ambiguous"},
    reading="The difference is used in the definition, and is not the whole of it: line 65 has the factor f', too. The "
    "difference alone: 001.58e.",
    textbook=True,
)
def difference_and_error_term(layers=LAYERS[:1], f=ACTIVATIONS[:1], x=Real("m 1"), y=Real("3 1")):
    (W, b), f = parameters(layers), activations(f)
    z, a = forward(x, W, b, f)
    yield by_z(2, x, y, W, b, f)
    yield hadamard(a[2] - y, slopes(f[2], z[2]))


@claim(
    "001.58e",
    r"\delta_i^{(n_l)} = a_i^{(n_l)} - y_i",
    title="difference alone",
    source=printed(58),
    correction=r"\delta_i^{(n_l)} = (a_i^{(n_l)} - y_i) \, f'(z_i^{(n_l)})",
    severity="wording",
    reading="The other reading of 001.58c. It is right for the identity only.",
    textbook=True,
)
def difference_alone(layers=LAYERS[:1], f=ACTIVATIONS[:1], x=Real("m 1"), y=Real("3 1")):
    (W, b), f = parameters(layers), activations(f)
    z, a = forward(x, W, b, f)
    yield by_z(2, x, y, W, b, f)
    yield misprint(printed=a[2] - y, correct=hadamard(a[2] - y, slopes(f[2], z[2])))


@claim(
    "001.58d",
    r"\delta_i^{(l)} = \frac{\sum_j W_{ji}^{(l)} \delta_j^{(l+1)}}{\sum_j W_{ji}^{(l)}} \, f'(z_i^{(l)})",
    title="a weighted average of error terms",
    source=printed(58, 67),
    covers={"001.58d": "misprint"},
    correction=r"\delta_i^{(l)} = \left(\sum_j W_{ji}^{(l)} \delta_j^{(l+1)}\right) f'(z_i^{(l)})",
    severity="wording",
    reading="An average has weights that sum to one, and these are any numbers: it is a weighted sum, as in line 67. "
    "Here the weights are positive, so that there is an average.",
    textbook=True,
)
def weighted_average(
    f=ACTIVATIONS[:2], V=Positive("2 2"), layers=SQUARE[:1], c=Real("2 1"), x=Real("2 1"), y=Real("2 1")
):
    (W, b), f = parameters([*layers, (V, c)]), activations(f)
    z, _ = forward(x, W, b, f)
    later, slope = by_z(3, x, y, W, b, f), slopes(f[2], z[2])
    yield by_z(2, x, y, W, b, f)
    yield misprint(
        printed=hadamard(V.T @ later / jnp.sum(V, axis=0)[:, None], slope), correct=hadamard(V.T @ later, slope)
    )


@claim(
    "001.60",
    r"\frac{\partial}{\partial W_{ji}^{(l)}} J(W, b; x, y) = a_i^{(l)} \cdot \delta_j^{(l+1)}, \quad"
    r" \frac{\partial}{\partial b_i^{(l)}} J(W, b; x, y) = \delta_i^{(l+1)}",
    title="the algorithm, unit by unit",
    source=printed(60, 62, 65, 67, 70, 71),
    covers={"001.60a": "holds", "001.62a": "definition", "001.70a": "holds", "001.71a": "holds"},
    reading="The second side runs the steps as they are printed.",
    sizes={"m": 2},
    textbook=True,
)
def algorithm(layers=LAYERS, f=ACTIVATIONS, targets=TARGETS, x=Real("m 1")):
    every = networks(layers, f, targets)
    yield [by_parameters(x, y, W, b, f) for W, b, f, y in every]
    yield [per_unit(x, y, W, b, f) for W, b, f, y in every]


mistyped_output_layer = definition(
    "001.62b",
    r"L_{n_I}",
    title="a capital for a letter",
    source=printed(62),
    covers={"001.62b": "misprint"},
    correction=r"L_{n_l}",
    severity="typography",
    reading="The number of layers is n_l by line 9; n_I is nothing.",
)
mistyped_output_layer_again = definition(
    "001.63",
    r"L_{n_i}",
    title="the index of a unit for a letter",
    source=printed(63),
    covers={"001.63a": "misprint"},
    correction=r"L_{n_l}",
    severity="typography",
    reading="The number of layers is n_l by line 9; i is the output unit of the same line.",
)


@claim(
    "001.65",
    r"\delta_i^{(n_l)} = \frac{\partial}{\partial z_i^{(n_l)}} \left(\frac{1}{2} \lVert y - h_{W,b}(x) \rVert^2\right)"
    r" = -(y_i - a_i^{(n_l)}) \cdot f'(z_i^{(n_l)})",
    title="error term of an output unit",
    source=printed(63, 65),
    covers={"001.65a": "definition", "001.65b": "holds"},
    textbook=True,
)
def error_of_output_units(f=ACTIVATIONS[:1], z=Real("K 1"), y=Real("K 1")):
    f = activations(f)
    yield derivative(lambda z: half_square(plus(y, -f[2](z))), z)
    yield column(jnp.stack(last_delta(y, z, f, 2)))


@claim(
    "001.67",
    r"l = n_l - 1, n_l - 2, \dots, 2: \quad \delta_i^{(l)} = \left(\sum_{j=1}^{s_{l+1}} W_{ji}^{(l)} \delta_j^{(l+1)}"
    r"\right) . f'(z_i^{(l)})",
    title="error terms of hidden units",
    source=printed(67),
    covers=["001.67a", "001.67b"],
    reading="The full stop is a product of numbers. delta is the derivative by z, of each layer down to 2; layer 1 has "
    "no z. With two layers there is no such l.",
    sizes={"m": 2},
    textbook=True,
)
def error_of_hidden_units(layers=LAYERS, f=ACTIVATIONS, targets=TARGETS, x=Real("m 1")):
    every = networks(layers, f, targets)
    yield [deltas(x, y, W, b, f) for W, b, f, y in every]
    yield [
        {layer: column(jnp.stack(delta)) for layer, delta in sorted(errors(x, y, W, b, f).items())}
        for W, b, f, y in every
    ]
