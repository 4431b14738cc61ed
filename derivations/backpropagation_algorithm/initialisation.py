"""Lines 40 and 42: random starts, and what identical ones lead to."""

import jax
import jax.numpy as jnp

from derivations._words import plus
from derivations.backpropagation_algorithm._conventions import cost, forward, overall_cost, printed
from derivations.backpropagation_algorithm._descent import XOR, descent, squared_error
from gradproof import Function, Positive, Real, claim, definition, demonstration, derivative, misprint
from manual_grads import activations as library
from manual_grads.network import Network

minimise = definition(
    "001.40",
    r"\min_{W,b} J(W, b)",
    code=overall_cost,
    title="what is minimised",
    source=printed(40),
    covers=["001.40a"],
)
random_start = definition(
    "001.40b",
    r"W_{ji}^{(l)}, \; b_i^{(l)} \sim \mathcal{N}(0, \varepsilon^2), \quad \varepsilon = 0.01",
    code=Network.initial,
    title="random start",
    source=printed(40),
    covers=["001.40b"],
    reading="The second parameter of the distribution is the variance, so that epsilon is the standard deviation.",
)


@demonstration(
    "001.40c",
    r"J\left(\tfrac{1}{2} \theta + \tfrac{1}{2} \theta'\right) > \tfrac{1}{2} J(\theta) + \tfrac{1}{2} J(\theta')",
    title="the cost is not convex",
    source=printed(40),
    covers=["001.40c"],
    reading="Two hidden units change places, which leaves J as it is; half way between, J is larger. In the control, "
    "without a hidden layer and with the identity, J is convex, so that the line is not about all networks.",
)
def not_convex(control: bool) -> bool:
    X, Y = XOR
    if control:
        net = squared_error(library.identity)
        here = [(jnp.array([[4.0], [-4.0]]), jnp.array([1.0]))]
        there = [(jnp.array([[-4.0], [4.0]]), jnp.array([1.0]))]
    else:
        net = squared_error(library.sigmoid, library.sigmoid)
        W, b, V, c = jnp.array([[8.0, -8.0], [-8.0, 8.0]]), jnp.array([-4.0, -4.0]), jnp.full((2, 1), 9.0), -4.5
        here = [(W, b), (V, jnp.array([c]))]
        there = [(W[:, ::-1], b[::-1]), (V[::-1], jnp.array([c]))]
    middle = jax.tree.map(lambda one, other: (one + other) / 2, here, there)
    ends = (net.loss(here, X, Y) + net.loss(there, X, Y)) / 2
    return bool(net.loss(middle, X, Y) > ends + 0.1)


@demonstration(
    "001.40d",
    r"J(W, b) < J(W', b') \text{ for all } (W', b') \text{ near } (W, b), \quad J(W, b) > \min J",
    title="local optima",
    source=printed(40),
    covers=["001.40d"],
    reading="From two starts, descent on a sigmoid of one input ends at two costs, each of them lower than those all "
    "around it. In the control, with the identity, it ends at one.",
)
def local_optima(control: bool) -> bool:
    X, Y = jnp.array([[1.0], [-1.0], [5.0]]), jnp.array([[0.9], [0.3], [0.1]])
    net = squared_error(library.identity if control else library.sigmoid)

    def cost_at(weight, bias):
        return net.loss([(weight[None, None], bias[None])], X, Y)

    def end(start):
        run = descent(net, [(jnp.array([[start]]), jnp.zeros(1))], X, Y, rate=0.1, steps=20000)
        ((W, b),) = run.parameters
        around = [cost_at(W[0, 0] + 0.1 * jnp.cos(angle), b[0] + 0.1 * jnp.sin(angle)) for angle in range(1, 9)]
        return cost_at(W[0, 0], b[0]), min(around)

    (first, around_first), (second, around_second) = end(3.0), end(-3.0)
    return bool(jnp.abs(first - second) > 0.01) and bool(first < around_first) and bool(second < around_second)


works_well = definition(
    "001.40e",
    title="it usually works",
    source=printed(40),
    covers={"001.40e": "opinion"},
    reading="No class of problems and no measure are given: nothing to compute.",
)


def learns_xor(start):
    net = squared_error(library.tanh, library.sigmoid)
    X, Y = XOR
    outputs = net.outputs(descent(net, start, X, Y, rate=2.0, steps=4000).parameters, X)
    return bool(jnp.all((outputs > 0.5) == (Y == 1)))


