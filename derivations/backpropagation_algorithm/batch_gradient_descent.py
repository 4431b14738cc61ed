"""Lines 95 to 109: an iteration of batch gradient descent."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from derivations._words import Activations, ByLayer, columns, plus
from derivations.backpropagation_algorithm._conventions import (
    ACTIVATIONS,
    LAYERS,
    activations,
    backpropagation,
    overall_cost,
    parameters,
    printed,
)
from derivations.backpropagation_algorithm._descent import XOR, descent, squared_error
from gradproof import Positive, Real, claim, definition, demonstration, derivative, misprint
from manual_grads import activations as library

TWO_LAYERS = LAYERS[:2]

Examples = Sequence[tuple[jax.Array, jax.Array]]


def iteration(
    examples: Examples, W: ByLayer, b: ByLayer, f: Activations, alpha: jax.Array, strength: jax.Array
) -> tuple[ByLayer, ByLayer]:
    """Lines 99 to 107, with the example of each i."""
    m = len(examples)
    Delta_W = {layer: jnp.zeros_like(W[layer]) for layer in W}
    Delta_b = {layer: jnp.zeros_like(b[layer]) for layer in b}
    for x, y in examples:
        _, (nabla_W, nabla_b) = backpropagation(x, y, W, b, f)
        Delta_W = {layer: plus(Delta_W[layer], nabla_W[layer]) for layer in W}
        Delta_b = {layer: plus(Delta_b[layer], nabla_b[layer]) for layer in b}
    return (
        {layer: W[layer] - alpha * ((1 / m * Delta_W[layer]) + strength * W[layer]) for layer in W},
        {layer: b[layer] - alpha * (1 / m * Delta_b[layer]) for layer in b},
    )


def step(
    X: jax.Array, Y: jax.Array, W: ByLayer, b: ByLayer, f: Activations, alpha: jax.Array, strength: jax.Array
) -> tuple[ByLayer, ByLayer]:
    """Lines 46 and 47, by the oracle."""
    by_W, by_b = derivative(lambda at: overall_cost(X, Y, *at, f, strength), (W, b))
    return (
        {layer: W[layer] - alpha * by_W[layer] for layer in W},
        {layer: b[layer] - alpha * by_b[layer] for layer in b},
    )


@claim(
    "001.97",
    r"\Delta W^{(l)} = \Delta W^{(l)} + \nabla_{W^{(l)}} J(W, b; x, y), \quad"
    r" \Delta b^{(l)} = \Delta b^{(l)} + \nabla_{h^{(l)}} J(W, b; x, y), \quad i = 1, \dots, m",
    title="the example of the loop",
    source=printed(97, 99, 100, 101, 102, 103, 106, 107),
    covers={"001.97a": "misprint", "001.101a": "misprint", "001.102a": "misprint", "001.103a": "misprint"},
    correction=r"\Delta W^{(l)} = \Delta W^{(l)} + \nabla_{W^{(l)}} J(W, b; x^{(i)}, y^{(i)}), \quad"
    r" \Delta b^{(l)} = \Delta b^{(l)} + \nabla_{b^{(l)}} J(W, b; x^{(i)}, y^{(i)})",
    severity="index",
    reading="Nothing in the loop depends on i: the derivatives are those of one pair (x, y), m times. Shown with "
    "the derivative by b for the one by h, which is 001.101.",
    sizes={"m": 2, "n": 2},
    textbook=True,
)
def example_of_the_loop(
    layers=LAYERS[:1],
    f=ACTIVATIONS[:1],
    X=Real("n m"),
    Y=Real("n 3"),
    x=Real("m 1"),
    y=Real("3 1"),
    alpha=Positive(),
    strength=Positive(),
):
    (W, b), f = parameters(layers), activations(f)
    yield step(X, Y, W, b, f, alpha, strength)
    yield misprint(
        printed=iteration([(x, y)] * len(X), W, b, f, alpha, strength),
        correct=iteration(list(zip(columns(X), columns(Y), strict=True)), W, b, f, alpha, strength),
    )


@claim(
    "001.97b",
    r"W^{(l)} = W^{(l)} - \alpha \left[\left(\frac{1}{m} \Delta W^{(l)}\right) + \lambda W^{(l)}\right], \quad"
    r" b^{(l)} = b^{(l)} - \alpha \left[\frac{1}{m} \Delta b^{(l)}\right]",
    title="two iterations are two steps of descent",
    source=printed(95, 97, 99, 106, 107),
    covers={
        "001.95a": "holds",
        "001.95b": "holds",
        "001.95c": "definition",
        "001.97b": "holds",
        "001.99a": "definition",
        "001.106a": "holds",
        "001.107a": "holds",
    },
    reading="With line 101 as corrected, against lines 46 and 47. The sums start as zeros of the shapes of W^{(l)} and "
    "b^{(l)}, and what is added has these shapes; Delta W is one name. l runs from 1 to n_l - 1.",
    sizes={"m": 2, "n": 2},
    textbook=True,
)
def two_iterations(
    layers=TWO_LAYERS,
    f=ACTIVATIONS[:2],
    X=Real("n m"),
    Y=Real("n 2"),
    alpha=Positive(),
    strength=Positive(),
):
    (W, b), f = parameters(layers), activations(f)
    examples = list(zip(columns(X), columns(Y), strict=True))
    yield step(X, Y, *step(X, Y, W, b, f, alpha, strength), f, alpha, strength)
    yield iteration(examples, *iteration(examples, W, b, f, alpha, strength), f, alpha, strength)


mistyped_parameter = definition(
    "001.101",
    r"\nabla_{h^{(l)}} J(W, b; x, y)",
    title="h for b",
    source=printed(101, 103),
    covers={"001.101b": "misprint"},
    correction=r"\nabla_{b^{(l)}} J(W, b; x, y)",
    severity="typography",
    reading="No h has a layer in this text, and what is added to Delta b is the derivative by b: as in line 88.",
    same_as=["001.88a"],
)


@demonstration(
    "001.109",
    r"J(W, b)",
    title="repeated steps reduce the cost",
    source=printed(109),
    covers=["001.109a"],
    reading="Each of 200 steps lowers J on the exclusive or with weight decay; the control has a learning rate that is "
    "too large, so that the line is about small ones.",
)
def repeated_steps_reduce_the_cost(control: bool) -> bool:
    X, Y = XOR
    net = squared_error(library.tanh, library.identity)
    start = net.initial(jax.random.key(1), [2, 4, 1], epsilon=0.5)
    run = descent(net, start, X, Y, rate=5.0 if control else 0.05, steps=200, strength=0.01)
    return bool(jnp.all(jnp.diff(run.losses) < 0))


mistyped_cost = definition(
    "001.109b",
    r"I(W, b)",
    title="I for J",
    source=printed(109),
    covers={"001.109b": "misprint"},
    correction=r"J(W, b)",
    severity="typography",
    reading="There is no I; the cost is J by line 26.",
)
