"""Lines 113 to 158: the proof for the last two layers of weights, entry by entry.

Here l is n_l - 1. W^(l) and W^(l-1) have the biases as column 0, as lines 131 and 149 write them, and a^(l-1) is any
column: what comes before it does not depend on them. Both layers have activations of their own.
"""

import jax
import jax.numpy as jnp

from derivations._words import Activation, augmented, matrix, plus, slopes
from derivations.backpropagation_algorithm._conventions import half_square, printed
from derivations.backpropagation_algorithm.per_unit import delta_before, last_delta
from gradproof import Function, Real, claim, derivative


def next_z(W: jax.Array, a: jax.Array) -> jax.Array:
    """The z of the next layer, from weights and biases apart."""
    return plus(W[:, 1:] @ a, W[:, :1])


def last_z(W: jax.Array, before: jax.Array, a_before: jax.Array, f: Activation) -> jax.Array:
    """z^(l+1), from W^(l), W^(l-1), a^(l-1) and f^(l)."""
    return next_z(W, f(next_z(before, a_before)))


def by_last_z(g: Activation, z: jax.Array, y: jax.Array) -> jax.Array:
    """delta^(l+1), the derivative of the cost by z^(l+1)."""
    return derivative(lambda z: half_square(plus(g(z), -y)), z)


def by_hidden_z(W: jax.Array, z: jax.Array, y: jax.Array, f: Activation, g: Activation) -> jax.Array:
    """delta^(l), the derivative of the cost by z^(l)."""
    return derivative(lambda z: half_square(plus(g(next_z(W, f(z))), -y)), z)


def halves(a: jax.Array, y: jax.Array) -> jax.Array:
    """The sum over k of line 117."""
    return sum((a[k, 0] - y[k, 0]) ** 2 / 2 for k in range(len(y)))


@claim(
    "001.117",
    r"J(W, b; x, y) = \sum_{k=1}^K \left(\frac{1}{2} (a_k - y_k)^2\right)",
    title="cost as a sum over outputs",
    source=printed(117),
    covers=["001.117a"],
)
def cost_as_a_sum(a=Real("K 1"), y=Real("K 1")):
    yield half_square(plus(a, -y))
    yield halves(a, y)


@claim(
    "001.121",
    r"\frac{\partial}{\partial W_{kj}^{(l)}} J(W, b; x, y) = \frac{\partial}{\partial W_{kj}^{(l)}} \left("
    r"\sum_{k=1}^K \left(\frac{1}{2} \left(a_k^{(l+1)} - y_k^{(l+1)}\right)^2\right)\right) ="
    r" \frac{\partial}{\partial W_{kj}^{(l)}} \left(\frac{1}{2} \left(a_k^{(l+1)} - y_k^{(l+1)}\right)^2\right)"
    r" = \left(a_k^{(l+1)} - y_k^{(l+1)}\right) \frac{\partial}{\partial W_{kj}^{(l)}} a_k^{(l+1)}",
    title="only output k depends on its weights",
    source=printed(121, 123, 127),
    covers={"001.121a": "holds", "001.123a": "ambiguous", "001.127a": "holds", "001.127b": "holds"},
    reading="l is n_l - 1 from here to line 174, and y_k^{(l+1)} is the y_k of line 117. The k of the sum in line 121 "
    "is not that of the weight. j = 0 is the bias.",
    textbook=True,
)
def only_its_output(g=Function(), W=Real("K 3"), a=Real("2 1"), y=Real("K 1")):
    K = len(W)

    def out(W):
        return g(next_z(W, a))

    # Entry (k, k, j) is the derivative of term or output k by its own weight j.
    terms = derivative(lambda W: (out(W) - y) ** 2 / 2, W)[:, 0]
    outputs = derivative(out, W)[:, 0]
    yield derivative(lambda W: half_square(plus(out(W), -y)), W)
    yield derivative(lambda W: halves(out(W), y), W)
    yield matrix(K, 3, lambda k, j: terms[k, k, j])
    yield matrix(K, 3, lambda k, j: (out(W)[k, 0] - y[k, 0]) * outputs[k, k, j])