@demonstration(
    "001.40f",
    r"W, b \sim \mathcal{N}(0, \varepsilon^2) \text{ and not } 0",
    title="random starts break the symmetry",
    source=printed(40, 42),
    covers=["001.40f", "001.42e"],
    reading="From a random start the exclusive or is learned; from zeros, the control, it is not: its hidden units "
    "stay alike. Here epsilon is 0.5: with 0.01 it takes longer.",
)
def random_starts_break_the_symmetry(control: bool) -> bool:
    start = squared_error(library.tanh, library.sigmoid).initial(jax.random.key(1), [2, 4, 1], epsilon=0.5)
    return learns_xor(jax.tree.map(jnp.zeros_like, start) if control else start)


def alike(rows: int, row: jax.Array) -> jax.Array:
    """A matrix with equal rows."""
    return jnp.ones((rows, 1)) * row


def average_rows(matrix: jax.Array) -> jax.Array:
    """The matrix with each row replaced by their mean: it is unchanged exactly if its rows are equal."""
    return alike(len(matrix), jnp.mean(matrix, axis=0, keepdims=True))


@claim(
    "001.42",
    r"f^{(2)}, f^{(3)}: \quad W_{ji}^{(l)}, \; b_j^{(l)} \text{ alike for all } j \text{ stay so}",
    title="hidden units that are alike stay alike",
    source=printed(42),
    covers=["001.42a", "001.42d"],
    reading="Two hidden layers, in which the units are alike: they have the same weights and bias, and lead to the "
    "next layer with the same weight; identical parameters are a case of this. It is so after a step of any "
    "size, too, and so after all steps; and the activations are alike for any x, which need not be the example.",
    textbook=True,
)
def units_stay_alike(
    f=(Function(), Function(), Function()),
    w=Real("1 2"),
    v=Real(),
    u=Real("K 1"),
    b=(Real("1 1"), Real("1 1"), Real("K 1")),
    x=Real("2 1"),
    y=Real("K 1"),
    other=Real("2 1"),
    rate=Positive(),
):
    f = dict(enumerate(f, 2))
    W = {1: alike(2, w), 2: v * jnp.ones((3, 2)), 3: u @ jnp.ones((1, 3))}
    b = {1: alike(2, b[0]), 2: alike(3, b[1]), 3: b[2]}
    by_W, by_b = derivative(lambda at: cost(x, y, *at, f), (W, b))
    W, b = ({layer: plus(part[layer], -rate * by[layer]) for layer in part} for part, by in ((W, by_W), (b, by_b)))
    _, a = forward(other, W, b, f)
    yield W[1], b[1], W[2], b[2], W[3], a[2], a[3]
    yield (
        average_rows(W[1]),
        average_rows(b[1]),
        average_rows(average_rows(W[2]).T).T,
        average_rows(b[2]),
        average_rows(W[3].T).T,
        average_rows(a[2]),
        average_rows(a[3]),
    )


@claim(
    "001.42b",
    r"W_{ji}^{(1)} \text{ will be the same for all values of } i",
    title="the same for all i",
    source=printed(42),
    covers={"001.42b": "misprint"},
    correction=r"W_{ji}^{(1)} \text{ will be the same for all values of } j",
    severity="index",
    reading="By line 11 i is the unit that a weight comes from and j the hidden one. After one step from identical "
    "parameters the rows of W^{(1)} are equal, and the columns are not.",
    textbook=True,
)
def same_for_all_units(f=Function(), start=Real(), x=Real("2 1"), y=Real("K 1"), rate=Positive()):
    W = {1: jnp.full((2, 2), start), 2: jnp.full((len(y), 2), start)}
    b = {1: jnp.full((2, 1), start), 2: jnp.full((len(y), 1), start)}
    by_W = derivative(lambda W: cost(x, y, W, b, {2: f, 3: f}), W)
    after = W[1] - rate * by_W[1]
    yield after
    yield misprint(printed=average_rows(after.T).T, correct=average_rows(after))


@claim(
    "001.42c",
    r"(W_{ji}^{(1)} \text{ the same for all } i) \Rightarrow a_1^{(2)} = a_2^{(2)} = a_3^{(2)} = \cdots",
    title="weights that are the same for all i",
    source=printed(42),
    covers={"001.42c": "misprint"},
    correction=r"(W_{ji}^{(1)}, \; b_j^{(1)} \text{ the same for all } j) \Rightarrow a_1^{(2)} = a_2^{(2)} = \cdots",
    severity="index",
    reading="Weights that are the same for all i leave units that differ: each has a weight of its own. All units less "
    "the first, for weights that are the same for all i, and for all j; biases are alike in both.",
    textbook=True,
)
def same_weights_same_activations(f=Function(), w=Real("m+1"), b=Real(), x=Real("m+1 1")):
    same_for_all_j = alike(len(w), w[None, :])
    of_i, of_j = f(same_for_all_j.T @ x + b), f(same_for_all_j @ x + b)
    yield jnp.zeros_like(x)
    yield misprint(printed=of_i - of_i[0], correct=of_j - of_j[0])
