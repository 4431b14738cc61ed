"""Lines 321 to 334: the formulas for the current layer l, and what is done with them."""

import jax.numpy as jnp

from derivations._words import hadamard, logistic
from derivations.after_nielsen._conventions import cost, outer, output, printed
from derivations.after_nielsen._example import PARAMETERS, SQUARE, example
from gradproof import Function, Functional, Real, claim, derivative, misprint

TARGETS = Real("3 1"), Real("2 1"), Real("3 1")
"""The right outputs of the networks of depth 2, 3 and 4."""


def formulas(network, y):
    """The derivatives by b^l and W^l for all l, by lines 323 (as corrected) to 329."""
    a = network.a
    by_a, by_b, by_W = a[network.L] - y, {}, {}
    for layer in range(network.L, 1, -1):
        by_z = hadamard(by_a, network.slope(layer))
        by_b[layer] = by_z
        by_W[layer] = outer(by_z, a[layer - 1])
        by_a = network.W[layer].T @ by_z
    return by_b, by_W


@claim(
    "002.323",
    r"d_{\vec{a}} C = W^t \vec{d}_{\vec{z}} C",
    title="the base term in general",
    source=printed(321, 323),
    covers={"002.323a": "misprint"},
    correction=r"\vec{d}_{\vec{a}'} C = W^t \vec{d}_{\vec{z}} C",
    severity="index",
    reading="a, W and z of one layer, as line 321 has it; line 281 has a'. The d has lost its arrow, too. For layer L "
    "it would contradict the base case. All layers have one size; L = 4 and l = 2, 3, 4.",
    same_as=["002.267a"],
    textbook=True,
)
def base_term_in_general(sigma=Function(), C=Functional(), x=Real("2 1"), parameters=SQUARE):
    network = example(C, sigma, x, parameters)
    yield [network.W[i].T @ network.by_z(i) for i in (2, 3, 4)]
    yield misprint(
        printed=[network.by_a(i) for i in (2, 3, 4)],
        correct=[network.by_a(i - 1) for i in (2, 3, 4)],
    )


@claim(
    "002.325",
    r"\vec{d}_{\vec{a}^L} C = \vec{a}^L - \vec{y}, \quad"
    r" \vec{d}_{\vec{z}} C = \vec{d}_{\vec{a}} C \odot \vec{\sigma}'(\vec{z}), \quad"
    r" \vec{d}_{\vec{b}} C = \vec{d}_{\vec{z}} C, \quad D_W C = \vec{d}_{\vec{z}} C \otimes \vec{a}'",
    title="the formulas in general",
    source=printed(323, 325, 327, 329),
    covers=["002.323b", "002.325a", "002.327a", "002.329a"],
    reading="With line 323 as corrected, in networks of depth 2, 3 and 4.",
    sizes={"m": 2},
    textbook=True,
)
def formulas_in_general(sigma=Function(), x=Real("m 1"), parameters=PARAMETERS, targets=TARGETS):
    every = [(example(lambda a, y=y: cost(y, a), sigma, x, parameters[: i + 1]), y) for i, y in enumerate(targets)]
    yield [({i: network.by_b(i) for i in network.b}, {i: network.by_W(i) for i in network.W}) for network, _ in every]
    yield [formulas(network, y) for network, y in every]


@claim(
    "002.331",
    r"\vec{b} - \eta \vec{d}_{\vec{b}} C, \quad W - \eta D_{\vec{w}} C",
    title="a step in the opposite direction",
    source=printed(331),
    covers={"002.331a": "holds", "002.331b": "ambiguous", "002.331c": "holds", "002.331d": "definition"},
    reading="D by the column w is the D_W of line 329: what is meant is the matrix of weights. The last part of each "
    "side is the derivative of the cost by eta at 0, for this step: it is negative, unless all derivatives are zero.",
    sizes={"m": 2},
    textbook=True,
)
def step_in_opposite_direction(sigma=Function(), x=Real("m 1"), y=Real("2 1"), parameters=PARAMETERS[:2], eta=Real()):
    network = example(lambda a: cost(y, a), sigma, x, parameters)
    by_b, by_W = formulas(network, y)

    def adjusted(eta, by_b, by_W):
        return {i: network.W[i] - eta * by_W[i] for i in (2, 3)}, {i: network.b[i] - eta * by_b[i] for i in (2, 3)}

    oracle = {i: network.by_b(i) for i in (2, 3)}, {i: network.by_W(i) for i in (2, 3)}
    yield (
        adjusted(eta, *oracle),
        derivative(lambda eta: cost(y, output(x, *adjusted(eta, *oracle), sigma)), jnp.zeros(())),
    )
    yield (
        adjusted(eta, by_b, by_W),
        -sum(jnp.sum(part * part) for part in (*by_b.values(), *by_W.values())),
    )


@claim(
    "002.333",
    r"\sigma'(x) = \sigma(x) (1 - \sigma(x))",
    title="derivative of the logistic function",
    source=printed(333),
    covers=["002.333a"],
    hypotheses=["sigma is the logistic function"],
    same_as=["000.47a"],
    textbook=True,
)
def derivative_of_logistic(x=Real()):
    yield derivative(logistic, x)
    yield logistic(x) * (1 - logistic(x))


@claim(
    "002.333b",
    r"\sigma'(x) = \sigma(x) (1 - \sigma(x))",
    title="not the derivative of another activation",
    source=printed(333),
    correction=r"\tanh'(x) = 1 - \tanh(x)^2",
    reading="Without the hypothesis of 002.333: sigma is the hyperbolic tangent.",
    textbook=True,
)
def not_the_derivative_of_tanh(x=Real()):
    yield derivative(jnp.tanh, x)
    yield misprint(printed=jnp.tanh(x) * (1 - jnp.tanh(x)), correct=1 - jnp.tanh(x) ** 2)
