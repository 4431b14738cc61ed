"""Lines 340 to 356: the derivatives by the matrices of all layers.

N is 1, 2 and 3 where the text has any depth, with any activations and, where it is not the squared one, any loss of the
output and y. What is printed for a layer n is stated for n = 1, ..., N at once.
"""

import jax.numpy as jnp

from derivations._words import hadamard, numbered, slopes
from derivations.watters_2024._conventions import bias_appended, one_appended, printed, squared_error
from derivations.watters_2024._networks import LOSSES, backpropagation, by_g, by_h, by_output, loss, networks
from derivations.watters_2024.architecture import ACTIVATIONS, LAST_WEIGHTS, WEIGHTS, forward
from gradproof import Function, Functional, Real, claim, definition, derivative, misprint


@claim(
    "003.340",
    r"\frac{\partial L}{\partial W^N} = \left(\frac{\partial L}{\partial \mathbf{g}^N}\right)^T (\mathbf{h}^{N-1})^T",
    title="the last hidden layer from known quantities",
    source=printed(340, 342),
    covers=["003.340a", "003.340c", "003.342a"],
    reading="W^N is the matrix of the last layer but one, as W^F belongs to the last. The second side takes its "
    "factors from equations (56) and (61), the latter as corrected, and from the pass forward. N = 2.",
    same_as=["003.306b"],
    textbook=True,
)
def last_hidden_layer(W=WEIGHTS[:2], W_F=LAST_WEIGHTS[2], sigma=ACTIVATIONS[:2], h0=Real("m 1"), y=Real("2 1")):
    W, sigma = numbered(W), numbered(sigma)
    g, h, f = forward(h0, W, W_F, sigma)
    by_g_N = hadamard(2 * (f - y).T @ W_F, slopes(sigma[2], g[2]).T)
    yield derivative(lambda W_N: loss(h0, y, W | {2: W_N}, W_F, sigma, squared_error), W[2])
    yield by_g_N.T @ h[1].T


by_weights_not_their_rate = definition(
    "003.340b",
    r"\frac{\partial L}{\partial W^N}",
    title="the rate of change by a rate of change of weights",
    source=printed(340),
    covers={"003.340b": "misprint"},
    correction=r"\text{the rate of change of } L \text{ w.r.t. } W^N",
    severity="wording",
    reading="The loss is differentiated with respect to the weights themselves, and not to the rate at which they "
    "change.",
    same_as=["003.310a"],
)


@claim(
    "003.344b",
    r"\frac{\partial L}{\partial W^F} = \left(\frac{\partial L}{\partial \mathbf{f}}\right)^T (\mathbf{h}^N)^T,"
    r" \quad \frac{\partial L}{\partial \mathbf{h}^N} = \frac{\partial L}{\partial \mathbf{f}} W^F",
    title="the layer without an activation",
    source=printed(344),
    covers={"003.344b": "ambiguous"},
    reading="The output layer has no activation, and the words hold for the hidden layers alone; or for all, with the "
    "identity as the activation of a layer N + 1 with W^F, for which equations (75) to (77) then give (49) and (55). "
    "The second reading is proved here, the first in 003.346. N = 2.",
    textbook=True,
)
def layer_without_an_activation(
    W=WEIGHTS[:2], W_F=LAST_WEIGHTS[2], sigma=ACTIVATIONS[:2], L=Functional(), h0=Real("m 1"), y=Real("2 1")
):
    W, sigma = numbered(W), numbered(sigma)
    _, h, f = forward(h0, W, W_F, sigma)
    by_g_last = hadamard(by_output(L, y)(f), slopes(lambda g: g, f).T)
    yield derivative(lambda W_F: loss(h0, y, W, W_F, sigma, L), W_F), by_h(2, h0, y, (W, W_F, sigma, L))
    yield by_g_last.T @ h[2].T, by_g_last @ W_F


