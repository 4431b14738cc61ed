"""Lines 18 to 38: the cost of an example and of a training set, weight decay, and labels for each activation."""

import jax
import jax.numpy as jnp

from derivations._words import columns, plus
from derivations.backpropagation_algorithm._conventions import (
    ACTIVATIONS,
    LAYERS,
    SQUARE,
    activations,
    cost,
    forward,
    half_square,
    hypothesis,
    mean_cost,
    overall_cost,
    parameters,
    printed,
)
from derivations.backpropagation_algorithm._descent import descent, squared_error
from gradproof import Functional, Positive, Real, claim, definition, demonstration, derivative, misprint
from manual_grads import activations as library

TWO, THREE = LAYERS[:1], LAYERS[:2]
"""Networks of two and of three layers."""

training_set = definition(
    "001.18",
    r"\{(x^{(1)}, y^{(1)}), \cdots, \{x^{(m)}, y^{(m)}\}\}",
    title="brackets of the training set",
    source=printed(18),
    covers={"001.18a": "misprint"},
    correction=r"\{(x^{(1)}, y^{(1)}), \cdots, (x^{(m)}, y^{(m)})\}",
    severity="typography",
    reading="The last example has braces, which make a set of it; it is a pair as the first is.",
)
superscripts = definition(
    "001.18b",
    r"x^{(i)}, \; y^{(i)}",
    code=columns,
    title="numbers of examples",
    source=printed(18),
    covers={"001.18b": "ambiguous"},
    reading="Superscripts of x and y number the examples, and those of W, b, f, z and a the layers.",
)


@claim(
    "001.22",
    r"J(W, b; x^{(i)}, y^{(i)}) = \frac{1}{2} \lVert h_{W,b}(x^{(i)}) - y^{(i)} \rVert^2",
    title="cost of an example",
    source=printed(22, 24),
    covers={"001.22a": "definition", "001.24a": "holds"},
    reading="Line 24 is about the factor one half, which the first side has.",
    textbook=True,
)
def cost_of_an_example(layers=THREE, f=ACTIVATIONS[:2], x=Real("m 1"), y=Real("2 1")):
    (W, b), f = parameters(layers), activations(f)
    h = hypothesis(x, W, b, f)
    yield sum((h[k, 0] - y[k, 0]) ** 2 for k in range(len(y))) / 2
    yield cost(x, y, W, b, f)


def sum_of_squares(W):
    """The triple sum of line 26, with its ranges: of all weights, and of no bias."""
    s = {1: W[1].shape[1]} | {layer + 1: len(W[layer]) for layer in W}
    return sum(W[layer][j, i] ** 2 for layer in range(1, len(s)) for j in range(s[layer + 1]) for i in range(s[layer]))


@claim(
    "001.26",
    r"J(W, b) = \left[\frac{1}{m} \sum_{i=1}^m J(W, b; x^{(i)}, y^{(i)})\right]"
    r" + \frac{\lambda}{2} \sum_{l=1}^{n_l - 1} \sum_{j=1}^{s_{l+1}} \sum_{i=1}^{s_l} \left(W_{ji}^{(l)}\right)^2"
    r" = \left[\frac{1}{m} \sum_{i=1}^m \left(\frac{1}{2} \lVert h_{W,b}(x^{(i)}) - y^{(i)} \rVert^2\right)\right]"
    r" + \dots"
    r" = \left[\frac{1}{m} \sum_{i=1}^m \left(\sum_{k=1}^K \left(\frac{1}{2}"
    r" \left(a_k^{(i)} - y_k^{(i)}\right)^2\right)\right)\right] + \dots",
    title="overall cost",
    source=printed(26, 28, 30, 32),
    covers={
        "001.26a": "definition",
        "001.26b": "holds",
        "001.26c": "definition",
        "001.26d": "holds",
        "001.28a": "holds",
        "001.30a": "ambiguous",
        "001.32a": "holds",
    },
    reading="i numbers the examples in the first sum and units in the last. a_k^{(i)} in line 30 is read as the output "
    "a_k^{(n_l)} for example i; as line 13 has it, it would be an activation of layer i: 001.30.",
    textbook=True,
)
def cost_of_a_training_set(layers=THREE, f=ACTIVATIONS[:2], X=Real("n m"), Y=Real("n 2"), strength=Positive()):
    (W, b), f = parameters(layers), activations(f)
    m, data = len(X), list(zip(columns(X), columns(Y), strict=True))
    second = strength / 2 * sum_of_squares(W)
    yield overall_cost(X, Y, W, b, f, strength)
    yield sum(cost(x_i, y_i, W, b, f) for x_i, y_i in data) / m + second
    yield sum(half_square(plus(hypothesis(x_i, W, b, f), -y_i)) for x_i, y_i in data) / m + second
    a = [hypothesis(x_i, W, b, f) for x_i in columns(X)]
    yield sum(sum((a[i][k, 0] - Y[i, k]) ** 2 / 2 for k in range(2)) for i in range(m)) / m + second


