"""Lines 485 to 541: the gradient by the hidden units, for any activation, any output function and any loss."""

import jax.numpy as jnp

from derivations._words import by_entry, gradient, hadamard, jacobian, matrix, numbered, plus, scalar
from derivations.feedforward_lecture._conventions import BIASES, WEIGHTS, after_a, after_h, forward, identity, printed
from gradproof import Function, Functional, Real, claim, derivative, misprint


@claim(
    "004.502",
    r"\frac{\partial p(z)}{\partial z} = \sum_m \frac{\partial p(z)}{\partial q_m(z)}"
    r" \frac{\partial q_m(z)}{\partial z}",
    title="chain rule along multiple paths",
    source=printed(500, 502),
    covers=["004.500a"],
    reading="One and three intermediate results, and any function of them.",
    textbook=True,
)
def multiple_paths(p=(Functional(),) * 2, q=(Function(),) * 3, z=Real()):
    counts = (1, 3)

    def intermediate(z, count):
        return jnp.stack([q_m(z) for q_m in q[:count]])[:, None]

    pairs = list(zip(p, counts, strict=True))
    yield [derivative(lambda z, p=p, M=M: p(intermediate(z, M)), z) for p, M in pairs]
    yield [sum(by_entry(p, intermediate(z, M), m) * derivative(q[m], z) for m in range(M)) for p, M in pairs]


@claim(
    "004.508",
    r"\frac{\partial \mathcal{L}(\theta)}{\partial h_{ij}} = \sum_m"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial a_{Lm}} \frac{\partial a_{Lm}}{\partial h_{ij}}",
    title="the paths of a hidden unit",
    source=printed(504, 506, 507, 508),
    covers={"004.504a": "definition", "004.507a": "definition", "004.508a": "ambiguous"},
    reading="As an instance of line 502, with a_L for the intermediate results, it holds for every hidden layer: here "
    "for both hidden layers of L = 3. Line 514 goes on with a_{i+1}, which is a_L for i = L - 1 only; then q_m is "
    "a_{i+1,m}, and this is the last side.",
    textbook=True,
)
def paths_of_a_hidden_unit(loss=Functional(), g=Function(), W=WEIGHTS[3], b=BIASES[3], x=Real("n 1")):
    W_, b_, n, k = numbered(W), numbered(b), *W[2].shape[::-1]
    a, h = forward(x, W_, b_, g, identity)

    def paths(i, units, by_later, later_of_h):
        """The sums over the elements of a later layer, for each element of h_i."""
        by_h = jacobian(later_of_h, h[i])
        return matrix(n, 1, lambda j, _: sum(by_later[m, 0] * by_h[m, j] for m in range(units)))

    def last_of(i):
        return lambda h_i: after_h(i, h_i, W_, b_, g)

    by_last, by_second = gradient(loss, a[3]), gradient(lambda a_2: loss(after_a(2, a_2, W_, b_, g)), a[2])
    yield [gradient(lambda h_i, i=i: loss(last_of(i)(h_i)), h[i]) for i in (1, 2)]
    yield [paths(i, k, by_last, last_of(i)) for i in (1, 2)]
    yield [
        paths(1, n, by_second, lambda h_1: plus(b_[2], W_[2] @ h_1)),
        paths(2, k, by_last, lambda h_2: plus(b_[3], W_[3] @ h_2)),
    ]


@claim(
    "004.514",
    r"\frac{\partial \mathcal{L}(\theta)}{\partial h_{ij}} = \sum_{m=1}^k"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial a_{i+1,m}} \frac{\partial a_{i+1,m}}{\partial h_{ij}}"
    r" = \sum_{m=1}^k \frac{\partial \mathcal{L}(\theta)}{\partial a_{i+1,m}} W_{i+1,m,j}"
    r" = (W_{i+1,\cdot,j})^T \nabla_{a_{i+1}} \mathcal{L}(\theta)",
    title="derivative by a hidden unit",
    source=printed(514, 515, 518, 520, 522, 524),
    covers={
        "004.514a": "ambiguous",
        "004.515a": "ambiguous",
        "004.518a": "ambiguous",
        "004.520a": "ambiguous",
        "004.522a": "holds",
        "004.522b": "ambiguous",
    },
    reading="i = L - 1, as in line 508, so that layer i + 1 has k neurons; L = 2. For the other hidden layers it has "
    "n: 004.514b.",
    hypotheses=["i = L - 1, or k = n"],
    textbook=True,
)
def by_hidden_unit(loss=Functional(), W_L=Real("k n"), b_L=Real("k 1"), h=Real("n 1")):
    (k, n), a_L = W_L.shape, plus(b_L, W_L @ h)
    by_a = matrix(k, 1, lambda m, _: by_entry(loss, a_L, m))
    columns = [matrix(k, 1, lambda m, _, j=j: W_L[m, j]) for j in range(n)]

    def a_m(m):
        return lambda h: plus(b_L, W_L @ h)[m, 0]

    yield jnp.stack([by_entry(lambda h: loss(plus(b_L, W_L @ h)), h, j) for j in range(n)]), W_L
    yield jnp.stack([sum(by_a[m, 0] * by_entry(a_m(m), h, j) for m in range(k)) for j in range(n)]), jnp.hstack(columns)
    yield jnp.stack([sum(by_a[m, 0] * W_L[m, j] for m in range(k)) for j in range(n)]), W_L
    yield jnp.stack([scalar(columns[j].T @ by_a) for j in range(n)]), W_L


