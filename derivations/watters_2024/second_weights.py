"""Lines 31 to 101: the derivative of the loss by the second matrix, and by the output of the hidden layer.

The chain rule is proved for any loss of f, and what is made of it for the squared error. The indices k and l of the
text are k and m here.
"""

import jax
import jax.numpy as jnp

from derivations._words import by_entry, jacobian, kronecker, matrix
from derivations.watters_2024._conventions import by_column, column_of, printed, squared_error
from derivations.watters_2024.single_hidden_layer import output
from gradproof import Function, Functional, Real, claim, definition, demonstration, derivative

TWO_FUNCTIONALS = Functional(), Functional()
"""Any f_1 and f_2 of a matrix."""


@claim(
    "003.35",
    r"L = |y - f|^2 = \sum_{i=1}^F (y_i - f_i)^2, \quad y, f \in \mathbb{R}^F",
    title="squared error",
    source=printed(21, 35, 39),
    covers={"003.21a": "definition", "003.35a": "definition", "003.39a": "holds"},
    textbook=True,
)
def loss_as_a_sum(sigma=Function(), x=Real("D 1"), V=Real("H D"), W=Real("F H"), y=Real("F 1")):
    f = output(x, V, W, sigma)
    yield squared_error(f, y)
    yield sum((y[i, 0] - f[i, 0]) ** 2 for i in range(len(W)))


@claim(
    "003.43",
    r"\frac{\partial L}{\partial f_i} = 2 (f_i - y_i), \quad"
    r" \frac{\partial L}{\partial f} = 2 (f - y) \in \mathbb{R}^{F \times 1}",
    title="derivative by the output",
    source=printed(43, 45, 47),
    covers=["003.43a", "003.45a", "003.47a"],
    textbook=True,
)
def derivative_by_the_output(f=Real("F 1"), y=Real("F 1")):
    F = len(f)

    def loss(f):
        return squared_error(f, y)

    yield [by_entry(loss, f, i) for i in range(F)], by_column(loss, f)
    yield [2 * (f[i, 0] - y[i, 0]) for i in range(F)], 2 * (f - y)


@claim(
    "003.51",
    r"\frac{\partial L}{\partial h} ="
    r" \left(\left(\frac{\partial L}{\partial f}\right)^T \frac{\partial f}{\partial h}\right)^T, \quad"
    r" \frac{\partial L}{\partial h_j} = \frac{\partial L}{\partial f} \cdot \frac{\partial f}{\partial h_j}"
    r" = \sum_{i=1}^F \frac{\partial L}{\partial f_i} \frac{\partial f_i}{\partial h_j}",
    title="chain rule for the hidden layer",
    source=printed(51, 53, 55),
    covers=["003.51a", "003.53a", "003.55a", "003.55b"],
    reading="For any loss of f; a row of df/dh for each f_i, as line 67 needs.",
    textbook=True,
)
def chain_rule_for_the_hidden_layer(L=Functional(), W=Real("F H"), h=Real("H 1")):
    F, H = W.shape
    by_f = by_column(L, W @ h)

    def f(h):
        return W @ h

    yield by_column(lambda h: L(f(h)), h)
    yield (by_f.T @ jacobian(f, h)).T
    yield column_of(by_f.T @ by_entry(f, h, j) for j in range(H))
    yield column_of(
        sum(by_entry(L, f(h), i) * by_entry(lambda h, i=i: f(h)[i, 0], h, j) for i in range(F)) for j in range(H)
    )


@claim(
    "003.59",
    r"f_i = \sum_{j=1}^H W_{ij} h_j, \quad \frac{\partial f_i}{\partial h_j} = W_{ij}, \quad"
    r" \frac{\partial f}{\partial h} = W",
    title="derivative of the output by the hidden layer",
    source=printed(57, 59, 63, 67),
    covers={
        "003.57a": "holds",
        "003.59a": "holds",
        "003.63a": "holds",
        "003.67a": "holds",
        "003.67b": "definition",
    },
    reading="The W of lines 67 and 75 is the one of line 27, though it is printed bold there.",
)
def output_by_the_hidden_layer(W=Real("F H"), h=Real("H 1")):
    F, H = W.shape

    def f(h):
        return W @ h

    yield f(h), matrix(F, H, lambda i, j: by_entry(lambda h: f(h)[i, 0], h, j)), jacobian(f, h)
    yield column_of(sum(W[i, j] * h[j, 0] for j in range(H)) for i in range(F)), matrix(F, H, lambda i, j: W[i, j]), W


