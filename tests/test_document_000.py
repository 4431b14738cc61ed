"""Document 000: every printed statement is settled by one claim, and the misprints are the ones that were found."""

import json
from collections import Counter
from importlib import resources

import jax.numpy as jnp
import pytest

from derivations import document_000
from gradproof._claim import Misprint
from gradproof._collect import select

CLAIMS = {claim.id: claim for claim in select(["derivations.document_000"])}
STATEMENTS = json.loads(resources.files(document_000).joinpath("statements.json").read_text())

W = jnp.array([[0.5, -1.0], [0.25, 2.0]])
X = jnp.array([[1.0, 2.0], [3.0, -1.0], [0.5, 1.5], [-2.0, 1.0], [1.0, 0.5]])
Y = jnp.eye(2)[jnp.array([1, 0, 0, 1, 1])]
MISPRINTS = {
    "000.52": ({"000.53a"}, {"w": W[0], "X": X, "y": Y[:, 0]}),
    "000.150": ({"000.150a"}, {"w": W, "X": X, "Y": Y}),
    "000.434": ({"000.434a"}, {"w": W[0], "X": X, "y": Y[:, 0]}),
}


def test_each_statement_is_covered_once():
    covered = Counter(name for claim in CLAIMS.values() for name in claim.covers)
    assert covered == Counter(statement["id"] for statement in STATEMENTS)


def test_a_claim_names_the_lines_of_what_it_covers():
    lines = {statement["id"]: set(statement["lines"]) for statement in STATEMENTS}
    for claim in CLAIMS.values():
        assert claim.source is not None
        missing = {line for name in claim.covers for line in lines[name]} - set(claim.source.lines)
        assert not missing, claim.id


def test_misprints_are_those_that_were_found():
    found = {id: {name for name, what in claim.covers.items() if what == "misprint"} for id, claim in CLAIMS.items()}
    assert {id: names for id, names in found.items() if names} == {id: names for id, (names, _) in MISPRINTS.items()}
    assert {id for id, claim in CLAIMS.items() if claim.expected == "misprint"} == set(MISPRINTS)


@pytest.mark.parametrize("id", MISPRINTS)
def test_a_correction_differs_from_what_is_printed(id):
    _, values = MISPRINTS[id]
    (misprint,) = [side for side in CLAIMS[id].sides(**values) if isinstance(side, Misprint)]
    printed, correct = misprint.printed, misprint.correct
    assert printed.shape != correct.shape or not jnp.allclose(printed, correct)
    assert CLAIMS[id].correction not in CLAIMS[id].latex


def test_an_ambiguous_statement_has_a_reading():
    for claim in CLAIMS.values():
        if {"ambiguous", "opinion"} & set(claim.covers.values()):
            assert claim.reading, claim.id