@claim(
    "003.346",
    r"\frac{\partial L}{\partial W^n} = \left(\frac{\partial L}{\partial \mathbf{g}^n}\right)^T"
    r" (\mathbf{h}^{n-1})^T",
    title="loss by the matrix of a hidden layer",
    source=printed(344, 346),
    covers=["003.344a", "003.346a"],
    sizes={"m": 2},
    textbook=True,
)
def loss_by_any_matrix(W=WEIGHTS, W_F=LAST_WEIGHTS, sigma=ACTIVATIONS, losses=LOSSES, h0=Real("m 1"), y=Real("2 1")):
    every = networks(W, W_F, sigma, losses)
    hidden = [forward(h0, *network[:3])[1] for network in every]
    yield [derivative(lambda W, rest=network[1:]: loss(h0, y, W, *rest), network[0]) for network in every]
    yield [
        {n: by_g(n, h0, y, network).T @ h[n - 1].T for n in network[0]}
        for network, h in zip(every, hidden, strict=True)
    ]


@claim(
    "003.346b",
    r"\mathbf{h}^n = \begin{bmatrix} \sigma_n(\mathbf{g}^n) \\ 1 \end{bmatrix}: \quad"
    r" \frac{\partial L}{\partial W^n}, \; \frac{\partial L}{\partial W^F}",
    title="with a 1 appended to each layer",
    source=printed(169, 346, 350, 354),
    reading="With layers as corrected in 003.169c equations (49), (55), (75) and (77) hold as printed, and (76) takes "
    "all entries of the derivative by h^n but the last. The first side has its biases apart. N = 2.",
    sizes={"m": 2},
    textbook=True,
)
def one_appended_to_each_layer(
    A=WEIGHTS[:2],
    b=(Real("3 1"), Real("2 1"), Real("2 1")),
    C=LAST_WEIGHTS[2],
    sigma=ACTIVATIONS[:2],
    L=Functional(),
    x=Real("m 1"),
    y=Real("2 1"),
):
    def apart(A, b, C):
        h = x
        for A_n, b_n, sigma_n in zip(A, b[:2], sigma, strict=True):
            h = sigma_n(A_n @ h + b_n)
        return L(C @ h + b[2], y)

    W = [bias_appended(A_n, b_n) for A_n, b_n in zip((*A, C), b, strict=True)]
    g_1 = W[0] @ one_appended(x)
    g_2 = W[1] @ one_appended(sigma[0](g_1))
    h_2 = one_appended(sigma[1](g_2))
    by_f = by_output(L, y)(W[2] @ h_2)
    by_g_2 = hadamard((by_f @ W[2])[:, :-1], slopes(sigma[1], g_2).T)
    by_g_1 = hadamard((by_g_2 @ W[1])[:, :-1], slopes(sigma[0], g_1).T)
    by_A, by_b, by_C = derivative(lambda at: apart(*at), (A, b, C))
    yield [bias_appended(by_A_n, by_b_n) for by_A_n, by_b_n in zip((*by_A, by_C), by_b, strict=True)]
    yield [by_g_1.T @ one_appended(x).T, by_g_2.T @ one_appended(sigma[0](g_1)).T, by_f.T @ h_2.T]


@claim(
    "003.350",
    r"\frac{\partial L}{\partial \mathbf{g}^n} = \frac{\partial L}{\partial \mathbf{h}^n} \odot"
    r" \sigma^{n'}(\mathbf{g}^n)",
    title="loss by what an activation takes",
    source=printed(348, 350),
    covers={"003.348a": "holds", "003.350a": "misprint"},
    correction=r"\frac{\partial L}{\partial \mathbf{h}^n} \odot \left(\sigma^{n'}(\mathbf{g}^n)\right)^T",
    severity="shape",
    reading="It is equation (61) with n for N, with the transpose that is missing there: a row and a column, which "
    "have no Hadamard product. The printed side is what broadcasting makes of them.",
    same_as=["003.284b"],
    sizes={"m": 2},
    textbook=True,
)
def loss_by_any_g(W=WEIGHTS, W_F=LAST_WEIGHTS, sigma=ACTIVATIONS, losses=LOSSES, h0=Real("m 1"), y=Real("2 1")):
    every = networks(W, W_F, sigma, losses)
    factors = []
    for network in every:
        g, _, _ = forward(h0, *network[:3])
        factors.append({n: (by_h(n, h0, y, network), slopes(network[2][n], g[n])) for n in g})
    yield [{n: by_g(n, h0, y, network) for n in network[0]} for network in every]
    yield misprint(
        printed=[{n: by_h_n * slope for n, (by_h_n, slope) in of.items()} for of in factors],
        correct=[{n: hadamard(by_h_n, slope.T) for n, (by_h_n, slope) in of.items()} for of in factors],
    )


