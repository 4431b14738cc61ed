r"""Activations: the value of each, its derivative, its Jacobian, and products of the Jacobian with a vector.

$$ h = \phi(z), \qquad J_{ij} = \frac{\partial h_i}{\partial z_j}, \qquad J v, \qquad J^\top u $$

Each is an object that is called for its value. Element-wise ones have a `derivative`; all have `jacobian`,
`jacobian_vector_product` and `vector_jacobian_product`, along the last axis. Some textbooks write the derivative as an
expression in h; where they do, `derivative_from_value` or `jacobian_from_value` is that expression. It loses its
accuracy where h rounds to the end of its range.

From logits, values and derivatives are finite for every finite number, and accurate to a few ulp, also in the tails.
Where a derivative changes its sign (silu, gelu), it is accurate to a few ulp of the larger of its two terms. One loss
remains: gelu and its derivative are 0 where they should be below 4 z^2 times the smallest normal number, because the
error function underflows there.
"""

from manual_grads.activations._activation import Activation as Activation
from manual_grads.activations._activation import Elementwise as Elementwise
from manual_grads.activations._classes import LogSoftmax as LogSoftmax
from manual_grads.activations._classes import Softmax as Softmax
from manual_grads.activations._classes import log_softmax as log_softmax
from manual_grads.activations._classes import softmax as softmax
from manual_grads.activations._gated import Gelu as Gelu
from manual_grads.activations._gated import GeluTanh as GeluTanh
from manual_grads.activations._gated import Silu as Silu
from manual_grads.activations._gated import gelu as gelu
from manual_grads.activations._gated import gelu_tanh as gelu_tanh
from manual_grads.activations._gated import silu as silu
from manual_grads.activations._piecewise import Elu as Elu
from manual_grads.activations._piecewise import Identity as Identity
from manual_grads.activations._piecewise import LeakyRelu as LeakyRelu
from manual_grads.activations._piecewise import Relu as Relu
from manual_grads.activations._piecewise import elu as elu
from manual_grads.activations._piecewise import identity as identity
from manual_grads.activations._piecewise import leaky_relu as leaky_relu
from manual_grads.activations._piecewise import relu as relu
from manual_grads.activations._smooth import Sigmoid as Sigmoid
from manual_grads.activations._smooth import Softplus as Softplus
from manual_grads.activations._smooth import Tanh as Tanh
from manual_grads.activations._smooth import sigmoid as sigmoid
from manual_grads.activations._smooth import softplus as softplus
from manual_grads.activations._smooth import tanh as tanh
