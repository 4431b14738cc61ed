"""Derivatives written by hand, in forms that keep their accuracy and cost no more than automatic differentiation.

| what | where |
|---|---|
| activations: values, derivatives, Jacobians and their products | `activations` |
| losses, un-reduced or reduced: gradients, second derivatives and their products | `losses` |
| regressions: losses, gradients, Hessians, Newton's steps and fits | `logistic`, `softmax`, `least_squares` |
| the same for any loss of linear predictions | `linear` |
| networks: losses, gradients, and every derivative on the way | `network` |
| penalties on weights | `weight_decay` |
| gradient descent, mini-batches, Newton's method | `training` |
| the same gradients for JAX's own transformations | `with_gradient` |

Parameters are pytrees, derivatives come back in the same structure, and nothing here calls automatic differentiation.
"""

from manual_grads import activations as activations
from manual_grads import least_squares as least_squares
from manual_grads import logistic as logistic
from manual_grads import losses as losses
from manual_grads import network as network
from manual_grads import softmax as softmax
from manual_grads import training as training
from manual_grads import weight_decay as weight_decay
from manual_grads._rule import with_gradient as with_gradient
