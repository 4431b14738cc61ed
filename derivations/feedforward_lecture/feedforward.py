"""Lines 5 to 86: the network, its parameters and its loss."""

import jax.numpy as jnp

from derivations._words import columns, jacobian, matrix, numbered, plus, vector_function
from derivations.feedforward_lecture._conventions import BIASES, WEIGHTS, forward, output, printed
from gradproof import Function, Functional, Real, claim, definition, misprint
from manual_grads import activations, losses

TWO_OUTPUTS = (Functional(), Functional())
"""The components of any output function of two outputs."""

output_layer = definition(
    "004.7",
    r"h_L = \hat{y} = f(x)",
    code=output,
    title="output of the network",
    source=printed(7, 19, 42, 63, 92, 121, 154),
    covers=["004.7a"],
)


@claim(
    "004.11",
    r"a_i = b_i + W_i h_{i-1}, \quad h_i = g(a_i), \quad f(x) = h_L = O(a_L)",
    title="the layers, with their sizes",
    source=printed(11, 12, 13, 14, 15, 16, 17, 23, 25, 27, 29, 34, 36, 46, 48, 50, 52, 57, 59, 75),
    covers={
        "004.11a": "holds",
        "004.12a": "holds",
        "004.13a": "holds",
        "004.14a": "definition",
        "004.15a": "definition",
        "004.16a": "holds",
        "004.16b": "holds",
        "004.17b": "holds",
        "004.12b": "definition",
        "004.23a": "definition",
        "004.27a": "definition",
        "004.34a": "definition",
        "004.57a": "definition",
    },
    reading="L = 3 and h_0 = x. The first side has one sum for each neuron, with as many as the sizes say, and the "
    "products of the second take no other sizes. W_L is k x n: 004.17.",
    sizes={"k": 2},
    textbook=True,
)
def layers(g=Function(), components=TWO_OUTPUTS, W=WEIGHTS[3], b=BIASES[3], x=Real("n 1")):
    n, k = len(x), 2
    W, b = numbered(W), numbered(b)

    def pre_activations(i, units, values):
        return [b[i][r, 0] + sum(W[i][r, c] * values[c] for c in range(n)) for r in range(units)]

    values = [x[r, 0] for r in range(n)]
    a, h = [], []
    for i, units in ((1, n), (2, n), (3, k)):
        sums = pre_activations(i, units, values)
        column = jnp.stack(sums)[:, None]
        values = [g(a_r) for a_r in sums] if i < 3 else [component(column) for component in components]
        a.append(column)
        h.append(jnp.stack(values)[:, None])
    by_layers, outputs = forward(x, W, b, g, vector_function(components))
    yield a, h
    yield [by_layers[i] for i in (1, 2, 3)], [outputs[i] for i in (1, 2, 3)]


@claim(
    "004.17",
    r"W_L \in \mathbb{R}^{n \times k}",
    title="shape of the last weights",
    source=printed(17, 25),
    covers={"004.17a": "misprint"},
    correction=r"W_L \in \mathbb{R}^{k \times n}",
    severity="shape",
    reading="W_L is what takes the n numbers of h_{L-1} to the k of a_L, and so the derivative of a_L by h_{L-1}. With "
    "the printed shape the product W_L h_{L-1} of line 25 does not fit; it would be W_L^T h_{L-1}.",
)
def shape_of_last_weights(W_L=Real("k n"), b_L=Real("k 1"), h=Real("n 1")):
    yield jacobian(lambda h: plus(b_L, W_L @ h), h)
    yield misprint(printed=W_L.T, correct=W_L)


hidden_activation = definition(
    "004.31",
    code=activations.Elementwise,
    title="activation function",
    source=printed(31, 55),
    covers=["004.31a"],
    reading="Of one number, element by element. What is claimed of g holds for any function.",
)

