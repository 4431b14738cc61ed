"""Verdicts as documents for machines: JSON, as `verdict.schema.json` says, and JUnit."""

import json
import os
import platform
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO
from xml.etree import ElementTree

from gradproof.claims.values import plain
from gradproof.claims.verdict import Verdict
from gradproof.claims.words import explain
from gradproof.errors import GradproofError

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """A new file that takes the place of `path` once it is complete.

    Raises `GradproofError` at once where it could not.
    """
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        if target.exists() and not (target.is_file() and os.access(target, os.W_OK)):
            raise FileExistsError(0, "it is there and no file that can be written")
        file = draft.open("x", encoding="utf-8")
    except OSError as error:
        raise GradproofError(f"cannot write {str(path)!r}: {error.strerror}; give another path") from None
    try:
        with file:
            yield file
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def as_json(verdicts: Sequence[Verdict], *, seed: int, backend: str) -> str:
    """One record for each claim. But for `seconds` it depends on the claims, the seed and the machine alone."""
    document = {
        "gradproof": version("gradproof"),
        "jax": version("jax"),
        "python": platform.python_version(),
        "backend": backend,
        "seed": seed,
        "claims": [record(verdict) for verdict in verdicts],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def record(verdict: Verdict) -> dict[str, Any]:
    """One claim and the verdict on it. A printed statement is settled only by the verdict that was expected."""
    claim = verdict.claim
    return {
        "id": claim.id,
        "title": claim.title,
        "covers": {name: claim.covers[name] if verdict.as_expected else None for name in sorted(claim.covers)},
        "source": plain(claim.source),
        "latex": claim.latex,
        "reading": claim.reading,
        "hypotheses": plain(claim.hypotheses),
        "expected": claim.expected,
        "verdict": verdict.verdict,
        "why": verdict.why,
        "exact": plain(verdict.exact),
        "floating": {dtype: plain(verdict.floating[dtype]) for dtype in sorted(verdict.floating)},
        "kinks": plain(verdict.kinks),
        "correction": claim.correction,
        "severity": claim.severity if claim.correction else None,
        "same_as": sorted(claim.same_as),
        "counterexample": plain(verdict.counterexample),
        "full": plain(verdict.full),
        "seconds": verdict.seconds,
    }


def as_junit(verdicts: Sequence[Verdict]) -> str:
    """One test case for each claim, which fails where the verdict is not the expected one."""
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
            # A formula in a string that is not raw has control characters, which XML has not.
            failure = ElementTree.SubElement(case, "failure", message=_NOT_XML.sub("�", verdict.why))
            failure.text = _NOT_XML.sub("�", explain(verdict))
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    text: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    return text.decode() + "\n"