@claim(
    "001.30",
    r"\frac{1}{m} \sum_{i=1}^m \sum_{k=1}^K \frac{1}{2} \left(a_k^{(i)} - y_k^{(i)}\right)^2",
    title="activations of layer i",
    source=printed(30, 13),
    correction=r"\frac{1}{m} \sum_{i=1}^m \sum_{k=1}^K \frac{1}{2} \left(a_k^{(n_l)}(x^{(i)}) - y_k^{(i)}\right)^2",
    severity="index",
    reading="The other reading of 001.30a. With two layers of two units and two examples a layer i exists; it is that "
    "of example i.",
    textbook=True,
)
def activations_of_layer_i(layers=SQUARE[:1], f=ACTIVATIONS[:1], X=Real("2 2"), Y=Real("2 2")):
    (W, b), f = parameters(layers), activations(f)
    data = list(enumerate(zip(columns(X), columns(Y), strict=True), 1))
    yield mean_cost(X, Y, W, b, f)
    yield misprint(
        printed=sum(half_square(forward(x_i, W, b, f)[1][i] - y_i) for i, (x_i, y_i) in data) / 2,
        correct=sum(half_square(forward(x_i, W, b, f)[1][2] - y_i) for i, (x_i, y_i) in data) / 2,
    )


def waves(count: int) -> tuple[jax.Array, jax.Array]:
    """Targets that alternate about a line, instead of noise, at inputs in [-1, 1]."""
    x = jnp.linspace(-1.0, 1.0, count)
    return x, x / 2 + 0.3 * (-1.0) ** jnp.arange(count)


def powers(x: jax.Array) -> jax.Array:
    """x, x^2, ..., x^7: inputs of more features than eight examples need."""
    return jnp.stack([x**power for power in range(1, 8)], axis=1)


@demonstration(
    "001.32",
    r"\frac{\lambda}{2} \sum \left(W_{ji}^{(l)}\right)^2",
    title="decay makes weights smaller",
    source=printed(32),
    covers=["001.32b"],
    reading="Descent with the term ends with a smaller sum of squares than without it; in the control, lambda is 0.",
)
def decay_makes_weights_smaller(control: bool) -> bool:
    x, y = waves(8)
    net, start = squared_error(library.identity), [(jnp.zeros((7, 1)), jnp.zeros(1))]

    def squares(strength):
        run = descent(net, start, powers(x), y[:, None], rate=0.3, steps=500, strength=strength)
        ((W, _),) = run.parameters
        return jnp.sum(W**2)

    return bool(squares(0.0 if control else 0.05) < 0.9 * squares(0.0))


