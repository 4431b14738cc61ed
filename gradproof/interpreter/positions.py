"""Places of numbers, by which rules move numbers that they need not know."""

import numpy as np


class Positions(np.ndarray):
    """An array of them. What a rule fills with -1 is zero."""