@claim(
    "004.514b",
    r"\frac{\partial \mathcal{L}(\theta)}{\partial h_{ij}} = \sum_{m=1}^k"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial a_{i+1,m}} W_{i+1,m,j}, \quad i < L - 1",
    title="derivative by a unit of an earlier layer",
    source=printed(514, 515, 520, 524),
    correction=r"\frac{\partial \mathcal{L}(\theta)}{\partial h_{ij}} = \sum_{m=1}^n"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial a_{i+1,m}} W_{i+1,m,j}, \quad i < L - 1",
    severity="index",
    reading="The other reading of 004.514: i is any hidden layer, here the first of L = 3, and k the number of "
    "classes.",
    sizes={"n": 3, "k": 2},
    textbook=True,
)
def by_unit_of_earlier_layer(loss=Functional(), g=Function(), W=WEIGHTS[3], b=BIASES[3], x=Real("n 1")):
    W_, b_, n, k = numbered(W), numbered(b), 3, 2
    a, h = forward(x, W_, b_, g, identity)
    by_a = gradient(lambda a_2: loss(after_a(2, a_2, W_, b_, g)), a[2])

    def paths(count):
        return matrix(n, 1, lambda j, _: sum(by_a[m, 0] * W_[2][m, j] for m in range(count)))

    yield gradient(lambda h_1: loss(after_h(1, h_1, W_, b_, g)), h[1])
    yield misprint(printed=paths(k), correct=paths(n))


@claim(
    "004.528",
    r"a_{i+1} = W_{i+1} h_{ij} + b_{i+1}",
    title="a number for a vector",
    source=printed(528),
    covers={"004.528a": "misprint"},
    correction=r"a_{i+1} = W_{i+1} h_i + b_{i+1}",
    severity="index",
    reading="h_ij is one number of the vector h_i: here the first, with the bias added to each column of W times it.",
    textbook=True,
)
def number_for_vector(W=Real("k n"), b=Real("k 1"), h=Real("n 1")):
    k, n = W.shape
    yield matrix(k, 1, lambda m, _: b[m, 0] + sum(W[m, j] * h[j, 0] for j in range(n)))
    yield misprint(printed=plus(W * h[0, 0], jnp.hstack([b] * n)), correct=plus(W @ h, b))


@claim(
    "004.535",
    r"\frac{\partial \mathcal{L}(\theta)}{\partial a_{ij}} = \frac{\partial \mathcal{L}(\theta)}{\partial h_{ij}}"
    r" \frac{\partial h_{ij}}{\partial a_{ij}} = \frac{\partial \mathcal{L}(\theta)}{\partial h_{ij}} g'(a_{ij}), \quad"
    r" \nabla_{\mathbf{a}_i} \mathcal{L}(\theta) = \begin{bmatrix} \frac{\partial \mathcal{L}(\theta)}{\partial h_{i1}}"
    r" g'(a_{i1}) \\ \vdots \\ \frac{\partial \mathcal{L}(\theta)}{\partial h_{in}} g'(a_{in}) \end{bmatrix}",
    title="gradient by a hidden pre-activation",
    source=printed(533, 535, 537, 539),
    covers={"004.533a": "definition", "004.535a": "holds", "004.537a": "holds", "004.539a": "holds"},
    reading="Both hidden layers of L = 3.",
    sizes={"k": 1},
    same_as=["002.325a"],
    textbook=True,
)
def by_hidden_pre_activation(loss=Functional(), g=Function(), W=WEIGHTS[3], b=BIASES[3], x=Real("n 1")):
    W_, b_, n = numbered(W), numbered(b), len(x)
    a, h = forward(x, W_, b_, g, identity)

    def by_h(i, j):
        return by_entry(lambda h_i: loss(after_h(i, h_i, W_, b_, g)), h[i], j)

    def each(entry):
        return [matrix(n, 1, lambda j, _, i=i: entry(i, j)) for i in (1, 2)]

    yield [gradient(lambda a_i, i=i: loss(after_a(i, a_i, W_, b_, g)), a[i]) for i in (1, 2)]
    yield each(lambda i, j: by_entry(lambda a_i: loss(after_a(i, a_i, W_, b_, g)), a[i], j))
    yield each(lambda i, j: by_h(i, j) * by_entry(lambda a_i: g(a_i)[j, 0], a[i], j))
    yield each(lambda i, j: by_h(i, j) * derivative(g, a[i][j, 0]))


@claim(
    "004.541",
    r"\nabla_{\mathbf{a}_i} \mathcal{L}(\theta) = \nabla_{h_i} \mathcal{L}(\theta) \odot [\dots, g'(a_{ik}), \dots]",
    title="product with a row",
    source=printed(541),
    covers={"004.541a": "misprint"},
    correction=r"\nabla_{\mathbf{a}_i} \mathcal{L}(\theta) = \nabla_{h_i} \mathcal{L}(\theta) \odot"
    r" [\dots, g'(a_{ij}), \dots]^T",
    severity="shape",
    reading="The gradient is a column, as in line 539, and the brackets hold a row: line 148 marks columns with a T. "
    "The element-wise product of the two is a matrix, if anything. k is an index here and not the number of classes. "
    "L = 2.",
    textbook=True,
)
def product_with_a_row(loss=Functional(), g=Function(), W=WEIGHTS[2], b=BIASES[2], x=Real("n 1")):
    W_, b_ = numbered(W), numbered(b)
    a, h = forward(x, W_, b_, g, identity)
    by_h = gradient(lambda h_1: loss(after_h(1, h_1, W_, b_, g)), h[1])
    slopes = matrix(len(x), 1, lambda j, _: derivative(g, a[1][j, 0]))
    yield gradient(lambda a_1: loss(after_a(1, a_1, W_, b_, g)), a[1])
    yield misprint(printed=by_h * slopes.T, correct=hadamard(by_h, slopes))
