"""Lines 60 to 152: softmax regression.

Vectors are columns of two axes: x is (m, 1), y, z and p are (K, 1), w is (m, K). Data are kept as n rows, of which
`columns` makes the x_i and y_i.
"""

import math

import jax
import jax.numpy as jnp

from derivations._words import column, columns, hadamard, jacobian, matrix, row, scalar
from derivations.deriving_backpropagation import logistic_regression as logistic
from derivations.deriving_backpropagation._conventions import by_matrix, printed, times
from derivations.deriving_backpropagation.vector_by_matrix import slab
from gradproof import Binary, OneHot, Real, claim, definition, derivative, misprint

one_hot = definition(
    "000.68",
    r"y = (0, \dots, 0, 1, 0, \dots, 0)^T",
    code=OneHot,
    title="one-hot response",
    source=printed(68),
    covers=["000.68a"],
)


def categorical(y: jax.Array, p: jax.Array) -> jax.Array:
    """The probability of the one-hot label y where the classes have probabilities p."""
    return jnp.prod(p**y)


def phi(z: jax.Array) -> jax.Array:
    """The softmax function of line 78."""
    return jnp.exp(z) / jnp.sum(jnp.exp(z))


def p(w: jax.Array, x: jax.Array) -> jax.Array:
    """The mean response to x: the probabilities of the K classes."""
    return phi(w.T @ x)


def L(p: jax.Array, y: jax.Array) -> jax.Array:
    """The loss of a single observation."""
    return -scalar(y.T @ jnp.log(p))


def likelihood(w: jax.Array, X: jax.Array, Y: jax.Array) -> jax.Array:
    """The probability of the labels of all observations (x_i, y_i)."""
    return math.prod(categorical(y_i, p(w, x_i)) for x_i, y_i in zip(columns(X), columns(Y), strict=True))


def loss(w: jax.Array, X: jax.Array, Y: jax.Array) -> jax.Array:
    """The loss as it stands in line 88."""
    return -sum(scalar(y_i.T @ jnp.log(phi(w.T @ x_i))) for x_i, y_i in zip(columns(X), columns(Y), strict=True))


model = definition(
    "000.70",
    r"y \sim \text{Categorical}(p_1(x), \dots, p_K(x))",
    code=categorical,
    title="categorical response",
    source=printed(70),
    covers=["000.70a"],
)
mean_response = definition(
    "000.70b",
    r"[p_1(x), \dots, p_K(x)]^T = \phi(w^T x), \quad w \in \mathbb{R}^{m \times K}, \quad p = \phi(z), \quad z = w^T x",
    code=p,
    title="mean response, and p and z for short",
    source=printed(70, 74, 97, 98),
    covers=["000.70b", "000.74a", "000.97a", "000.98a"],
)
single_observation = definition(
    "000.95",
    r"\mathcal{L}(w) = -y^T \log \phi(w^T x)",
    code=L,
    title="loss of a single observation",
    source=printed(95),
    covers=["000.95a"],
)


@claim(
    "000.64",
    r"p^y (1 - p)^{1 - y} = \prod_{k=1}^2 p_k^{y_k}",
    title="binary response as two classes",
    source=printed(64),
    covers=["000.64a"],
    reading="The classes are y = 1 and y = 0, with labels (y, 1 - y) and probabilities (p, 1 - p).",
    textbook=True,
)
def binary_response_as_two_classes(z=Real(), y=Binary()):
    p = logistic.phi(z)
    yield logistic.bernoulli(y, p)
    yield categorical(jnp.stack([y, 1 - y]), jnp.stack([p, 1 - p]))


@claim(
    "000.78",
    r"\phi(z) = \frac{e^z}{\sum_j e^{z_j}}"
    r" = \begin{pmatrix} e^{z_1} / \sum_j e^{z_j} \\ \vdots \\ e^{z_d} / \sum_j e^{z_j} \end{pmatrix}",
    title="softmax",
    source=printed(78),
    covers={"000.78a": "definition"},
    textbook=True,
)
def softmax(z=Real("d 1")):
    d = len(z)
    yield phi(z)
    yield matrix(d, 1, lambda i, _: jnp.exp(z[i, 0]) / sum(jnp.exp(z[j, 0]) for j in range(d)))


