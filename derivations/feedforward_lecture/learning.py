"""Lines 88 to 198: gradient descent, and the layout of its gradient.

The output function and the loss behind it are together any function of a_L, with the labels in it.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from derivations._words import by_entry, gradient, matrix, numbered, row
from derivations.feedforward_lecture._conventions import BIASES, WEIGHTS, after_a, forward, identity, output, printed
from gradproof import Function, Functional, Real, claim, definition, derivative, misprint

SQUARE = {L: (Real("n n"),) * L for L in (1, 2, 3)}
"""W_1, ..., W_L where k = n."""

BIASES_OF_ONE_SIZE = {L: (Real("n 1"),) * L for L in (1, 2, 3)}

NUMBERS = Real(), Real()
"""A value of theta = [w, b]."""

PARAMETERS = WEIGHTS[2] + BIASES[2]
"""W_1, W_2, b_1, b_2."""

Update = Callable[[Any], Any]


def as_printed(theta_0: Any, update: Update, max_iterations: int, unset: Any) -> Any:
    """The loop of lines 110 to 117. `t++` is compared before t grows, and t has grown in the body.

    A theta_t that was never assigned is `unset`, whatever that may be.
    """
    theta, t = {0: theta_0}, 0
    while t < max_iterations:
        t += 1
        theta[t + 1] = update(theta.get(t, unset))
    return theta[max_iterations + 1]


def gradient_descent(theta_0: Any, update: Update, max_iterations: int) -> Any:
    """The same with t++ at the end of the body."""
    theta, t = {0: theta_0}, 0
    while t < max_iterations:
        theta[t + 1] = update(theta[t])
        t += 1
    return theta[max_iterations]


def step(loss: Callable[[Any], jax.Array], theta: Any, eta: jax.Array) -> Any:
    """A step against the derivative by all parameters at once."""
    return jax.tree.map(lambda value, slope: value - eta * slope, theta, derivative(loss, theta))


def step_of_each(loss: Callable[[Any], jax.Array], theta: Any, eta: jax.Array) -> Any:
    """A step of each array against the derivative by it alone."""

    def of_one(place: int) -> Callable[[jax.Array], jax.Array]:
        return lambda value: loss((*theta[:place], value, *theta[place + 1 :]))

    return tuple(value - eta * gradient(of_one(place), value) for place, value in enumerate(theta))


def network_loss(loss: Any, x: jax.Array, g: Any) -> Callable[[Any], jax.Array]:
    """The loss as a function of theta = [W_1, ..., W_L, b_1, ..., b_L]."""

    def of_theta(theta: Any) -> jax.Array:
        L = len(theta) // 2
        return loss(output(x, numbered(theta[:L]), numbered(theta[L:]), g, identity))

    return of_theta


@claim(
    "004.96",
    r"\text{while } t{+}{+} < max\_iterations: \quad w_{t+1} \gets w_t - \eta \nabla w_t, \quad"
    r" b_{t+1} \gets b_t - \eta \nabla b_t",
    title="gradient descent of two numbers",
    source=printed(96, 100, 104, 106, 108, 110, 113, 115, 117),
    covers={"004.96a": "misprint"},
    correction=r"\text{while } t < max\_iterations: \quad w_{t+1} \gets w_t - \eta \nabla w_t, \quad"
    r" b_{t+1} \gets b_t - \eta \nabla b_t, \quad t \gets t + 1",
    severity="index",
    reading="t++ in the condition raises t before the body, which so begins with w_1 and b_1. These are not set: the "
    "first that are, are w_0 and b_0. Two iterations are run, and what is not set may be anything.",
    textbook=True,
)
def descent_of_two_numbers(L=Functional(), start=NUMBERS, unset=NUMBERS, eta=Real()):
    def update(now):
        w_t, b_t = now
        w_next = w_t - eta * derivative(lambda w: L(w, b_t), w_t)
        b_next = b_t - eta * derivative(lambda b: L(w_t, b), b_t)
        return w_next, b_next

    yield step(lambda now: L(*now), step(lambda now: L(*now), start, eta), eta)
    yield misprint(printed=as_printed(start, update, 2, unset), correct=gradient_descent(start, update, 2))


@claim(
    "004.113",
    r"w_{t+1} \gets w_t - \eta \nabla w_t, \quad b_{t+1} \gets b_t - \eta \nabla b_t",
    title="one step of two numbers",
    source=printed(113, 115),
    covers=["004.113a", "004.115a"],
    reading="Both gradients are taken at w_t and b_t.",
    textbook=True,
)
def step_of_two_numbers(L=Functional(), w_t=Real(), b_t=Real(), eta=Real()):
    yield step(lambda now: L(*now), (w_t, b_t), eta)
    yield w_t - eta * derivative(lambda w: L(w, b_t), w_t), b_t - eta * derivative(lambda b: L(w_t, b), b_t)


@claim(
    "004.125",
    r"\theta = [w, b]: \quad \theta_{t+1} = \theta_t - \eta \nabla \theta_t"
    r" \iff w_{t+1} = w_t - \eta \nabla w_t, \; b_{t+1} = b_t - \eta \nabla b_t",
    title="written more concisely",
    source=printed(125, 126, 158, 159),
    covers=["004.125a"],
    reading="The gradient is laid out as theta is, in a row: 004.148.",
    textbook=True,
)
def concise_form(L=Functional(), theta_t=Real("1 2"), eta=Real()):
    w_t, b_t = theta_t[0]
    yield row(step(lambda now: L(*now), (w_t, b_t), eta))
    yield theta_t - eta * gradient(lambda theta: L(*theta[0]), theta_t)


@claim(
    "004.130",
    r"\theta_0 = [w_0, b_0]; \quad \text{while } t{+}{+} < max\_iterations: \quad"
    r" \theta_{t+1} \gets \theta_t - \eta \nabla \theta_t",
    title="gradient descent of theta",
    source=printed(130, 136, 137, 138, 139, 140, 141),
    covers={"004.130a": "misprint"},
    correction=r"\theta_0 = [w_0, b_0]; \quad \text{while } t < max\_iterations: \quad"
    r" \theta_{t+1} \gets \theta_t - \eta \nabla \theta_t, \quad t \gets t + 1",
    severity="index",
    reading="As in 004.96: the first step begins with theta_1, which is not set. The gradient is laid out as theta is.",
    textbook=True,
)
def descent_of_theta(L=Functional(), start=Real("1 2"), unset=Real("1 2"), eta=Real()):
    def update(theta_t):
        return theta_t - eta * gradient(lambda theta: L(*theta[0]), theta_t)

    w, b = step(lambda now: L(*now), step(lambda now: L(*now), tuple(start[0]), eta), eta)
    yield row([w, b])
    yield misprint(printed=as_printed(start, update, 2, unset), correct=gradient_descent(start, update, 2))


@claim(
    "004.148",
    r"\nabla \theta_t = \left[ \frac{\partial \mathcal{L}(\theta)}{\partial w_t},"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial b_t} \right]^T",
    title="layout of the gradient",
    source=printed(138, 140, 148),
    covers={"004.148a": "misprint"},
    correction=r"\nabla \theta_t = \left[ \frac{\partial \mathcal{L}(\theta)}{\partial w_t},"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial b_t} \right]",
    severity="shape",
    reading="theta = [w, b] of lines 138 and 149 is a row, and a column cannot be subtracted from it. Were both "
    "columns, it is line 138 that lacks the transposition.",
    textbook=True,
)
def layout_of_gradient(L=Functional(), theta=Real("1 2")):
    w, b = theta[0]
    entries = row([derivative(lambda w: L(w, b), w), derivative(lambda b: L(w, b), b)])
    yield gradient(lambda theta: L(*theta[0]), theta)
    yield misprint(printed=entries.T, correct=entries)


@claim(
    "004.149",
    r"\theta = [W_1, \dots, W_L, b_1, \dots, b_L]: \quad \theta_{t+1} \gets \theta_t - \eta \nabla \theta_t",
    title="the same algorithm for a network",
    source=printed(149, 150, 182, 183),
    covers={"004.149a": "definition", "004.150a": "holds"},
    reading="L = 2: a step of theta is a step of each matrix and each bias against its own gradient.",
    sizes={"n": 2},
    textbook=True,
)
def same_algorithm(loss=Functional(), g=Function(), theta=PARAMETERS, x=Real("n 1"), eta=Real()):
    of_theta = network_loss(loss, x, g)
    yield gradient_descent(theta, lambda now: step(of_theta, now, eta), 1)
    yield step_of_each(of_theta, theta, eta)


@claim(
    "004.163",
    r"\theta_0 = [W_1^0, \dots, W_L^0, b_1^0, \dots, b_L^0]; \quad \text{while } t{+}{+} < max\_iterations: \quad"
    r" \theta_{t+1} \gets \theta_t - \eta \nabla \theta_t",
    title="gradient descent of a network",
    source=printed(163, 167, 169, 171, 173, 175, 177),
    covers={"004.163a": "misprint"},
    correction=r"\theta_0 = [W_1^0, \dots, W_L^0, b_1^0, \dots, b_L^0]; \quad \text{while } t < max\_iterations: \quad"
    r" \theta_{t+1} \gets \theta_t - \eta \nabla \theta_t, \quad t \gets t + 1",
    severity="index",
    reading="As in 004.96: the first step begins with theta_1, which is not set. L = 2, one iteration.",
    sizes={"n": 1, "k": 2},
    textbook=True,
)
def descent_of_network(loss=Functional(), g=Function(), theta=PARAMETERS, unset=PARAMETERS, x=Real("n 1"), eta=Real()):
    of_theta = network_loss(loss, x, g)

    def update(theta_t):
        return step_of_each(of_theta, theta_t, eta)

    yield step(of_theta, theta, eta)
    yield misprint(printed=as_printed(theta, update, 1, unset), correct=gradient_descent(theta, update, 1))


def side_by_side(blocks: Any) -> jax.Array:
    """[W_1, ..., W_L, b_1, ..., b_L] as one matrix, which they make where k = n."""
    return jnp.hstack(list(blocks))


@claim(
    "004.181",
    r"\nabla \theta_t = \left[\frac{\partial \mathcal{L}(\theta)}{\partial W_{1,t}}, \dots,"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial W_{L,t}}, \frac{\partial \mathcal{L}(\theta)}{\partial b_{1,t}},"
    r" \dots, \frac{\partial \mathcal{L}(\theta)}{\partial b_{L,t}}\right]^T",
    title="layout of a network's gradient",
    source=printed(171, 175, 181),
    covers={"004.181a": "misprint"},
    correction=r"\nabla \theta_t = \left[\frac{\partial \mathcal{L}(\theta)}{\partial W_{1,t}}, \dots,"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial b_{L,t}}\right]",
    severity="shape",
    reading="As in 004.148; line 187 prints the blocks without transposition. L = 2 and k = n, where theta is a "
    "matrix. Where k is not n it is a list of arrays. W_{1,t} is what line 171 calls W_1^t.",
    textbook=True,
)
def layout_of_network_gradient(loss=Functional(), g=Function(), W=SQUARE[2], b=BIASES_OF_ONE_SIZE[2], x=Real("n 1")):
    n, of_theta = len(x), network_loss(loss, x, g)

    def of_matrix(theta):
        return of_theta((theta[:, :n], theta[:, n : 2 * n], theta[:, 2 * n : 2 * n + 1], theta[:, 2 * n + 1 :]))

    blocks = side_by_side(derivative(of_theta, (*W, *b)))
    yield gradient(of_matrix, side_by_side((*W, *b)))
    yield misprint(printed=blocks.T, correct=blocks)


def loss_by_weights(i: int, loss: Any, x: jax.Array, W: Any, b: Any, g: Any) -> Callable[[jax.Array], jax.Array]:
    """The loss as a function of W_i."""
    W, b = numbered(W), numbered(b)
    return lambda W_i: loss(output(x, W | {i: W_i}, b, g, identity))


def loss_by_bias(i: int, loss: Any, x: jax.Array, W: Any, b: Any, g: Any) -> Callable[[jax.Array], jax.Array]:
    """The loss as a function of b_i."""
    W, b = numbered(W), numbered(b)
    return lambda b_i: loss(output(x, W, b | {i: b_i}, g, identity))


@claim(
    "004.185",
    r"\begin{bmatrix} \frac{\partial \mathcal{L}(\theta)}{\partial W_{l11}} & \cdots &"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial W_{l1n}} \\ \vdots & & \vdots \\"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial W_{ln1}} & \cdots &"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial W_{lnn}} \end{bmatrix}, \quad l < L",
    title="columns of the hidden weights",
    source=printed(185, 187, 189, 190, 197, 206, 207, 274, 275),
    covers=["004.185a", "004.189a"],
    reading="L = 3.",
    sizes={"k": 2},
    textbook=True,
)
def columns_of_hidden_weights(loss=Functional(), g=Function(), W=WEIGHTS[3], b=BIASES[3], x=Real("n 1")):
    n = len(x)
    by_W = [loss_by_weights(i, loss, x, W, b, g) for i in (1, 2)]
    yield [gradient(function, W_i) for function, W_i in zip(by_W, W, strict=False)]
    yield [
        matrix(n, n, lambda r, c, at=(function, W_i): by_entry(*at, r, c))
        for function, W_i in zip(by_W, W, strict=False)
    ]


@claim(
    "004.187",
    r"\begin{bmatrix} \frac{\partial \mathcal{L}(\theta)}{\partial W_{L,11}} & \cdots &"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial W_{L,1k}} \\ \vdots & & \vdots \\"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial W_{L,n1}} & \cdots &"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial W_{L,nk}} \end{bmatrix}, \quad"
    r" \nabla W_L \in \mathbb{R}^{n \times k}",
    title="columns of the last weights",
    source=printed(187, 190, 197, 207, 275),
    covers={"004.187a": "misprint", "004.190a": "misprint"},
    correction=r"\begin{bmatrix} \frac{\partial \mathcal{L}(\theta)}{\partial W_{L,11}} & \cdots &"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial W_{L,1n}} \\ \vdots & & \vdots \\"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial W_{L,k1}} & \cdots &"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial W_{L,kn}} \end{bmatrix}, \quad"
    r" \nabla W_L \in \mathbb{R}^{k \times n}",
    severity="shape",
    reading="W_L is k x n, as its product with h_{L-1} demands: 004.17. The printed layout has n rows and k columns. "
    "L = 2.",
    textbook=True,
)
def columns_of_last_weights(loss=Functional(), g=Function(), W=WEIGHTS[2], b=BIASES[2], x=Real("n 1")):
    function, (k, n) = loss_by_weights(2, loss, x, W, b, g), W[1].shape
    entries = matrix(k, n, lambda r, c: by_entry(function, W[1], r, c))
    yield gradient(function, W[1])
    yield misprint(printed=entries.T, correct=entries)


@claim(
    "004.187b",
    r"\begin{matrix} \cdots & \frac{\partial \mathcal{L}(\theta)}{\partial W_{L,1k}} &"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial W_{L,1k}} &"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial b_{11}} & \cdots \end{matrix}",
    title="a column twice",
    source=printed(187),
    covers={"004.187b": "misprint"},
    correction=r"\begin{matrix} \cdots & \frac{\partial \mathcal{L}(\theta)}{\partial W_{L,1k}} &"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial b_{11}} & \cdots \end{matrix}",
    severity="typography",
    reading="The last column of W_L is printed twice. L = 1 and k = n, where the columns are those of one matrix.",
    textbook=True,
)
def column_twice(loss=Functional(), W=SQUARE[1], b=BIASES_OF_ONE_SIZE[1], x=Real("n 1")):
    n, of_theta = len(x), network_loss(loss, x, identity)
    by_W, by_b = derivative(of_theta, (*W, *b))
    yield gradient(lambda theta: of_theta((theta[:, :n], theta[:, n:])), side_by_side((*W, *b)))
    yield misprint(printed=jnp.hstack([by_W, by_W[:, -1:], by_b]), correct=jnp.hstack([by_W, by_b]))


@claim(
    "004.187c",
    r"\begin{matrix} \frac{\partial \mathcal{L}(\theta)}{\partial b_{11}} & \cdots &"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial b_{L1}} \\ \vdots & & \vdots \\"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial b_{1n}} & \cdots &"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial b_{Lk}} \end{matrix}",
    title="columns of the biases",
    source=printed(187),
    covers={"004.187c": "misprint"},
    correction=r"\nabla b_l = \begin{bmatrix} \frac{\partial \mathcal{L}(\theta)}{\partial b_{l1}} & \cdots &"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial b_{ln}} \end{bmatrix}^T, \; l < L, \quad"
    r" \nabla b_L = \begin{bmatrix} \frac{\partial \mathcal{L}(\theta)}{\partial b_{L1}} & \cdots &"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial b_{Lk}} \end{bmatrix}^T",
    severity="shape",
    reading="Columns of n and of k entries are no matrix unless k = n; the last row of the printed one has n and k as "
    "its indices. L = 2, with the last column filled up or cut to n rows.",
    textbook=True,
)
def columns_of_biases(loss=Functional(), g=Function(), W=WEIGHTS[2], b=BIASES[2], x=Real("n 1")):
    n, k = len(x), len(b[1])
    by_b = [loss_by_bias(i, loss, x, W, b, g) for i in (1, 2)]
    first, last = (
        matrix(len(b_i), 1, lambda r, c, at=(function, b_i): by_entry(*at, r, c))
        for function, b_i in zip(by_b, b, strict=True)
    )
    yield [gradient(function, b_i) for function, b_i in zip(by_b, b, strict=True)]
    yield misprint(printed=[first, jnp.vstack([last, jnp.zeros((max(n - k, 0), 1))])[:n]], correct=[first, last])


@claim(
    "004.191",
    r"\nabla b_1, \dots, \nabla b_{L-1} \in \mathbb{R}^n, \quad \nabla b_L \in \mathbb{R}^k",
    title="shapes of the biases' gradients",
    source=printed(191, 198, 208, 276),
    covers=["004.191a", "004.191b"],
    reading="L = 3; the second side is taken by the pre-activations, n for each hidden layer and k for the last.",
    textbook=True,
)
def shapes_of_bias_gradients(loss=Functional(), g=Function(), W=WEIGHTS[3], b=BIASES[3], x=Real("n 1")):
    by_number = numbered(W), numbered(b)
    a, _ = forward(x, *by_number, g, identity)
    yield [gradient(loss_by_bias(i, loss, x, W, b, g), b[i - 1]) for i in (1, 2, 3)]
    yield [gradient(lambda a_i, i=i: loss(after_a(i, a_i, *by_number, g)), a[i]) for i in (1, 2, 3)]


two_questions = definition(
    "004.193",
    title="two questions",
    source=printed(193, 196, 197, 202, 205, 206, 271, 273, 274),
    covers=["004.193a"],
    reading="Which loss, and how to compute its gradient: the rest of the text.",
)
