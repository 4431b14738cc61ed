"""Lines 269 to 351: backpropagation in words, and its chain rule."""

import jax.numpy as jnp

from derivations._words import by_entry, gradient, jacobian, matrix, numbered, plus, vector_function
from derivations.feedforward_lecture._conventions import (
    BIASES,
    WEIGHTS,
    after_a,
    after_h,
    forward,
    identity,
    output,
    printed,
)
from derivations.feedforward_lecture.feedforward import TWO_OUTPUTS
from derivations.feedforward_lecture.learning import (
    BIASES_OF_ONE_SIZE,
    PARAMETERS,
    SQUARE,
    as_printed,
    gradient_descent,
    loss_by_weights,
    network_loss,
    step,
)
from gradproof import Function, Functional, Real, claim, definition, demonstration, derivative, misprint
from manual_grads.losses import CategoricalCrossEntropy

THIN = (Real("1 1"),) * 4
"""Weights, or biases, of four layers of one neuron."""


@claim(
    "004.278",
    r"W_{112} \gets W_{112} - \eta \frac{\partial \mathcal{L}(\theta)}{\partial W_{112}}",
    title="a single weight",
    source=printed(278, 279, 280),
    covers={"004.278a": "definition", "004.279a": "holds"},
    reading="The weight of layer 1 to neuron 1 from input 2, as W_1 h_0 has it: the derivative of a_11 by x_2. L = 2. "
    "The entry of a step of all parameters is a step by this one derivative.",
    sizes={"n": 2},
    textbook=True,
)
def single_weight(loss=Functional(), g=Function(), theta=PARAMETERS, x=Real("n 1"), eta=Real()):
    W_1, b_1 = theta[0], theta[2]
    of_W_1 = loss_by_weights(1, loss, x, theta[:2], theta[2:], g)
    moved = step(network_loss(loss, x, g), theta, eta)
    yield moved[0][0, 1], by_entry(lambda x: plus(b_1, W_1 @ x)[0, 0], x, 1)
    yield W_1[0, 1] - eta * by_entry(of_W_1, W_1, 0, 1), W_1[0, 1]


@claim(
    "004.287",
    r"\text{Initialize } \theta_0; \quad \text{while } t{+}{+} < max\_iterations: \quad"
    r" \theta_{t+1} \gets \theta_t - \eta \nabla \theta_t",
    title="gradient descent from any start",
    source=printed(287, 293, 294, 295, 296, 297, 298, 299),
    covers={"004.287a": "misprint"},
    correction=r"\text{while } t < max\_iterations: \quad \theta_{t+1} \gets \theta_t - \eta \nabla \theta_t, \quad"
    r" t \gets t + 1",
    severity="index",
    reading="As in 004.96: the first step begins with theta_1, which is not set.",
    sizes={"m": 2},
    textbook=True,
)
def descent_from_any_start(loss=Functional(), start=Real("m"), unset=Real("m"), eta=Real()):
    def update(theta_t):
        entries = [derivative(lambda v, i=i: loss(theta_t.at[i].set(v)), theta_t[i]) for i in range(2)]
        return theta_t - eta * jnp.stack(entries)

    yield step(loss, step(loss, start, eta), eta)
    yield misprint(printed=as_printed(start, update, 2, unset), correct=gradient_descent(start, update, 2))


@claim(
    "004.306",
    r"\frac{\partial \mathcal{L}(\theta)}{\partial W_{111}} = \frac{\partial \mathcal{L}(\theta)}{\partial \hat{y}}"
    r" \frac{\partial \hat{y}}{\partial a_{L1}} \frac{\partial a_{L1}}{\partial h_{L-1,1}} \cdots"
    r" \frac{\partial a_{21}}{\partial h_{11}} \frac{\partial h_{11}}{\partial a_{11}}"
    r" \frac{\partial a_{11}}{\partial W_{111}}",
    title="chain rule of a thin network",
    source=printed(306, 307, 309),
    covers=["004.306a"],
    reading="For L = 1 to 4; L = 3 is line 309 with a_{L1} for a_{L11}.",
    textbook=True,
)
def thin_network(loss=Functional(), g=Function(), out=Function(), W=THIN, b=THIN, x=Real("1 1")):
    depths = (1, 2, 3, 4)

    def of_W_1(L):
        return lambda W_1: loss(output(x, numbered((W_1, *W[1:L])), numbered(b[:L]), g, out))

    products = []
    for L in depths:
        a, h = forward(x, numbered(W[:L]), numbered(b[:L]), g, out)
        product = derivative(loss, h[L]) * derivative(lambda a_L: jnp.sum(out(a_L)), a[L])
        for i in range(L, 1, -1):
            by_h = derivative(lambda h, i=i: jnp.sum(plus(W[i - 1] @ h, b[i - 1])), h[i - 1])
            product = product * by_h * derivative(lambda a: jnp.sum(g(a)), a[i - 1])
        products.append(product * derivative(lambda W_1: jnp.sum(plus(W_1 @ x, b[0])), W[0]))
    yield [gradient(of_W_1(L), W[0]) for L in depths]
    yield products


