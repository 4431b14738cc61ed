"""Verdicts for machines: JSON as `verdict.schema.json` describes it, and JUnit."""

import json
import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from xml.etree import ElementTree

from gradproof.claims import Claim
from gradproof.claims.verdict import Verdict
from gradproof.claims.words import explain, plain
from gradproof.cli.document import Document, Record

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_json(
    verdicts: Sequence[Verdict], *, seed: int, backend: str, shard: str | None = None, commit: str | None = None
) -> str:
    """One record for each claim. But for `seconds` it depends on the claims, the seed and the machine alone."""
    return document_text(
        Document(
            gradproof=version("gradproof"),
            jax=version("jax"),
            python=platform.python_version(),
            backend=backend,
            seed=seed,
            shard=shard,
            commit=commit,
            claims=tuple(map(Record.of, verdicts)),
        )
    )


def document_text(document: Document) -> str:
    return json.dumps(plain(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def list_as_json(claims: Sequence[Claim]) -> str:
    """What there is to say of claims before they are examined."""
    listed = [
        {
            "id": claim.id,
            "title": claim.title,
            "expected": claim.expected,
            "where": claim.place,
            "source": claim.source,
            "covers": claim.covers,
            "latex": claim.latex,
            "same_as": claim.same_as,
        }
        for claim in claims
    ]
    return json.dumps(plain(listed), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_junit(verdicts: Sequence[Verdict]) -> str:
    """One test case for each claim: a failure if the verdict is not the expected one, an error if the claim failed."""
    errors = sum(verdict.failure is not None for verdict in verdicts)
    failures = sum(not verdict.as_expected for verdict in verdicts) - errors
    seconds = sum(verdict.seconds for verdict in verdicts)
    suite = ElementTree.Element(
        "testsuite",
        name="gradproof",
        tests=str(len(verdicts)),
        failures=str(failures),
        errors=str(errors),
        time=f"{seconds:.3f}",
    )
    for verdict in verdicts:
        claim = verdict.claim
        place = claim.source.document if claim.source else "gradproof"
        case = ElementTree.SubElement(suite, "testcase", classname=place, name=claim.id, time=f"{verdict.seconds:.3f}")
        if not verdict.as_expected:
            # A formula in a string that is not raw has control characters, which XML does not allow.
            kind = "failure" if verdict.failure is None else "error"
            failure = ElementTree.SubElement(case, kind, message=_NOT_XML.sub("�", verdict.why))
            failure.text = _NOT_XML.sub("�", explain(verdict))
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    text: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    return text.decode() + "\n"
