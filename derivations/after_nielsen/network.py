"""Lines 12 to 30: the network's answer, its cost, and the steps that lower it."""

import jax
import jax.numpy as jnp

from derivations._words import by_entry, hadamard, logistic, matrix, unit
from derivations.after_nielsen._conventions import cost, dot, printed
from derivations.after_nielsen._example import PARAMETERS, example
from gradproof import Function, Functional, Real, claim, definition, demonstration, derivative


def answer(a_L: jax.Array) -> jax.Array:
    """The number of the largest activation, from zero."""
    return jnp.argmax(a_L[:, 0])


largest_activation = definition(
    "002.12",
    r"y = \arg \max_i \vec{a}^L",
    code=answer,
    title="answer of the network",
    source=printed(12),
    covers={"002.12a": "ambiguous"},
    reading="The i of the largest element a_i of a^L: the vector is printed without an index. Where two are equal, "
    "the first one in code.",
)


@claim(
    "002.12b",
    r"\sup a_i^L = 1, \quad 1 - a_i^L = \frac{1}{1 + e^{z_i^L}} > 0",
    title="activations end at 1",
    source=printed(12),
    covers={"002.12b": "ambiguous"},
    hypotheses=["sigma is the logistic function of line 333"],
    reading="The least upper bound: the distance to 1 is positive at every z, and smaller than any positive number at "
    "some z. As a value that is attained there is no maximum. For other functions 1 is no bound, as "
    "the control of 002.12c shows.",
    textbook=True,
)
def activations_end_at_1(z=Real("n 1")):
    yield 1 - logistic(z)
    yield 1 / (1 + jnp.exp(z))


@demonstration(
    "002.12c",
    r"0 < \sigma(z) < 1, \quad \sigma(z) \to 1",
    title="1 is the bound of the logistic function",
    source=printed(12),
    reading="Activations for z from -8 to 8 come closer to 1 from below. The control is softplus.",
)
def activations_rise_to_1(control: bool) -> bool:
    sigma = (lambda z: jnp.log(1 + jnp.exp(z))) if control else logistic
    distance = 1 - sigma(jnp.linspace(-8, 8, 9))
    return bool((distance > 0).all() and (jnp.diff(distance) < 0).all() and distance[-1] < 0.001)


correct_class = definition(
    "002.20",
    r"\vec{y} = \hat{e}_i, \quad i = \text{index of correct classification}",
    code=unit,
    title="optimal output",
    source=printed(12, 20, 22),
    covers=["002.12c", "002.20a", "002.22a"],
)
two_meanings_of_y = definition(
    "002.22",
    r"y",
    code=answer,
    title="two meanings of y",
    source=printed(12, 22),
    covers={"002.22b": "ambiguous"},
    reading="The known classification of the example, which lines 12 and 14 call i, and of which the column y is made. "
    "Line 12 calls by the same letter what the network answers; the two are equal only if it is right.",
)


@claim(
    "002.18",
    r"C = \frac{1}{2} \|\vec{y} - \vec{a}^L\|^2",
    title="cost",
    source=printed(18),
    covers={"002.18a": "definition"},
)
def cost_by_elements(a=Real("n 1"), y=Real("n 1")):
    yield sum((y_i - a_i) ** 2 for y_i, a_i in zip(y[:, 0], a[:, 0], strict=True)) / 2
    yield dot(y - a, y - a) / 2
    yield cost(y, a)


@claim(
    "002.14",
    r"\|\vec{y} - \vec{a}^L\|^2 = 2 C",
    title="squared distance",
    source=printed(14, 18),
    covers={"002.14a": "ambiguous"},
    reading="The error is the squared distance but for the factor 1/2 of line 18. Read without it, it is twice that, "
    "and so are all derivatives; what lowers one lowers the other.",
)
def squared_distance(a=Real("n 1"), y=Real("n 1")):
    yield jnp.sum(hadamard(y - a, y - a)), derivative(lambda a: jnp.sum(hadamard(y - a, y - a)), a)
    yield 2 * cost(y, a), 2 * derivative(lambda a: cost(y, a), a)


