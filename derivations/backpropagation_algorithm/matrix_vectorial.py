"""Lines 73 to 92: backpropagation by matrices, in networks of two to five layers, with any activations."""

import jax.numpy as jnp

from derivations._words import column, hadamard, logistic, matrix, plus, slopes
from derivations.backpropagation_algorithm._conventions import (
    ACTIVATIONS,
    LAYERS,
    SQUARE,
    TARGETS,
    activations,
    backpropagation,
    by_parameters,
    by_z,
    deltas,
    forward,
    half_square,
    networks,
    parameters,
    printed,
)
from derivations.backpropagation_algorithm.per_unit import per_unit
from gradproof import Function, Real, claim, definition, derivative, misprint


@claim(
    "001.73",
    r"a = b \bullet c: \; a_i = b_i c_i, \quad f'([z_1, z_2, z_3]) = [f'(z_1), f'(z_2), f'(z_3)]",
    title="products and derivatives element by element",
    source=printed(73),
    covers={"001.73a": "definition", "001.73b": "definition"},
    textbook=True,
)
def element_by_element(f=Function(), b=Real("s 1"), c=Real("s 1"), z=Real("3 1")):
    yield matrix(len(b), 1, lambda i, _: b[i, 0] * c[i, 0]), matrix(3, 1, lambda i, _: derivative(f, z[i, 0]))
    yield hadamard(b, c), slopes(f, z)


@claim(
    "001.73c",
    r"\text{lines 62 to 71} = \text{lines 77 to 88}",
    title="both algorithms",
    source=printed(73),
    covers={"001.73c": "holds"},
    sizes={"m": 2},
    textbook=True,
)
def both_algorithms(layers=LAYERS[:3], f=ACTIVATIONS[:3], targets=TARGETS[:3], x=Real("m 1")):
    every = networks(layers, f, targets)
    yield [per_unit(x, y, W, b, f) for W, b, f, y in every]
    yield [backpropagation(x, y, W, b, f)[1] for W, b, f, y in every]


products = definition(
    "001.73d",
    r"\cdot, \; ., \; *, \; \times, \; \bullet",
    code=hadamard,
    title="signs of products",
    source=printed(14, 65, 67, 73, 82, 86, 143),
    covers={"001.73d": "ambiguous"},
    reading="Five signs for three products: of numbers by a dot, a full stop or a star, of matrices by a cross, and "
    "element by element by a bullet. The cross as an element-wise product would not fit the shapes of line 82.",
)


@claim(
    "001.77",
    r"z^{(l+1)} = W^{(l)} a^{(l)} + b^{(l)}, \quad a^{(l+1)} = f(z^{(l+1)})",
    title="forward propagation",
    source=printed(77, 131),
    covers={"001.77a": "ambiguous"},
    reading="The equations that the line refers to are not in this text. Read as line 131 for each unit, b_k = W_{k0}.",
    textbook=True,
)
def forward_propagation(layers=LAYERS[:3], f=ACTIVATIONS[:3], x=Real("m 1")):
    (W, b), f = parameters(layers), activations(f)
    a = {1: x}
    for layer in W:
        s_next, s = W[layer].shape
        a[layer + 1] = column(
            jnp.stack(
                [
                    f[layer + 1](b[layer][k, 0] + sum(a[layer][j, 0] * W[layer][k, j] for j in range(s)))
                    for k in range(s_next)
                ]
            )
        )
    yield a
    yield forward(x, W, b, f)[1]


@claim(
    "001.80",
    r"\delta^{(n_l)} = -(y - a^{(n_l)}) \bullet f'(z^{(n_l)})",
    title="error of the output layer",
    source=printed(80),
    covers=["001.80a"],
    same_as=["001.65b"],
    textbook=True,
)
def error_of_the_output_layer(f=ACTIVATIONS[:1], z=Real("K 1"), y=Real("K 1")):
    f = activations(f)
    yield derivative(lambda z: half_square(plus(y, -f[2](z))), z)
    yield hadamard(-plus(y, -f[2](z)), slopes(f[2], z))


@claim(
    "001.82",
    r"\delta^{(l)} = ((W^{(l)})^T \times \delta^{(l+1)}) \bullet f'(z_i^{(l)})",
    title="error of a hidden layer",
    source=printed(82),
    covers={"001.82a": "misprint"},
    correction=r"\delta^{(l)} = ((W^{(l)})^T \times \delta^{(l+1)}) \bullet f'(z^{(l)})",
    severity="index",
    reading="f'(z_i^{(l)}) is one number, of a unit i that is not named, and the bullet joins arrays of one shape. "
    "Shown for the first unit, its number repeated.",
    textbook=True,
)
def error_of_a_hidden_layer(layers=LAYERS[:2], f=ACTIVATIONS[:2], x=Real("m 1"), y=TARGETS[1]):
    (W, b), f = parameters(layers), activations(f)
    z, _ = forward(x, W, b, f)
    delta = by_z(3, x, y, W, b, f)
    slope = slopes(f[2], z[2])
    yield by_z(2, x, y, W, b, f)
    yield misprint(
        printed=hadamard(W[2].T @ delta, jnp.full_like(z[2], slope[0, 0])),
        correct=hadamard(W[2].T @ delta, slope),
    )