@demonstration(
    "001.32c",
    r"\frac{\lambda}{2} \sum \left(W_{ji}^{(l)}\right)^2",
    title="decay against overfitting",
    source=printed(32),
    covers=["001.32c"],
    reading="A polynomial of degree 7 is fitted to eight disturbed values on a line. With the term it is nearer to the "
    "line between them, and farther from the values; in the control, lambda is 0. That it helps always is not said.",
)
def decay_against_overfitting(control: bool) -> bool:
    x, y = waves(8)
    between = jnp.linspace(-0.95, 0.95, 40)
    net, start = squared_error(library.identity), [(jnp.zeros((7, 1)), jnp.zeros(1))]

    def errors(strength):
        run = descent(net, start, powers(x), y[:, None], rate=0.3, steps=20000, strength=strength)
        outputs = net.outputs(run.parameters, powers(between))
        fitted = net.outputs(run.parameters, powers(x))
        return jnp.mean((outputs[:, 0] - between / 2) ** 2), jnp.mean((fitted[:, 0] - y) ** 2)

    away, fit = errors(0.0)
    away_with, fit_with = errors(0.0 if control else 0.05)
    return bool(away_with < 0.9 * away) and bool(fit_with > fit)


@claim(
    "001.34",
    r"\frac{\partial}{\partial b_i^{(l)}} \frac{\lambda}{2} \sum_{l=1}^{n_l - 1} \sum_{j=1}^{s_{l+1}}"
    r" \sum_{i=1}^{s_l} \left(W_{ji}^{(l)}\right)^2 = 0",
    title="no decay of biases",
    source=printed(34),
    covers=["001.34a"],
    reading="The derivative by the biases of J(W, b), which is that of its first term alone.",
    sizes={"n": 2},
    textbook=True,
)
def no_decay_of_biases(layers=TWO, f=ACTIVATIONS[:1], X=Real("n m"), Y=Real("n 3"), strength=Positive()):
    (W, b), f = parameters(layers), activations(f)
    zero = {layer: jnp.zeros_like(b[layer]) for layer in b}
    yield (
        derivative(lambda b: overall_cost(X, Y, W, b, f, strength) - mean_cost(X, Y, W, b, f), b),
        derivative(lambda b: overall_cost(X, Y, W, b, f, strength), b),
    )
    yield zero, derivative(lambda b: mean_cost(X, Y, W, b, f), b)


def normal(x: jax.Array, mean: jax.Array | float, deviation: jax.Array) -> jax.Array:
    """The density of the normal distribution."""
    return jnp.exp(-(((x - mean) / deviation) ** 2) / 2) / (deviation * jnp.sqrt(2 * jnp.pi))


def log_posterior(W, b, h, X, y, sigma, priors):
    """The logarithm of the likelihood of targets y, normal about h, and of the priors; its evidence is left out."""
    outputs = jnp.stack([h(x_i, W, b) for x_i in X])
    return jnp.sum(jnp.log(normal(y, outputs, sigma))) + sum(jnp.sum(jnp.log(prior)) for prior in priors(W, b))


def squared_cost(W, b, h, X, y, squares):
    """J(W, b) with K = 1 and h of any form; lambda comes with the squares."""
    outputs = jnp.stack([h(x_i, W, b) for x_i in X])
    return jnp.mean((outputs - y) ** 2) / 2 + squares(W, b) / 2


@claim(
    "001.34c",
    r"-\frac{\sigma^2}{m} \nabla \log p(W, b \mid D) = \nabla J(W, b), \quad \lambda = \frac{\sigma^2}{m \tau^2}",
    title="weight decay is a Gaussian prior",
    source=printed(34),
    covers={"001.34c": "ambiguous"},
    hypotheses=["targets are normal about h_{W,b}(x) with variance sigma^2"],
    reading="The prior N(0, tau^2) is on the weights, and the biases have none, so that MAP minimises J(W, b): the "
    "gradients are equal, with lambda = sigma^2 / (m tau^2). With a prior on all parameters, as the line has it, the "
    "biases decay, too: 001.34d. K = 1, and h is any function.",
    textbook=True,
)
def decay_is_a_prior(
    h=Functional(), W=Real("2"), b=Real("2"), X=Real("m 1"), y=Real("m"), sigma=Positive(), tau=Positive()
):
    decay_strength = sigma**2 / (len(X) * tau**2)

    def posterior(at):
        return log_posterior(*at, h, X, y, sigma, lambda W, b: [normal(W, 0.0, tau)])

    yield jax.tree.map(lambda part: -(sigma**2) / len(X) * part, derivative(posterior, (W, b)))
    yield derivative(lambda at: squared_cost(*at, h, X, y, lambda W, b: decay_strength * jnp.sum(W**2)), (W, b))


