"""Lines 545 to 601: the gradient by the parameters, for any activation, any output function and any loss."""

from derivations._words import by_entry, gradient, kronecker, matrix, numbered, plus
from derivations.feedforward_lecture._conventions import BIASES, WEIGHTS, after_a, forward, identity, printed
from derivations.feedforward_lecture.learning import loss_by_bias, loss_by_weights
from gradproof import Function, Functional, Real, claim, definition, derivative


@claim(
    "004.564",
    r"\mathbf{a}_k = \mathbf{b}_k + W_k \mathbf{h}_{k-1}, \quad"
    r" \frac{\partial a_{ki}}{\partial W_{kij}} = h_{k-1,j}",
    title="pre-activation by a weight",
    source=printed(559, 562, 564),
    covers={"004.559a": "definition", "004.564a": "holds"},
    reading="k numbers the layers here, and is not the number of classes. By the weights of other rows the derivative "
    "is 0.",
)
def pre_activation_by_weight(W_k=Real("r c"), b_k=Real("r 1"), h=Real("c 1")):
    rows, columns = W_k.shape

    def a_k(i):
        return lambda W_k: plus(b_k, W_k @ h)[i, 0]

    yield [matrix(rows, columns, lambda i, j: by_entry(a_k(i), W_k, i, j)), gradient(a_k(0), W_k)]
    yield [matrix(rows, columns, lambda i, j: h[j, 0]), matrix(rows, columns, lambda i, j: kronecker(i, 0) * h[j, 0])]


@claim(
    "004.566",
    r"\frac{\partial \mathcal{L}(\theta)}{\partial W_{kij}} = \frac{\partial \mathcal{L}(\theta)}{\partial a_{ki}}"
    r" \frac{\partial a_{ki}}{\partial W_{kij}} = \frac{\partial \mathcal{L}(\theta)}{\partial a_{ki}} h_{k-1,j}",
    title="loss by a weight",
    source=printed(566, 568, 578),
    covers=["004.566a", "004.568a"],
    reading="Both layers of L = 2.",
    sizes={"n": 2, "k": 3},
    textbook=True,
)
def loss_by_weight(loss=Functional(), g=Function(), W=WEIGHTS[2], b=BIASES[2], x=Real("n 1")):
    W_, b_ = numbered(W), numbered(b)
    a, h = forward(x, W_, b_, g, identity)

    def by_a(layer, i):
        return by_entry(lambda a_k: loss(after_a(layer, a_k, W_, b_, g)), a[layer], i)

    def a_by_weight(layer, i, j):
        return by_entry(lambda W_k: plus(b_[layer], W_k @ h[layer - 1])[i, 0], W_[layer], i, j)

    def each(entry):
        return [matrix(*W_[layer].shape, lambda i, j, at=layer: entry(at, i, j)) for layer in (1, 2)]

    yield [gradient(loss_by_weights(layer, loss, x, W, b, g), W_[layer]) for layer in (1, 2)]
    yield each(lambda layer, i, j: by_a(layer, i) * a_by_weight(layer, i, j))
    yield each(lambda layer, i, j: by_a(layer, i) * h[layer - 1][j, 0])


@claim(
    "004.570",
    r"\nabla_{W_k} \mathcal{L}(\theta) = \begin{bmatrix} \frac{\partial \mathcal{L}(\theta)}{\partial W_{k11}} &"
    r" \dots & \frac{\partial \mathcal{L}(\theta)}{\partial W_{k1n}} \\ \vdots & & \vdots \\ \dots & \dots &"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial W_{knn}} \end{bmatrix}",
    title="gradient by the weights of a hidden layer",
    source=printed(570),
    covers={"004.570a": "definition"},
    reading="The first layer of L = 2. The gradient by W_L has as many rows as there are classes: 004.187.",
    hypotheses=["k < L"],
    sizes={"k": 1},
    textbook=True,
)
def gradient_by_hidden_weights(loss=Functional(), g=Function(), W=WEIGHTS[2], b=BIASES[2], x=Real("n 1")):
    n, of_W_1 = len(x), loss_by_weights(1, loss, x, W, b, g)
    yield gradient(of_W_1, W[0])
    yield matrix(n, n, lambda i, j: by_entry(of_W_1, W[0], i, j))