@claim(
    "002.24",
    r"\frac{d}{d \eta} C(\vec{b} - \eta \, \vec{d}_{\vec{b}} C, \; W - \eta \, D_W C) \Big|_{\eta = 0}"
    r" = -\|\vec{d}_{\vec{b}} C\|^2 - \|D_W C\|^2",
    title="steps against the derivative lower the cost",
    source=printed(24),
    covers=["002.24a"],
    hypotheses=["the derivative is not 0", "the step is small enough"],
    reading="At the beginning of the step the cost changes at a negative rate. For the last layer, with any activation "
    "function; 002.24b shows it for all layers, and that the other direction raises the cost.",
    textbook=True,
)
def steps_lower_the_cost(sigma=Function(), W=Real("n 2"), b=Real("n 1"), before=Real("2 1"), y=Real("n 1")):
    def C(at):
        W, b = at
        return cost(y, sigma(W @ before + b))

    by_W, by_b = derivative(C, (W, b))
    yield derivative(lambda eta: C((W - eta * by_W, b - eta * by_b)), jnp.zeros(()))
    yield -jnp.sum(hadamard(by_W, by_W)) - jnp.sum(hadamard(by_b, by_b))


@demonstration(
    "002.24b",
    r"C(\theta - \eta \, \partial_\theta C) < C(\theta)",
    title="steps by all layers lower the cost",
    source=printed(24),
    reading="Twenty small steps of a network of three layers, each of which lowers the cost. The control goes along "
    "the derivative and not against it.",
)
def steps_by_all_layers(control: bool) -> bool:
    keys = jax.random.split(jax.random.key(0), 4)
    theta = [
        (jax.random.normal(keys[0], (4, 3)), jnp.zeros((4, 1))),
        (jax.random.normal(keys[1], (2, 4)), jnp.zeros((2, 1))),
    ]
    x, y = jax.random.normal(keys[2], (3, 1)), unit(1, 2)

    @jax.jit
    def C(theta):
        a = x
        for W, b in theta:
            a = logistic(W @ a + b)
        return cost(y, a)

    eta = -0.1 if control else 0.1

    @jax.jit
    def step(theta):
        return jax.tree.map(lambda part, by_part: part - eta * by_part, theta, derivative(C, theta))

    costs = [C(theta)]
    for _ in range(20):
        theta = step(theta)
        costs.append(C(theta))
    return bool((jnp.diff(jnp.stack(costs)) < 0).all())


@claim(
    "002.26",
    r"\vec{d}_{\vec{b}} C = (\partial_{b_i} C)_i, \quad D_W C = (\partial_{w_{ij}} C)_{ij}",
    title="derivatives in parallel",
    source=printed(26),
    covers=["002.26a"],
    reading="The gradients and matrices have the derivatives by each bias and each weight as their elements, in every "
    "layer; L = 3. That it is easier so is an opinion.",
    sizes={"m": 2},
    textbook=True,
)
def derivatives_in_parallel(sigma=Function(), C=Functional(), x=Real("m 1"), parameters=PARAMETERS[:2]):
    network = example(C, sigma, x, parameters)

    def by_bias(layer, i):
        b = network.b[layer]
        return by_entry(lambda b: network.of_b(layer, b), b, i)

    def by_weight(layer, i, j):
        W = network.W[layer]
        return by_entry(lambda W: network.of_W(layer, W), W, i, j)

    yield [
        (
            matrix(len(b), 1, lambda i, _, layer=layer: by_bias(layer, i)),
            matrix(*network.W[layer].shape, lambda i, j, layer=layer: by_weight(layer, i, j)),
        )
        for layer, b in network.b.items()
    ]
    yield [(network.by_b(layer), network.by_W(layer)) for layer in network.b]


gradient_by_biases = definition(
    "002.30",
    r"\text{gradient of } \ell \text{ with respect to } \vec{b}",
    title="a cost by another name",
    source=printed(30),
    covers={"002.30a": "misprint"},
    correction=r"\text{gradient of } C \text{ with respect to } \vec{b}",
    severity="typography",
    reading="There is no other number than the cost C whose gradient is taken, and no symbol l of this shape but the "
    "number of a layer, which has no derivative.",
)