@claim(
    "000.87",
    r"\mathcal{L}(w) = -\sum_{i=1}^n y_i^T \log p_i = -\sum_{i=1}^n y_i^T \log \phi(w^T x_i)",
    title="negative log-likelihood of softmax regression",
    source=printed(84, 87, 88),
    covers={"000.87a": "definition", "000.88a": "holds"},
    reading="The first side is the negative logarithm of the likelihood of line 70.",
    textbook=True,
)
def negative_log_likelihood(w=Real("m K"), X=Real("n m"), Y=OneHot("n K")):
    responses = [p(w, x_i) for x_i in columns(X)]
    yield -jnp.log(likelihood(w, X, Y))
    yield -sum(scalar(y_i.T @ jnp.log(p_i)) for p_i, y_i in zip(responses, columns(Y), strict=True))
    yield loss(w, X, Y)


@claim(
    "000.102",
    r"\frac{\partial \mathcal{L}(w)}{\partial w} = \frac{\partial \mathcal{L}}{\partial p}"
    r" \frac{\partial p}{\partial z} \frac{\partial z}{\partial w}",
    title="chain rule",
    source=printed(102),
    covers=["000.102a"],
    textbook=True,
)
def chain_rule(w=Real("m K"), x=Real("m 1"), y=OneHot("K")):
    y = column(y)
    z = w.T @ x
    yield derivative(lambda w: L(phi(w.T @ x), y), w)
    yield times(jacobian(lambda p: L(p, y), phi(z)) @ jacobian(phi, z), by_matrix(lambda w: w.T @ x, w))


@claim(
    "000.108",
    r"\frac{\partial \mathcal{L}}{\partial p} = \left(-y \odot \frac{1}{p}\right)^T"
    r" = \begin{pmatrix} -\frac{y_1}{p_1} & -\frac{y_2}{p_2} & \dots & -\frac{y_K}{p_K} \end{pmatrix}",
    title="derivative of the loss by p",
    source=printed(106, 108),
    covers=["000.106a", "000.108a", "000.108b"],
    textbook=True,
)
def loss_by_p(z=Real("K 1"), y=OneHot("K")):
    y, p = column(y), phi(z)
    yield jacobian(lambda p: L(p, y), p)
    yield hadamard(-y, 1 / p).T
    yield row(-y_k / p_k for y_k, p_k in zip(y, p, strict=True))


@claim(
    "000.112",
    r"\frac{\partial p}{\partial z} = \begin{pmatrix} p_1 (1 - p_1) & -p_1 p_2 & \dots & -p_1 p_K \\"
    r" -p_2 p_1 & p_2 (1 - p_2) & \dots & -p_2 p_K \\ \vdots & \vdots & \ddots & \vdots \\"
    r" -p_K p_1 & -p_K p_2 & \dots & p_K (1 - p_K) \end{pmatrix}",
    title="derivative of p by z",
    source=printed(110, 112, 113, 114, 115),
    covers=["000.110a", "000.112a"],
    textbook=True,
)
def p_by_z(z=Real("K 1")):
    K, p = len(z), phi(z)[:, 0]
    yield jacobian(phi, z)
    yield matrix(K, K, lambda i, j: p[i] * (1 - p[i]) if i == j else -p[i] * p[j])


@claim(
    "000.117",
    r"\frac{\partial z}{\partial w} \in \mathbb{R}^{K \times m \times K}",
    title="shape of the derivative of z by w",
    source=printed(117),
    covers=["000.117a"],
)
def shape_of_z_by_w(w=Real("m K"), x=Real("m 1")):
    yield by_matrix(lambda w: w.T @ x, w)
    yield jnp.stack([slab(k, w, x) for k in range(w.shape[1])])


@claim(
    "000.126",
    r"\frac{\partial \mathcal{L}}{\partial p} \frac{\partial p}{\partial z}"
    r" = \begin{pmatrix} -y_1 (1 - p_1) + \sum_{k \neq 1} y_k p_1 & \dots &"
    r" -y_K (1 - p_K) + \sum_{k \neq K} y_k p_K \end{pmatrix}"
    r" = \begin{pmatrix} -y_1 + p_1 \sum_{k=1}^K y_k & \dots & -y_K + p_K \sum_{k=1}^K y_k \end{pmatrix}"
    r" = \begin{pmatrix} p_1 - y_1 & \dots & p_K - y_K \end{pmatrix} = \left[\phi(w^T x) - y\right]^T",
    title="first two terms",
    source=printed(123, 126, 127, 128, 129),
    covers=["000.123a", "000.126a", "000.127a", "000.128a", "000.129a"],
    textbook=True,
)
def first_two_terms(w=Real("m K"), x=Real("m 1"), y=OneHot("K")):
    K, y, z = len(y), column(y), w.T @ x
    y_, p_ = y[:, 0], phi(z)[:, 0]
    yield jacobian(lambda p: L(p, y), phi(z)) @ jacobian(phi, z)
    yield row(-y_[j] * (1 - p_[j]) + sum(y_[k] * p_[j] for k in range(K) if k != j) for j in range(K))
    yield row(-y_[j] + p_[j] * sum(y_[k] for k in range(K)) for j in range(K))
    yield row(p_[j] - y_[j] for j in range(K))
    yield (phi(w.T @ x) - y).T


