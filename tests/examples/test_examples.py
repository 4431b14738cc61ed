"""The examples run, and show what they say."""

import importlib.util
from pathlib import Path

import jax
import numpy as np

PATH = Path(__file__).parents[2] / "examples" / "digits.py"


def test_digits_are_read_as_well_and_as_fast_learnt_by_hand_as_by_jax(capsys):
    specification = importlib.util.spec_from_file_location("digits", PATH)
    digits = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(digits)
    with jax.numpy_rank_promotion("allow"):
        by_hand, by_jax, accuracy = digits.main()
    assert accuracy >= 0.97
    # Computed in 64 bits, the curves are one to what 32 bits can tell.
    assert by_hand.losses.dtype == "float64"
    np.testing.assert_array_max_ulp(*(np.float32(run.losses) for run in (by_hand, by_jax)), maxulp=1)
    assert f"{accuracy:.1%} of 360 other images are read rightly" in capsys.readouterr().out
