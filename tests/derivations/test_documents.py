"""The printed statements: one claim settles each of them, and what a claim says of itself fits together."""

import re

import pytest

from gradproof.catalogue.collect import installed
from gradproof.catalogue.statements import coverage, documents

CLAIMS = installed()
DOCUMENTS = documents()
KNOWN = {name for claim in CLAIMS for name in (claim.id, *claim.covers)}
REFERENCE = re.compile(r"\b00\d\.\d\w*")
"""The id of a claim or a statement, in the words of another claim."""


def test_there_are_documents():
    assert len(DOCUMENTS) == 5
    assert sum(len(document.lines) for document in DOCUMENTS) >= 955


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name[:3])
def test_each_statement_is_covered_once_by_a_claim_that_names_its_lines(document):
    found = coverage(document, CLAIMS)
    assert (found.missing, found.doubled, found.unknown, found.misplaced) == ((), (), (), ())


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if claim.source], ids=lambda claim: claim.id)
def test_what_a_claim_says_of_itself(claim):
    if claim.covers:  # a claim that refutes a second reading covers none
        wrong = "misprint" in claim.covers.values()
        assert wrong == (claim.correction is not None), "a misprint has a correction, and nothing else has"
    if {"ambiguous", "opinion", "demonstrated"} & set(claim.covers.values()):
        assert claim.reading, "the claim says how it read the statement"
    if claim.correction is not None:
        assert claim.correction != claim.latex
    assert "demonstrated" not in claim.covers.values() or claim.expected == "demonstrated"
    assert set(claim.same_as) <= KNOWN
    words = " ".join([claim.reading or "", *claim.hypotheses])
    assert set(REFERENCE.findall(words)) <= KNOWN, "what the claim refers to exists"


def test_a_reference_is_found():
    assert REFERENCE.findall("As in 004.96: line 12 of 000.13a. 0.5 is none.") == ["004.96", "000.13a"]
