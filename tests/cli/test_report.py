"""The JSON and JUnit documents: valid, complete, and the same for the same verdicts."""

import json
import math
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Annotated
from xml.etree import ElementTree

import jax.numpy as jnp
import jsonschema
import numpy as np
import pytest
from msgspec import Meta

import gradproof
from gradproof import Counterexample, Exact, Kink, Real, Source, Verdict, claim, definition, misprint
from gradproof.claims import verdict as records
from gradproof.claims.verdict import Code
from gradproof.claims.words import plain
from gradproof.cli import RULES, Document, Record, as_json, as_junit, schema, schema_text

SCHEMA = schema()
RECORDS = [
    value
    for value in vars(records).values()
    if is_dataclass(value) and value.__module__ == records.__name__ and value is not Verdict
]


@claim(
    "a.square",
    r"\frac{d}{dx} x^2 = 2x",
    source=Source("a.txt", (3, 4), "(1)"),
    covers=["a.4", "a.3"],
    hypotheses=["x is real"],
)
def square(x=Real()):
    yield x**2
    yield x * x


@claim("a.wrong", r"x = -x", correction="x = x", covers={"a.5": "misprint"})
def wrong(x=Real()):
    yield x
    yield misprint(printed=-x, correct=2 * x - x)


mean = definition("a.mean", r"\frac{1}{n}", code=np.mean, covers=["a.6"])

misnamed = definition("a.misnamed", "N", correction="n", severity="typography", covers=["a.7"])

EXACT = Exact(-104.3, 3, ({"n": 2}, {"n": 1}), ("autodiff", "dual"))
EXAMPLE = Counterexample({"n": 2}, {"x": np.array([1, 2.5])}, 1, "[0]", np.float32(1), math.nan, "wrong sign")
PROVED = Verdict(
    square,
    "proved",
    "equal",
    EXACT,
    Code("accurate", {"float64": 0.5, "float32": 0.0}),
    (Kink("f:1", "x < 0", ("<",), None),),
)
SPOILT = Code("has no value", {"float64": math.inf}, "NaN far out", EXAMPLE, first_is_better=True)
REFUTED = Verdict(square, "refuted", "they differ", EXACT, SPOILT, counterexample=EXAMPLE)
UNDECIDED = Verdict(square, "undecided", "no rule for foo", seconds=1.23456)
MISPRINT = Verdict(wrong, "refuted", "false as printed", EXACT, counterexample=EXAMPLE, corrected=True)
DEFINITION = Verdict(mean, "definition", "it says what the mean is")
MISNAMED = Verdict(misnamed, "definition", "a matter of notation")
ALL = (PROVED, REFUTED, UNDECIDED, MISPRINT, DEFINITION, MISNAMED)


def document(*verdicts: Verdict) -> dict:
    return json.loads(as_json(verdicts, seed=7, backend="cpu"))


def accepted(found: dict) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(found)


def test_the_schema_is_one_and_current():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    path = Path(gradproof.__file__).parent / "verdict.schema.json"
    assert path.read_text("utf-8") == schema_text(), "run python -m gradproof.cli.schema"


@pytest.mark.parametrize("record", [Document, Record, *RECORDS], ids=lambda record: record.__name__)
def test_a_field_added_to_a_record_is_in_the_document_and_in_the_schema(record):
    @dataclass(frozen=True, kw_only=True)
    class Longer(record):
        planted: Annotated[int, Meta(ge=5)] = 7

    blank = dict.fromkeys(field.name for field in fields(record))
    found = plain(Longer(**blank))
    assert found == {**blank, "planted": 7}
    definition = schema(Longer)["$defs"]["Longer"]
    assert definition["properties"]["planted"] == {"type": "integer", "minimum": 5}
    assert definition["required"] == list(found)
    assert not definition["additionalProperties"]


def test_the_schema_has_every_record():
    assert {record.__name__ for record in RECORDS} < SCHEMA["$defs"].keys()
    assert set(RULES) < SCHEMA["$defs"].keys()


def test_the_schema_accepts_what_is_written():
    jsonschema.validate(document(*ALL), SCHEMA)
    assert document(*ALL)["seed"] == 7


