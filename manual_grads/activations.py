r"""Activations: the value of each, its derivative, its Jacobian, and products of the Jacobian with a vector.

$$ h = \phi(z), \qquad J_{ij} = \frac{\partial h_i}{\partial z_j}, \qquad J v, \qquad J^\top u $$

Each is an object that is called for its value. Element-wise ones have a `derivative`; all have `jacobian`,
`jacobian_vector_product` and `vector_jacobian_product`, along the last axis. Those of which the documents write the
derivative as an expression in h have it so, too, as `derivative_from_value` or `jacobian_from_value`; it loses its
accuracy where h rounds to the end of its range.

From logits, values and derivatives are finite for every finite number, and right to a few ulp, in the tails as well.
Where a derivative changes its sign (silu, gelu), it is right to a few ulp of the larger of its two terms. Of gelu alone
the last values before they are too small are lost, those below 4 z^2 times the smallest normal number, since the error
function is.
"""

import math
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from manual_grads._activation import Activation as Activation
from manual_grads._activation import Elementwise as Elementwise
from manual_grads._activation import formula
from manual_grads._normal import normal
from manual_grads._softmax import diagonal, less_the_mean, normalised
from manual_grads._two_parts import TwoParts, exponential, plus, ratio, scaled, split, times

Real = Float[Array, "..."]
Logits = Float[Array, "*batch m"]
Matrix = Float[Array, "*batch m m"]


@dataclass(frozen=True)
class Identity(Elementwise):
    r"""The identity, of linear outputs.

    $$ h = z, \qquad h' = 1 $$

    Source: Bishop, Pattern Recognition and Machine Learning (2006), section 5.1.

    >>> identity.derivative(jnp.array([-2.0, 3.0])).tolist()
    [1.0, 1.0]
    """

    @formula
    def __call__(self, logits: Real) -> Real:
        return logits

    @formula
    def derivative(self, logits: Real) -> Real:
        return jnp.ones_like(logits)

    @formula
    def derivative_from_value(self, values: Real) -> Real:
        return jnp.ones_like(values)


@dataclass(frozen=True)
class Sigmoid(Elementwise):
    r"""The logistic function.

    $$ h = \sigma(z) = \frac{1}{1 + e^{-z}}, \qquad h' = \sigma(z) \, \sigma(-z) = h (1 - h) $$

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equations 4.59 and 4.88.

    >>> sigmoid(jnp.array([-1e4, 0.0, 1e4])).tolist()
    [0.0, 0.5, 1.0]
    >>> print(f"{sigmoid.derivative(jnp.float32(40.0)):.3e}")  # where h (1 - h) is 0
    4.248e-18
    """

    @formula
    def __call__(self, logits: Real) -> Real:
        return jax.lax.logistic(logits)

    @formula
    def derivative(self, logits: Real) -> Real:
        return jax.lax.logistic(logits) * jax.lax.logistic(-logits)

    @formula
    def derivative_from_value(self, values: Real) -> Real:
        return values * (1 - values)


@dataclass(frozen=True)
class Tanh(Elementwise):
    r"""The hyperbolic tangent.

    $$ h = \tanh z, \qquad h' = \frac{1}{\cosh^2 z} = (1 - h) (1 + h), \qquad
    \frac{1}{\cosh z} = \frac{2 e^{-|z|}}{1 + e^{-2 |z|}} $$

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equations 5.59 and 5.60.

    >>> print(f"{tanh.derivative(jnp.float32(20.0)):.3e}")  # where 1 - h^2 is 0
    1.699e-17
    """

    @formula
    def __call__(self, logits: Real) -> Real:
        return jnp.tanh(logits)

    @formula
    def derivative(self, logits: Real) -> Real:
        decay = jnp.exp(_down(logits))
        reciprocal_of_cosh = 2 * decay / (1 + decay * decay)
        return reciprocal_of_cosh * reciprocal_of_cosh

    @formula
    def derivative_from_value(self, values: Real) -> Real:
        return (1 - values) * (1 + values)


