"""Lines 117 to 143: Fact 1, the cost by the last activations.

The text writes gradients as the partial derivatives of its appendix here: all but the symbol is judged as a gradient.
"""

import jax.numpy as jnp

from derivations._words import hadamard, put
from derivations.after_nielsen._conventions import cost, d, dot, ones, parallel, printed
from derivations.after_nielsen._example import Example
from gradproof import Real, claim, definition, derivative

derivatives_to_find = definition(
    "002.117",
    r"\partial_b C, \quad \partial_w C",
    code=Example,
    title="derivatives by each bias and weight",
    source=printed(117),
    covers=["002.117a"],
)
gradient_by_biases = definition(
    "002.117b",
    r"\vec{\partial_b} C",
    code=d,
    title="gradient by the biases",
    source=printed(117, 121, 123, 143, 388),
    covers={"002.117b": "misprint"},
    correction=r"\vec{d}_{\vec{b}} C",
    severity="typography",
    reading="A gradient is written with d and the vector under it in the appendix and from line 149 on; with the sign "
    "of a partial derivative, it is by one number. Lines 121 to 143 write so, too.",
)
matrix_by_weights = definition(
    "002.117c",
    r"D_w C",
    code=Example.by_W,
    title="matrix of the derivatives by the weights",
    source=printed(117, 426),
    covers={"002.117c": "misprint"},
    correction=r"D_W C",
    severity="typography",
    reading="The same line has w for one weight and W for their matrix, and the appendix D_A for the derivatives by a "
    "matrix A. Lines 185 to 237 write so, too, and lines 299 to 329 as corrected.",
)
last_layer = definition(
    "002.117d",
    r"\vec{b}, W, \vec{a}, \vec{z} = \vec{b}^L, W^L, \vec{a}^L, \vec{z}^L",
    title="symbols of the last layer",
    source=printed(117),
    covers=["002.117d"],
)


@claim(
    "002.125",
    r"\delta_i = \delta_i(a_i) = y_i - a_i",
    title="error of each output",
    source=printed(125, 127),
    covers={"002.125a": "definition", "002.125b": "holds", "002.127a": "holds"},
    reading="Of the properties of Proposition 2, the length is that of a, and no delta_i changes with another a_j.",
)
def error_of_each_output(a=Real("n 1"), y=Real("n 1"), other=Real("n 1")):
    n = len(a)
    yield [(y - a)[i, 0] for i in range(n)], [(y - put(other, i, a[i, 0]))[i, 0] for i in range(n)]
    yield ([y[i, 0] - a[i, 0] for i in range(n)],) * 2


@claim(
    "002.133",
    r"\frac{1}{2} \|\vec{\delta}\|^2 = \frac{1}{2} \vec{\delta} \cdot \vec{\delta}, \quad"
    r" \vec{\partial_{\vec{\delta}}} \left(\frac{1}{2} \|\vec{\delta}\|^2\right) = \vec{\delta}",
    title="gradient of half a square",
    source=printed(133),
    covers=["002.133a", "002.133b"],
    reading="By the product rule both factors give the same, which the half makes one. The square of the norm is the "
    "sum of the squares.",
)
def gradient_of_half_a_square(delta=Real("n 1")):
    def half_a_square(delta):
        return sum(delta_i**2 for delta_i in delta[:, 0]) / 2

    yield half_a_square(delta), d(delta, half_a_square)
    yield dot(delta, delta) / 2, d(delta, lambda delta: dot(delta, delta) / 2)
    yield (
        dot(delta, delta) / 2,
        (d(delta, lambda first: dot(first, delta)) + d(delta, lambda second: dot(delta, second))) / 2,
    )
    yield dot(delta, delta) / 2, delta


@claim(
    "002.135",
    r"\vec{\partial_{\vec{a}}} \vec{\delta} = \vec{\partial_{\vec{a}}} (\vec{y} - \vec{a}) = -\vec{1}",
    title="derivative of the error",
    source=printed(135, 137),
    covers={"002.135a": "holds", "002.135b": "holds", "002.137a": "definition"},
    reading="The vector of line 56, of the derivative of each element by its own.",
)
def derivative_of_error(a=Real("n 1"), y=Real("n 1")):
    n = len(a)
    yield jnp.stack([derivative(lambda a_i, i=i: (y - put(a, i, a_i))[i, 0], a[i, 0]) for i in range(n)])[:, None]
    yield parallel(a, lambda a: y - a)
    yield -ones(a)


@claim(
    "002.143",
    r"\vec{\partial_{\vec{a}}} C = \vec{\partial_{\vec{a}}} \left(\frac{1}{2} \|\vec{y} - \vec{a}\|^2\right)"
    r" = \vec{\partial_{\vec{\delta}}} \left(\frac{1}{2} \|\vec{\delta}\|^2\right) \odot \vec{\partial_{\vec{a}}}"
    r" \vec{\delta} = \vec{\delta} \odot -\vec{1} = (\vec{y} - \vec{a}) \odot -\vec{1} = \vec{a} - \vec{y}",
    title="Fact 1",
    source=printed(123, 131, 141, 143),
    covers=["002.123a", "002.131a", "002.141a", "002.141b", "002.141c", "002.143a"],
    same_as=["002.229a", "002.323b"],
)
def fact_1(a=Real("n 1"), y=Real("n 1")):
    delta = y - a
    yield d(a, lambda a: cost(y, a))
    yield d(a, lambda a: dot(y - a, y - a) / 2)
    yield hadamard(d(delta, lambda delta: dot(delta, delta) / 2), parallel(a, lambda a: y - a))
    yield hadamard(delta, -ones(a))
    yield hadamard(y - a, -ones(a))
    yield a - y
