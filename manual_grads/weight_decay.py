r"""Weight decay: a penalty on the squares of weights, not of biases.

$$ \Omega = \frac{\lambda}{2} \sum_l \lVert W^l \rVert^2, \qquad
\frac{\partial \Omega}{\partial W^l} = \lambda W^l, \qquad \frac{\partial \Omega}{\partial b^l} = 0 $$

Parameters are those of a regression, `weights` or `(weights, bias)`, or of a network, a list of these. Where the bias
is a row of the weights of a network, `ones` says which row it is.

It is also a prior: let the weights be $\mathcal{N}(0, \tau^2)$, and m targets $\mathcal{N}(h(x_i), \sigma^2)$. Up to a
constant, the negative logarithm of the posterior, times $\sigma^2 / m$, is the mean of $\tfrac12 (h(x_i) - y_i)^2$ plus
$\Omega$ with $\lambda = \sigma^2 / (m \tau^2)$.

Source: Krogh and Hertz, A simple weight decay can improve generalization, NIPS (1991); Bishop, Pattern Recognition and
Machine Learning (2006), equation 1.67 for the prior.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Float, Real

from manual_grads._checks import checked, first, require_reals, require_size
from manual_grads.network import Ones

Scalar = Float[Array, ""]
Size = Real[ArrayLike, ""]
ValueAndGradient = Callable[..., tuple[Scalar, Any]]


def _check(parameters: Any, decay: Any, ones: Any = None) -> None:
    if ones not in ("leading", "trailing", None):
        raise ValueError(f'ones must be "leading", "trailing" or None, got {ones!r}')
    if not isinstance(decay, jax.core.Tracer):
        require_size("decay", decay, zero=True)
    if isinstance(parameters, list) and not parameters:
        raise ValueError("parameters must have at least one layer, got an empty list")
    for layer in _layers(parameters):
        if isinstance(layer, tuple) and (ones or len(layer) != 2):
            expected = f"weights with a {ones} row of biases" if ones else "weights or a tuple (weights, bias)"
            raise TypeError(f"each layer of parameters must be {expected}, got a tuple of {len(layer)}")
        for part in layer if isinstance(layer, tuple) else (layer,):
            require_reals("parameters", part)


def _layers(parameters: Any) -> list[Any]:
    return parameters if isinstance(parameters, list) else [parameters]


@checked(_check, static="ones")
def penalty(parameters: Any, decay: Size, *, ones: Ones = None) -> Scalar:
    r"""Half the decay times the sum of the squares of all weights.

    $$ \Omega = \frac{\lambda}{2} \sum_l \sum_{ij} (W^l_{ij})^2 $$

    Arguments:
        parameters: `weights`, `(weights, bias)`, or a list of these.
        decay: lambda, a number of at least 0.
        ones: the row of the weights that holds the bias, "leading" or "trailing"; None if there is no such row.

    Raises `ValueError` for a negative decay and an unknown row, and `TypeError` for parameters of another kind.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), equation 5.112.

    >>> penalty((jnp.array([1.0, 2.0]), jnp.array(10.0)), 0.5).tolist()
    1.25
    """
    return jnp.sum(jnp.stack([_of_layer(layer, decay, ones)[0] for layer in _layers(parameters)]))


@checked(_check, static="ones")
def gradient(parameters: Any, decay: Size, *, ones: Ones = None) -> Any:
    r"""The derivative of `penalty` by the parameters, in their structure.

    $$ \frac{\partial \Omega}{\partial W^l} = \lambda W^l, \qquad \frac{\partial \Omega}{\partial b^l} = 0 $$

    Arguments and errors are those of `penalty`, and so is the source.

    >>> by_weights, by_bias = gradient((jnp.array([1.0, 2.0]), jnp.array(10.0)), 0.5)
    >>> by_weights.tolist(), by_bias.tolist()
    ([0.5, 1.0], 0.0)
    """
    by_layers = [_of_layer(layer, decay, ones)[1] for layer in _layers(parameters)]
    return by_layers if isinstance(parameters, list) else by_layers[0]


def _check_decay(value_and_gradient: Any, decay: Any, ones: Any = None) -> None:
    require_size("decay", decay, zero=True)


@first(_check_decay)
def regularised(value_and_gradient: ValueAndGradient, decay: Size, *, ones: Ones = None) -> ValueAndGradient:
    r"""A function that returns a loss and its gradient, with the penalty added to both.

    $$ \mathcal{L} + \Omega, \qquad \nabla \mathcal{L} + \nabla \Omega $$

    Arguments:
        value_and_gradient: of parameters and other arguments, such as `logistic.value_and_gradient`.
        decay: lambda, a number of at least 0.
        ones: the row of the weights that holds the bias, "leading" or "trailing"; None if there is no such row.

    Raises `ValueError` for a negative decay; for the rest as `penalty`, when the result is called.

    Source: Ng et al., UFLDL tutorial (2011), section Backpropagation algorithm.

    >>> value_and_gradient = regularised(lambda w: (jnp.sum(w), jnp.ones_like(w)), 0.5)
    >>> loss, slope = value_and_gradient(jnp.array([1.0, 2.0]))
    >>> loss.tolist(), slope.tolist()
    (4.25, [1.5, 2.0])
    """

    def with_penalty(parameters: Any, *arguments: Any, **settings: Any) -> tuple[Scalar, Any]:
        loss, slope = value_and_gradient(parameters, *arguments, **settings)
        by_decay = gradient(parameters, decay, ones=ones)
        return loss + penalty(parameters, decay, ones=ones), jax.tree.map(jnp.add, slope, by_decay)

    return with_penalty


def _of_layer(layer: Any, decay: Size, ones: Ones) -> tuple[Scalar, Any]:
    """The penalty on a layer, and its gradient."""
    if isinstance(layer, tuple):
        weights, bias = layer
        loss, slope = _of_layer(weights, decay, None)
        return loss, (slope, jnp.zeros_like(bias))
    weights = layer if ones is None else layer.at[0 if ones == "leading" else -1].set(0)
    decay = jnp.asarray(decay, weights.dtype)
    return decay / 2 * jnp.sum(weights * weights), decay * weights