@claim(
    "001.82b",
    r"(W^{(l)})^T \times \delta^{(l+1)} \bullet f'(z^{(l)}) \in \mathbb{R}^{s_l}",
    title="errors of all layers",
    source=printed(82),
    covers=["001.82b"],
    reading="Line 82 as corrected, for all layers from n_l - 1 down to 2.",
    sizes={"m": 2},
    textbook=True,
)
def errors_of_all_layers(layers=LAYERS, f=ACTIVATIONS, targets=TARGETS, x=Real("m 1")):
    every = networks(layers, f, targets)
    yield [deltas(x, y, W, b, f) for W, b, f, y in every]
    yield [dict(sorted(backpropagation(x, y, W, b, f)[0].items())) for W, b, f, y in every]


@claim(
    "001.86",
    r"\nabla_{W^{(l)}} J(W, b; x, y) = \delta^{(l+1)} \times \left(a^{(l)}\right)^T",
    title="derivatives by all weights",
    source=printed(86),
    covers=["001.86a", "001.86b"],
    same_as=["001.70a"],
    sizes={"m": 2},
    textbook=True,
)
def derivatives_by_weights(layers=LAYERS, f=ACTIVATIONS, targets=TARGETS, x=Real("m 1")):
    every = networks(layers, f, targets)
    yield [by_parameters(x, y, W, b, f)[0] for W, b, f, y in every]
    yield [backpropagation(x, y, W, b, f)[1][0] for W, b, f, y in every]


@claim(
    "001.88",
    r"\nabla_{h^{(l)}} J(W, b; x, y) = \delta^{(l+1)}",
    title="derivative by h",
    source=printed(88),
    covers={"001.88a": "misprint"},
    correction=r"\nabla_{b^{(l)}} J(W, b; x, y) = \delta^{(l+1)}",
    severity="typography",
    reading="No h has a layer in this text. As the values of layer l it gives another derivative, shown with layers of "
    "one size, by values of layer 2; the biases are what the steps need.",
    same_as=["001.71a"],
    textbook=True,
)
def derivative_by_h(layers=SQUARE, f=ACTIVATIONS[:2], x=Real("2 1"), y=TARGETS[1]):
    (W, b), f = parameters(layers), activations(f)
    _, a = forward(x, W, b, f)

    def rest(a, b):
        return half_square(plus(f[3](plus(W[2] @ a, b)), -y))

    yield by_z(3, x, y, W, b, f)
    yield misprint(printed=derivative(lambda a: rest(a, b[2]), a[2]), correct=derivative(lambda b: rest(a[2], b), b[2]))


dangling = definition(
    "001.90b",
    r"f'(z)",
    code=logistic,
    title="an expression from elsewhere",
    source=printed(90, 92),
    covers={"001.90b": "misprint"},
    correction=r"f'(z) = f(z) (1 - f(z))",
    severity="wording",
    reading="No expression for f'(z) was worked out before in this text. It is the one of line 92.",
)


@claim(
    "001.92",
    r"f'(z_i^{(l)}) = a_i^{(l)} (1 - a_i^{(l)})",
    title="slope of sigmoid by its value",
    source=printed(90, 92),
    covers=["001.90a", "001.92a"],
    hypotheses=["f is the sigmoid function"],
    reading="For each unit i, from the values alone.",
    same_as=["000.47a", "002.333a"],
    textbook=True,
)
def slope_by_value(z=Real("s 1")):
    a = logistic(z)
    yield matrix(len(z), 1, lambda i, _: derivative(logistic, z[i, 0]))
    yield hadamard(a, 1 - a)


@claim(
    "001.92b",
    r"f'(z_i^{(l)}) = a_i^{(l)} (1 - a_i^{(l)})",
    title="slope by value for any activation",
    source=printed(92),
    correction=r"f'(z_i^{(l)}) = a_i^{(l)} (1 - a_i^{(l)}) \text{ for } f(z) = \frac{1}{1 + e^{-z}}",
    severity="wording",
    reading="Line 92 without the hypothesis of line 90: it is not so for tanh, with 1 - a^2.",
    textbook=True,
)
def slope_by_value_of_tanh(z=Real("s 1")):
    a = jnp.tanh(z)
    yield slopes(jnp.tanh, z)
    yield misprint(printed=hadamard(a, 1 - a), correct=1 - a**2)