@claim(
    "000.135",
    r"\frac{\partial \mathcal{L}}{\partial p} \frac{\partial p}{\partial z} \frac{\partial z}{\partial w}"
    r" = \left[\phi(w^T x) - y\right]^T \left[\frac{\partial w^T x}{\partial w}\right]"
    r" = x \left[\phi(w^T x) - y\right]^T",
    title="all three terms",
    source=printed(132, 135, 136),
    covers=["000.132a", "000.135a", "000.136a"],
    textbook=True,
)
def all_three_terms(w=Real("m K"), x=Real("m 1"), y=OneHot("K")):
    y = column(y)
    z = w.T @ x
    yield times(jacobian(lambda p: L(p, y), phi(z)) @ jacobian(phi, z), by_matrix(lambda w: w.T @ x, w))
    yield times((phi(w.T @ x) - y).T, by_matrix(lambda w: w.T @ x, w))
    yield x @ (phi(w.T @ x) - y).T


@claim(
    "000.148",
    r"\frac{\partial \mathcal{L}(w)}{\partial w} = \sum_{i=1}^n x_i \left[\phi(w^T x_i) - y_i\right]^T"
    r" = -\sum_{i=1}^n x_i \left[y_i - \phi(w^T x_i)\right]^T",
    title="gradient of softmax regression",
    source=printed(146, 148),
    covers=["000.146a", "000.148a"],
    reading="The step that line 146 describes in words is the first sum.",
    textbook=True,
)
def gradient(w=Real("m K"), X=Real("n m"), Y=OneHot("n K")):
    data = list(zip(columns(X), columns(Y), strict=True))
    yield derivative(lambda w: loss(w, X, Y), w)
    yield sum(x_i @ (phi(w.T @ x_i) - y_i).T for x_i, y_i in data)
    yield -sum(x_i @ (y_i - phi(w.T @ x_i)).T for x_i, y_i in data)


@claim(
    "000.150",
    r"\frac{\partial \mathcal{L}(w)}{\partial w} \in \mathbb{R}^{m \times n}",
    title="shape of the gradient",
    source=printed(150),
    covers={"000.150a": "misprint"},
    correction=r"\frac{\partial \mathcal{L}(w)}{\partial w} \in \mathbb{R}^{m \times K}",
    severity="shape",
    reading="n is the number of observations, as in line 148; the derivative is laid out in n columns.",
    textbook=True,
)
def shape_of_gradient(w=Real("m K"), X=Real("n m"), Y=OneHot("n K")):
    n = len(X)
    by_w = X.T @ (jnp.vstack([phi(w.T @ x_i).T for x_i in columns(X)]) - Y)
    yield derivative(lambda w: loss(w, X, Y), w)
    yield misprint(printed=jnp.hstack([by_w] * n)[:, :n], correct=by_w)


@claim(
    "000.152",
    r"-\sum_{i=1}^n x_i \left[y_i - \phi(w^T x_i)\right]^T",
    title="the same form as in logistic regression",
    source=printed(152, 55, 148),
    covers=["000.152a"],
    reading="Line 148 with the expit of line 27 as phi, w of one column and y_i a number is line 55.",
    textbook=True,
)
def same_form_as_logistic(w=Real("m"), X=Real("n m"), y=Binary("n")):
    data = list(zip(columns(X), columns(column(y)), strict=True))
    yield derivative(lambda w: logistic.loss(w, X, y), w)
    yield -sum(x_i @ (y_i - logistic.phi(column(w).T @ x_i)).T for x_i, y_i in data)[:, 0]


@claim(
    "000.152b",
    r"K = 2: \quad \mathcal{L}_\text{softmax}(w) = \mathcal{L}_\text{logistic}(w_1 - w_2)",
    title="two classes are logistic regression",
    source=printed(152),
    covers=["000.152b"],
    reading="Class 1 is the label 1, and the weights of logistic regression are the difference of the two columns. "
    "The losses and their derivatives by w are compared.",
    sizes={"K": 2},
    textbook=True,
)
def two_classes_are_logistic(w=Real("m K"), X=Real("n m"), Y=OneHot("n K")):
    def logistic_loss(w):
        return logistic.loss(w[:, 0] - w[:, 1], X, Y[:, 0])

    yield loss(w, X, Y), derivative(lambda w: loss(w, X, Y), w)
    yield logistic_loss(w), derivative(logistic_loss, w)