@claim(
    "003.354",
    r"\frac{\partial L}{\partial \mathbf{h}^{n-1}} = \frac{\partial L}{\partial \mathbf{g}^n} W^n",
    title="loss by what a hidden layer takes",
    source=printed(352, 354),
    covers=["003.352a", "003.354a"],
    sizes={"m": 2},
    textbook=True,
)
def loss_by_any_h(W=WEIGHTS, W_F=LAST_WEIGHTS, sigma=ACTIVATIONS, losses=LOSSES, h0=Real("m 1"), y=Real("2 1")):
    every = networks(W, W_F, sigma, losses)
    yield [{n: by_h(n - 1, h0, y, network) for n in network[0]} for network in every]
    yield [{n: by_g(n, h0, y, network) @ network[0][n] for n in network[0]} for network in every]


@claim(
    "003.356",
    r"(75), (76), (77), (49), (55): \quad \frac{\partial L}{\partial W^1}, \dots,"
    r" \frac{\partial L}{\partial W^N}, \frac{\partial L}{\partial W^F}",
    title="derivatives by all parameters, for any loss",
    source=printed(356, 362),
    covers={"003.356a": "ambiguous", "003.362b": "holds"},
    reading="The three equations speak of hidden layers. They begin with the derivative by h^N, which is equation "
    "(55), and W^F has equation (49): with these two all parameters have their derivatives. The three alone do not "
    "reach W^F: 003.356c.",
    sizes={"m": 2},
    textbook=True,
)
def all_parameters(W=WEIGHTS, W_F=LAST_WEIGHTS, sigma=ACTIVATIONS, losses=LOSSES, h0=Real("m 1"), y=Real("2 1")):
    every = networks(W, W_F, sigma, losses)
    yield [derivative(lambda at, of=(sigma, L): loss(h0, y, *at, *of), (W, W_F)) for W, W_F, sigma, L in every]
    yield [backpropagation(h0, W, W_F, sigma, by_output(L, y)) for W, W_F, sigma, L in every]


@claim(
    "003.356c",
    r"(75), (76), (77): \quad \frac{\partial L}{\partial W^1}, \dots, \frac{\partial L}{\partial W^N}",
    title="the three equations alone",
    source=printed(356),
    correction=r"(75), (76), (77), (49): \quad \frac{\partial L}{\partial W^1}, \dots,"
    r" \frac{\partial L}{\partial W^N}, \frac{\partial L}{\partial W^F}",
    severity="wording",
    reading="The other reading of 003.356a, with N = 1: nothing is said of W^F, whose derivative is left at zero.",
    textbook=True,
)
def three_equations_alone(
    V=WEIGHTS[0], W_F=LAST_WEIGHTS[1], sigma=Function(), L=Functional(), h0=Real("m 1"), y=Real("2 1")
):
    parameters, sigma = ({1: V}, W_F), {1: sigma}
    by_W, by_W_F = backpropagation(h0, *parameters, sigma, by_output(L, y))
    yield derivative(lambda at: loss(h0, y, *at, sigma, L), parameters)
    yield misprint(printed=(by_W, jnp.zeros_like(W_F)), correct=(by_W, by_W_F))


by_parameters_not_their_rate = definition(
    "003.356b",
    r"\frac{\partial L}{\partial W^n}",
    title="the rate of change by a rate of change of parameters",
    source=printed(356),
    covers={"003.356b": "misprint"},
    correction=r"\text{the rate of change of } L \text{ w.r.t. every parameter}",
    severity="wording",
    reading="The loss is differentiated with respect to the parameters themselves, as in line 340.",
    same_as=["003.310a", "003.340b"],
)
