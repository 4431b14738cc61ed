r"""Activations: `manual_grads.activations` against their definitions and derivatives.

Each element-wise activation has two claims. One compares its value and derivative with the textbook's definition, which
may overflow or cancel in the tails. The other compares its derivative, Jacobian and products with the derivative of the
code's own value, also in the tails. The second kind takes two logits; for any number of them, and for activations that
users write, there is a claim about an activation made of any function.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from derivations.library._words import AnyActivation, block_diagonal, expit, of_code, permutations, probabilities
from gradproof import Function, Positive, Real, claim, derivative
from manual_grads import activations
from manual_grads.activations import Activation, Elementwise, Elu, LeakyRelu

Map = Callable[[jax.Array], jax.Array]
LEAKY_RELUS = LeakyRelu(), LeakyRelu(0.2)
ELUS = Elu(), Elu(0.7)


def defined(function: Map, z: jax.Array) -> Any:
    """A value and its Jacobian, from a definition."""
    return function(z), derivative(function, z)


def valued(activation: Elementwise, z: jax.Array) -> Any:
    """The same by hand."""
    return activation(z), jnp.diag(activation.derivative(z))


def from_value(activation: Any, z: jax.Array) -> Any:
    """The same, the derivative as an expression in the value."""
    h = activation(z)
    return h, jnp.diag(activation.derivative_from_value(h))


def derived(function: Map, z: jax.Array, v: jax.Array, u: jax.Array) -> Any:
    """The Jacobian, and its products with v from the right and u from the left."""
    J = derivative(function, z)
    return J, J @ v, u @ J


def by_hand(activation: Activation, z: jax.Array, v: jax.Array, u: jax.Array) -> Any:
    """The same by hand."""
    return (
        activation.jacobian(z),
        activation.jacobian_vector_product(z, v),
        activation.vector_jacobian_product(z, u),
    )


def rectified(z: jax.Array) -> jax.Array:
    return jnp.where(z > 0, z, 0)


@of_code(
    "activations.elementwise",
    r"J = \operatorname{diag}(\sigma'(z)), \quad J v = \sigma'(z) \odot v, \quad J^\top u = \sigma'(z) \odot u",
)
def elementwise(sigma=Function(), z=Real("n"), v=Real("n"), u=Real("n")):
    yield derived(sigma, z, v, u)
    yield by_hand(AnyActivation(sigma), z, v, u)


@of_code(
    "activations.elementwise.batch",
    r"\frac{\partial h_{ik}}{\partial z_{jl}} = \delta_{ij} J^{(i)}_{kl}",
    sizes={"n": 2},
)
def elementwise_on_a_batch(sigma=Function(), Z=Real("n m"), V=Real("n m"), U=Real("n m")):
    J = derivative(sigma, Z)
    yield J, jnp.tensordot(J, V), jnp.tensordot(U, J)
    blocks, right, left = by_hand(AnyActivation(sigma), Z, V, U)
    yield block_diagonal(blocks), right, left


@of_code("activations.identity", r"h = z, \quad h' = 1")
def identity(z=Real("2"), v=Real("2"), u=Real("2")):
    yield z, jnp.eye(len(z)), jnp.eye(len(z)), (jnp.eye(len(z)), v, u)
    h = activations.identity(z)
    by_value = jnp.diag(activations.identity.derivative_from_value(h))
    yield h, jnp.diag(activations.identity.derivative(z)), by_value, by_hand(activations.identity, z, v, u)


@claim("activations.sigmoid", r"h = \frac{1}{1 + e^{-z}}, \quad h' = \sigma(z) \sigma(-z) = h (1 - h)", textbook=True)
def sigmoid(z=Real("2")):
    yield defined(expit, z)
    yield from_value(activations.sigmoid, z)
    yield valued(activations.sigmoid, z)


@of_code("activations.sigmoid.derivative", r"\sigma'(z) = \sigma(z) \sigma(-z)")
def sigmoid_derivative(z=Real("2"), v=Real("2"), u=Real("2")):
    yield derived(activations.sigmoid, z, v, u)
    yield by_hand(activations.sigmoid, z, v, u)


@claim(
    "activations.tanh",
    r"h = \frac{e^z - e^{-z}}{e^z + e^{-z}}, \quad h' = \frac{1}{\cosh^2 z} = (1 - h) (1 + h)",
    textbook=True,
)
def tanh(z=Real("2")):
    yield defined(lambda z: (jnp.exp(z) - jnp.exp(-z)) / (jnp.exp(z) + jnp.exp(-z)), z)
    yield from_value(activations.tanh, z)
    yield valued(activations.tanh, z)


@of_code("activations.tanh.derivative", r"\tanh' z = \frac{1}{\cosh^2 z}")
def tanh_derivative(z=Real("2"), v=Real("2"), u=Real("2")):
    yield derived(activations.tanh, z, v, u)
    yield by_hand(activations.tanh, z, v, u)


@of_code("activations.relu", r"h = \max(z, 0), \quad h' = [z > 0] = [h > 0]", convention="relu'(0) is 0")
def relu(z=Real("2")):
    yield defined(rectified, z)
    yield from_value(activations.relu, z)
    yield valued(activations.relu, z)


@of_code(
    "activations.relu.derivative",
    r"\operatorname{relu}'(z) = [z > 0]",
    kinks="relu'(0) is 0 by convention; of a maximum, JAX takes half",
)
def relu_derivative(z=Real("2"), v=Real("2"), u=Real("2")):
    yield derived(activations.relu, z, v, u)
    yield by_hand(activations.relu, z, v, u)


@of_code(
    "activations.relu.scale",
    r"\operatorname{relu}(c z) = c \operatorname{relu}(z), \quad c > 0",
    convention="relu'(0) is 0",
)
def relu_of_a_multiple(z=Real("2"), c=Positive()):
    yield activations.relu(c * z), activations.relu.derivative(c * z)
    yield c * activations.relu(z), activations.relu.derivative(z)


@of_code(
    "activations.leaky_relu",
    r"h = z \text{ if } z > 0 \text{ else } s z, \quad h' = 1 \text{ or } s",
    convention="at 0 the derivative is the slope s of the negative side",
)
def leaky_relu(z=Real("2")):
    yield [defined(lambda z, s=h.slope: jnp.where(z <= 0, s * z, z), z) for h in LEAKY_RELUS]
    yield [valued(h, z) for h in LEAKY_RELUS]


@of_code(
    "activations.leaky_relu.derivative",
    r"h' = 1 \text{ if } z > 0 \text{ else } s",
    convention="at 0 the derivative is the slope s of the negative side",
)
def leaky_relu_derivative(z=Real("2"), v=Real("2"), u=Real("2")):
    yield [derived(h, z, v, u) for h in LEAKY_RELUS]
    yield [by_hand(h, z, v, u) for h in LEAKY_RELUS]


@claim(
    "activations.elu",
    r"h = z \text{ if } z > 0 \text{ else } \alpha (e^z - 1), \quad h' = 1 \text{ or } \alpha e^z",
    convention="at 0 the derivative is alpha, that of the negative side",
    textbook=True,
)
def elu(z=Real("2")):
    yield [defined(lambda z, a=h.alpha: jnp.where(z > 0, z, a * (jnp.exp(z) - 1)), z) for h in ELUS]
    yield [valued(h, z) for h in ELUS]


@of_code(
    "activations.elu.derivative",
    r"h' = 1 \text{ if } z > 0 \text{ else } \alpha e^z",
    convention="at 0 the derivative is alpha, that of the negative side",
)
def elu_derivative(z=Real("2"), v=Real("2"), u=Real("2")):
    yield [derived(h, z, v, u) for h in ELUS]
    yield [by_hand(h, z, v, u) for h in ELUS]


@claim("activations.softplus", r"h = \log(1 + e^z), \quad h' = \sigma(z)", textbook=True)
def softplus(z=Real("2")):
    yield defined(lambda z: jnp.log(1 + jnp.exp(z)), z)
    yield valued(activations.softplus, z)


@of_code("activations.softplus.derivative", r"\operatorname{softplus}' z = \sigma(z)")
def softplus_derivative(z=Real("2"), v=Real("2"), u=Real("2")):
    yield derived(activations.softplus, z, v, u)
    yield by_hand(activations.softplus, z, v, u)


@claim("activations.silu", r"h = z \sigma(z), \quad h' = \sigma(z) (1 + z \sigma(-z))", textbook=True)
def silu(z=Real("2")):
    yield defined(lambda z: z * expit(z), z)
    yield valued(activations.silu, z)


@of_code("activations.silu.derivative", r"h' = \sigma(z) (1 + z \sigma(-z))")
def silu_derivative(z=Real("2"), v=Real("2"), u=Real("2")):
    yield derived(activations.silu, z, v, u)
    yield by_hand(activations.silu, z, v, u)


@claim(
    "activations.gelu",
    r"h = \tfrac12 z (1 + \operatorname{erf}(z / \sqrt 2)), \quad h' = \Phi(z) + z \varphi(z)",
    textbook=True,
)
def gelu(z=Real("2")):
    yield defined(lambda z: z * (1 + jax.lax.erf(z / jnp.sqrt(2))) / 2, z)
    yield valued(activations.gelu, z)


@of_code("activations.gelu.derivative", r"h' = \Phi(z) + z \varphi(z)")
def gelu_derivative(z=Real("2"), v=Real("2"), u=Real("2")):
    yield derived(activations.gelu, z, v, u)
    yield by_hand(activations.gelu, z, v, u)


@claim(
    "activations.gelu_tanh",
    r"h = \tfrac12 z (1 + \tanh(\sqrt{2 / \pi} \, (z + 0.044715 z^3)))",
    textbook=True,
)
def gelu_tanh(z=Real("2")):
    yield defined(lambda z: z * (1 + jnp.tanh(jnp.sqrt(2 / jnp.pi) * (z + 0.044715 * z**3))) / 2, z)
    yield valued(activations.gelu_tanh, z)


@of_code("activations.gelu_tanh.derivative", r"h' = \sigma(u) + z u' \sigma(u) \sigma(-u)")
def gelu_tanh_derivative(z=Real("2"), v=Real("2"), u=Real("2")):
    yield derived(activations.gelu_tanh, z, v, u)
    yield by_hand(activations.gelu_tanh, z, v, u)


@claim(
    "activations.softmax",
    r"p_k = e^{z_k} / \sum_j e^{z_j}, \quad J_{kl} = p_k (\delta_{kl} - p_l)",
    textbook=True,
)
def softmax(z=Real("K"), v=Real("K"), u=Real("K")):
    p, h = probabilities(z), activations.softmax(z)
    J = jnp.diag(p) - jnp.outer(p, p)
    yield p, derived(probabilities, z, v, u), J
    yield h, by_hand(activations.softmax, z, v, u), activations.softmax.jacobian_from_value(h)


@of_code(
    "activations.softmax.batch",
    r"\frac{\partial p_{ik}}{\partial z_{jl}} = \delta_{ij} J^{(i)}_{kl}",
    sizes={"n": 2},
)
def softmax_of_a_batch(Z=Real("n K"), V=Real("n K"), U=Real("n K")):
    J = derivative(activations.softmax, Z)
    yield J, jnp.tensordot(J, V), jnp.tensordot(U, J)
    blocks, right, left = by_hand(activations.softmax, Z, V, U)
    yield block_diagonal(blocks), right, left


@claim("activations.softmax.sums", r"\sum_k p_k = 1, \quad J \mathbf{1} = J^\top \mathbf{1} = 0", textbook=True)
def softmax_sums(z=Real("K"), v=Real("K")):
    J = activations.softmax.jacobian(z)
    yield 1.0, jnp.zeros_like(z), jnp.zeros_like(z), 0.0
    along_v = activations.softmax.jacobian_vector_product(z, v)
    yield jnp.sum(activations.softmax(z)), jnp.sum(J, axis=0), jnp.sum(J, axis=1), jnp.sum(along_v)


@claim("activations.softmax.shift", r"p(z + c \mathbf{1}) = p(z)", textbook=True)
def softmax_of_a_shift(z=Real("K"), c=Real("1"), v=Real("K"), d=Real("1")):
    yield activations.softmax(z), activations.softmax.jacobian_vector_product(z, v)
    yield activations.softmax(z + c), activations.softmax.jacobian_vector_product(z + c, v + d)


@of_code("activations.softmax.permutation", r"p(\Pi z) = \Pi \, p(z)")
def softmax_of_a_permutation(z=Real("K")):
    yield permutations(activations.softmax(z))
    yield tuple(map(activations.softmax, permutations(z)))


@claim("activations.softmax.two-classes", r"K = 2: \quad p_1 = \sigma(z_1 - z_2)", textbook=True)
def softmax_of_two_classes(z=Real("2")):
    yield activations.softmax(z), activations.softmax.jacobian(z)
    difference = z[0] - z[1]
    slope = activations.sigmoid.derivative(difference)
    p = jnp.stack([activations.sigmoid(difference), activations.sigmoid(-difference)])
    yield p, slope * jnp.array([[1, -1], [-1, 1]])


@claim(
    "activations.log_softmax",
    r"h_k = z_k - \log \sum_j e^{z_j}, \quad J_{kl} = \delta_{kl} - p_l",
    textbook=True,
)
def log_softmax(z=Real("K"), v=Real("K"), u=Real("K")):
    yield jnp.log(probabilities(z)), derived(lambda z: z - jnp.log(jnp.sum(jnp.exp(z))), z, v, u)
    yield activations.log_softmax(z), by_hand(activations.log_softmax, z, v, u)


@of_code(
    "activations.log_softmax.batch",
    r"\frac{\partial h_{ik}}{\partial z_{jl}} = \delta_{ij} J^{(i)}_{kl}",
    sizes={"n": 2},
)
def log_softmax_of_a_batch(Z=Real("n K"), V=Real("n K"), U=Real("n K")):
    J = derivative(activations.log_softmax, Z)
    yield J, jnp.tensordot(J, V), jnp.tensordot(U, J)
    blocks, right, left = by_hand(activations.log_softmax, Z, V, U)
    yield block_diagonal(blocks), right, left


@claim(
    "activations.log_softmax.shift",
    r"h(z + c \mathbf{1}) = h(z), \quad J \mathbf{1} = 0, \quad e^h = p",
    textbook=True,
)
def log_softmax_of_a_shift(z=Real("K"), c=Real("1")):
    yield activations.log_softmax(z), jnp.zeros_like(z), activations.softmax(z)
    h = activations.log_softmax(z + c)
    yield h, jnp.sum(activations.log_softmax.jacobian(z), axis=1), jnp.exp(h)


@of_code("activations.log_softmax.permutation", r"h(\Pi z) = \Pi \, h(z)")
def log_softmax_of_a_permutation(z=Real("K")):
    yield permutations(activations.log_softmax(z))
    yield tuple(map(activations.log_softmax, permutations(z)))
