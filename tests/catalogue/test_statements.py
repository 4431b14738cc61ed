"""Coverage, errata and links: what is missing, doubled, unknown or wrong is said, and nothing else."""

import json

import jax.numpy as jnp
import pytest

from gradproof import GradproofError, Real, Source, claim, definition, demonstration, misprint, verify
from gradproof.catalogue import errata, statements

DOCUMENT = statements.Document("009_text.txt", {"009.1a": (1,), "009.2a": (2, 3), "009.4a": (4,)})


def printed(*lines):
    return Source(DOCUMENT.name, lines)


def holding(id, *lines, covers, **settings):
    @claim(id, source=printed(*lines), covers=covers, **settings)
    def equal(x=Real()):
        yield x + x
        yield 2 * x

    return equal


WHOLE = [holding("a", 1, 2, 3, covers=["009.1a", "009.2a"]), holding("b", 4, covers=["009.4a"])]


@claim(
    "wrong",
    r"\frac{d}{dx} x^2 = x",
    source=printed(4),
    covers={"009.4a": "misprint"},
    correction="2 x",
    severity="index",
)
def wrong(x=Real()):
    yield 2 * x
    yield misprint(printed=x, correct=x + x)


mistyped = definition(
    "mistyped",
    "wieght",
    source=printed(1),
    covers={"009.1a": "misprint"},
    correction="weight",
    severity="typography",
)


def test_a_document_is_whole():
    found = statements.coverage(DOCUMENT, WHOLE)
    assert found.is_whole
    assert found.count == 3


@pytest.mark.parametrize(
    ("claims", "missing", "doubled", "unknown", "misplaced"),
    [
        (WHOLE[:1], ("009.4a",), (), (), ()),
        ([*WHOLE, wrong], (), ("009.4a",), (), ()),
        ([*WHOLE, holding("c", 9, covers=["009.9a"])], (), (), ("009.9a",), ()),
        ([WHOLE[0], holding("b", 3, covers=["009.4a"])], (), (), (), ("b",)),
        ([], ("009.1a", "009.2a", "009.4a"), (), (), ()),
    ],
)
def test_what_is_not_covered_once_is_said(claims, missing, doubled, unknown, misplaced):
    found = statements.coverage(DOCUMENT, claims)
    assert (found.missing, found.doubled, found.unknown, found.misplaced) == (missing, doubled, unknown, misplaced)
    assert not found.is_whole


def test_a_claim_about_another_document_covers_nothing_here():
    elsewhere = claim("d", source=Source("other.txt", (1,)), covers=["009.1a"])(WHOLE[0].sides)
    assert statements.coverage(DOCUMENT, [elsewhere]).missing == ("009.1a", "009.2a", "009.4a")


def test_an_unknown_document_is_refused():
    with pytest.raises(GradproofError, match="'no-such' is no document; there are 000_"):
        statements.documents(["no-such"])
    assert [document.name[:3] for document in statements.documents(["000"])] == ["000"]


def test_links_go_both_ways_and_on():
    linked = holding("c", 1, covers=["001.1a"], same_as=["009.4a"])
    further = holding("d", 1, covers=["002.1a"], same_as=["c"])
    claims = [*WHOLE, linked, further]
    for id in ("b", "009.4a", "c", "001.1a", "002.1a"):
        assert [found.id for found in statements.same_as(id, claims)] == ["b", "c", "d"]
    assert [found.id for found in statements.same_as("a", claims)] == ["a"]
    with pytest.raises(GradproofError, match="'e' is no claim and no statement"):
        statements.same_as("e", claims)


def test_a_second_reading_is_no_erratum():
    other = claim("other", correction="x + x")(wrong.sides)
    assert errata.findings([other, wrong]) == [wrong]


def test_errata_say_what_is_wrong_and_show_it():
    assert [found.id for found in errata.findings([*WHOLE, wrong, mistyped])] == ["mistyped", "wrong"]
    verdicts = [verify(found) for found in errata.findings([*WHOLE, wrong, mistyped])]
    assert all(verdict.as_expected for verdict in verdicts)
    assert errata.heading(wrong) == "wrong, line 4: index"
    assert errata.rows(verdicts[1]) == {
        "statement": "009.4a",
        "printed": r"\frac{d}{dx} x^2 = x",
        "right": "2 x",
        "shown by": "x = 1.0; the value: right is 2.0, printed is 1.0",
    }
    page = errata.as_markdown(verdicts)
    assert page.startswith("# Errata\n")
    assert "## 009_text.txt\n" in page
    assert "### mistyped, line 1: typography\n\n- statement: 009.1a\n- printed: wieght\n- right: weight\n" in page
    assert "- printed: $\\frac{d}{dx} x^2 = x$\n" in page


def test_an_erratum_that_is_none_is_said_to_be():
    @claim("right", correction="x + x", covers={"009.4a": "misprint"})
    def right(x=Real()):
        yield 2 * x
        yield misprint(printed=x + x, correct=x + x)

    verdict = verify(right)
    assert not verdict.as_expected
    assert "said to be a misprint" in errata.rows(verdict)["verdict"]


def test_an_unknown_severity_is_refused():
    with pytest.raises(
        GradproofError, match="severity is one of mathematics, index, shape, wording, typography; given"
    ):
        definition("x", severity="bad")


@pytest.mark.parametrize(
    ("experiment", "verdict", "why"),
    [
        (
            lambda control: (3.0 if control else 0.5) < 1.0,
            "demonstrated",
            "the experiment shows it, and the control does not",
        ),
        (lambda control: False, "refuted", "the experiment does not show it"),
        (lambda control: True, "refuted", "the control shows it, too"),
        (lambda control: jnp.array(0.0 if control else 1.0) > 0, "demonstrated", "the experiment shows it, and the"),
        (lambda control: jnp.ones(2) > 0, "undecided", "the experiment must return True or False, and returned"),
        (lambda control: 1 / 0 > 0, "undecided", "the experiment does not run: ZeroDivisionError: division by zero"),
    ],
    ids=["shown", "not shown", "control", "an array", "no bool", "error"],
)
def test_a_demonstration(experiment, verdict, why):
    shown = demonstration("d", covers=["009.1a"])(experiment)
    assert shown.covers == {"009.1a": "demonstrated"}
    found = verify(shown)
    assert found.verdict == verdict
    assert found.why.startswith(why)
    assert found.as_expected == (verdict == "demonstrated")


def test_the_lists_hold_ids_and_lines_alone(request):
    """Nothing of the documents' prose is kept."""
    paths = sorted((request.config.rootpath / "derivations").rglob("statements.json"))
    assert paths
    for path in paths:
        content = json.loads(path.read_text("utf-8"))
        assert set(content) == {"document", "statements"}
        assert all(set(statement) == {"id", "lines"} for statement in content["statements"])