@claim(
    "003.71",
    r"\frac{\partial L}{\partial h_j} = \sum_{i=1}^F 2 (f_i - y_i) W_{ij}, \quad \frac{\partial L}{\partial h}"
    r" = \left(\left(\frac{\partial L}{\partial f}\right)^T W\right)^T = 2 W^T (f - y)",
    title="derivative by the hidden layer",
    source=printed(71, 73, 75),
    covers=["003.71a", "003.73a", "003.75a", "003.75b"],
    textbook=True,
)
def derivative_by_the_hidden_layer(W=Real("F H"), h=Real("H 1"), y=Real("F 1")):
    (F, H), f = W.shape, W @ h
    yield by_column(lambda h: squared_error(W @ h, y), h)
    yield column_of(sum(2 * (f[i, 0] - y[i, 0]) * W[i, j] for i in range(F)) for j in range(H))
    yield (by_column(lambda f: squared_error(f, y), f).T @ W).T
    yield 2 * W.T @ (f - y)


what_is_used = definition(
    "003.77",
    r"\frac{\partial L}{\partial W} \text{ by } (7) \text{ to } (17)",
    title="what the derivation uses",
    source=printed(77),
    covers={"003.77a": "misprint"},
    correction=r"\frac{\partial L}{\partial W} \text{ by } (9) \text{ and } (13)",
    severity="wording",
    reading="The derivative by h, to which (11) to (17) lead, takes no part: lines 79 to 99 use the derivative by f "
    "and the sums for f, and h is held. The next section uses it.",
)


@claim(
    "003.79",
    r"\frac{\partial L}{\partial W_{kl}} ="
    r" \sum_{i=1}^F \frac{\partial L}{\partial f_i} \frac{\partial f_i}{\partial W_{kl}}, \quad"
    r" f_i = \sum_{j=1}^H W_{ij} h_j: \quad"
    r" \frac{\partial L}{\partial W_{kl}} = \frac{\partial L}{\partial f_k} \frac{\partial f_k}{\partial W_{kl}}",
    title="chain rule for the second matrix",
    source=printed(79, 85),
    covers=["003.79a", "003.85a"],
    reading="For any loss of f. The sum has one term that need not be zero.",
    textbook=True,
)
def chain_rule_for_the_second_matrix(L=Functional(), W=Real("F H"), h=Real("H 1")):
    F, H = W.shape
    by_f, f_by_W = by_column(L, W @ h), derivative(lambda W: (W @ h)[:, 0], W)
    yield matrix(F, H, lambda k, m: by_entry(lambda W: L(W @ h), W, k, m))
    yield matrix(F, H, lambda k, m: sum(by_f[i, 0] * f_by_W[i, k, m] for i in range(F)))
    yield matrix(F, H, lambda k, m: by_f[k, 0] * f_by_W[k, k, m])


@claim(
    "003.81",
    r"L = L(f_1(W), \dots, f_F(W)): \quad \frac{\partial L}{\partial W_{kl}} ="
    r" \sum_{i=1}^F \frac{\partial L}{\partial f_i} \frac{\partial f_i}{\partial W_{kl}}",
    title="chain rule for any functions of a matrix",
    source=printed(81),
    covers=["003.81a"],
    reading="With two functions of a matrix of two rows, which are any, as (19) lets them be.",
    textbook=True,
)
def chain_rule_for_any_functions(L=Functional(), f=TWO_FUNCTIONALS, W=Real("2 H")):
    def outputs(W):
        return column_of(f_i(W) for f_i in f)

    yield derivative(lambda W: L(outputs(W)), W)
    yield sum(by_entry(L, outputs(W), i) * derivative(f[i], W) for i in range(2))


@claim(
    "003.83",
    r"L = L(f) = L(f_1, \dots, f_F) = L(f_1(W), \dots, f_F(W))"
    r" = L(f_1(W_{11}, \dots, W_{FH}), \dots, f_F(W_{11}, \dots, W_{FH}))",
    title="the loss as a function of the weights",
    source=printed(83),
    covers=["003.83a", "003.83b", "003.83c", "003.83d"],
    reading="With V and x held. Each side takes f from what is in its brackets alone.",
    textbook=True,
)
def loss_of_the_weights(sigma=Function(), x=Real("D 1"), V=Real("2 D"), W=Real("F 2"), y=Real("F 1")):
    (F, H), h = W.shape, sigma(V @ x)

    def of_numbers(*f):
        return sum((y[i, 0] - f[i]) ** 2 for i in range(F))

    def of_entries(i, *weights):
        return sum(weights[i * H + j] * h[j, 0] for j in range(H))

    f = output(x, V, W, sigma)
    yield squared_error(f, y)
    yield of_numbers(*f[:, 0])
    yield of_numbers(*((W @ h)[i, 0] for i in range(F)))
    yield of_numbers(*(of_entries(i, *W.ravel()) for i in range(F)))


