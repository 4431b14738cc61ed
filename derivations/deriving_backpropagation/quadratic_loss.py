"""Lines 380 to 390: the quadratic loss."""

import jax

from derivations._words import columns, jacobian, numbered, scalar, vector_function
from derivations.deriving_backpropagation import softmax_regression as softmax
from derivations.deriving_backpropagation._conventions import printed, times
from derivations.deriving_backpropagation.backpropagation import passed_back
from derivations.deriving_backpropagation.network import ACTIVATIONS, WEIGHTS, forward, output, total
from derivations.deriving_backpropagation.network_gradient import deltas, z_by_w
from gradproof import Real, claim, definition, derivative, misprint


def quadratic(h: jax.Array, y: jax.Array) -> jax.Array:
    """The loss of line 384 of a single observation."""
    return scalar((y - h).T @ (y - h)) / 2


responses = definition(
    "000.382",
    code=Real,
    title="responses of any value",
    source=printed(382),
    covers=["000.382a"],
)


@claim(
    "000.384",
    r"\mathcal{L}(w_{1:L}) = \frac{1}{2} \sum_{i=1}^n \left(y_i - h_i^{(L)}\right)^T \left(y_i - h_i^{(L)}\right)",
    title="quadratic loss",
    source=printed(384),
    covers={"000.384a": "definition"},
    reading="The first side is half of the sum of all squared differences, with L = 2.",
    textbook=True,
)
def quadratic_loss(w=WEIGHTS[:2], components=ACTIVATIONS[:2], X=Real("n m"), Y=Real("n 3")):
    w, phi = numbered(w), numbered(map(vector_function, components))
    outputs = [output(x_i, w, phi)[:, 0] for x_i in columns(X)]
    yield sum((y_i[k] - h_i[k]) ** 2 for y_i, h_i in zip(Y, outputs, strict=True) for k in range(3)) / 2
    yield total(quadratic, X, Y, w, phi)


@claim(
    "000.386",
    r"\frac{\partial \mathcal{L}}{\partial w_l} = \frac{\partial \mathcal{L}}{\partial h^{(L)}}"
    r" \frac{\partial h^{(L)}}{\partial z^{(L)}} \cdots \frac{\partial h^{(l)}}{\partial z^{(l)}}"
    r" \frac{\partial z^{(l)}}{\partial w_l}",
    title="the chain rule with quadratic loss",
    source=printed(386),
    covers=["000.386a"],
    reading="Lines 200 to 203 for L = 3.",
    sizes={"m": 2},
    textbook=True,
)
def chain_rule_with_quadratic_loss(w=WEIGHTS[:3], components=ACTIVATIONS[:3], x=Real("m 1"), y=Real("2 1")):
    w, phi = numbered(w), numbered(map(vector_function, components))
    _, h = forward(x, w, phi)
    delta = deltas(x, y, w, phi, quadratic)
    yield derivative(lambda w: quadratic(output(x, w, phi), y), w)
    yield {layer: times(delta[layer], z_by_w(w[layer], h[layer - 1])) for layer in w}


@claim(
    "000.388",
    r"\frac{\partial \mathcal{L}}{\partial h^{(L)}} = \left(h^{(L)} - y\right)^T",
    title="derivative of the quadratic loss by the output",
    source=printed(388),
    covers=["000.388a"],
    textbook=True,
)
def quadratic_loss_by_output(h=Real("K 1"), y=Real("K 1")):
    yield jacobian(lambda h: quadratic(h, y), h)
    yield (h - y).T


@claim(
    "000.390",
    r"\delta_i = \left(h_i^{(L)} - y_i\right)^T \frac{\partial h_i^{(L)}}{\partial z_i^{(L)}}, \quad"
    r" \frac{\partial \mathcal{L}(w_{1:L})}{\partial w_l} = \sum_{i=1}^n h_i^{(l-1)} \delta_i",
    title="backpropagation with quadratic loss",
    source=printed(390),
    covers={"000.390a": "ambiguous"},
    reading="What remains is the chain rule and the algorithm, with line 388 in step 2; L = 3. The short form of the "
    "last delta, line 348, does not: 000.390b.",
    sizes={"n": 2, "m": 3},
    textbook=True,
)
def backpropagation_with_quadratic_loss(w=WEIGHTS[:3], components=ACTIVATIONS[:3], X=Real("n m"), Y=Real("n 2")):
    w, phi = numbered(w), numbered(map(vector_function, components))
    layers = [forward(x_i, w, phi) for x_i in columns(X)]
    delta = [(h[3] - y_i).T @ jacobian(phi[3], z[3]) for (z, h), y_i in zip(layers, columns(Y), strict=True)]
    yield derivative(lambda w: total(quadratic, X, Y, w, phi), w)
    yield passed_back(layers, delta, w, phi)


@claim(
    "000.390b",
    r"\delta^{(L)} = \left[h^{(L)} - y\right]^T",
    title="no short last delta with softmax",
    source=printed(390, 348),
    correction=r"\delta^{(L)} = \left[h^{(L)} - y\right]^T \frac{\partial h^{(L)}}{\partial z^{(L)}}",
    reading="The other reading of 000.390a: with everything else, line 348 would remain, for softmax and the "
    "quadratic loss.",
    textbook=True,
)
def no_short_last_delta(z=Real("K 1"), y=Real("K 1")):
    h = softmax.phi(z)
    yield jacobian(lambda z: quadratic(softmax.phi(z), y), z)
    yield misprint(printed=(h - y).T, correct=(h - y).T @ jacobian(softmax.phi, z))
