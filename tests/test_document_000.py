"""Document 000: every printed statement is settled by one claim, and the misprints are the ones that were found."""

import json
import re
from collections import Counter
from importlib import resources

import jax
import jax.numpy as jnp
import pytest

from derivations import deriving_backpropagation
from gradproof.catalogue.collect import select
from gradproof.claims.claim import Misprint

CLAIMS = {claim.id: claim for claim in select(["derivations.deriving_backpropagation"])}
STATEMENTS = json.loads(resources.files(deriving_backpropagation).joinpath("statements.json").read_text())["statements"]

W = jnp.array([[0.5, -1.0], [0.25, 2.0]])
X = jnp.array([[1.0, 2.0], [3.0, -1.0], [0.5, 1.5], [-2.0, 1.0], [1.0, 0.5]])
Y = jnp.eye(2)[jnp.array([1, 0, 0, 1, 1])]
MISPRINTS = {
    "000.52": ({"000.53a"}, "mathematics"),
    "000.150": ({"000.150a"}, "shape"),
    "000.203": (set(), "index"),
    "000.248": ({"000.248a"}, "index"),
    "000.262": ({"000.262a"}, "typography"),
    "000.338": ({"000.338a"}, "typography"),
    "000.390b": (set(), "mathematics"),
    "000.396": ({"000.396a"}, "mathematics"),
    "000.396b": ({"000.396b"}, "index"),
    "000.402": ({"000.402a"}, "mathematics"),
    "000.406c": (set(), "mathematics"),
    "000.434": ({"000.434a"}, "mathematics"),
}
"""With the statements that are misprints: none where a claim is another reading, or lacks a hypothesis."""

VALUES = {
    "000.52": {"w": W[0], "X": X, "y": Y[:, 0]},
    "000.150": {"w": W, "X": X, "Y": Y},
    "000.203": {
        "f": (jnp.tanh, jnp.sin, jnp.tanh),
        "loss": lambda h, y: jnp.sum((h - y) ** 2),
        "w": (W, W.T, W),
        "x": X[:1].T,
        "y": X[1:2].T,
    },
    "000.390b": {"z": X[:1].T, "y": Y[:1].T},
    "000.396": {"f": jnp.tanh, "w": (W, W.T), "X": X, "Y": Y, "lambda_": 0.5},
    "000.402": {"f": jnp.tanh, "w": (W, W.T), "X": X, "Y": Y, "lambda_": 0.5},
    "000.406c": {"w_l": X},
    "000.434": {"w": W[0], "X": X, "y": Y[:, 0]},
}
"""Where what is printed and what is correct differ; the other misprints have no numbers."""


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
    found = {
        id: ({name for name, what in claim.covers.items() if what == "misprint"}, claim.severity)
        for id, claim in CLAIMS.items()
        if claim.correction
    }
    assert found == MISPRINTS
    assert {id for id, claim in CLAIMS.items() if claim.expected == "misprint"} == set(VALUES)
    assert {id for id, claim in CLAIMS.items() if "misprint" in claim.covers.values()} <= set(MISPRINTS)


@pytest.mark.parametrize("id", VALUES)
def test_a_correction_differs_from_what_is_printed(id):
    (misprint,) = [side for side in CLAIMS[id].sides(**VALUES[id]) if isinstance(side, Misprint)]
    pairs = zip(jax.tree.leaves(misprint.printed), jax.tree.leaves(misprint.correct), strict=True)
    assert any(printed.shape != correct.shape or not jnp.allclose(printed, correct) for printed, correct in pairs)


@pytest.mark.parametrize("id", MISPRINTS)
def test_a_correction_is_not_what_is_printed(id):
    assert CLAIMS[id].correction not in CLAIMS[id].latex


def test_an_ambiguous_statement_has_a_reading():
    for claim in CLAIMS.values():
        if {"ambiguous", "opinion"} & set(claim.covers.values()):
            assert claim.reading, claim.id


def test_what_a_reading_refers_to_is_there():
    known = set(CLAIMS) | {statement["id"] for statement in STATEMENTS}
    for claim in CLAIMS.values():
        words = " ".join([claim.reading or "", *claim.hypotheses, *claim.same_as])
        assert set(re.findall(r"\b000\.\w+", words)) <= known, claim.id