output_activation = definition(
    "004.38",
    code=activations.Activation,
    title="output activation function",
    source=printed(38, 61),
    covers=["004.38a"],
    reading="Of a whole vector, as softmax is.",
)

without_arguments = definition(
    "004.40",
    r"a_i = a_i(x), \quad h_i = h_i(x)",
    title="arguments left out",
    source=printed(40),
    covers=["004.40a"],
)


@claim(
    "004.69",
    r"\hat{y}_i = f(x_i) = O(W_3 g(W_2 g(W_1 x + b_1) + b_2) + b_3)",
    title="model of three layers",
    source=printed(69, 71),
    covers={"004.69a": "definition", "004.71a": "misprint"},
    correction=r"\hat{y}_i = f(x_i) = O(W_3 g(W_2 g(W_1 x_i + b_1) + b_2) + b_3)",
    severity="index",
    reading="x without its number is any other input.",
    sizes={"k": 2},
    textbook=True,
)
def model(g=Function(), components=TWO_OUTPUTS, W=WEIGHTS[3], b=BIASES[3], x=Real("n 1"), x_i=Real("n 1")):
    (W_1, W_2, W_3), (b_1, b_2, b_3), out = W, b, vector_function(components)

    def written_out(x):
        return out(plus(W_3 @ g(plus(W_2 @ g(plus(W_1 @ x, b_1)), b_2)), b_3))

    yield output(x_i, numbered(W), numbered(b), g, out)
    yield misprint(printed=written_out(x), correct=written_out(x_i))


@claim(
    "004.71",
    r"f(x) = O(W_3 g(W_2 g(W_1 x + b_1) + b_2) + b_3)",
    title="the layers in one line",
    source=printed(25, 29, 36, 71),
    covers=["004.25a"],
    sizes={"k": 2},
    textbook=True,
)
def layers_in_one_line(g=Function(), components=TWO_OUTPUTS, W=WEIGHTS[3], b=BIASES[3], x=Real("n 1")):
    (W_1, W_2, W_3), (b_1, b_2, b_3), out = W, b, vector_function(components)

    def by_entries(W, x, b):
        return matrix(len(b), 1, lambda i, _: sum(W[i, j] * x[j, 0] for j in range(len(x))) + b[i, 0])

    yield output(x, numbered(W), numbered(b), g, out)
    yield out(plus(W_3 @ g(plus(W_2 @ g(plus(W_1 @ x, b_1)), b_2)), b_3))
    # The line above is the loop over the layers, written out: what the products in it mean says more.
    yield out(by_entries(W_3, g(by_entries(W_2, g(by_entries(W_1, x, b_1)), b_2)), b_3))


parameters = definition(
    "004.73",
    r"\theta = W_1, \dots, W_L, b_1, b_2, \dots, b_L",
    code=forward,
    title="the parameters",
    source=printed(73, 75),
    covers=["004.73a"],
)


@claim(
    "004.79",
    r"\frac{1}{N} \sum_{i=1}^N \sum_{j=1}^k (\hat{y}_{ij} - y_{ij})^2",
    title="mean of the squared errors",
    source=printed(67, 79, 81),
    covers={"004.67a": "definition", "004.79a": "definition"},
    reading="For one layer, with any activation. The mean is over the N observations alone, and not over the outputs.",
    textbook=True,
)
def mean_squared_error(g=Function(), W=WEIGHTS[1], b=BIASES[1], X=Real("N n"), Y=Real("N k")):
    N, k = Y.shape
    predictions = [output(x_i, numbered(W), numbered(b), g, g) for x_i in columns(X)]
    yield sum((predictions[i][j, 0] - Y[i, j]) ** 2 for i in range(N) for j in range(k)) / N
    yield losses.squared_error(jnp.hstack(predictions).T, Y, reduction="mean")


any_loss = definition(
    "004.84",
    r"\min \mathcal{L}(\theta)",
    code=Functional,
    title="any function of the parameters",
    source=printed(84, 86),
    covers=["004.84a"],
)
