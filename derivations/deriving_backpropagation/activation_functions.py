"""Lines 326 to 338: derivatives of activation functions that act element by element."""

import jax
import jax.numpy as jnp

from derivations._words import jacobian
from derivations.deriving_backpropagation._conventions import printed
from derivations.deriving_backpropagation.network import forward
from gradproof import Real, claim, definition, derivative

other_activations = definition(
    "000.328",
    r"\phi_1, \dots, \phi_{L-1}, \phi_L",
    code=forward,
    title="an activation for each layer",
    source=printed(328),
    covers=["000.328a"],
    reading="Which are usual cannot be computed. Each layer has its own, of any kind.",
)


def relu(z: jax.Array) -> jax.Array:
    """The greater of 0 and z."""
    return jnp.maximum(0, z)


def tanh(z: jax.Array) -> jax.Array:
    """The quotient of line 332."""
    return (1 - jnp.exp(-2 * z)) / (1 + jnp.exp(-2 * z))


@claim(
    "000.332",
    r"\tanh(z) = \frac{1 - e^{-2z}}{1 + e^{-2z}}",
    title="hyperbolic tangent",
    source=printed(332),
    covers={"000.332a": "definition"},
    textbook=True,
)
def hyperbolic_tangent(z=Real()):
    yield jnp.sinh(z) / jnp.cosh(z)
    yield tanh(z)


@claim(
    "000.332b",
    r"\phi'(z) = 1 - \tanh^2(z)",
    title="derivative of the hyperbolic tangent",
    source=printed(332),
    covers=["000.332b"],
    same_as=["004.680a"],
    textbook=True,
)
def derivative_of_tanh(z=Real()):
    yield derivative(tanh, z)
    yield 1 - jnp.tanh(z) ** 2


rectifier = definition(
    "000.334",
    r"\text{ReLU}(z) = \max(0, z)",
    code=relu,
    title="rectifier",
    source=printed(334),
    covers=["000.334a"],
)


@claim(
    "000.334b",
    r"\phi'(z) = \mathbf{1}_{z > 0}",
    title="derivative of the rectifier",
    source=printed(334),
    covers=["000.334b"],
    hypotheses=["z is not 0, where there is no derivative: 000.334c"],
    kinks="at 0 the line says 0, and JAX takes half of a maximum",
)
def derivative_of_relu(z=Real()):
    yield derivative(relu, z)
    yield jnp.where(z > 0, 1.0, 0.0)


@claim(
    "000.334c",
    r"\frac{\max(0, t) - \max(0, 0)}{t} = \mathbf{1}_{t > 0}",
    title="no derivative of the rectifier at 0",
    source=printed(334),
    reading="The slope of a step from 0 is 1 for every step to the right and 0 for every step to the left: it has no "
    "limit.",
    kinks="for t = 0 there is no step",
)
def no_derivative_at_zero(t=Real()):
    yield (relu(t) - relu(0.0)) / t
    yield jnp.where(t > 0, 1.0, 0.0)


diagonal_matrix = definition(
    "000.338",
    r"\frac{\partial \phi_l(z^{(l)})}{z^{(l)}} = \begin{pmatrix} \phi'(z_1^{(l)}) & 0 & \dots & 0 \\"
    r" 0 & \phi'(z_2^{(l)}) & \dots & 0 \\ \vdots & \vdots & \ddots & \vdots \\"
    r" 0 & 0 & \dots & \phi'(z_{m_l}^{(l)}) \end{pmatrix}",
    code=jacobian,
    title="derivative of an activation",
    source=printed(338),
    covers={"000.338a": "misprint"},
    correction=r"\frac{\partial \phi_l(z^{(l)})}{\partial z^{(l)}}",
    severity="typography",
    reading="The denominator is printed without its partial sign. As corrected it is line 356, proved in 000.356.",
    same_as=["000.356a"],
)