@claim(
    "001.131",
    r"a_k^{(l+1)} = f\left(z_k^{(l+1)}\right) = f\left(\sum_{j=0}^{s_l} a_j^{(l)} W_{kj}^{(l)}\right)"
    r" = f\left(W_{k0}^{(l)} + \sum_{j=1}^{s_l} a_j^{(l)} W_{kj}^{(l)}\right)",
    title="an output, with its bias as a weight",
    source=printed(131),
    covers=["001.131a", "001.131b", "001.131c"],
    reading="a_0^{(l)} = 1, as in line 14.",
    textbook=True,
)
def output_with_bias_as_weight(g=Function(), W=Real("K s+1"), a=Real("s 1")):
    K, s, a_ = len(W), len(a), augmented(a)
    yield g(plus(W[:, 1:] @ a, W[:, :1]))
    yield matrix(K, 1, lambda k, _: g(next_z(W, a)[k, 0]))
    yield matrix(K, 1, lambda k, _: g(sum(a_[j, 0] * W[k, j] for j in range(s + 1))))
    yield matrix(K, 1, lambda k, _: g(W[k, 0] + sum(a_[j, 0] * W[k, j] for j in range(1, s + 1))))


@claim(
    "001.135",
    r"j \neq 0: \quad \frac{\partial}{\partial W_{kj}^{(l)}} J(W, b; x, y) = \left(a_k^{(l+1)} - y_k^{(l+1)}\right)"
    r" \frac{\partial f\left(z_k^{(l+1)}\right)}{\partial z_k^{(l+1)}} a_j^{(l)} = \delta_k^{(l+1)} a_j^{(l)}, \quad"
    r" j = 0: \quad \frac{\partial}{\partial W_{k0}^{(l)}} J(W, b; x, y) = \left(a_k^{(l+1)} - y_k^{(l+1)}\right)"
    r" \frac{\partial f\left(z_k^{(l+1)}\right)}{\partial z_k^{(l+1)}} = \delta_k^{(l+1)}",
    title="derivatives by weights and biases of the output layer",
    source=printed(133, 135, 137, 139),
    covers=["001.135a", "001.135b", "001.139a", "001.139b"],
    reading="delta is the derivative by z of line 65.",
    textbook=True,
)
def by_weights_of_the_output_layer(g=Function(), W=Real("K s+1"), a=Real("s 1"), y=Real("K 1")):
    K, s, z = len(W), len(a), next_z(W, a)
    out, slope, delta = g(z), slopes(g, z), by_last_z(g, z, y)
    by_W = derivative(lambda W: half_square(plus(g(next_z(W, a)), -y)), W)
    yield by_W[:, 1:], by_W[:, :1]
    yield (
        matrix(K, s, lambda k, j: (out[k, 0] - y[k, 0]) * slope[k, 0] * a[j, 0]),
        matrix(K, 1, lambda k, _: (out[k, 0] - y[k, 0]) * slope[k, 0]),
    )
    yield matrix(K, s, lambda k, j: delta[k, 0] * a[j, 0]), matrix(K, 1, lambda k, _: delta[k, 0])


@claim(
    "001.143",
    r"\frac{\partial}{\partial W_{ji}^{(l-1)}} J(W, b; x, y) = \frac{\partial}{\partial W_{ji}^{(l-1)}} \left("
    r"\sum_{k=1}^K \left(\frac{1}{2} \left(a_k^{(l+1)} - y_k^{(l+1)}\right)^2\right)\right)"
    r" = \sum_{k=1}^K \left(\left(a_k^{(l+1)} - y_k^{(l+1)}\right) * \frac{\partial}{\partial W_{ji}^{(l-1)}}"
    r" a_k^{(l+1)}\right) = \sum_{k=1}^K \left(\left(a_k^{(l+1)} - y_k^{(l+1)}\right) *"
    r" \frac{\partial f\left(z_k^{(l+1)}\right)}{\partial z_k^{(l+1)}} *"
    r" \frac{\partial}{\partial W_{ji}^{(l-1)}} z_k^{(l+1)}\right)",
    title="derivative by a weight of the hidden layer",
    source=printed(141, 143, 144, 145),
    covers=["001.143a", "001.144a", "001.145a"],
    reading="For i = 0, too.",
    sizes={"K": 3},
    textbook=True,
)
def by_weight_of_the_hidden_layer(
    f=Function(), g=Function(), W=Real("K 3"), V=Real("2 m+1"), a=Real("m 1"), y=Real("K 1")
):
    K, s, width = len(W), *V.shape

    def z(V):
        return last_z(W, V, a, f)

    error, slope = g(z(V)) - y, slopes(g, z(V))
    yield derivative(lambda V: half_square(plus(g(z(V)), -y)), V)
    yield derivative(lambda V: halves(g(z(V)), y), V)
    by_V = derivative(lambda V: g(z(V)), V)
    yield matrix(s, width, lambda j, i: sum(error[k, 0] * by_V[k, 0, j, i] for k in range(K)))
    by_V = derivative(z, V)
    yield matrix(s, width, lambda j, i: sum(error[k, 0] * slope[k, 0] * by_V[k, 0, j, i] for k in range(K)))


