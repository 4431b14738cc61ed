"""The misprints of "Deriving the backpropagation algorithm" are the ones that were found.

That each of them is wrong as printed, and right as corrected, `test_equalities.py` shows for all documents.
"""

import pytest

from gradproof.catalogue.collect import select

CLAIMS = {claim.id: claim for claim in select(["derivations.deriving_backpropagation"])}

WITH_NUMBERS = {
    "000.52": ({"000.53a"}, "mathematics"),
    "000.150": ({"000.150a"}, "shape"),
    "000.203": (set(), "index"),
    "000.390b": (set(), "mathematics"),
    "000.396": ({"000.396a"}, "mathematics"),
    "000.402": ({"000.402a"}, "mathematics"),
    "000.406c": (set(), "mathematics"),
    "000.434": ({"000.434a"}, "mathematics"),
}
"""With the statements that are misprints: none where a claim is another reading, or lacks a hypothesis."""

IN_WORDS = {
    "000.248": ({"000.248a"}, "index"),
    "000.262": ({"000.262a"}, "typography"),
    "000.338": ({"000.338a"}, "typography"),
    "000.396b": ({"000.396b"}, "index"),
}
"""Misprints of which nothing can be computed."""


def test_misprints_are_those_that_were_found():
    found = {
        id: ({name for name, what in claim.covers.items() if what == "misprint"}, claim.severity)
        for id, claim in CLAIMS.items()
        if claim.correction
    }
    assert found == WITH_NUMBERS | IN_WORDS
    assert {id for id, claim in CLAIMS.items() if claim.expected == "misprint"} == WITH_NUMBERS.keys()


@pytest.mark.parametrize("id", WITH_NUMBERS | IN_WORDS)
def test_a_correction_is_not_what_is_printed(id):
    assert CLAIMS[id].correction not in CLAIMS[id].latex
