"""Lines 603 to 662: the algorithms, run as they are printed."""

from typing import Any

import jax
import jax.numpy as jnp

from derivations._words import Activation, ByLayer, column, gradient, hadamard, matrix, numbered, plus
from derivations.feedforward_lecture._conventions import (
    BIASES,
    WEIGHTS,
    after_a,
    after_h,
    cross_entropy,
    forward,
    identity,
    output,
    printed,
    softmax,
)
from derivations.feedforward_lecture.learning import as_printed, gradient_descent, loss_by_bias, loss_by_weights, step
from gradproof import Function, Functional, OneHot, Real, claim, definition, derivative, misprint

PARAMETERS = {L: WEIGHTS[L] + BIASES[L] for L in (1, 2, 3, 4)}
"""theta = [W_1, ..., W_L, b_1, ..., b_L] for each depth L."""


def parted(theta: Any) -> tuple[ByLayer, ByLayer]:
    """The weights and the biases, by the numbers of the layers."""
    L = len(theta) // 2
    return numbered(theta[:L]), numbered(theta[L:])


def classifier_loss(theta: Any, x: jax.Array, y: jax.Array, g: Activation) -> jax.Array:
    """The cross-entropy of a network with a softmax."""
    W, b = parted(theta)
    return cross_entropy(y, output(x, W, b, g, softmax))


def slopes(g: Activation, a: jax.Array) -> jax.Array:
    """The column of the g'(a_j)."""
    return matrix(len(a), 1, lambda j, _: derivative(g, a[j, 0]))


def back_propagation(h: Any, a: Any, y: jax.Array, y_hat: jax.Array, W: ByLayer, g: Activation) -> tuple[Any, ...]:
    """Lines 642 to 662, with e(l) = y, the brackets of line 660 as a column, and line 660 for k > 1 only."""
    by_W, by_b = {}, {}
    by_a = -plus(y, -y_hat)
    for k in range(len(W), 0, -1):
        by_W[k] = by_a @ h[k - 1].T
        by_b[k] = by_a
        by_h = W[k].T @ by_a
        if k > 1:
            by_a = hadamard(by_h, slopes(g, a[k - 1]))
    layers = range(1, len(W) + 1)
    return *(by_W[k] for k in layers), *(by_b[k] for k in layers)


def by_pre_activations(loss: Any, g: Activation, theta: Any, x: jax.Array) -> ByLayer:
    """The gradients of any loss by a_1, ..., a_L."""
    W, b = parted(theta)
    a, _ = forward(x, W, b, g, identity)
    return {k: gradient(lambda a_k, k=k: loss(after_a(k, a_k, W, b, g)), a[k]) for k in a}


def classifier_gradient(theta: Any, x: jax.Array, y: jax.Array, g: Activation) -> tuple[Any, ...]:
    """Both algorithms, one after the other."""
    W, b = parted(theta)
    a, h = forward(x, W, b, g, softmax)
    return back_propagation(h, a, y, h[len(W)], W, g)


@claim(
    "004.607",
    r"\text{while } t{+}{+} < max\_iterations: \quad (h, a, \hat{y}) = forward\_propagation(\theta_t); \quad"
    r" \nabla \theta_t = backward\_propagation(h, a, y, \hat{y}); \quad"
    r" \theta_{t+1} \gets \theta_t - \eta \nabla \theta_t",
    title="gradient descent with backpropagation",
    source=printed(77, 607, 611),
    covers={"004.77a": "definition", "004.607a": "misprint"},
    correction=r"\text{while } t < max\_iterations: \quad (h, a, \hat{y}) = forward\_propagation(\theta_t); \quad"
    r" \nabla \theta_t = back\_propagation(h, a, y, \hat{y}); \quad"
    r" \theta_{t+1} \gets \theta_t - \eta \nabla \theta_t; \quad t \gets t + 1",
    severity="index",
    reading="As in 004.96: the first iteration begins with theta_1, which is not set. L = 2, one iteration, with the "
    "algorithms below as corrected.",
    sizes={"n": 1, "k": 2},
    textbook=True,
)
def descent_with_backpropagation(
    g=Function(), theta=PARAMETERS[2], unset=PARAMETERS[2], x=Real("n 1"), y=OneHot("k"), eta=Real()
):
    y = column(y)

    def update(theta_t):
        by_theta = classifier_gradient(theta_t, x, y, g)
        return tuple(value - eta * slope for value, slope in zip(theta_t, by_theta, strict=True))

    yield step(lambda theta: classifier_loss(theta, x, y, g), theta, eta)
    yield misprint(printed=as_printed(theta, update, 1, unset), correct=gradient_descent(theta, update, 1))