@claim(
    "001.149",
    r"z_k^{(l+1)} = W_{k0}^{(l)} + \sum_{j=1}^{s_l} \left(a_j^{(l)} W_{kj}^{(l)}\right)"
    r" = W_{k0}^{(l)} + \sum_{j=1}^{s_l} \left(f\left(z_j^{(l)}\right) * W_{kj}^{(l)}\right)"
    r" = W_{k0}^{(l)} + \sum_{j=1}^{s_l} \left(f\left(W_{j0}^{(l-1)}"
    r" + \sum_{i=1}^{s_{l-1}} a_i^{(l-1)} W_{ji}^{(l-1)}\right) W_{kj}^{(l)}\right)",
    title="input of an output unit",
    source=printed(149),
    covers=["001.149a", "001.149b", "001.149c"],
    textbook=True,
)
def input_of_an_output_unit(f=Function(), W=Real("K 3"), V=Real("2 m+1"), a=Real("m 1")):
    K, s, m = len(W), len(V), len(a)
    z = next_z(V, a)
    values = f(z)
    yield last_z(W, V, a, f)
    yield matrix(K, 1, lambda k, _: W[k, 0] + sum(values[j, 0] * W[k, j + 1] for j in range(s)))
    yield matrix(K, 1, lambda k, _: W[k, 0] + sum(f(z[j, 0]) * W[k, j + 1] for j in range(s)))
    yield matrix(
        K,
        1,
        lambda k, _: (
            W[k, 0] + sum(f(V[j, 0] + sum(a[i, 0] * V[j, i + 1] for i in range(m))) * W[k, j + 1] for j in range(s))
        ),
    )


@claim(
    "001.154",
    r"i \neq 0: \quad \frac{\partial}{\partial W_{ji}^{(l-1)}} z_k^{(l+1)} = \frac{\partial z_k^{(l+1)}}{\partial"
    r" a_j^{(l)}} *"
    r" \frac{\partial a_j^{(l)}}{\partial W_{ji}^{(l-1)}} = \frac{\partial z_k^{(l+1)}}{\partial a_j^{(l)}} *"
    r" \frac{\partial f\left(z_j^{(l)}\right)}{\partial z_j^{(l)}} * \frac{\partial z_j^{(l)}}{\partial W_{ji}^{(l-1)}}"
    r" = W_{kj}^{(l)} * \frac{\partial f\left(z_j^{(l)}\right)}{\partial z_j^{(l)}} * a_i^{(l-1)}",
    title="input of an output unit by a weight",
    source=printed(152, 154),
    covers=["001.154a", "001.154b", "001.154c"],
    textbook=True,
)
def input_of_an_output_unit_by_weight(f=Function(), W=Real("K 3"), V=Real("2 m+1"), a=Real("m 1")):
    z = next_z(V, a)
    z_by_a = derivative(lambda values: next_z(W, values), f(z))[:, 0, :, 0]
    a_by_V = derivative(lambda V: f(next_z(V, a)), V)[:, 0]
    z_by_V = derivative(lambda V: next_z(V, a), V)[:, 0]
    slope = slopes(f, z)
    entries = [(k, j, i) for k in range(len(W)) for j in range(len(V)) for i in range(1, V.shape[1])]
    by_V = derivative(lambda V: last_z(W, V, a, f), V)[:, 0]
    yield jnp.stack([by_V[k, j, i] for k, j, i in entries])
    yield jnp.stack([z_by_a[k, j] * a_by_V[j, j, i] for k, j, i in entries])
    yield jnp.stack([z_by_a[k, j] * slope[j, 0] * z_by_V[j, j, i] for k, j, i in entries])
    yield jnp.stack([W[k, j + 1] * slope[j, 0] * a[i - 1, 0] for k, j, i in entries])