@dataclass(frozen=True)
class Relu(Elementwise):
    r"""The rectifier.

    $$ h = \max(z, 0), \qquad h' = [z > 0] = [h > 0] $$

    At 0, where there is no derivative, h' is 0 by convention, the derivative from the left.

    Source: Nair and Hinton, Rectified linear units improve restricted Boltzmann machines, ICML (2010).

    >>> relu.derivative(jnp.array([-1.0, 0.0, 1.0])).tolist()
    [0.0, 0.0, 1.0]
    """

    @formula
    def __call__(self, logits: Real) -> Real:
        return jnp.maximum(logits, 0)

    @formula
    def derivative(self, logits: Real) -> Real:
        return (logits > 0).astype(logits.dtype)

    @formula
    def derivative_from_value(self, values: Real) -> Real:
        return (values > 0).astype(values.dtype)


@dataclass(frozen=True)
class LeakyRelu(Elementwise):
    r"""The rectifier with a slope s on the left.

    $$ h = \begin{cases} z & z > 0 \\ s z & z \le 0 \end{cases}, \qquad
    h' = \begin{cases} 1 & z > 0 \\ s & z \le 0 \end{cases} $$

    At 0, where there is no derivative, h' is s by convention, the derivative from the left.

    Arguments:
        slope: s, a real number.

    Source: Maas, Hannun and Ng, Rectifier nonlinearities improve neural network acoustic models, ICML (2013).

    >>> leaky_relu.derivative(jnp.array([-1.0, 0.0, 1.0])).tolist() == [jnp.float32(0.01), jnp.float32(0.01), 1.0]
    True
    """

    slope: float = 0.01

    @formula
    def __call__(self, logits: Real) -> Real:
        return jnp.where(logits > 0, logits, self.slope * logits)

    @formula
    def derivative(self, logits: Real) -> Real:
        return jnp.where(logits > 0, 1, jnp.asarray(self.slope, logits.dtype))


@dataclass(frozen=True)
class Elu(Elementwise):
    r"""The exponential linear unit.

    $$ h = \begin{cases} z & z > 0 \\ \alpha (e^z - 1) & z \le 0 \end{cases}, \qquad
    h' = \begin{cases} 1 & z > 0 \\ \alpha e^z & z \le 0 \end{cases} $$

    At 0 h' is alpha, the derivative from the left; for alpha = 1 it is the derivative.

    Arguments:
        alpha: a real number; -alpha is the limit on the left.

    Source: Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by ELUs, ICLR (2016).

    >>> elu.derivative(jnp.array([-1e4, 0.0, 1e4])).tolist()
    [0.0, 1.0, 1.0]
    """

    alpha: float = 1.0

    @formula
    def __call__(self, logits: Real) -> Real:
        return jnp.where(logits > 0, logits, self.alpha * jnp.expm1(_left(logits)))

    @formula
    def derivative(self, logits: Real) -> Real:
        return jnp.where(logits > 0, 1, self.alpha * jnp.exp(_left(logits)))


def _down(logits: Real) -> Real:
    """Their absolute values, negated; at 0 it has the slope from the left, and even functions of it have all theirs."""
    return jnp.where(logits > 0, -logits, logits)


def _left(logits: Real) -> Real:
    """The logits that are not positive: the exponential of another, which is not used, could overflow."""
    return jnp.where(logits > 0, 0, logits)


@dataclass(frozen=True)
class Softplus(Elementwise):
    r"""The smooth rectifier.

    $$ h = \log(1 + e^z) = \max(z, 0) + \log(1 + e^{-|z|}), \qquad h' = \sigma(z) $$

    Source: Dugas et al., Incorporating second-order functional knowledge for better option pricing, NIPS (2000).

    >>> softplus(jnp.array([-1e4, 1e4])).tolist()
    [0.0, 10000.0]
    """

    @formula
    def __call__(self, logits: Real) -> Real:
        return jnp.logaddexp(logits, 0)

    @formula
    def derivative(self, logits: Real) -> Real:
        # JAX takes the slope of a logistic function to be h (1 - h), which is 0 where h rounds to 1.
        smaller = jax.lax.logistic(_down(logits))
        return jnp.where(logits > 0, 1 - smaller, smaller)


