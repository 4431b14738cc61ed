"""Lines 46 to 56: a step of descent, and the derivatives of the overall cost from those of single examples."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from derivations._words import ByLayer, by_entry, columns, matrix
from derivations.backpropagation_algorithm._conventions import (
    ACTIVATIONS,
    LAYERS,
    SQUARE,
    activations,
    backpropagation,
    by_parameters,
    cost,
    overall_cost,
    parameters,
    printed,
)
from gradproof import Positive, Real, claim, definition, demonstration, derivative, misprint

ONE_LAYER = LAYERS[:1]
TWO_LAYERS = LAYERS[:2]


def by_entries(function: Callable[[ByLayer], jax.Array], at: ByLayer) -> ByLayer:
    """The derivatives by the entries of the matrices of all layers, entry by entry."""

    def of_layer(layer: int) -> jax.Array:
        return matrix(
            *at[layer].shape,
            lambda j, i: by_entry(lambda part: function(at | {layer: part}), at[layer], j, i),
        )

    return {layer: of_layer(layer) for layer in at}


@claim(
    "001.46",
    r"W_{ji}^{(l)} = W_{ji}^{(l)} - \alpha \frac{\partial}{\partial W_{ji}^{(l)}} J(W, b), \quad"
    r" b_i^{(l)} = b_i^{(l)} - \alpha \frac{\partial}{\partial b_i^{(l)}} J(W, b)",
    title="a step of gradient descent",
    source=printed(46, 47, 49),
    covers={
        "001.46a": "definition",
        "001.46b": "ambiguous",
        "001.47a": "definition",
        "001.47b": "definition",
        "001.49a": "definition",
    },
    reading="The sign is read as an assignment, with the old values on the right; as an equation it would say that "
    "the derivatives are zero. i counts the s_l columns of W^{(l)} in line 46, and the s_{l+1} entries of b^{(l)} in "
    "line 47. The first side takes the derivatives by whole arrays, the second entry by entry.",
    sizes={"n": 2, "m": 2},
    textbook=True,
)
def a_step(layers=ONE_LAYER, f=ACTIVATIONS[:1], X=Real("n m"), Y=Real("n 3"), strength=Positive(), alpha=Positive()):
    (W, b), f = parameters(layers), activations(f)
    by_W, by_b = derivative(lambda at: overall_cost(X, Y, *at, f, strength), (W, b))
    yield W[1] - alpha * by_W[1], b[1] - alpha * by_b[1]
    of_W = by_entries(lambda W: overall_cost(X, Y, W, b, f, strength), W)[1]
    of_b = by_entries(lambda b: overall_cost(X, Y, W, b, f, strength), b)[1]
    s_1, s_2 = len(X[0]), len(Y[0])
    yield (
        matrix(s_2, s_1, lambda j, i: W[1][j, i] - alpha * of_W[j, i]),
        matrix(s_2, 1, lambda i, _: b[1][i, 0] - alpha * of_b[i, 0]),
    )


of_one_example = definition(
    "001.51",
    r"\frac{\partial}{\partial W_{ji}^{(l)}} J(W, b; x, y), \quad \frac{\partial}{\partial b_i^{(l)}} J(W, b; x, y)",
    code=by_entries,
    title="derivatives of one example",
    source=printed(51),
    covers=["001.51a"],
)


@claim(
    "001.53",
    r"\frac{\partial}{\partial W_{ji}^{(l)}} J(W, b) = \left[\frac{1}{m} \sum_{i=1}^m"
    r" \frac{\partial}{\partial W_{ji}^{(l)}} J(W, b; x^{(i)}, y^{(i)})\right] + \lambda W_{ji}^{(l)}, \quad"
    r" \frac{\partial}{\partial b_i^{(l)}} J(W, b) = \frac{1}{m} \sum_{i=1}^m"
    r" \frac{\partial}{\partial b_i^{(l)}} J(W, b; x^{(i)}, y^{(i)})",
    title="derivatives of the overall cost",
    source=printed(53, 54, 56),
    covers={"001.53a": "ambiguous", "001.54a": "ambiguous", "001.56a": "holds"},
    reading="Inside the sums i numbers the examples, and the i of the unit is that of the left side. Read literally, "
    "the sum runs over both: 001.53b.",
    sizes={"m": 2},
    textbook=True,
)
def derivatives_of_the_overall_cost(
    layers=TWO_LAYERS, f=ACTIVATIONS[:2], X=Real("n m"), Y=Real("n 2"), strength=Positive()
):
    (W, b), f = parameters(layers), activations(f)
    m, data = len(X), list(zip(columns(X), columns(Y), strict=True))
    yield derivative(lambda at: overall_cost(X, Y, *at, f, strength), (W, b))
    of_examples = [by_parameters(x, y, W, b, f) for x, y in data]
    yield (
        {layer: sum(by_W[layer] for by_W, _ in of_examples) / m + strength * W[layer] for layer in W},
        {layer: sum(by_b[layer] for _, by_b in of_examples) / m for layer in b},
    )


@claim(
    "001.53b",
    r"\left[\frac{1}{m} \sum_{i=1}^m \frac{\partial}{\partial W_{ji}^{(l)}} J(W, b; x^{(i)}, y^{(i)})\right]"
    r" + \lambda W_{ji}^{(l)}, \quad \frac{1}{m} \sum_{i=1}^m \frac{\partial}{\partial b_i^{(l)}}"
    r" J(W, b; x^{(i)}, y^{(i)})",
    title="one index for units and examples",
    source=printed(53, 54),
    correction=r"\left[\frac{1}{m} \sum_{t=1}^m \frac{\partial}{\partial W_{ji}^{(l)}} J(W, b; x^{(t)}, y^{(t)})\right]"
    r" + \lambda W_{ji}^{(l)}, \quad \frac{1}{m} \sum_{t=1}^m \frac{\partial}{\partial b_i^{(l)}}"
    r" J(W, b; x^{(t)}, y^{(t)})",
    severity="index",
    reading="The other reading of 001.53a and 001.54a: unit i belongs to example i. Two units and two examples.",
    textbook=True,
)
def one_index_for_units_and_examples(
    layers=SQUARE[:1], f=ACTIVATIONS[:1], X=Real("2 2"), Y=Real("2 2"), strength=Positive()
):
    (W, b), f = parameters(layers), activations(f)
    data = list(zip(columns(X), columns(Y), strict=True))
    by_W, by_b = derivative(lambda at: overall_cost(X, Y, *at, f, strength), (W, b))
    yield by_W[1], by_b[1]
    of_examples = [by_parameters(x, y, W, b, f) for x, y in data]
    of_W, of_b = [by_W[1] for by_W, _ in of_examples], [by_b[1] for _, by_b in of_examples]
    yield misprint(
        printed=(
            matrix(2, 2, lambda j, i: sum(of_W[t][j, t] for t in range(2)) / 2 + strength * W[1][j, i]),
            matrix(2, 1, lambda i, _: sum(of_b[t][t, 0] for t in range(2)) / 2),
        ),
        correct=(
            matrix(2, 2, lambda j, i: sum(of_W[t][j, i] for t in range(2)) / 2 + strength * W[1][j, i]),
            matrix(2, 1, lambda i, _: sum(of_b[t][i, 0] for t in range(2)) / 2),
        ),
    )


def multiplications(jaxpr: Any) -> int:
    """Those of numbers in the matrix products of a trace."""
    total = 0
    for equation in jaxpr.eqns:
        if equation.primitive.name == "dot_general":
            left, out = equation.invars[0].aval, equation.outvars[0].aval
            (contracted, _), _ = equation.params["dimension_numbers"]
            total += out.size * math.prod(left.shape[axis] for axis in contracted)
        total += sum(multiplications(inner.jaxpr) for inner in equation.params.values() if hasattr(inner, "jaxpr"))
    return total


@demonstration(
    "001.49",
    r"\nabla_{W^{(l)}} J, \; \nabla_{b^{(l)}} J",
    title="backpropagation is efficient",
    source=printed(49),
    covers=["001.49b"],
    reading="All derivatives cost at most three times the multiplications of a forward pass, for any number of "
    "parameters. The control has a difference quotient for each parameter.",
)
def backpropagation_is_efficient(control: bool) -> bool:
    widths, f = [4, 5, 4, 3], dict.fromkeys((2, 3, 4), jnp.tanh)
    W = {layer: jnp.ones((widths[layer], widths[layer - 1])) for layer in (1, 2, 3)}
    b = {layer: jnp.ones((widths[layer], 1)) for layer in (1, 2, 3)}
    x, y = jnp.ones((4, 1)), jnp.ones((3, 1))

    def quotients(W, b):
        here = cost(x, y, W, b, f)
        return [
            (cost(x, y, W | {layer: W[layer].at[j, i].add(0.01)}, b, f) - here) / 0.01
            for layer in W
            for j in range(widths[layer])
            for i in range(widths[layer - 1])
        ]

    def by_backpropagation(W, b):
        return backpropagation(x, y, W, b, f)

    def count(function):
        return multiplications(jax.make_jaxpr(function)(W, b).jaxpr)

    forward_pass = count(lambda W, b: cost(x, y, W, b, f))
    return count(quotients if control else by_backpropagation) <= 3 * forward_pass