@claim(
    "001.34d",
    r"-\frac{\sigma^2}{m} \nabla \log p(W, b \mid D), \quad b_i^{(l)} \sim \mathcal{N}(0, \tau^2)",
    title="a prior on biases is decay of biases",
    source=printed(34),
    correction=r"J(W, b) + \frac{\lambda}{2} \sum_{l,i} \left(b_i^{(l)}\right)^2",
    severity="wording",
    reading="The other reading of 001.34c, with the prior on all parameters: what MAP minimises is not J(W, b).",
    textbook=True,
)
def prior_on_biases(
    h=Functional(), W=Real("2"), b=Real("2"), X=Real("m 1"), y=Real("m"), sigma=Positive(), tau=Positive()
):
    decay_strength = sigma**2 / (len(X) * tau**2)

    def posterior(at):
        return log_posterior(*at, h, X, y, sigma, lambda W, b: [normal(W, 0.0, tau), normal(b, 0.0, tau)])

    def gradient(squares):
        return derivative(lambda at: squared_cost(*at, h, X, y, squares), (W, b))

    yield jax.tree.map(lambda part: -(sigma**2) / len(X) * part, derivative(posterior, (W, b)))
    yield misprint(
        printed=gradient(lambda W, b: decay_strength * jnp.sum(W**2)),
        correct=gradient(lambda W, b: decay_strength * (jnp.sum(W**2) + jnp.sum(b**2))),
    )


@demonstration(
    "001.34b",
    r"\frac{\lambda}{2} \sum_{l,i} \left(b_i^{(l)}\right)^2",
    title="decay of biases makes little difference",
    source=printed(34),
    covers=["001.34b"],
    reading="One small network: decay of the biases, too, moves its outputs by less than a fifth of what decay of the "
    "weights does, which is the control. How often it is so is not shown.",
)
def decay_of_biases(control: bool) -> bool:
    X = jnp.linspace(-1.0, 1.0, 9)[:, None]
    Y = jnp.sin(3 * X)
    net = squared_error(library.tanh, library.identity)
    start = net.initial(jax.random.key(0), [1, 6, 1], epsilon=0.5)

    def trained(strength, of_biases):
        run = descent(net, start, X, Y, rate=0.3, steps=2000, strength=strength, of_biases=of_biases)
        return net.outputs(run.parameters, X)

    neither, weights = trained(0.0, 0.0), trained(0.01, 0.0)
    changed = jnp.abs(weights - neither) if control else jnp.abs(trained(0.01, 0.01) - weights)
    return bool(jnp.max(changed) < jnp.max(jnp.abs(weights - neither)) / 5)


@claim(
    "001.36",
    r"\frac{\partial J(W, b)}{\partial \lambda} = \frac{1}{2} \sum_{l,j,i} \left(W_{ji}^{(l)}\right)^2",
    title="lambda weighs the two terms",
    source=printed(36),
    covers=["001.36a"],
    reading="J(W, b) is linear in lambda: the first term for lambda = 0, and rising with the sum of squares.",
    textbook=True,
)
def strength_weighs_the_terms(layers=TWO, f=ACTIVATIONS[:1], X=Real("n m"), Y=Real("n 3"), strength=Positive()):
    (W, b), f = parameters(layers), activations(f)
    yield (
        overall_cost(X, Y, W, b, f, 0.0),
        derivative(lambda strength: overall_cost(X, Y, W, b, f, strength), strength),
    )
    yield mean_cost(X, Y, W, b, f), sum_of_squares(W) / 2


overloaded = definition(
    "001.36b",
    r"J(W, b; x, y), \quad J(W, b)",
    code=overall_cost,
    title="two costs of one name",
    source=printed(36),
    covers=["001.36b"],
    reading="They are told apart by their arguments, and are two functions here, cost and overall_cost.",
)
