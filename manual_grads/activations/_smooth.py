"""The logistic function, the hyperbolic tangent, and softplus."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from manual_grads.activations._activation import Elementwise, Real, formula, minus_absolute


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
        decay = jnp.exp(minus_absolute(logits))
        reciprocal_of_cosh = 2 * decay / (1 + decay * decay)
        return reciprocal_of_cosh * reciprocal_of_cosh

    @formula
    def derivative_from_value(self, values: Real) -> Real:
        return (1 - values) * (1 + values)


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
        # JAX's slope of a logistic function is h (1 - h), which is 0 where h rounds to 1: use the side with h < 1/2.
        smaller = jax.lax.logistic(minus_absolute(logits))
        return jnp.where(logits > 0, 1 - smaller, smaller)


sigmoid = Sigmoid()
tanh = Tanh()
softplus = Softplus()
