"""The JSON document that `gradproof verify --json` writes, and its schema, both from the same records.

A field of a record is a key of the document. What the types of fields cannot say, such as that a proved claim has a
bound, is in `RULES`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gradproof.claims import Claim, Equality
from gradproof.claims import verdict as records
from gradproof.claims.verdict import Severity, Source, Statement
from gradproof.claims.words import meanings

Text = Annotated[str, Meta(min_length=1)]


@dataclass(frozen=True)
class Record:
    """One claim and the verdict on it."""

    id: Text
    title: str
    where: Annotated[str | None, Meta(description="File and line of the claim; null for a definition.")]
    covers: Annotated[
        Mapping[str, Statement | None],
        Meta(
            description="The ids of the printed statements that the claim settles, each with the verdict on it; null "
            "if the claim's verdict is not the expected one."
        ),
    ]
    source: Source | None
    latex: Annotated[str, Meta(description="The statement as it is printed.")]
    reading: Annotated[str | None, Meta(description="How an ambiguous statement was read.")]
    hypotheses: tuple[str, ...]
    expected: Literal["holds", "misprint", "definition", "demonstrated"]
    verdict: Annotated[records.Outcome, Meta(description=meanings())]
    as_expected: bool
    why: str
    failure: records.Failure | None
    domains: Annotated[Mapping[str, str], Meta(description="What each argument is, in words, as any real.")]
    exact: records.Exact | None
    code: records.Code | None
    textbook: Annotated[bool, Meta(description="Whether the sides are printed formulas, and not code to be run.")]
    kinks: tuple[records.Kink, ...]
    rules: Annotated[
        tuple[records.Rule, ...],
        Meta(description="The derivative rules of functions that the sides call, each by itself, but for JAX's own."),
    ]
    correction: Annotated[str | None, Meta(description="LaTeX of what is right where a misprint is stated.")]
    severity: Annotated[Severity | None, Meta(description="What a misprint gets wrong.")]
    same_as: Annotated[tuple[str, ...], Meta(description="Ids of printed statements elsewhere that say the same.")]
    counterexample: records.Counterexample | None
    full: records.Full | None
    program: Annotated[
        str, Meta(description="What changes with the program of the claim; empty where there is none to prove.")
    ]
    seconds: Annotated[float, Meta(ge=0)]

    @classmethod
    def of(cls, verdict: records.Verdict) -> "Record":
        """The record of a verdict. A printed statement is settled only by the verdict that was expected."""
        claim = verdict.claim
        return cls(
            id=claim.id,
            title=claim.title,
            where=claim.place,
            covers={name: claim.covers[name] if verdict.as_expected else None for name in sorted(claim.covers)},
            source=claim.source,
            latex=claim.latex,
            reading=claim.reading,
            hypotheses=claim.hypotheses,
            expected=claim.expected,
            verdict=verdict.verdict,
            as_expected=verdict.as_expected,
            why=verdict.why,
            failure=verdict.failure,
            domains=verdict.domains,
            exact=verdict.exact,
            code=_in_order(verdict.code),
            textbook=isinstance(claim, Equality) and claim.textbook,
            kinks=verdict.kinks,
            rules=verdict.rules,
            correction=claim.correction,
            severity=claim.severity if claim.correction else None,
            same_as=tuple(sorted(claim.same_as)),
            counterexample=verdict.counterexample,
            full=verdict.full,
            program=verdict.program,
            seconds=verdict.seconds,
        )

    def of_claim(self, claim: Claim) -> records.Verdict:
        """The verdict again, on the claim that it was about."""
        return records.Verdict(
            claim,
            self.verdict,
            self.why,
            self.exact,
            self.code,
            self.kinks,
            self.counterexample,
            self.rules,
            corrected=self.as_expected and self.correction is not None,
            full=self.full,
            failure=self.failure,
            accepts=(self.verdict,) if self.as_expected else (),
            program=self.program,
            seconds=self.seconds,
        )


def _in_order(code: records.Code | None) -> records.Code | None:
    """With formats in one order, whatever the order in which they were run."""
    return None if code is None else replace(code, units={name: code.units[name] for name in sorted(code.units)})


@dataclass(frozen=True)
class Document:
    """What `gradproof verify --json` writes.

    But for `seconds`, the same claims, seed and machine give the same document.
    """

    gradproof: Annotated[str, Meta(description="The version.")]
    jax: Annotated[str, Meta(description="The version of JAX.")]
    python: Annotated[str, Meta(description="The version of Python.")]
    backend: Annotated[str, Meta(description="Where the floating-point check ran: cpu, gpu or tpu.")]
    seed: Annotated[int, Meta(ge=0)]
    shard: Annotated[str | None, Meta(description="Which part of several this is, such as 2/4; null for the whole.")]
    commit: Annotated[
        str | None, Meta(description="Of the folder in which it was made; ends with -changed if files differ from it.")
    ]
    claims: tuple[Record, ...]


RULES: Mapping[str, list[dict[str, Any]]] = {
    "Record": [
        {
            "if": {"properties": {"verdict": {"const": "proved"}}},
            "then": {
                "properties": {
                    "exact": {"type": "object", "properties": {"bound_log2": {"type": "number"}}},
                    "counterexample": {"type": "null"},
                }
            },
        },
        {
            "if": {"properties": {"verdict": {"enum": ["undecided", "failed"]}}},
            "then": {"properties": {"covers": {"additionalProperties": {"type": "null"}}}},
        },
        {
            "if": {"properties": {"verdict": {"const": "failed"}}},
            "then": {"properties": {"failure": {"type": "object"}, "as_expected": {"const": False}}},
            "else": {"properties": {"failure": {"type": "null"}}},
        },
        {
            "if": {"properties": {"expected": {"const": "misprint"}}},
            "then": {"properties": {"correction": {"type": "string"}}},
        },
        {
            "if": {"properties": {"expected": {"enum": ["holds", "demonstrated"]}}},
            "then": {"properties": {"correction": {"type": "null"}}},
        },
    ],
    "Source": [{"properties": {"document": {"minLength": 1}, "lines": {"items": {"minimum": 1}}}}],
}
"""By record, what the types of its fields do not say."""

VALUE = {
    "description": "A number, or an array as nested lists. Numbers that JSON lacks are text: inf, -inf, nan, 1/3.",
    "oneOf": [
        {"type": ["number", "boolean", "string", "null"]},
        {"type": "array", "items": {"$ref": "#/$defs/Value"}},
        {"type": "object", "additionalProperties": {"$ref": "#/$defs/Value"}},
    ],
}


def schema(document: type = Document) -> dict[str, Any]:
    """The JSON Schema of a document that is made of records. All fields are required, and there are no others."""
    made = _with_text(msgspec.json.schema(document))
    for name, definition in made["$defs"].items():
        if "properties" in definition:
            for field in definition["properties"].values():
                field.pop("default", None)
            definition["required"] = list(definition["properties"])
            definition["additionalProperties"] = False
        if name in RULES:
            definition["allOf"] = RULES[name]
    made["$defs"]["Value"] = VALUE
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Verdicts of gradproof", **made}


def _with_text(part: Any) -> Any:
    """Let numbers with a pattern be text of that pattern."""
    match part:
        case {"type": "number", "pattern": _}:
            return {**part, "type": ["number", "string"]}
        case dict():
            return {key: _with_text(value) for key, value in part.items()}
        case list():
            return [_with_text(value) for value in part]
    return part


def schema_text() -> str:
    """The file `verdict.schema.json`."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