@claim(
    "001.154d",
    r"i \neq 0: \quad \frac{\partial}{\partial W_{ji}^{(l-1)}} J(W, b; x, y)"
    r" = \sum_{k=1}^K \left(\left(a_k^{(l+1)} - y_k^{(l+1)}\right) * \frac{\partial"
    r" f\left(z_k^{(l+1)}\right)}{\partial z_k^{(l+1)}} * \frac{\partial}{\partial W_{ji}^{(l-1)}}"
    r" z_k^{(l+1)}\right) = \sum_{k=1}^K \left(\left(a_k^{(l+1)} - y_k^{(l+1)}\right) * \frac{\partial"
    r" f\left(z_k^{(l+1)}\right)}{\partial z_k^{(l+1)}}"
    r" * W_{kj}^{(l)} * \frac{\partial f\left(z_j^{(l)}\right)}{\partial z_j^{(l)}} * a_i^{(l-1)}\right)"
    r" = \frac{\partial f\left(z_j^{(l)}\right)}{\partial z_j^{(l)}} * a_i^{(l-1)} * \sum_{k=1}^K"
    r" \left(\left(a_k^{(l+1)} - y_k^{(l+1)}\right)"
    r" * \frac{\partial f\left(z_k^{(l+1)}\right)}{\partial z_k^{(l+1)}} * W_{kj}^{(l)}\right)"
    r" = \frac{\partial f\left(z_j^{(l)}\right)}{\partial z_j^{(l)}} * a_i^{(l-1)} * \sum_{k=1}^K"
    r" \left(\delta_k^{(l+1)} * W_{kj}^{(l)}\right)"
    r" = a_i^{(l-1)} * \delta_j^{(l)}",
    title="derivatives by weights of the hidden layer",
    source=printed(154),
    covers=["001.154d", "001.154e", "001.154f", "001.154g", "001.154h"],
    sizes={"K": 3},
    textbook=True,
)
def by_weights_of_the_hidden_layer(
    f=Function(), g=Function(), W=Real("K 3"), V=Real("2 m+1"), a=Real("m 1"), y=Real("K 1")
):
    outputs, (s, width) = range(len(W)), V.shape
    z_j, z_k = next_z(V, a)[:, 0], last_z(W, V, a, f)
    error, f_, g_ = (g(z_k) - y)[:, 0], slopes(f, z_j), slopes(g, z_k)[:, 0]
    delta, delta_j = by_last_z(g, z_k, y)[:, 0], by_hidden_z(W, z_j[:, None], y, f, g)[:, 0]
    z_by_V = derivative(lambda V: last_z(W, V, a, f), V)[:, 0]

    def all_weights(entry):
        return jnp.array([[entry(j, i, j + 1, a[i - 1, 0]) for i in range(1, width)] for j in range(s)])

    yield derivative(lambda V: half_square(plus(g(last_z(W, V, a, f)), -y)), V)[:, 1:]
    yield all_weights(lambda j, i, column, a_i: sum(error[k] * g_[k] * z_by_V[k, j, i] for k in outputs))
    yield all_weights(lambda j, i, column, a_i: sum(error[k] * g_[k] * W[k, column] * f_[j] * a_i for k in outputs))
    yield all_weights(lambda j, i, column, a_i: f_[j] * a_i * sum(error[k] * g_[k] * W[k, column] for k in outputs))
    yield all_weights(lambda j, i, column, a_i: f_[j] * a_i * sum(delta[k] * W[k, column] for k in outputs))
    yield all_weights(lambda j, i, column, a_i: a_i * delta_j[j])


@claim(
    "001.154i",
    r"\delta = \frac{\partial J}{\partial z}: \quad \delta_k^{(l+1)} = (a_k - y_k) f'(z_k), \quad"
    r" \delta_j^{(l)} = f'(z_j) \sum_k \delta_k^{(l+1)} W_{kj}^{(l)}",
    title="the deltas of all lines are the same",
    source=printed(65, 67, 135, 154),
    covers=["001.154i"],
    reading="The derivatives by z, those of lines 65 and 67, and those of lines 135 and 154.",
    textbook=True,
)
def deltas_are_the_same(f=Function(), g=Function(), W=Real("K 3"), z=Real("2 1"), y=Real("K 1")):
    K, z_k = len(W), next_z(W, f(z))
    out, f_, g_ = g(z_k), slopes(f, z), slopes(g, z_k)
    later = last_delta(y, z_k, {3: g}, 3)
    yield by_last_z(g, z_k, y)[:, 0], by_hidden_z(W, z, y, f, g)[:, 0]
    yield jnp.stack(later), jnp.stack(delta_before(W[:, 1:], later, f_))
    delta = [(out[k, 0] - y[k, 0]) * g_[k, 0] for k in range(K)]
    yield jnp.stack(delta), jnp.stack([f_[j, 0] * sum(delta[k] * W[k, j + 1] for k in range(K)) for j in range(2)])