two_names = definition(
    "004.611",
    r"\nabla \theta_t = backward\_propagation(h_1, \dots, h_{L-1}, a_1, \dots, a_L, y, \hat{y})",
    code=back_propagation,
    title="two names of one algorithm",
    source=printed(611, 638),
    covers={"004.611a": "misprint"},
    correction=r"\nabla \theta_t = back\_propagation(h_1, \dots, h_{L-1}, a_1, \dots, a_L, y, \hat{y})",
    severity="typography",
    reading="It is called backward_propagation in line 611 and back_propagation in line 638.",
)


@claim(
    "004.617",
    r"\text{for } k = 1 \text{ to } L - 1: \; a_k = b_k + W_k h_{k-1}, \; h_k = g(a_k); \quad"
    r" a_L = b_L + W_L h_{L-1}; \quad \hat{y} = O(a_L)",
    title="forward propagation",
    source=printed(617, 621, 623, 624, 626, 628, 630, 634),
    covers=["004.617a", "004.623a", "004.624a", "004.628a", "004.630a", "004.634a"],
    reading="L = 3, with h_0 = x, which line 15 says and the algorithm does not. The first side has one sum for each "
    "neuron.",
    textbook=True,
)
def forward_propagation_by_neurons(g=Function(), theta=PARAMETERS[3], x=Real("n 1")):
    (W, b), n = parted(theta), len(x)
    a, h = forward(x, W, b, g, softmax)
    values, neurons = x, []
    for layer in (1, 2, 3):
        values = matrix(
            len(b[layer]),
            1,
            lambda r, _, layer=layer, h=values: b[layer][r, 0] + sum(W[layer][r, c] * h[c, 0] for c in range(n)),
        )
        neurons.append(values)
        if layer < 3:
            values = matrix(n, 1, lambda r, _, a=values: g(a[r, 0]))
            neurons.append(values)
    exp = [jnp.exp(a_3[0]) for a_3 in values]
    yield [*neurons, matrix(len(exp), 1, lambda j, _: exp[j] / sum(exp))]
    yield [a[1], h[1], a[2], h[2], a[3], h[3]]


last_pass = definition(
    "004.638",
    r"\text{for } k = L \text{ to } 1: \quad \dots, \quad \nabla_{a_{k-1}} \mathcal{L}(\theta)"
    r" = \nabla_{h_{k-1}} \mathcal{L}(\theta) \odot [\dots, g'(a_{k-1,j}), \dots]",
    code=back_propagation,
    title="the last pass of the loop",
    source=printed(638, 642, 644, 646, 648, 650, 652, 654, 656, 658, 660, 662),
    covers={"004.638a": "misprint"},
    correction=r"\text{for } k = L \text{ to } 1: \quad \dots, \quad \text{if } k > 1: \;"
    r" \nabla_{a_{k-1}} \mathcal{L}(\theta) = \nabla_{h_{k-1}} \mathcal{L}(\theta)"
    r" \odot [\dots, g'(a_{k-1,j}), \dots]^T",
    severity="index",
    reading="At k = 1 line 660 takes g' at a_0, and there is no a_0: a_1 is the first that the algorithm is given, and "
    "h_0 is the input. Lines 650 to 656 are right for k = L, ..., 1, with h_0 = x; neither it nor the W_k of line 656 "
    "are among the arguments. As corrected it is run in 004.640. Lines 644 and 660: 004.644 and 004.660.",
)


@claim(
    "004.640",
    r"L = 1, 2, 3: \quad \nabla_{W_k} \mathcal{L}(\theta), \; \nabla_{b_k} \mathcal{L}(\theta)",
    title="backpropagation, depths 1 to 3",
    source=printed(617, 638, 642, 644, 646, 650, 652, 656, 660, 662),
    covers=["004.646a"],
    reading="As corrected in 004.638, 004.644 and 004.660, and after the forward propagation. The loop runs down to 1, "
    "where it gives the gradients by W_1 and b_1.",
    same_as=["000.248a"],
    textbook=True,
)
def backpropagation_to_depth_3(
    g=Function(), hidden=PARAMETERS[3], first=(Real("k n"), Real("k 1")), x=Real("n 1"), y=OneHot("k")
):
    W, b = parted(hidden)
    y = column(y)
    networks = [first, (W[1], W[3], b[1], b[3]), hidden]
    yield [derivative(lambda theta: classifier_loss(theta, x, y, g), theta) for theta in networks]
    yield [classifier_gradient(theta, x, y, g) for theta in networks]


@claim(
    "004.640b",
    r"L = 4: \quad \nabla_{W_k} \mathcal{L}(\theta), \; \nabla_{b_k} \mathcal{L}(\theta)",
    title="backpropagation, depth 4",
    source=printed(617, 638, 642, 644, 646, 650, 652, 656, 660, 662),
    reading="As corrected in 004.638, 004.644 and 004.660, and after the forward propagation.",
    sizes={"n": 3, "k": 2},
    textbook=True,
)
def backpropagation_of_depth_4(g=Function(), theta=PARAMETERS[4], x=Real("n 1"), y=OneHot("k")):
    y = column(y)
    yield derivative(lambda theta: classifier_loss(theta, x, y, g), theta)
    yield classifier_gradient(theta, x, y, g)


