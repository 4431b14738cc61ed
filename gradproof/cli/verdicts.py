"""What the command line prints of claims and verdicts: a line for each of many, and everything about one."""

import inspect
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress

from rich.text import Text

from gradproof.claims import Claim
from gradproof.claims.verdict import Code, Exact, Verdict
from gradproof.claims.words import assignments, at_a_tie, explain, fault, findings, line_numbers, lines, of_rule, read
from gradproof.cli.console import columns, plain_console, plain_table
from gradproof.cli.document import Record
from gradproof.cli.runs.stored import Stored

WIDTH = 15
"""That of the longest verdict."""


def print_list(claims: Sequence[Claim], stored: Stored) -> None:
    """A line for each claim, with its stored verdict if any are; where that is too narrow, two lines."""
    more = ("verdict",) if stored.records else ()
    table = plain_table("claim", "title", "expected", *more, "document", "lines", numbers=("lines",))
    found = {claim.id: _stored(claim, stored) for claim in claims} if stored.records else {}
    for claim in claims:
        source = (claim.source.document, line_numbers(claim.source)) if claim.source else ("", "")
        table.add_row(claim.id, claim.title, claim.expected, *([found[claim.id]] if found else []), *source)
    console = plain_console()
    if not 0 < columns() < console.measure(table).maximum:
        console.print(table)
        return
    for claim in claims:
        where = f"{claim.source.document}, {lines(claim.source)}" if claim.source else ""
        said = filter(None, (claim.title, claim.expected, found.get(claim.id, ""), where))
        console.print(f"{claim.id}\n    {'; '.join(said)}")


def _stored(claim: Claim, stored: Stored) -> str:
    if claim.id not in stored.records:
        return ""
    return f"{stored.records[claim.id].verdict}{' (stale)' if stored.is_stale(claim) else ''}"


class Lines:
    """A line for each claim, as it comes, and below it all there is to say of what is not as expected."""

    def __init__(self) -> None:
        self._apart = False
        """Whether the last thing printed was an explanation."""

    def print(self, record: Record) -> None:
        console = plain_console()
        style = "green" if record.as_expected else "bold red"
        console.print(
            Text(f"{record.verdict:<{WIDTH}}", style=style), f" {record.id}  {', '.join(_facts(record))}", sep=""
        )
        self._apart = not record.as_expected
        if record.as_expected:
            for note in _notes(record):
                console.print(f"{'':<{WIDTH}} {note}")
        else:
            # What is misprinted on purpose is part of the explanation.
            console.print(f"\n{_explained(record)}\n")

    def print_count(self, records: Sequence[Record], missing: int = 0) -> None:
        """How many there are of each verdict."""
        counts = Counter(record.verdict for record in records)
        failures = sum(not record.as_expected for record in records)
        parts = [
            ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "no claims",
            f"{failures} not as expected" if failures else "all as expected" if records else "",
            f"{missing} not examined" if missing else "",
        ]
        plain_console().print(("" if self._apart else "\n") + "; ".join(filter(None, parts)))


def _explained(record: Record) -> str:
    code = record.code if record.verdict == "proved" else None
    return findings(record.latex, record.why, record.exact, record.counterexample, code, record.rules)


def coded(code: Code | None) -> str:
    """What is to be said of the code, in a few words."""
    if code is None:
        return ""
    if code.outcome != "accurate":
        return f"code {code.outcome}"
    if not code.units:
        return "accurate"
    worst = max(code.units.values())
    return f"accurate to {worst:.2g} ulp" if worst < 100 else f"accurate to {worst:.0f} ulp"


def _facts(record: Record) -> Iterator[str]:
    if not record.as_expected:
        yield f"not as expected{', a misprint' if record.correction else ''}"
        if record.where is not None:
            yield record.where
    elif record.exact is not None and (bound := bound_of(record.exact)):
        yield f"bound {bound}"
    if count := len(record.kinks):
        yield f"{count} kink{'s' if count > 1 else ''}"
    if (record.verdict == "proved" or record.correction) and (text := coded(record.code)):
        yield text
    yield f"{record.seconds:.2f} s"


def _notes(record: Record) -> Iterator[str]:
    if record.correction:
        yield f"misprint; correct is {record.correction}"
    if text := read(record.exact):
        yield text
    code = record.code
    # Where JAX loses digits, too, the numbers are hard to compute, and the code is not to blame.
    to_blame = code is not None and (code.outcome != "loses digits" or code.first_is_better)
    if to_blame and not record.textbook and (text := fault(code)):
        yield text
    for kink in [kink for kink in record.kinks if kink.finding == "jax"][:1]:
        yield at_a_tie(kink)
    yield from filter(None, map(of_rule, record.rules))


def print_whole(verdict: Verdict, mark: str) -> None:
    """Everything about one claim.

    Arguments:
        mark: where the verdict comes from, if it is not made now.
    """
    claim, exact = verdict.claim, verdict.exact
    rows = {
        "stored": mark,
        "title": claim.title,
        "printed": f"{claim.source.document}, {lines(claim.source)}" if claim.source else None,
        "equation": claim.source.equation if claim.source else None,
        "covers": ", ".join(f"{name} ({statement})" for name, statement in claim.covers.items()),
        "reading": claim.reading,
        "hypotheses": "; ".join(claim.hypotheses),
        "expected": claim.expected,
        "correction": f"{claim.correction} ({claim.severity})" if claim.correction else None,
        "same as": ", ".join(claim.same_as),
        "bound": f"{bound_of(exact)}, from {exact.draws} draws" if exact and exact.bound_log2 is not None else None,
        "by chance": f"2^{math.ceil(exact.coincidence_log2)}" if exact and exact.coincidence_log2 is not None else None,
        "sizes": "; ".join(map(assignments, exact.sizes)) if exact else None,
        "oracles": ", ".join(exact.oracles) if exact else None,
        "code": coded(verdict.code),
        "rules": "; ".join(f"{rule.function} ({rule.where}) {rule.verdict}" for rule in verdict.rules),
        "kinks": "; ".join(f"{kink.comparison} ({kink.where})" for kink in verdict.kinks),
    }
    console = plain_console()
    console.print(f"{explain(verdict)}\n")
    for name, text in rows.items():
        if text:
            console.print(f"  {name:<10}  {text}")
    code = claim.code
    if code is not None:
        # What is not written in Python has no source to show.
        with suppress(OSError, TypeError):
            console.print(f"\n{inspect.getsource(code)}")


def bound_of(exact: Exact | None) -> str:
    """The bound on the probability of an error, as a power of 2."""
    if exact is None or exact.bound_log2 is None or not math.isfinite(exact.bound_log2):
        return ""
    return f"2^{math.ceil(exact.bound_log2)}"