@claim(
    "001.158",
    r"i = 0: \quad \frac{\partial}{\partial W_{j0}^{(l-1)}} z_k^{(l+1)} = W_{kj}^{(l)} *"
    r" \frac{\partial f\left(z_j^{(l)}\right)}{\partial z_j^{(l)}}",
    title="input of an output unit by a bias",
    source=printed(156, 158),
    covers=["001.158a"],
    textbook=True,
)
def input_of_an_output_unit_by_bias(f=Function(), W=Real("K 3"), V=Real("2 m+1"), a=Real("m 1")):
    slope = slopes(f, next_z(V, a))
    yield derivative(lambda V: last_z(W, V, a, f), V)[:, 0, :, 0]
    yield matrix(len(W), 2, lambda k, j: W[k, j + 1] * slope[j, 0])


@claim(
    "001.158b",
    r"i = 0: \quad \frac{\partial}{\partial W_{j0}^{(l-1)}} J(W, b; x, y)"
    r" = \sum_{k=1}^K \left(\left(a_k^{(l+1)} - y_k^{(l+1)}\right) * \frac{\partial"
    r" f\left(z_k^{(l+1)}\right)}{\partial z_k^{(l+1)}} * \frac{\partial}{\partial W_{j0}^{(l-1)}}"
    r" z_k^{(l+1)}\right) = \sum_{k=1}^K \left(\left(a_k^{(l+1)} - y_k^{(l+1)}\right) * \frac{\partial"
    r" f\left(z_k^{(l+1)}\right)}{\partial z_k^{(l+1)}}"
    r" * W_{kj}^{(l)} * \frac{\partial f\left(z_j^{(l)}\right)}{\partial z_j^{(l)}}\right)"
    r" = \frac{\partial f\left(z_j^{(l)}\right)}{\partial z_j^{(l)}} * \sum_{k=1}^K \left(\left(a_k^{(l+1)} -"
    r" y_k^{(l+1)}\right)"
    r" * \frac{\partial f\left(z_k^{(l+1)}\right)}{\partial z_k^{(l+1)}} * W_{kj}^{(l)}\right)"
    r" = \frac{\partial f\left(z_j^{(l)}\right)}{\partial z_j^{(l)}} * \sum_{k=1}^K \left(\delta_k^{(l+1)} *"
    r" W_{kj}^{(l)}\right)"
    r" = \delta_j^{(l)}",
    title="derivatives by biases of the hidden layer",
    source=printed(158),
    covers=["001.158b", "001.158c", "001.158d", "001.158e", "001.158f"],
    sizes={"K": 3},
    textbook=True,
)
def by_biases_of_the_hidden_layer(
    f=Function(), g=Function(), W=Real("K 3"), V=Real("2 m+1"), a=Real("m 1"), y=Real("K 1")
):
    outputs, units = range(len(W)), range(len(V))
    z_j, z_k = next_z(V, a)[:, 0], last_z(W, V, a, f)
    error, f_, g_ = (g(z_k) - y)[:, 0], slopes(f, z_j), slopes(g, z_k)[:, 0]
    delta, delta_j = by_last_z(g, z_k, y)[:, 0], by_hidden_z(W, z_j[:, None], y, f, g)[:, 0]
    z_by_V = derivative(lambda V: last_z(W, V, a, f), V)[:, 0]
    yield derivative(lambda V: half_square(plus(g(last_z(W, V, a, f)), -y)), V)[:, 0]
    yield jnp.stack([sum(error[k] * g_[k] * z_by_V[k, j, 0] for k in outputs) for j in units])
    yield jnp.stack([sum(error[k] * g_[k] * W[k, j + 1] * f_[j] for k in outputs) for j in units])
    yield jnp.stack([f_[j] * sum(error[k] * g_[k] * W[k, j + 1] for k in outputs) for j in units])
    yield jnp.stack([f_[j] * sum(delta[k] * W[k, j + 1] for k in outputs) for j in units])
    yield jnp.stack([delta_j[j] for j in units])