label_of_unit_vector = definition(
    "004.644",
    r"\nabla_{a_L} \mathcal{L}(\theta) = -(e(y) - \hat{y})",
    code=back_propagation,
    title="the label of the unit vector",
    source=printed(234, 255, 389, 644),
    covers={"004.644a": "misprint"},
    correction=r"\nabla_{a_L} \mathcal{L}(\theta) = -(e(\ell) - \hat{y}) = -(y - \hat{y})",
    severity="typography",
    reading="e takes a label, the l of line 389. y is the vector of lines 234 and 255, which is e(l) itself. Were y "
    "the label here, the line would hold; the value is 004.481.",
)


@claim(
    "004.650",
    r"\nabla_{W_k} \mathcal{L}(\theta) = \nabla_{a_k} \mathcal{L}(\theta) h_{k-1}^T",
    title="step to the weights",
    source=printed(650),
    covers=["004.650a"],
    reading="k = 1 to 3 of L = 3, with h_0 = x, for any loss.",
    same_as=["002.329a"],
    sizes={"k": 3},
    textbook=True,
)
def step_to_weights(loss=Functional(), g=Function(), theta=PARAMETERS[3], x=Real("n 1")):
    W, b = parted(theta)
    _, h = forward(x, W, b, g, identity)
    by_a = by_pre_activations(loss, g, theta, x)
    yield [gradient(loss_by_weights(k, loss, x, theta[:3], theta[3:], g), W[k]) for k in (1, 2, 3)]
    yield [by_a[k] @ h[k - 1].T for k in (1, 2, 3)]


@claim(
    "004.652",
    r"\nabla_{b_k} \mathcal{L}(\theta) = \nabla_{a_k} \mathcal{L}(\theta)",
    title="step to the biases",
    source=printed(652),
    covers=["004.652a"],
    reading="k = 1 to 3 of L = 3, for any loss.",
    same_as=["002.327a"],
    sizes={"k": 3},
    textbook=True,
)
def step_to_biases(loss=Functional(), g=Function(), theta=PARAMETERS[3], x=Real("n 1")):
    _, b = parted(theta)
    by_a = by_pre_activations(loss, g, theta, x)
    yield [gradient(loss_by_bias(k, loss, x, theta[:3], theta[3:], g), b[k]) for k in (1, 2, 3)]
    yield [by_a[k] for k in (1, 2, 3)]


@claim(
    "004.656",
    r"\nabla_{h_{k-1}} \mathcal{L}(\theta) = W_k^T (\nabla_{a_k} \mathcal{L}(\theta))",
    title="step to the layer below",
    source=printed(656),
    covers=["004.656a"],
    reading="k = 1 to 3 of L = 3, with h_0 = x, for any loss. What it gives at k = 1 is the gradient by the input, "
    "which nothing asks for.",
    same_as=["002.323a"],
    sizes={"k": 3},
    textbook=True,
)
def step_to_layer_below(loss=Functional(), g=Function(), theta=PARAMETERS[3], x=Real("n 1")):
    W, b = parted(theta)
    _, h = forward(x, W, b, g, identity)
    by_a = by_pre_activations(loss, g, theta, x)
    yield [gradient(lambda h_k, k=k: loss(after_h(k - 1, h_k, W, b, g)), h[k - 1]) for k in (1, 2, 3)]
    yield [W[k].T @ by_a[k] for k in (1, 2, 3)]


@claim(
    "004.660",
    r"\nabla_{a_{k-1}} \mathcal{L}(\theta) = \nabla_{h_{k-1}} \mathcal{L}(\theta) \odot"
    r" [\dots, g'(a_{k-1,j}), \dots]",
    title="step to the pre-activation below",
    source=printed(660),
    covers={"004.660a": "misprint"},
    correction=r"\nabla_{a_{k-1}} \mathcal{L}(\theta) = \nabla_{h_{k-1}} \mathcal{L}(\theta) \odot"
    r" [\dots, g'(a_{k-1,j}), \dots]^T, \quad k > 1",
    severity="shape",
    reading="As in 004.541: the brackets hold a row, and the gradient is a column. k = 2 of L = 2; at k = 1 there is "
    "no a_0: 004.638.",
    same_as=["004.541a"],
    textbook=True,
)
def step_to_pre_activation_below(loss=Functional(), g=Function(), theta=PARAMETERS[2], x=Real("n 1")):
    W, b = parted(theta)
    a, _ = forward(x, W, b, g, identity)
    by_a = gradient(loss, a[2])
    by_h = W[2].T @ by_a
    yield gradient(lambda a_1: loss(after_a(1, a_1, W, b, g)), a[1])
    yield misprint(printed=by_h * slopes(g, a[1]).T, correct=hadamard(by_h, slopes(g, a[1])))
