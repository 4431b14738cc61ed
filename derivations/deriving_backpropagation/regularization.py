"""Lines 392 to 410: a penalty on the weights."""

from collections.abc import Mapping

import jax
import jax.numpy as jnp

from derivations._words import Activations, ByLayer, columns, numbered, scalar, vector_function
from derivations.deriving_backpropagation import softmax_regression as softmax
from derivations.deriving_backpropagation._conventions import printed
from derivations.deriving_backpropagation.backpropagation import backpropagation
from derivations.deriving_backpropagation.network import ACTIVATIONS, WEIGHTS, output, total
from gradproof import Function, Functional, OneHot, Positive, Real, claim, definition, derivative, misprint

TWO = Real("m 2"), Real("2 K")
"""The matrices of a network with a softmax after one more layer."""

WITHOUT_BIASES = "w_l has no row of biases (line 378), on which there is no penalty: 000.406c"


def squares(w: Mapping[int, jax.Array]) -> jax.Array:
    """The sum of all squared weights of all layers; biases are not among them."""
    return sum(jnp.sum(w_l**2) for w_l in w.values())


def log_likelihood(X: jax.Array, Y: jax.Array, w: ByLayer, phi: Activations) -> jax.Array:
    """The sum of y_i^T log h_i^(L)."""
    data = zip(columns(X), columns(Y), strict=True)
    return sum(scalar(y_i.T @ jnp.log(output(x_i, w, phi))) for x_i, y_i in data)


@claim(
    "000.396",
    r"\mathcal{L}(w_{1:L}) = \sum_{i=1}^n y^T \log h_i^{(L)} + \frac{\lambda}{2} \lVert w \rVert_2^2",
    title="loss with a penalty",
    source=printed(396),
    covers={"000.396a": "misprint"},
    correction=r"\mathcal{L}(w_{1:L}) = -\sum_{i=1}^n y_i^T \log h_i^{(L)} + \frac{\lambda}{2} \lVert w \rVert_2^2",
    reading="The first side is the loss of line 190 with the penalty added, for L = 2; y is read as y_i, as 000.396b "
    "says.",
    textbook=True,
)
def loss_with_a_penalty(f=Function(), w=TWO, X=Real("n m"), Y=OneHot("n K"), lambda_=Positive()):
    w, phi = numbered(w), {1: f, 2: softmax.phi}
    penalty = lambda_ / 2 * squares(w)
    yield total(softmax.L, X, Y, w, phi) + penalty
    yield misprint(
        printed=log_likelihood(X, Y, w, phi) + penalty,
        correct=-log_likelihood(X, Y, w, phi) + penalty,
    )


index_of_response = definition(
    "000.396b",
    r"\sum_{i=1}^n y^T \log h_i^{(L)}",
    code=log_likelihood,
    title="response without its index",
    source=printed(396),
    covers={"000.396b": "misprint"},
    correction=r"\sum_{i=1}^n y_i^T \log h_i^{(L)}",
    severity="index",
    reading="Each observation has a response of its own, as in line 190.",
)

sum_of_squares = definition(
    "000.398",
    r"\lVert w \rVert_2^2 = \sum_{l, i, j} \left(w_{i,j}^{(l)}\right)^2, \quad \lambda > 0",
    code=squares,
    title="sum of squared weights",
    source=printed(398),
    covers=["000.398a"],
)


@claim(
    "000.402",
    r"\frac{\partial \mathcal{L}(w_{1:L})}{\partial w_l} = \frac{\partial \sum_{i=1}^n y^T \log h_i^{(L)}}"
    r"{\partial w_l} + \frac{\lambda}{2} \frac{\partial \lVert w \rVert_2^2}{\partial w_l}",
    title="derivative of the loss with a penalty",
    source=printed(402),
    covers={"000.402a": "misprint"},
    correction=r"-\frac{\partial \sum_{i=1}^n y_i^T \log h_i^{(L)}}{\partial w_l}"
    r" + \frac{\lambda}{2} \frac{\partial \lVert w \rVert_2^2}{\partial w_l}",
    reading="The loss is that of line 396 as corrected, for L = 2 and l = 1, 2; y is read as y_i.",
    sizes={"n": 2},
    textbook=True,
)
def derivative_with_a_penalty(f=Function(), w=TWO, X=Real("n m"), Y=OneHot("n K"), lambda_=Positive()):
    w, phi = numbered(w), {1: f, 2: softmax.phi}
    former = derivative(lambda w: log_likelihood(X, Y, w, phi), w)
    latter = derivative(squares, w)
    yield derivative(lambda w: total(softmax.L, X, Y, w, phi) + lambda_ / 2 * squares(w), w)
    yield misprint(
        printed={layer: former[layer] + lambda_ / 2 * latter[layer] for layer in w},
        correct={layer: -former[layer] + lambda_ / 2 * latter[layer] for layer in w},
    )


