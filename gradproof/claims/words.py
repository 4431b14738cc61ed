"""A verdict in words, laid out for reading: on the command line, in pytest and in JUnit."""

from collections.abc import Mapping

from gradproof.claims.values import shown
from gradproof.claims.verdict import Counterexample, Verdict


def explain(verdict: Verdict) -> str:
    """What was stated, what was found, and where it can be seen."""
    claim = verdict.claim
    expected = "" if verdict.as_expected else f", expected to be a {claim.expected}" if claim.correction else ""
    parts = [claim.latex, verdict.why]
    if verdict.counterexample is not None:
        parts.append(_table(verdict.counterexample))
    indented = ["\n".join(f"  {line}" for line in part.splitlines()) for part in parts if part]
    return "\n\n".join([f"{claim.id}: {verdict.verdict}{expected}", *indented])


def _table(example: Counterexample) -> str:
    rows = {
        **({"sizes": assignments(example.sizes)} if example.sizes else {}),
        **{name: shown(value) for name, value in example.inputs.items()},
        "step": str(example.step),
        "entry": example.entry,
        "expected": shown(example.expected),
        "given": shown(example.given),
        **({"diagnosis": example.diagnosis} if example.diagnosis else {}),
    }
    width = max(map(len, rows))
    return "\n".join(f"{name:<{width}}  {text}" for name, text in rows.items())


def assignments(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} = {size}" for name, size in sizes.items())
