"""The documents: every printed statement is settled by one claim, and what is said to be wrong is wrong."""

import pytest

from derivations import deriving_backpropagation
from gradproof.catalogue.collect import installed
from gradproof.catalogue.statements import coverage, documents

CLAIMS = installed()
DOCUMENTS = documents()
KNOWN = {name for claim in CLAIMS for name in (claim.id, *claim.covers)}


def test_there_are_documents():
    assert deriving_backpropagation.__doc__
    assert sum(len(document.lines) for document in DOCUMENTS) >= 176


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
        assert claim.reading, "how it was read is said"
    if claim.correction is not None:
        assert claim.correction != claim.latex
    assert set(claim.same_as) <= KNOWN
    assert "demonstrated" not in claim.covers.values() or claim.expected == "demonstrated"
