"""Activations made of two pieces that meet at 0, and the identity."""

from dataclasses import dataclass

import jax.numpy as jnp

from manual_grads.activations._activation import Elementwise, Real, formula


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
class Relu(Elementwise):
    r"""The rectifier.

    $$ h = \max(z, 0), \qquad h' = [z > 0] = [h > 0] $$

    At 0 there is no derivative; h' is 0 by convention, the derivative from the left.

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

    At 0 there is no derivative; h' is s by convention, the derivative from the left.

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

    At 0 h' is alpha, the derivative from the left; for alpha = 1 it is the derivative from the right, too.

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


def _left(logits: Real) -> Real:
    """The logits, with positive ones replaced by 0: their exponentials are not used, and could overflow."""
    return jnp.where(logits > 0, 0, logits)


identity = Identity()
relu = Relu()
leaky_relu = LeakyRelu()
elu = Elu()