@dataclass(frozen=True)
class Silu(Elementwise):
    r"""The logit times its logistic function, also called swish.

    $$ h = z \, \sigma(z), \qquad h' = \sigma(z) (1 + z \, \sigma(-z)) $$

    Source: Elfwing, Uchibe and Doya, Sigmoid-weighted linear units for neural network function approximation in
    reinforcement learning, Neural Networks 107 (2018), 3-11.

    >>> silu.derivative(jnp.array([-1e4, 0.0, 1e4])).tolist()
    [-0.0, 0.5, 1.0]
    """

    @formula
    def __call__(self, logits: Real) -> Real:
        z = _wide(logits)
        return _gated(z, z, jnp.exp(_down(z) / 2)).astype(logits.dtype)

    @formula
    def derivative(self, logits: Real) -> Real:
        z = _wide(logits)
        return _slope_of_gated(z, jnp.exp(_down(z) / 2), z).astype(logits.dtype)


def _wide(logits: Real) -> Real:
    """Half precision in float32, so that it is rounded once."""
    return logits.astype(jnp.promote_types(logits.dtype, jnp.float32))


def _gated(x: Real, z: Real, root: Real) -> Real:
    r"""$x \, \sigma(u)$ by $r = e^{-|u| / 2}$, where u has the sign of z.

    On the left it is $x r^2 / (1 + r^2)$, of which r^2 alone may be too small a number.
    """
    return jnp.where(z > 0, x, x * root * root) / (1 + root * root)


def _slope_of_gated(z: Real, root: Real, elasticity: Real) -> Real:
    r"""The derivative of $z \, \sigma(u)$, where the elasticity is $z u'$."""
    square = root * root
    complement = jnp.where(z > 0, square, 1) / (1 + square)
    return _gated(1 + elasticity * complement, z, root)


@dataclass(frozen=True)
class Gelu(Elementwise):
    r"""The logit times the normal distribution function, with the error function as it is defined.

    $$ h = z \, \Phi(z), \qquad h' = \Phi(z) + z \, \varphi(z), \qquad
    \Phi(z) = \tfrac12 \operatorname{erfc}(-z / \sqrt 2), \quad \varphi(z) = e^{-z^2 / 2} / \sqrt{2 \pi} $$

    Source: Hendrycks and Gimpel, Gaussian error linear units (2016), arXiv 1606.08415.

    >>> gelu.derivative(jnp.array([-1e4, 0.0, 1e4])).tolist()
    [0.0, 0.5, 1.0]
    """

    @formula
    def __call__(self, logits: Real) -> Real:
        below, _ = normal(logits)
        return logits * below

    @formula
    def derivative(self, logits: Real) -> Real:
        below, density = normal(logits)
        return below + logits * density


@dataclass(frozen=True)
class GeluTanh(Elementwise):
    r"""The approximation of `gelu` by a hyperbolic tangent.

    $$ h = \tfrac12 z (1 + \tanh \tfrac u2) = z \, \sigma(u), \qquad
    h' = \sigma(u) (1 + z \, u' \, \sigma(-u)), \qquad u = \sqrt{8 / \pi} \, (z + 0.044715 \, z^3) $$

    Source: Hendrycks and Gimpel, Gaussian error linear units (2016), arXiv 1606.08415.

    >>> gelu_tanh.derivative(jnp.array([-1e4, 0.0, 1e4])).tolist()
    [0.0, 0.5, 1.0]
    """

    @formula
    def __call__(self, logits: Real) -> Real:
        z = _wide(logits)
        return _gated(z, z, exponential(_half_gelu_exponent(z))).astype(logits.dtype)

    @formula
    def derivative(self, logits: Real) -> Real:
        z = _wide(logits)
        exponent = _half_gelu_exponent(z)
        # Powers of z may overflow, where the exponential underflows and the derivative is 0 or 1.
        x = jnp.where(jnp.exp(exponent.high) > 0, z, 0)
        elasticity = _GELU_SCALE * x * (1 + 3 * _GELU_CUBIC * x * x)
        return _slope_of_gated(z, exponential(exponent), elasticity).astype(logits.dtype)