@claim(
    "003.87",
    r"f_i = \sum_{j=1}^H W_{ij} h_j = f_i(W_{i1}, \dots, W_{iH})",
    title="an output depends on one row",
    source=printed(87, 89),
    covers=["003.87a", "003.89b"],
    same_as=["003.59a"],
)
def output_of_one_row(W=Real("F H"), h=Real("H 1")):
    F, H = W.shape
    yield W @ h
    yield column_of(sum(W[i, j] * h[j, 0] for j in range(H)) for i in range(F))
    yield column_of(W[i : i + 1] @ h for i in range(F))


@claim(
    "003.91",
    r"\frac{\partial f_i}{\partial W_{kl}} = \delta_{ik} \sum_{j=1}^H \delta_{lj} h_j = \delta_{ik} h_l",
    title="derivative of an output by a weight",
    source=printed(89, 91),
    covers=["003.89a", "003.91a", "003.91b"],
    reading="The last side has zeros for k other than i, and is line 89.",
)
def output_by_a_weight(W=Real("F H"), h=Real("H 1")):
    F, H = W.shape

    def slices(entry):
        return [matrix(F, H, lambda k, m, i=i: entry(i, k, m)) for i in range(F)]

    yield slices(lambda i, k, m: by_entry(lambda W: (W @ h)[i, 0], W, k, m))
    yield slices(lambda i, k, m: kronecker(i, k) * sum(kronecker(m, j) * h[j, 0] for j in range(H)))
    yield slices(lambda i, k, m: kronecker(i, k) * h[m, 0])
    yield slices(lambda i, k, m: h[m, 0] if k == i else 0.0)


@claim(
    "003.95",
    r"\frac{\partial L}{\partial W_{kl}} = \sum_{i=1}^F 2 (f_i - y_i) \delta_{ik} h_l"
    r" = 2 h_l \sum_{i=1}^F \delta_{ik} (f_i - y_i) = 2 (f_k - y_k) h_l",
    title="derivative by a weight of the second matrix",
    source=printed(93, 95),
    covers=["003.93a", "003.95a", "003.95b", "003.95c"],
    textbook=True,
)
def derivative_by_a_second_weight(W=Real("F H"), h=Real("H 1"), y=Real("F 1")):
    (F, H), f = W.shape, W @ h
    yield matrix(F, H, lambda k, m: by_entry(lambda W: squared_error(W @ h, y), W, k, m))
    yield matrix(F, H, lambda k, m: sum(2 * (f[i, 0] - y[i, 0]) * kronecker(i, k) * h[m, 0] for i in range(F)))
    yield matrix(F, H, lambda k, m: 2 * h[m, 0] * sum(kronecker(i, k) * (f[i, 0] - y[i, 0]) for i in range(F)))
    yield matrix(F, H, lambda k, m: 2 * (f[k, 0] - y[k, 0]) * h[m, 0])


@claim(
    "003.99",
    r"\left(\frac{\partial L}{\partial W}\right)_{kl} = \frac{\partial L}{\partial W_{kl}}, \quad"
    r" \frac{\partial L}{\partial W} = 2 (f - y) h^T \in \mathbb{R}^{F \times H}",
    title="derivative by the second matrix",
    source=printed(97, 99),
    covers={"003.97a": "holds", "003.99a": "holds", "003.99b": "holds", "003.99c": "definition"},
    textbook=True,
)
def derivative_by_the_second_matrix(sigma=Function(), x=Real("2 1"), V=Real("H 2"), W=Real("F H"), y=Real("F 1")):
    def loss(W):
        return squared_error(output(x, V, W, sigma), y)

    (F, H), h = W.shape, sigma(V @ x)
    yield derivative(loss, W)
    yield matrix(F, H, lambda k, m: by_entry(loss, W, k, m))
    yield matrix(F, H, lambda k, m: 2 * ((W @ h)[k, 0] - y[k, 0]) * h[m, 0])
    yield 2 * (W @ h - y) @ h.T


@demonstration(
    "003.101",
    title="the second matrix can be trained",
    source=printed(101),
    covers=["003.101a"],
    reading="Steps along (23) with V held bring the error of one example to zero. The control takes f for f - y, so "
    "that the same steps do not look at y.",
)
def second_matrix_can_be_trained(control: bool) -> bool:
    x, y = jnp.array([[0.5], [-1.0], [1.0]]), jnp.array([[1.0], [-2.0]])
    V = jnp.array([[0.3, -0.2, 0.1], [-0.5, 0.4, 0.2]])
    W = jnp.zeros((2, 2))
    h = jax.nn.sigmoid(V @ x)
    for _ in range(100):
        W = W - 0.2 * 2 * (W @ h - (0 if control else y)) @ h.T
    return bool(squared_error(W @ h, y) < 1e-6)