@claim(
    "004.580",
    r"W_k \in \mathbb{R}^{3 \times 3}: \quad \nabla_{W_k} \mathcal{L}(\theta) = \begin{bmatrix}"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial a_{k1}} h_{k-1,1} &"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial a_{k1}} h_{k-1,2} &"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial a_{k1}} h_{k-1,3} \\ \vdots & \vdots & \vdots \\"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial a_{k3}} h_{k-1,1} & \dots &"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial a_{k3}} h_{k-1,3} \end{bmatrix}"
    r" = \nabla_{a_k} \mathcal{L}(\theta) \cdot \mathbf{h}_{k-1}^T",
    title="gradient by nine weights",
    source=printed(576, 578, 580),
    covers=["004.576a", "004.580a", "004.580b"],
    reading="The second layer of L = 3. For layers of other sizes: 004.650.",
    sizes={"n": 3, "k": 2},
    textbook=True,
)
def gradient_by_nine_weights(loss=Functional(), g=Function(), W=WEIGHTS[3], b=BIASES[3], x=Real("n 1")):
    W_, b_ = numbered(W), numbered(b)
    a, h = forward(x, W_, b_, g, identity)
    of_W_2 = loss_by_weights(2, loss, x, W, b, g)

    def of_a_2(a_2):
        return loss(after_a(2, a_2, W_, b_, g))

    by_a = [by_entry(of_a_2, a[2], i) for i in range(3)]
    yield gradient(of_W_2, W_[2])
    yield matrix(3, 3, lambda i, j: by_entry(of_W_2, W_[2], i, j))
    yield matrix(3, 3, lambda i, j: by_a[i] * h[1][j, 0])
    yield gradient(of_a_2, a[2]) @ h[1].T


@claim(
    "004.587",
    r"\frac{\partial \mathcal{L}(\theta)}{\partial b_{ki}} = \frac{\partial \mathcal{L}(\theta)}{\partial a_{ki}}"
    r" \frac{\partial a_{ki}}{\partial b_{ki}} = \frac{\partial \mathcal{L}(\theta)}{\partial a_{ki}}, \quad"
    r" \nabla_{\mathbf{b}_k} \mathcal{L}(\theta) = \nabla_{\mathbf{a}_k} \mathcal{L}(\theta)",
    title="gradient by the biases",
    source=printed(583, 585, 587, 589, 591),
    covers={
        "004.583a": "definition",
        "004.587a": "holds",
        "004.587b": "holds",
        "004.589a": "definition",
        "004.591a": "holds",
    },
    reading="The layers of L = 2. The vector of line 591 has n elements for k < L; that of the last layer has one for "
    "each class.",
    sizes={"n": 2},
    textbook=True,
)
def gradient_by_biases(loss=Functional(), g=Function(), W=WEIGHTS[2], b=BIASES[2], x=Real("n 1")):
    W_, b_, layers = numbered(W), numbered(b), (1, 2)
    a, h = forward(x, W_, b_, g, identity)

    def of_a(layer):
        return lambda a_k: loss(after_a(layer, a_k, W_, b_, g))

    def a_by_bias(layer, i):
        def a_ki(b_ki):
            return b_ki + sum(W_[layer][i, j] * h[layer - 1][j, 0] for j in range(2))

        return derivative(a_ki, b_[layer][i, 0])

    def each(entry):
        return [matrix(len(b_[layer]), 1, lambda i, _, at=layer: entry(at, i)) for layer in layers]

    yield [gradient(loss_by_bias(layer, loss, x, W, b, g), b_[layer]) for layer in layers]
    yield each(lambda layer, i: by_entry(of_a(layer), a[layer], i) * a_by_bias(layer, i))
    yield each(lambda layer, i: by_entry(of_a(layer), a[layer], i))
    yield [gradient(of_a(layer), a[layer]) for layer in layers]


pieces_of_the_puzzle = definition(
    "004.597",
    r"\nabla_{\mathbf{a}_L} \mathcal{L}(\theta); \quad \nabla_{\mathbf{h}_k} \mathcal{L}(\theta),"
    r" \nabla_{\mathbf{a}_k} \mathcal{L}(\theta), \; 1 \leq k < L; \quad \nabla_{W_k} \mathcal{L}(\theta),"
    r" \nabla_{\mathbf{b}_k} \mathcal{L}(\theta), \; 1 \leq k \leq L",
    code=gradient,
    title="all gradients",
    source=printed(595, 597, 599, 601, 603),
    covers=["004.595a", "004.599a", "004.601a"],
)
