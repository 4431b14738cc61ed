"""Lines 438 to 440: local optima, and stochastic gradient descent."""

from functools import partial
from itertools import combinations

import jax
import jax.numpy as jnp

from derivations._words import numbered, vector_function
from derivations.deriving_backpropagation import logistic_regression as logistic
from derivations.deriving_backpropagation._conventions import printed
from derivations.deriving_backpropagation.backpropagation import backpropagation
from derivations.deriving_backpropagation.network import ACTIVATIONS, WEIGHTS, total
from gradproof import Binary, Functional, Real, claim, definition, demonstration, derivative
from manual_grads import activations, losses, training
from manual_grads.network import Network

TWO_LAYERS = Network((activations.relu, activations.softmax), losses.categorical_cross_entropy)
SOFTMAX_REGRESSION = Network((activations.softmax,), losses.categorical_cross_entropy)

X = jnp.array([[1.0], [1.0], [1.0], [1.0], [-1.0], [-1.0], [-1.0]])
Y = jnp.eye(2)[jnp.array([0, 0, 0, 1, 1, 1, 0])]
"""Seven observations of two classes, neither of which is always on one side."""


@claim(
    "000.438",
    r"v^T H_{\mathcal{L}}(w) v = \sum_{i=1}^n \phi(w^T x_i) (1 - \phi(w^T x_i)) (x_i^T v)^2 \geq 0",
    title="logistic regression is convex",
    source=printed(438),
    covers=["000.438a"],
    reading="The second derivative of the loss along any line is a sum of squares with weights that are positive.",
    textbook=True,
)
def logistic_regression_is_convex(w=Real("m"), v=Real("m"), X=Real("n m"), y=Binary("n")):
    def along(t):
        return logistic.loss(w + t * v, X, y)

    yield derivative(lambda t: derivative(along, t), 0.0)
    yield sum(logistic.phi(w.T @ x_i) * (1 - logistic.phi(w.T @ x_i)) * (x_i.T @ v) ** 2 for x_i in X)


@demonstration(
    "000.438b",
    r"\mathcal{L}\left(\tfrac12 (w + w')\right) > \tfrac12 (\mathcal{L}(w) + \mathcal{L}(w'))",
    title="networks are not convex",
    source=printed(438),
    covers=["000.438b"],
    same_as=["001.40c"],
    reading="Half way between two w the loss of a network of two layers is higher than at both ends. The control is "
    "softmax regression.",
)
def networks_are_not_convex(control: bool) -> bool:
    if control:
        network, one, other = SOFTMAX_REGRESSION, [jnp.array([[1.0, -1.0]])], [jnp.array([[-1.0, 1.0]])]
    else:
        network = TWO_LAYERS
        one, other = ([jnp.array([[a, -a]]), jnp.array([[b, -b], [-b, b]])] for a, b in ((1.0, 0.5), (-1.0, -0.5)))
    middle = jax.tree.map(lambda a, b: (a + b) / 2, one, other)
    return bool(2 * network.loss(middle, X, Y) > network.loss(one, X, Y) + network.loss(other, X, Y) + 0.1)


@demonstration(
    "000.438c",
    title="descent that ends in a local optimum",
    source=printed(438),
    covers=["000.438c"],
    same_as=["001.40d"],
    reading="From two starts gradient descent ends where the gradient vanishes, with different losses. The control is "
    "softmax regression.",
)
def descent_that_ends_in_a_local_optimum(control: bool) -> bool:
    network = SOFTMAX_REGRESSION if control else TWO_LAYERS
    ends = []
    for first in (-1.0, 1.0):
        start = [jnp.array([[first, -0.5]])] if control else [jnp.array([[first]]), jnp.array([[0.5, -0.5]])]
        run = training.gradient_descent(network.loss_and_gradient, start, (X, Y), learning_rate=0.1, steps=1000)
        gradient = network.gradient(run.parameters, X, Y)
        if any(jnp.max(jnp.abs(part)) > 1e-3 for part in gradient):
            return False
        ends.append(network.loss(run.parameters, X, Y))
    return bool(jnp.abs(ends[0] - ends[1]) > 0.1)


memory = definition(
    "000.438d",
    title="data beyond memory",
    source=printed(438),
    covers={"000.438d": "opinion"},
    reading="It depends on the data and the machine.",
)


@claim(
    "000.440",
    r"\frac{\partial \mathcal{L}}{\partial w_l} = \binom{n}{n_\text{batch}}^{-1} \sum_B"
    r" \frac{n}{n_\text{batch}} \sum_{i \in B} h_i^{(l-1)} \delta_i^{(l)}",
    title="gradients of mini-batches",
    source=printed(440),
    covers=["000.440a"],
    reading="The algorithm on some of the observations alone, for L = 2. What it approximates is the gradient: the "
    "mean over all batches B of n_batch observations, times n / n_batch, is equal to it.",
    sizes={"n": 3, "m": 2},
    textbook=True,
)
def gradients_of_mini_batches(
    w=WEIGHTS[:2], components=ACTIVATIONS[:2], loss=Functional(), X=Real("n m"), Y=Real("n 3")
):
    w, phi, n, n_batch = numbered(w), numbered(map(vector_function, components)), 3, 2
    batches = [jnp.array(batch) for batch in combinations(range(n), n_batch)]
    gradients = [backpropagation(X[batch], Y[batch], w, phi, loss) for batch in batches]
    yield derivative(lambda w: total(loss, X, Y, w, phi), w)
    yield jax.tree.map(lambda *parts: sum(parts) / len(batches) * (n / n_batch), *gradients)


@demonstration(
    "000.440b",
    title="noise that leaves a local optimum",
    source=printed(440),
    covers=["000.440b"],
    reading="A layer of one tanh with quadratic loss has a local optimum near w = 0, of loss 0.82, and another of "
    "loss 0.61. At the first, the gradients of single observations differ, and all five runs that use them leave it. "
    "The control takes all observations at once.",
)
def noise_that_leaves_a_local_optimum(control: bool) -> bool:
    network = Network((activations.tanh,), losses.l2_loss)
    data = jnp.array([[-0.4], [3.0], [-0.2]]), jnp.array([[1.0], [0.1], [0.8]])
    start, size = [jnp.array([[0.0]])], 3 if control else 1
    objective = partial(network.loss_and_gradient, reduction="mean")
    batches = [[part[first : first + size] for part in data] for first in range(0, 3, size)]
    slopes = [objective(start, *batch)[1][0] for batch in batches]
    ends = [
        training.stochastic_gradient_descent(
            objective, start, data, key=jax.random.key(seed), learning_rate=0.5, epochs=200, batch_size=size
        )
        for seed in range(5)
    ]
    noisy = max(slopes) - min(slopes) > 0.1
    return bool(noisy and all(network.loss(end.parameters, *data) < 0.75 for end in ends))
