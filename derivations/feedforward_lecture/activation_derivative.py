"""Lines 666 to 690: the derivatives of the logistic function and of tanh."""

import jax.numpy as jnp

from derivations.feedforward_lecture._conventions import printed
from derivations.feedforward_lecture.algorithms import back_propagation
from gradproof import Real, claim, definition, derivative, misprint
from manual_grads import activations

what_remains = definition(
    "004.670",
    code=back_propagation,
    title="what remains",
    source=printed(670, 682),
    covers=["004.670a"],
    reading="Everything else is given: of g the algorithm uses the derivative alone, and 004.640 runs it for any g.",
)


@claim(
    "004.676",
    r"g(z) = \sigma(z) = \frac{1}{1 + e^{-z}}",
    title="logistic function",
    source=printed(672, 676, 684, 686),
    covers={"004.672a": "definition", "004.676a": "definition"},
    same_as=["000.27a"],
    textbook=True,
)
def logistic_function(z=Real("n")):
    yield 1 / (1 + jnp.exp(-z))
    yield activations.sigmoid(z)


@claim(
    "004.676b",
    r"g'(z) = (-1) \frac{1}{(1 + e^{-z})^2} \frac{d}{dz} (1 + e^{-z}) = (-1) \frac{1}{(1 + e^{-z})^2} (-e^{-z})"
    r" = \frac{1}{1 + e^{-z}} \left( \frac{1 + e^{-z} - 1}{1 + e^{-z}} \right) = g(z) (1 - g(z))",
    title="derivative of the logistic function",
    source=printed(676, 686),
    covers=["004.676b", "004.676c", "004.676d", "004.676e"],
    same_as=["000.47a", "002.333a"],
    textbook=True,
)
def derivative_of_logistic_function(z=Real()):
    def g(z):
        return 1 / (1 + jnp.exp(-z))

    yield derivative(g, z)
    yield (-1) * (1 / (1 + jnp.exp(-z)) ** 2) * derivative(lambda z: 1 + jnp.exp(-z), z)
    yield (-1) * (1 / (1 + jnp.exp(-z)) ** 2) * (-jnp.exp(-z))
    yield 1 / (1 + jnp.exp(-z)) * ((1 + jnp.exp(-z) - 1) / (1 + jnp.exp(-z)))
    yield g(z) * (1 - g(z))


@claim(
    "004.678",
    r"g(z) = \tanh(z) = \frac{e^z - e^{-z}}{e^z + e^{-z}}",
    title="hyperbolic tangent",
    source=printed(674, 678, 688, 690),
    covers={"004.674a": "definition", "004.678a": "holds"},
    same_as=["000.332a"],
    textbook=True,
)
def hyperbolic_tangent(z=Real("n")):
    yield jnp.tanh(z)
    yield (jnp.exp(z) - jnp.exp(-z)) / (jnp.exp(z) + jnp.exp(-z))
    yield activations.tanh(z)


@claim(
    "004.680",
    r"g(z) = \tanh(z) = \frac{e^z - e^{-z}}{e^z + e^{-z}} = 1 - (g(z))^2",
    title="a derivative for the function",
    source=printed(678, 680),
    covers={"004.680a": "misprint"},
    correction=r"g'(z) = 1 - (g(z))^2",
    severity="typography",
    reading="Line 680 follows on g(z), and the steps from g'(z) that line 690 has are left out. The first side is the "
    "printed right side, and what is said to be equal to it is g(z).",
    textbook=True,
)
def derivative_for_function(z=Real()):
    yield 1 - jnp.tanh(z) ** 2
    yield misprint(printed=jnp.tanh(z), correct=derivative(jnp.tanh, z))


@claim(
    "004.690",
    r"g'(z) = \frac{(e^z + e^{-z}) \frac{d}{dz} (e^z - e^{-z}) - (e^z - e^{-z}) \frac{d}{dz} (e^z + e^{-z})}"
    r"{(e^z + e^{-z})^2} = \frac{(e^z + e^{-z})^2 - (e^z - e^{-z})^2}{(e^z + e^{-z})^2}"
    r" = 1 - \frac{(e^z - e^{-z})^2}{(e^z + e^{-z})^2} = 1 - (g(z))^2",
    title="derivative of the hyperbolic tangent",
    source=printed(690),
    covers=["004.690a", "004.690b", "004.690c", "004.690d"],
    same_as=["000.332b"],
    textbook=True,
)
def derivative_of_hyperbolic_tangent(z=Real()):
    def difference(z):
        return jnp.exp(z) - jnp.exp(-z)

    def total(z):
        return jnp.exp(z) + jnp.exp(-z)

    yield derivative(jnp.tanh, z)
    yield (total(z) * derivative(difference, z) - difference(z) * derivative(total, z)) / total(z) ** 2
    yield (total(z) ** 2 - difference(z) ** 2) / total(z) ** 2
    yield 1 - difference(z) ** 2 / total(z) ** 2
    yield 1 - jnp.tanh(z) ** 2
