"""Lines 200 to 264: output functions and loss functions."""

import jax.numpy as jnp

from derivations._words import column, matrix, plus
from derivations._words import unit as e
from derivations.feedforward_lecture._conventions import cross_entropy, printed, softmax
from gradproof import OneHot, Positive, Real, claim, definition, demonstration
from manual_grads import activations, losses, training
from manual_grads.network import Network

X = jnp.array([[1.0, 0.0], [2.0, 0.5], [0.0, 1.0], [-0.5, 2.0], [-1.0, -1.0], [-2.0, -1.5]])
CLASSES = jnp.array([2, 2, 0, 0, 1, 1])
"""Points of three classes."""

choice_of_loss = definition(
    "004.215",
    title="the loss depends on the problem",
    source=printed(215, 216),
    covers={"004.215a": "opinion"},
    reading="A guide to modelling.",
)


@claim(
    "004.219",
    r"\hat{y}_i = y_i + s d_i: \quad \mathcal{L} = s^2 \frac{1}{N} \sum_i \sum_j d_{ij}^2",
    title="squared error grows with the deviation",
    source=printed(219, 220),
    covers=["004.219a", "004.220a"],
    reading="n in line 220 is any number of outputs, elsewhere called k. The loss is 0 where nothing deviates, and "
    "deviations that are s times as large give s^2 times the loss, which the second side shows to be positive.",
    textbook=True,
)
def squared_error_grows(Y=Real("N k"), deviations=Real("N k"), s=Real()):
    N, k = Y.shape
    yield losses.squared_error(Y + s * deviations, Y, reduction="mean"), losses.squared_error(Y, Y, reduction="mean")
    yield s**2 * sum(deviations[i, j] ** 2 for i in range(N) for j in range(k)) / N, 0.0


@claim(
    "004.222",
    r"\mathcal{L}(\theta) = \tfrac1N \sum_{i=1}^N \sum_{j=1}^3 (\hat{y}_{ij} - y_{ij})^2, \quad y_i \in \mathbb{R}^3",
    title="squared error of three ratings",
    source=printed(217, 218, 222),
    covers={"004.217a": "holds", "004.222a": "definition"},
    same_as=["004.79a"],
    sizes={"k": 3},
    textbook=True,
)
def squared_error_of_three(predictions=Real("N k"), Y=Real("N k")):
    N = len(Y)
    yield sum((predictions[i, j] - Y[i, j]) ** 2 for i in range(N) for j in range(3)) / N
    yield losses.squared_error(predictions, Y, reduction="mean")


@demonstration(
    "004.226",
    title="squared error for classes",
    source=printed(226, 227, 228, 229),
    covers=["004.226a"],
    reading="Gradient descent on the squared error of a softmax sorts six points into their three classes. The control "
    "has the same start and takes no step.",
)
def squared_error_for_classes(control: bool) -> bool:
    network = Network((activations.softmax,), losses.squared_error)
    parameters, labels = [(jnp.zeros((2, 3)), jnp.zeros(3))], jnp.eye(3)[CLASSES]
    if not control:
        objective = network.loss_and_gradient
        parameters = training.gradient_descent(
            objective, parameters, (X, labels), learning_rate=0.2, steps=200
        ).parameters
    return bool((network.outputs(parameters, X).argmax(axis=1) == CLASSES).all())


@claim(
    "004.234",
    r"y_c = y_c^2 \ge 0, \quad \sum_c y_c = 1",
    title="labels are a distribution",
    source=printed(234),
    covers=["004.234a"],
    reading="A number that is its own square is 0 or 1.",
)
def labels_are_a_distribution(y=OneHot("k")):
    yield y, 1.0
    yield y**2, jnp.sum(y)


@claim(
    "004.235",
    r"\hat{y}_j = \frac{(e^{a_{L,j} / 2})^2}{\sum_i (e^{a_{L,i} / 2})^2} > 0, \quad \sum_j \hat{y}_j = 1",
    title="softmax gives a distribution",
    source=printed(235, 236, 248),
    covers=["004.235a", "004.248a"],
    reading="For the choice of line 240; that y is a distribution is 004.234.",
    textbook=True,
)
def softmax_gives_a_distribution(a_L=Real("k 1")):
    y_hat, roots = softmax(a_L), jnp.exp(a_L / 2)
    yield y_hat, jnp.sum(y_hat)
    yield roots**2 / jnp.sum(roots**2), 1.0


@claim(
    "004.240",
    r"a_L = W_L h_{L-1} + b_L, \quad \hat{y}_j = O(a_L)_j = \frac{e^{a_{L,j}}}{\sum_{i=1}^k e^{a_{L,i}}}",
    title="softmax",
    source=printed(238, 240, 242, 244),
    covers={
        "004.238a": "definition",
        "004.240a": "definition",
        "004.242a": "definition",
        "004.244a": "definition",
    },
    reading="Entry by entry, and by the library's softmax of a row.",
    same_as=["000.78a"],
    textbook=True,
)
def softmax_of_last_layer(W_L=Real("k n"), b_L=Real("k 1"), h=Real("n 1")):
    k, n = W_L.shape
    a = [sum(W_L[j, c] * h[c, 0] for c in range(n)) + b_L[j, 0] for j in range(k)]
    a_L = plus(W_L @ h, b_L)
    yield matrix(k, 1, lambda j, _: jnp.exp(a[j]) / sum(jnp.exp(a[i]) for i in range(k)))
    yield softmax(a_L)
    yield activations.softmax(a_L.T).T


@claim(
    "004.249",
    r"\mathcal{L}(\theta) = -\sum_{c=1}^k y_c \log \hat{y}_c",
    title="cross-entropy",
    source=printed(249, 251),
    covers={"004.249a": "definition"},
    same_as=["000.95a"],
    textbook=True,
)
def cross_entropy_of_labels(y=OneHot("k"), a_L=Real("k 1")):
    y_hat = softmax(a_L)
    yield -sum(y[c] * jnp.log(y_hat[c, 0]) for c in range(len(y)))
    yield cross_entropy(column(y), y_hat)
    yield losses.categorical_cross_entropy(y_hat[:, 0], y)


@claim(
    "004.257",
    r"y_c = 1 \text{ if } c = \ell, \text{ else } 0: \quad \mathcal{L}(\theta) = -\log \hat{y}_\ell",
    title="negative logarithm of the label's probability",
    source=printed(253, 255, 257, 372),
    covers={"004.253a": "definition", "004.257a": "holds"},
    reading="For each label.",
    textbook=True,
)
def probability_of_the_label(y_hat=Positive("k 1")):
    k = len(y_hat)
    yield [cross_entropy(e(label, k), y_hat) for label in range(k)]
    yield [-jnp.log(y_hat[label, 0]) for label in range(k)]


table = definition(
    "004.259",
    code=Network,
    title="output and loss of two kinds of outputs",
    source=printed(259, 260, 261, 262),
    covers=["004.259a", "004.259b"],
    reading="Network((..., activations.identity), losses.squared_error), and with activations.softmax and "
    "losses.categorical_cross_entropy.",
)

other_losses = definition(
    "004.264",
    title="other losses",
    source=printed(264),
    covers={"004.264a": "opinion"},
    reading="manual_grads.losses has others; which of them are common cannot be proved.",
)