@claim(
    "000.404",
    r"-\frac{\partial \sum_{i=1}^n y_i^T \log h_i^{(L)}}{\partial w_l} = \sum_{i=1}^n h_i^{(l-1)} \delta_i^{(l)}",
    title="the former term",
    source=printed(404),
    covers={"000.404a": "ambiguous"},
    reading="The former term of line 402 as corrected, with its minus, is line 230. As printed it is the negative of "
    "that.",
    sizes={"n": 2},
    textbook=True,
)
def former_term(f=Function(), w=TWO, X=Real("n m"), Y=OneHot("n K")):
    w, phi = numbered(w), {1: f, 2: softmax.phi}
    yield derivative(lambda w: -log_likelihood(X, Y, w, phi), w)
    yield backpropagation(X, Y, w, phi, softmax.L)


@claim(
    "000.406",
    r"\frac{\partial \lVert w \rVert_2^2}{\partial w_l} = 2 w_l \in \mathbb{R}^{m_{l-1} \times m_l}",
    title="the latter term",
    source=printed(406, 408),
    covers=["000.406a", "000.406b", "000.408a"],
    hypotheses=[WITHOUT_BIASES],
)
def latter_term(w=WEIGHTS[:3]):
    w = numbered(w)
    yield derivative(squares, w)
    yield {layer: 2 * w[layer] for layer in w}


@claim(
    "000.406c",
    r"\frac{\partial \lVert w \rVert_2^2}{\partial w_l} = 2 w_l",
    title="the latter term with a row of biases",
    source=printed(406, 398, 378),
    correction=r"\frac{\partial \lVert w \rVert_2^2}{\partial w_l} = [0, 2 w]^T, \quad w_l = [b_l, w]^T",
    reading="The counterexample to line 406 without its hypothesis: w_l has a first row of biases, which line 398 "
    "leaves out of the sum.",
)
def latter_term_with_biases(w_l=Real("k+1 d")):
    yield derivative(lambda w_l: squares({1: w_l[1:]}), w_l)
    yield misprint(printed=2 * w_l, correct=jnp.vstack([jnp.zeros_like(w_l[:1]), 2 * w_l[1:]]))


@claim(
    "000.410",
    r"\frac{\partial \left[\mathcal{L}(w_{1:L}) + \frac{\lambda}{2} \lVert w \rVert_2^2\right]}{\partial w_l}"
    r" = \sum_{i=1}^n h_i^{(l-1)} \delta_i^{(l)} + \lambda w_l",
    title="backpropagation with a penalty",
    source=printed(410),
    covers=["000.410a", "000.410b"],
    hypotheses=[WITHOUT_BIASES],
    reading="For any loss, and L = 3: the algorithm as it is, and then the addition.",
    sizes={"n": 2, "m": 3},
    textbook=True,
)
def backpropagation_with_a_penalty(
    w=WEIGHTS[:3],
    components=ACTIVATIONS[:3],
    loss=Functional(),
    X=Real("n m"),
    Y=Real("n 2"),
    lambda_=Positive(),
):
    w, phi = numbered(w), numbered(map(vector_function, components))
    yield derivative(lambda w: total(loss, X, Y, w, phi) + lambda_ / 2 * squares(w), w)
    by_w = backpropagation(X, Y, w, phi, loss)
    yield {layer: by_w[layer] + lambda_ * w[layer] for layer in w}
