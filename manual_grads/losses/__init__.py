r"""Losses by the names and in the argument order of optax, with their derivatives by hand.

Each is an object. Called with predictions (or logits) and labels, it returns the losses un-reduced, as in optax, or
one number with `reduction="sum"` or `"mean"`; the mean is over the examples, along the first axis. `gradient`,
`value_and_gradient`, `second_derivative` and `hessian_vector_product` are by the predictions, for any cotangent of the
shape of the value.

From logits, losses and derivatives are finite for every finite logit, and for labels 0 and 1 they keep their relative
accuracy where a probability rounds to 0 or 1. From probabilities they are infinite where a label has the probability 0.
Labels are not differentiated.
"""

from manual_grads.losses._classes import CategoricalCrossEntropy as CategoricalCrossEntropy
from manual_grads.losses._classes import (
    CategoricalCrossEntropyWithIntegerLabels as CategoricalCrossEntropyWithIntegerLabels,
)
from manual_grads.losses._classes import SoftmaxCrossEntropy as SoftmaxCrossEntropy
from manual_grads.losses._classes import SoftmaxCrossEntropyWithIntegerLabels as SoftmaxCrossEntropyWithIntegerLabels
from manual_grads.losses._classes import categorical_cross_entropy as categorical_cross_entropy
from manual_grads.losses._classes import (
    categorical_cross_entropy_with_integer_labels as categorical_cross_entropy_with_integer_labels,
)
from manual_grads.losses._classes import smooth_labels as smooth_labels
from manual_grads.losses._classes import softmax_cross_entropy as softmax_cross_entropy
from manual_grads.losses._classes import (
    softmax_cross_entropy_with_integer_labels as softmax_cross_entropy_with_integer_labels,
)
from manual_grads.losses._loss import ElementwiseLoss as ElementwiseLoss
from manual_grads.losses._loss import Loss as Loss
from manual_grads.losses._numbers import BinaryCrossEntropy as BinaryCrossEntropy
from manual_grads.losses._numbers import L2Loss as L2Loss
from manual_grads.losses._numbers import SigmoidBinaryCrossEntropy as SigmoidBinaryCrossEntropy
from manual_grads.losses._numbers import SquaredError as SquaredError
from manual_grads.losses._numbers import binary_cross_entropy as binary_cross_entropy
from manual_grads.losses._numbers import l2_loss as l2_loss
from manual_grads.losses._numbers import sigmoid_binary_cross_entropy as sigmoid_binary_cross_entropy
from manual_grads.losses._numbers import squared_error as squared_error