_GELU_SCALE = math.sqrt(8 / math.pi)
_GELU_CUBIC = 0.044715


def _half_gelu_exponent(z: Real) -> TwoParts:
    """-|u| / 2, an error of which is an error of the exponential relative to it."""
    # 29 times the scale is almost a number of float64; the scale itself is not.
    scale = scaled(ratio(1, 29, z.dtype), 29 * math.sqrt(8 / math.pi) / 2)
    cubic = times(ratio(8943, 200_000, z.dtype), scale)
    x = split(_down(z))
    return times(x, plus(scale, times(cubic, times(x, x))))


@dataclass(frozen=True)
class Softmax(Activation):
    r"""Probabilities of classes, along the last axis.

    $$ p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}, \qquad J_{kl} = p_k (\delta_{kl} - p_l), \qquad
    J v = p \odot (v - (p \cdot v) \mathbf{1}) = J^\top v $$

    Adding one number to all logits changes nothing, so that J is singular: its rows and columns have the sum 0.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equations 4.104 and 4.106.

    >>> softmax(jnp.array([1e4, 1e4, -1e4])).tolist()
    [0.5, 0.5, 0.0]
    >>> softmax.jacobian(jnp.zeros(2)).tolist()
    [[0.25, -0.25], [-0.25, 0.25]]
    """

    @formula
    def __call__(self, logits: Logits) -> Logits:
        return normalised(logits).probabilities

    @formula
    def jacobian(self, logits: Logits) -> Matrix:
        p = normalised(logits)
        return _softmax_jacobian(p.probabilities, p.complements)

    @formula
    def jacobian_from_value(self, values: Logits) -> Matrix:
        return _softmax_jacobian(values, 1 - values)

    @formula
    def jacobian_vector_product(self, logits: Logits, tangent: Logits) -> Logits:
        p, centred = less_the_mean(logits, tangent)
        return p * centred

    @formula
    def vector_jacobian_product(self, logits: Logits, cotangent: Logits) -> Logits:
        """The same as `jacobian_vector_product`, J being symmetric."""
        return self.jacobian_vector_product(logits, cotangent)


def _softmax_jacobian(p: Logits, complements: Logits) -> Matrix:
    column, row = jnp.expand_dims(p, -1), jnp.expand_dims(p, -2)
    return jnp.where(diagonal(p), column * jnp.expand_dims(complements, -1), -column * row)


@dataclass(frozen=True)
class LogSoftmax(Activation):
    r"""Logarithms of the probabilities of classes, along the last axis.

    $$ h_k = z_k - \log \sum_j e^{z_j}, \qquad J_{kl} = \delta_{kl} - p_l, \qquad
    J v = v - (p \cdot v) \mathbf{1}, \qquad J^\top u = u - (\mathbf{1} \cdot u) \, p $$

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 4.106, divided by the probability.

    >>> log_softmax.jacobian(jnp.zeros(2)).tolist()
    [[0.5, -0.5], [-0.5, 0.5]]
    """

    @formula
    def __call__(self, logits: Logits) -> Logits:
        return normalised(logits).log_probabilities

    @formula
    def jacobian(self, logits: Logits) -> Matrix:
        p, complements, _, _ = normalised(logits)
        return jnp.where(diagonal(logits), jnp.expand_dims(complements, -1), jnp.expand_dims(-p, -2))

    @formula
    def jacobian_vector_product(self, logits: Logits, tangent: Logits) -> Logits:
        _, centred = less_the_mean(logits, tangent)
        return centred

    @formula
    def vector_jacobian_product(self, logits: Logits, cotangent: Logits) -> Logits:
        p, complements, _, _ = normalised(logits)
        others = jnp.sum(cotangent, axis=-1, keepdims=True) - cotangent
        return complements * cotangent - p * others


identity = Identity()
sigmoid = Sigmoid()
tanh = Tanh()
relu = Relu()
leaky_relu = LeakyRelu()
elu = Elu()
softplus = Softplus()
silu = Silu()
gelu = Gelu()
gelu_tanh = GeluTanh()
softmax = Softmax()
log_softmax = LogSoftmax()
