"""Values of any kind as JSON and as text."""

import math
from fractions import Fraction

import numpy as np

from gradproof.claims.words import plain, shown


def test_values_that_json_has_not():
    given = {"a": np.array([[1.5, np.nan]]), "b": (Fraction(1, 3), -math.inf, None), "c": np.int64(3), "d": np.True_}
    assert plain(given) == {"a": [[1.5, "nan"]], "b": ["1/3", "-inf", None], "c": 3, "d": True}
    assert shown(given) == "{a: [[1.5, nan]], b: [1/3, -inf, None], c: 3, d: True}"
