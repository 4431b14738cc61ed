"""Arrays that differ from world to world: a function of NumPy is applied in each world."""

import numpy as np
import pytest

from gradproof.worlds.atoms import Atoms, Colours
from gradproof.worlds.cases import Cases

ATOMS = Atoms(Colours())
ATOM = ATOMS.add(b"an atom", 2, 0)
VALUES = np.array([[1, 5], [4, 2]])
"""In two worlds."""


def cases(values):
    return Cases(ATOMS, values, np.full(values.shape[1:], 1 << ATOM, object))


@pytest.mark.parametrize(
    ("function", "other"),
    [
        (np.add, np.arange(6).reshape(3, 2)),
        (np.less, np.array([2, 3])),
        (np.multiply, 3),
        (np.maximum, cases(np.array([3, 1]))),
        (np.subtract, cases(np.arange(12).reshape(2, 3, 2))),
    ],
)
def test_operations_of_elements_are_those_of_each_world_whatever_the_axes(function, other):
    found, turned = function(cases(VALUES), other), function(other, cases(VALUES))
    for world in range(2):
        there = other.values[world] if isinstance(other, Cases) else other
        np.testing.assert_array_equal(found.values[world], function(VALUES[world], there))
        np.testing.assert_array_equal(turned.values[world], function(there, VALUES[world]))
    assert set(found.support.ravel()) == {1 << ATOM}


def test_what_is_the_same_in_all_worlds_is_an_array():
    assert isinstance(cases(VALUES) * 0, np.ndarray)


def test_what_has_axes_of_its_own_is_refused():
    with pytest.raises(TypeError):
        cases(VALUES) @ np.eye(2)
