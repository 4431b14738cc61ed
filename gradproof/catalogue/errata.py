"""The errata of documents: what is printed wrong, what is right, and inputs that show it."""

from collections.abc import Container, Iterable, Sequence
from itertools import groupby

from gradproof.claims import Claim
from gradproof.claims.verdict import Counterexample, Verdict
from gradproof.claims.words import assignments, lines, shown

HEAD = """# Errata

What the documents print wrong, from the claims that refute it; `gradproof errata --markdown FILE` writes this page.
The numbers of each finding can be checked by hand.
"""


def findings(claims: Iterable[Claim]) -> list[Claim]:
    """The claims that find a statement printed wrong, in the order of the documents and their lines.

    A claim that refutes a second reading of a statement does not cover it, and is no finding.
    """
    found = [claim for claim in claims if "misprint" in claim.covers.values()]
    return sorted(found, key=lambda claim: (_document(claim), _lines(claim)))


def rows(verdict: Verdict) -> dict[str, str]:
    """The rows of a finding, by name."""
    claim = verdict.claim
    wrong = [id for id, statement in claim.covers.items() if statement == "misprint"]
    everything = {
        "statement": ", ".join(wrong),
        "printed": claim.latex,
        "right": claim.correction or "",
        "reading": claim.reading or "",
        "shown by": _shown(verdict.counterexample) if verdict.counterexample else "",
        "verdict": "" if verdict.as_expected else f"{verdict.verdict}: {verdict.why}",
    }
    return {name: text for name, text in everything.items() if text}


def heading(claim: Claim, stale: Container[str] = ()) -> str:
    """The claim, its lines, and how serious it is; and whether it has changed since it was verified."""
    place = f", {lines(claim.source)}" if claim.source and claim.source.lines else ""
    return f"{claim.id}{place}: {claim.severity}{' (stale)' if claim.id in stale else ''}"


def as_markdown(verdicts: Sequence[Verdict], stale: Container[str] = ()) -> str:
    """A page with a section for each document.

    Arguments:
        stale: the ids of claims that have changed since they were verified.
    """
    parts = [HEAD]
    for document, group in groupby(verdicts, lambda verdict: _document(verdict.claim)):
        parts.append(f"## {document or 'Without a document'}\n")
        for verdict in group:
            parts.append(f"### {heading(verdict.claim, stale)}\n")
            parts.append("".join(f"- {name}: {_marked(name, text)}\n" for name, text in rows(verdict).items()))
    return "\n".join(parts)


def _marked(name: str, text: str) -> str:
    return f"${text}$" if name in ("printed", "right") and "\\" in text else text


def _shown(example: Counterexample) -> str:
    inputs = ", ".join(f"{name} = {shown(value)}" for name, value in example.inputs.items())
    sizes = f"{assignments(example.sizes)}; " if example.sizes else ""
    found = f"{example.entry}: right is {shown(example.expected)}, printed is {shown(example.given)}"
    return f"{sizes}{inputs}; {found}" if inputs else f"{sizes}{found}"


def _document(claim: Claim) -> str:
    return claim.source.document if claim.source else ""


def _lines(claim: Claim) -> tuple[int, ...]:
    return claim.source.lines if claim.source else ()
