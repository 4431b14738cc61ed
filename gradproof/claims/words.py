"""Verdicts and values in words: laid out for people, and plain for JSON."""

import dataclasses
import inspect
import math
from collections.abc import Mapping, Sequence
from typing import Any

from gradproof.claims.claim import Source
from gradproof.claims.outcomes import MEANINGS as MEANINGS
from gradproof.claims.outcomes import meanings as meanings
from gradproof.claims.verdict import Code, Counterexample, Exact, Kink, Rule, Verdict


def explain(verdict: Verdict) -> str:
    """What was stated, what was found, and where it can be seen."""
    claim = verdict.claim
    expected = "" if verdict.as_expected else f", expected to be a {claim.expected}" if claim.correction else ""
    if verdict.verdict == "proved" and not verdict.as_expected:
        expected = f"{expected}, and yet no pass"
    code = verdict.code if verdict.verdict == "proved" or verdict.corrected else None
    found = findings(claim.latex, verdict.why, verdict.exact, verdict.counterexample, code, verdict.rules)
    domains = "; ".join(f"{name} is {domain}" for name, domain in verdict.domains.items())
    parts = f"{claim.id}: {verdict.verdict}{expected}", found, f"  where {domains}" if domains else ""
    return "\n\n".join(filter(None, parts))


def findings(
    latex: str,
    why: str,
    exact: Exact | None,
    counterexample: Counterexample | None,
    code: Code | None,
    rules: Sequence[Rule] = (),
) -> str:
    """The parts of an explanation, indented, with an empty line between them."""
    tables = [counterexample, None if code is None else code.at]
    example, where = ["" if table is None else _table(table) for table in tables]
    parts = [latex, why, read(exact), example, fault(code), where]
    for rule in rules:
        parts += [of_rule(rule), "" if rule.counterexample is None else _table(rule.counterexample)]
    return "\n\n".join("\n".join(f"  {line}" for line in part.splitlines()) for part in parts if part)


def read(exact: Exact | None, most: int = 6) -> str:
    """What constants were read as: the first ones of many."""
    found = () if exact is None else exact.readings
    if not found:
        return ""
    rest = f" and {len(found) - most} more" if len(found) > most else ""
    return f"reads {', '.join(f'{one.constant!r} as {one.read_as}' for one in found[:most])}{rest}"


def fault(code: Code | None) -> str:
    """What is wrong with the code."""
    if code is None or code.outcome == "accurate":
        return ""
    return f"the code {code.outcome if code.outcome != 'not measured' else 'was not measured'}: {code.why}"


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


def of_rule(rule: Rule) -> str:
    """What is found of a derivative rule; nothing of one that is right."""
    named = f"the derivative rule of {rule.function} ({rule.where})"
    match rule.verdict:
        case "proved":
            return ""
        case "refuted":
            return f"{named} is wrong: {rule.why}"
        case "surrogate":
            return f"{named} is a surrogate: {rule.why}"
        case "undecided":
            return f"{named} is undecided: {rule.why}"


def despite(rules: Sequence[Rule]) -> str:
    """What wrong derivative rules add to a claim that is proved."""
    wrong = [f"{rule.function} ({rule.where})" for rule in rules if rule.verdict == "refuted"]
    return f", but the derivative rule of {' and of '.join(wrong)} is wrong" if wrong else ""


def at_a_tie(kink: Kink) -> str:
    """That JAX's derivative is not the limit that it has from all sides."""
    where = f"at the tie of {kink.comparison!r} at {kink.where}"
    if kink.at is None:
        return f"{where} JAX does not return the limit"
    at = kink.at
    inputs = ", ".join(f"{name} = {shown(value)}" for name, value in at.inputs.items())
    return (
        f"{where}, JAX returns {at.expected:.6g} for {at.entry}, and {at.above:.6g} is the limit from all sides: "
        f"{inputs}"
    )


def assignments(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} = {size}" for name, size in sizes.items())


def lines(source: Source) -> str:
    """The lines of a document: `line 4`, or `lines 3, 5`."""
    return f"{'lines' if len(source.lines) > 1 else 'line'} {line_numbers(source)}"


def line_numbers(source: Source) -> str:
    return ", ".join(map(str, source.lines))


def kind_of(value: Any) -> str:
    """What something is that is no array, such as `a function`.

    >>> kind_of("w"), kind_of(print), kind_of({1.0})
    ("the text 'w'", 'a function', 'a set')
    """
    match value:
        case None:
            return "None"
        case str():
            return f"the text {value[:40]!r}"
        case _ if inspect.isclass(value):
            return f"the class {value.__name__}"
        case _ if inspect.isroutine(value) or (callable(value) and not dataclasses.is_dataclass(value)):
            return "a function"
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return "an array"
    name = type(value).__name__
    return f"a{'n' * (name[0].lower() in 'aeio')} {name}"


def plain(value: Any) -> Any:
    """The value as lists, mappings, numbers and text. Numbers that JSON lacks, such as infinity and 1/3, become text.

    >>> from fractions import Fraction
    >>> plain({"x": (1, 0.5, float("inf"), Fraction(1, 3))})
    {'x': [1, 0.5, 'inf', '1/3']}
    """
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return float(value) if math.isfinite(value) else str(float(value))
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
    return plain(value.tolist()) if hasattr(value, "tolist") else str(value)


def shown(value: Any) -> str:
    """The value on one line, for reading.

    >>> from fractions import Fraction
    >>> shown([Fraction(1, 2), 3.0])
    '[1/2, 3.0]'
    """
    match plain(value):
        case list() as items:
            return f"[{', '.join(map(shown, items))}]"
        case dict() as items:
            return f"{{{', '.join(f'{name}: {shown(item)}' for name, item in items.items())}}}"
        case item:
            return str(item)