def test_the_schema_accepts_what_the_engine_finds():
    @claim("a.slope")
    def slope(x=Real("n")):
        yield gradproof.derivative(lambda x: x @ x, x)
        yield 2 * x

    @claim("a.overflow", stable=True)
    def overflow(x=Real("n")):
        yield 1 / (1 + jnp.exp(-x))
        yield jnp.exp(x) / (1 + jnp.exp(x))

    @claim("a.single")
    def single(x=Real()):
        yield x

    verdicts = [gradproof.verify(statement) for statement in (square, wrong, mean, slope, overflow, single)]
    assert [v.verdict for v in verdicts] == ["proved", "refuted", "definition", "proved", "proved", "undecided"]
    assert verdicts[4].code.outcome == "has no value"
    jsonschema.validate(document(*verdicts), SCHEMA)


PLANTED = {
    ("verdict",): "passed",
    ("extra",): 1,
    ("covers", "a.3"): "true",
    ("exact",): None,
    ("exact", "bound_log2"): None,
    ("exact", "draws"): "many",
    ("exact", "oracles"): ["finite differences"],
    ("exact", "sizes"): [{"n": 1.5}],
    ("code", "units", "float32"): "small",
    ("code", "outcome"): "good",
    ("kinks", 0, "agree"): "yes",
    ("source", "lines"): "3",
    ("source", "page"): 1,
    ("correction",): "x",
    ("expected",): "misprint",
    ("counterexample",): plain(EXAMPLE),
    ("seconds",): -1,
}


@pytest.mark.parametrize(("place", "value"), PLANTED.items(), ids=[".".join(map(str, place)) for place in PLANTED])
def test_the_schema_refuses_a_wrong_value(place, value):
    found = document(PROVED)
    assert accepted(found)
    part = found["claims"][0]
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    assert not accepted(found)


def test_the_schema_refuses_an_undecided_claim_that_settles_something():
    found = document(UNDECIDED)
    found["claims"][0]["covers"]["a.3"] = "holds"
    assert not accepted(found)


@pytest.mark.parametrize("key", plain(Record.of(PROVED)))
def test_the_schema_refuses_a_record_without(key):
    found = document(PROVED)
    del found["claims"][0][key]
    assert not accepted(found)


@pytest.mark.parametrize("key", ["gradproof", "jax", "python", "backend", "seed", "claims"])
def test_the_schema_refuses_a_document_without(key):
    found = document(PROVED)
    del found[key]
    assert not accepted(found)


@pytest.mark.parametrize(
    ("verdict", "covers"),
    [
        (PROVED, {"a.3": "holds", "a.4": "holds"}),
        (REFUTED, {"a.3": None, "a.4": None}),
        (UNDECIDED, {"a.3": None, "a.4": None}),
        (MISPRINT, {"a.5": "misprint"}),
        (replace(MISPRINT, corrected=False), {"a.5": None}),
        (DEFINITION, {"a.6": "definition"}),
    ],
    ids=["proved", "refuted", "undecided", "misprint", "misprint without its correction", "definition"],
)
def test_a_printed_statement_is_settled_by_the_expected_verdict_only(verdict, covers):
    assert Record.of(verdict).covers == covers


def test_the_order_of_mappings_is_no_part_of_the_document():
    turned = replace(PROVED, code=replace(PROVED.code, units=dict(reversed(PROVED.code.units.items()))))
    assert as_json([turned], seed=0, backend="cpu") == as_json([PROVED], seed=0, backend="cpu")


def test_junit_has_a_case_for_each_claim():
    suite = ElementTree.fromstring(as_junit(ALL)).find("testsuite")
    assert suite is not None
    cases = {f"{case.get('classname')}/{case.get('name')}": case for case in suite}
    assert list(cases) == ["a.txt/a.square", "gradproof/a.wrong", "gradproof/a.mean", "gradproof/a.misnamed"]
    assert (suite.get("tests"), suite.get("failures")) == ("6", "2")
    failures = [case.find("failure") for case in suite]
    assert [failure is not None for failure in failures] == [False, True, True, False, False, False]
    assert failures[1] is not None
    assert failures[1].get("message") == "they differ"
    assert "wrong sign" in (failures[1].text or "")


def test_junit_survives_a_formula_in_a_string_that_is_not_raw():
    broken = replace(UNDECIDED, claim=replace(square, latex="\frac{\x00}{x}"))
    failure = ElementTree.fromstring(as_junit([broken])).find(".//failure")
    assert failure is not None
    assert "rac{" in (failure.text or "")
