"""Lines 358 and 360: gradient descent, and why its sign is negative."""

from itertools import pairwise

import jax
import jax.numpy as jnp

from derivations._words import hadamard, slopes
from derivations.watters_2024._conventions import printed, squared_error
from derivations.watters_2024._networks import backpropagation, loss
from derivations.watters_2024.architecture import LAST_WEIGHTS, WEIGHTS, output
from gradproof import Function, Functional, Real, claim, demonstration, derivative, misprint


def descended(old: jax.Array, eta: jax.Array, by_W: jax.Array) -> jax.Array:
    """Equation (78)."""
    return old - eta * by_W


@claim(
    "003.358",
    r"W_{t+1}^n = W_t^n - \eta \frac{\partial L}{\partial W_t^n}",
    title="two steps of gradient descent",
    source=printed(358, 360, 362),
    covers={"003.358a": "holds", "003.358b": "ambiguous", "003.360a": "definition", "003.362e": "holds"},
    reading="Each derivative is taken at the matrices of iteration t, all of them, and then all are changed, W^F too. "
    "The other reading, in which a matrix is changed as soon as its derivative is known, is 003.358c. N = 1. "
    "The derivatives come from the equations of section 2, as corrected.",
    sizes={"m": 2},
    textbook=True,
)
def two_steps(V=WEIGHTS[0], W_F=LAST_WEIGHTS[1], sigma=Function(), eta=Real(), h0=Real("m 1"), y=Real("2 1")):
    sigma = {1: sigma}
    exact = as_printed = {1: V}, W_F
    for _ in range(2):
        by_exact = derivative(lambda at: loss(h0, y, *at, sigma, squared_error), exact)
        exact = jax.tree.map(lambda old, by_old: old - eta * by_old, exact, by_exact)
        by_printed = backpropagation(h0, *as_printed, sigma, lambda f: 2 * (f - y).T)
        as_printed = jax.tree.map(lambda old, by_old: descended(old, eta, by_old), as_printed, by_printed)
    yield exact
    yield as_printed


@claim(
    "003.358c",
    r"W_{t+1}^n = W_t^n - \eta \frac{\partial L}{\partial W_t^n}",
    title="a step with the next layer already changed",
    source=printed(358),
    correction=r"\text{all derivatives at } W_t^1, \dots, W_t^N, W_t^F",
    severity="index",
    reading="The other reading of 003.358b: W^F is changed first, and equation (55) for the layer before takes what it "
    "has become. N = 1.",
    textbook=True,
)
def step_with_next_layer_changed(
    V=WEIGHTS[0], W_F=LAST_WEIGHTS[1], sigma=Function(), eta=Real(), h0=Real("m 1"), y=Real("2 1")
):
    g = V @ h0
    f = W_F @ sigma(g)
    changed = descended(W_F, eta, 2 * (f - y) @ sigma(g).T)

    def stepped(W_F):
        by_g_1 = hadamard(2 * (f - y).T @ W_F, slopes(sigma, g).T)
        return descended(V, eta, by_g_1.T @ h0.T)

    yield V - eta * derivative(lambda V: loss(h0, y, {1: V}, W_F, {1: sigma}, squared_error), V)
    yield misprint(printed=stepped(changed), correct=stepped(W_F))


@demonstration(
    "003.360",
    r"W_{t+1}^n = W_t^n - \eta \frac{\partial L}{\partial W_t^n}",
    title="the negative sign",
    source=printed(360),
    covers=["003.360b"],
    reading="Small steps lower the loss of a network with two hidden layers; in the control the sign is positive.",
)
def negative_sign(control: bool) -> bool:
    keys = jax.random.split(jax.random.key(0), 5)
    shapes = (3, 2), (3, 3), (2, 3), (2, 1), (2, 1)
    V, W, W_F, h0, y = (jax.random.normal(key, shape) for key, shape in zip(keys, shapes, strict=True))
    parameters, sigma = ({1: V, 2: W}, W_F), {1: jnp.tanh, 2: jnp.tanh}
    eta = jnp.float32(-0.01 if control else 0.01)

    @jax.jit
    def step(parameters):
        by_parameters = backpropagation(h0, *parameters, sigma, lambda f: 2 * (f - y).T)
        after = jax.tree.map(lambda old, by_old: descended(old, eta, by_old), parameters, by_parameters)
        return squared_error(output(h0, *parameters, sigma), y), after

    losses = []
    for _ in range(20):
        value, parameters = step(parameters)
        losses.append(float(value))
    return all(later < earlier for earlier, later in pairwise(losses))


@claim(
    "003.360c",
    r"\left|\frac{d L(W^n + \epsilon U)}{d \epsilon}\right| \leq \left|\frac{\partial L}{\partial W^n}\right| |U|,"
    r" \quad \text{equal for } U = \pm \frac{\partial L}{\partial W^n}",
    title="steepest ascent and descent",
    source=printed(360),
    covers=["003.360c", "003.360d", "003.360e"],
    hypotheses=["the derivative is not zero, so that it has a direction"],
    reading="A step in any direction U of the D_n D_(n-1) entries of W^n, with the other matrices held, and lengths as "
    "square roots of sums of squares. The product of the squared lengths exceeds the square of the rate by a sum of "
    "squares; the rates along the derivative and against it are its squared length, with either sign. The loss is "
    "any function of W^n.",
    textbook=True,
)
def steepest_ascent_and_descent(L=Functional(), W=Real("N M"), U=Real("N M")):
    G = derivative(L, W)

    def rate(direction):
        return derivative(lambda epsilon: L(W + epsilon * direction), jnp.zeros_like(W[0, 0]))

    areas = jnp.outer(G, U) - jnp.outer(U, G)
    yield rate(U) ** 2, rate(G), rate(-G)
    yield jnp.sum(G**2) * jnp.sum(U**2) - jnp.sum(areas**2) / 2, jnp.sum(G**2), -jnp.sum(G**2)