name_of_last_pre_activation = definition(
    "004.309",
    r"\frac{\partial \mathcal{L}(\theta)}{\partial W_{111}} = \frac{\partial \mathcal{L}(\theta)}{\partial \hat{y}}"
    r" \frac{\partial \hat{y}}{\partial a_{L11}} \frac{\partial a_{L11}}{\partial h_{21}} \cdots",
    code=forward,
    title="name of the last pre-activation",
    source=printed(309),
    covers={"004.309a": "misprint"},
    correction=r"\frac{\partial \mathcal{L}(\theta)}{\partial W_{111}} = \frac{\partial \mathcal{L}(\theta)}"
    r"{\partial \hat{y}} \frac{\partial \hat{y}}{\partial a_{L1}} \frac{\partial a_{L1}}{\partial h_{21}} \cdots",
    severity="index",
    reading="a_L is a vector, whose elements have one more index and not two. With a_{L1} the product is 004.306.",
)


@claim(
    "004.311",
    r"\frac{\partial \mathcal{L}(\theta)}{\partial W_{111}} = \frac{\partial \mathcal{L}(\theta)}{\partial h_{11}}"
    r" \frac{\partial h_{11}}{\partial W_{111}}, \quad"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial W_{211}} = \frac{\partial \mathcal{L}(\theta)}{\partial h_{21}}"
    r" \frac{\partial h_{21}}{\partial W_{211}}, \quad"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial W_{L11}} = \frac{\partial \mathcal{L}(\theta)}{\partial a_{L1}}"
    r" \frac{\partial a_{L1}}{\partial W_{L11}}",
    title="the chain rule compressed",
    source=printed(311, 313, 315),
    covers=["004.311a", "004.313a", "004.315a"],
    reading="L = 3. For layers of any sizes, and so for those of one neuron.",
    textbook=True,
)
def compressed_chain_rule(loss=Functional(), g=Function(), W=WEIGHTS[3], b=BIASES[3], x=Real("n 1")):
    W_, b_ = numbered(W), numbered(b)
    a, h = forward(x, W_, b_, g, identity)

    def factor(i, function):
        return by_entry(lambda W_i: function(plus(W_i @ h[i - 1], b_[i]))[0, 0], W_[i], 0, 0)

    yield [by_entry(loss_by_weights(i, loss, x, W, b, g), W_[i], 0, 0) for i in (1, 2, 3)]
    yield [by_entry(lambda h_i, i=i: loss(after_h(i, h_i, W_, b_, g)), h[i], 0) * factor(i, g) for i in (1, 2)] + [
        by_entry(loss, a[3], 0) * factor(3, identity)
    ]


@claim(
    "004.329",
    r"f(x) = \hat{y} = O(W_L h_{L-1} + b_L)",
    title="what the output is made of",
    source=printed(325, 326, 327, 329),
    covers=["004.325a", "004.329a"],
    reading="L = 1 to 3. The output is a function of W_L, b_L and h_{L-1} alone. The first side has one sum for each "
    "output.",
    sizes={"k": 2},
    textbook=True,
)
def output_layer(
    g=Function(), components=TWO_OUTPUTS, hidden=WEIGHTS[3][:2], W_L=Real("k n"), b=BIASES[3], x=Real("n 1")
):
    out, n, k = vector_function(components), len(x), 2
    below, sums, outputs = x, [], []
    for L in (1, 2, 3):
        W_, b_ = numbered((*hidden[: L - 1], W_L)), numbered((*b[: L - 1], b[2]))
        sums.append(out(matrix(k, 1, lambda j, _, h=below: b[2][j, 0] + sum(W_L[j, c] * h[c, 0] for c in range(n)))))
        outputs.append(output(x, W_, b_, g, out))
        if L < 3:
            below = g(plus(b[L - 1], hidden[L - 1] @ below))
    yield sums
    yield outputs


@claim(
    "004.333",
    r"f(x) = O(W_L h_L + b_L)",
    title="which hidden layer is asked",
    source=printed(329, 333, 334),
    covers={"004.333a": "misprint"},
    correction=r"f(x) = O(W_L h_{L-1} + b_L)",
    severity="index",
    reading="The text asks W_L, b_L and h_L, of which line 329 has the output made. h_L is that output. With k = n, "
    "where W_L h_L can be formed at all, and L = 2.",
    sizes={"n": 2},
    textbook=True,
)
def hidden_layer_asked(g=Function(), components=TWO_OUTPUTS, W=SQUARE[2], b=BIASES_OF_ONE_SIZE[2], x=Real("n 1")):
    out = vector_function(components)
    _, h = forward(x, numbered(W), numbered(b), g, out)

    def made_of(h):
        return out(matrix(2, 1, lambda j, _: b[1][j, 0] + sum(W[1][j, c] * h[c, 0] for c in range(2))))

    yield output(x, numbered(W), numbered(b), g, out)
    yield misprint(printed=made_of(h[2]), correct=made_of(h[1]))


