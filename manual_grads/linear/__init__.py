"""Linear models: one for all losses, with its derivatives, Newton's steps and fits.

`logistic`, `softmax` and `least_squares` are its three uses.
"""

from manual_grads.linear._documented import documented as documented
from manual_grads.linear._fit import Fit as Fit
from manual_grads.linear._model import LinearModel as LinearModel
from manual_grads.linear._rows import summed as summed
