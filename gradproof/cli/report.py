"""Verdicts for machines: JSON as `verdict.schema.json` describes it, and JUnit."""

import json
import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from xml.etree import ElementTree

from gradproof.claims.verdict import Verdict
from gradproof.claims.words import explain, plain
from gradproof.cli.document import Document, Record

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_json(verdicts: Sequence[Verdict], *, seed: int, backend: str) -> str:
    """One record for each claim. But for `seconds` it depends on the claims, the seed and the machine alone."""
    document = Document(
        gradproof=version("gradproof"),
        jax=version("jax"),
        python=platform.python_version(),
        backend=backend,
        seed=seed,
        claims=tuple(map(Record.of, verdicts)),
    )
    return json.dumps(plain(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_junit(verdicts: Sequence[Verdict]) -> str:
    """One test case for each claim, which fails if the verdict is not the expected one."""
    failures = sum(not verdict.as_expected for verdict in verdicts)
    seconds = sum(verdict.seconds for verdict in verdicts)
    suite = ElementTree.Element(
        "testsuite", name="gradproof", tests=str(len(verdicts)), failures=str(failures), time=f"{seconds:.3f}"
    )
    for verdict in verdicts:
        claim = verdict.claim
        place = claim.source.document if claim.source else "gradproof"
        case = ElementTree.SubElement(suite, "testcase", classname=place, name=claim.id, time=f"{verdict.seconds:.3f}")
        if not verdict.as_expected:
            # A formula in a string that is not raw has control characters, which XML does not allow.
            failure = ElementTree.SubElement(case, "failure", message=_NOT_XML.sub("�", verdict.why))
            failure.text = _NOT_XML.sub("�", explain(verdict))
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    text: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    return text.decode() + "\n"
