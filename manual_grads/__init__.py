"""Derivatives written by hand, in the form that keeps its accuracy and costs no more than automatic differentiation.

Each module is one model with four functions: `loss`, `gradient`, `hessian` and `hessian_vector_product`. Parameters
are pytrees, derivatives come back in the same structure, and nothing here calls automatic differentiation.
"""

from manual_grads import activations as activations
from manual_grads import logistic as logistic
from manual_grads import losses as losses
from manual_grads import network as network
from manual_grads import softmax as softmax
from manual_grads import training as training
from manual_grads import weight_decay as weight_decay
from manual_grads._rule import with_gradient as with_gradient