@claim(
    "004.335",
    r"a_{L-1} = W_{L-1} h_{L-2} + b_{L-1}",
    title="what a pre-activation is made of",
    source=printed(335),
    covers=["004.335a"],
    reading="L = 3, with one sum for each neuron.",
    sizes={"k": 1},
    textbook=True,
)
def pre_activation(g=Function(), W=WEIGHTS[3], b=BIASES[3], x=Real("n 1")):
    n = len(x)
    a, h = forward(x, numbered(W), numbered(b), g, identity)
    yield matrix(n, 1, lambda j, _: sum(W[1][j, c] * h[1][c, 0] for c in range(n)) + b[1][j, 0])
    yield a[2]


@demonstration(
    "004.336",
    title="all parameters are responsible",
    source=printed(336, 337),
    covers=["004.336a"],
    reading="L = 3: the loss has a derivative by each weight and bias that is not 0. In the control W_2 = 0, so that "
    "layer 1 has no effect.",
)
def all_parameters_are_responsible(control: bool) -> bool:
    W = [jnp.array([[0.5, -0.3], [0.2, 0.7]]), jnp.array([[0.4, 0.1], [-0.6, 0.3]]), jnp.array([[0.3, -0.8]])]
    b = [jnp.array([[0.1], [-0.2]]), jnp.array([[0.3], [0.2]]), jnp.array([[0.1]])]
    if control:
        W[1] = jnp.zeros_like(W[1])
    x = jnp.array([[1.0], [-0.5]])
    slopes = derivative(network_loss(lambda y_hat: jnp.sum((y_hat - 1) ** 2), x, jnp.tanh), (*W, *b))
    return all(bool(jnp.all(jnp.abs(slope) > 1e-6)) for slope in slopes)


@claim(
    "004.339",
    r"\frac{\partial \mathcal{L}(\theta)}{\partial W_{111}} = \frac{\partial \mathcal{L}(\theta)}{\partial \hat{y}}"
    r" \frac{\partial \hat{y}}{\partial a_3} \frac{\partial a_3}{\partial h_2} \frac{\partial h_2}{\partial a_2}"
    r" \frac{\partial a_2}{\partial h_1} \frac{\partial h_1}{\partial a_1} \frac{\partial a_1}{\partial W_{111}}",
    title="chain rule through the layers",
    source=printed(339, 349, 362, 493, 553),
    covers={"004.339a": "ambiguous"},
    reading="L = 3. The derivative of a number by a vector is a row, and of a vector by a vector has a row for each "
    "component: so it holds. With columns, as gradients are from line 387 on, the same factors have to stand in the "
    "opposite order, which is the last side.",
    sizes={"k": 2},
    textbook=True,
)
def chain_rule_through_layers(
    loss=Functional(), g=Function(), components=TWO_OUTPUTS, W=WEIGHTS[3], b=BIASES[3], x=Real("n 1")
):
    out, (W_1, W_2, W_3), (b_1, b_2, b_3) = vector_function(components), W, b
    a, h = forward(x, numbered(W), numbered(b), g, out)
    factors = [
        jacobian(loss, h[3]),
        jacobian(out, a[3]),
        jacobian(lambda h: plus(W_3 @ h, b_3), h[2]),
        jacobian(g, a[2]),
        jacobian(lambda h: plus(W_2 @ h, b_2), h[1]),
        jacobian(g, a[1]),
        by_entry(lambda W_1: plus(W_1 @ x, b_1), W_1, 0, 0),
    ]
    product, reverse = factors[0], factors[-1].T
    for later, earlier in zip(factors[1:], reversed(factors[:-1]), strict=True):
        product, reverse = product @ later, reverse @ earlier.T
    by_W = by_entry(lambda W_1: loss(output(x, numbered((W_1, W_2, W_3)), numbered(b), g, out)), W_1, 0, 0)
    yield by_W
    yield product[0, 0]
    yield reverse[0, 0]


parts_of_the_chain = definition(
    "004.339b",
    title="names for the parts of the chain",
    source=printed(339, 349, 362, 493, 553),
    covers=["004.339b"],
)

quantities_of_interest = definition(
    "004.343",
    code=after_a,
    title="quantities of interest",
    source=printed(343, 345, 346, 347, 356, 358, 359, 360, 487, 489, 490, 491, 547, 549, 550, 551),
    covers=["004.343a"],
    reading="Derivatives of the loss as a function of the outputs, of the hidden units, and of the parameters.",
)

focus = definition(
    "004.351",
    code=CategoricalCrossEntropy,
    title="cross-entropy of a softmax",
    source=printed(351, 364, 495, 555),
    covers=["004.351a"],
)
