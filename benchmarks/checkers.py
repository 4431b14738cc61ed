"""The same mistakes put to gradproof and to other gradient checkers: `python benchmarks/checkers.py`.

In each gradient written by hand single mistakes are planted by program, a sample spread over their kinds, and every
checker is asked about each. A mutant that gradproof proves equal to the derivative is no mistake and left out of the
rates. Since gradproof is the judge of that, the table also says how many of the right ones each refuses: of these
mutants and of the gradients as they are. A checker that gives no answer accepts; all that gradproof leaves undecided
counts against it.

In the table, `killed` are the refused of all wrong mutants. Of these some are wrong as functions, in exact
arithmetic, and others on the machine only: in rounding, as where a term that compensates it is lost, or on a kink.
`right` are the right ones refused. Times are medians of those that one mutant takes.
"""

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Literal

import jax
import numpy as np
from _cases import Case, cases
from _checkers import CHECKERS, Answer, missing
from _region_errors import REGION_ERRORS
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

import gradproof
from gradproof.mutation.mutants import Mutant

OURS = "gradproof"

Fault = Literal["none", "function", "machine", "undecided"]
"""Of a gradient, as gradproof judges it: `machine` is one in rounding or on kinks."""


@dataclass(frozen=True)
class Trial:
    """What the checkers say of one gradient, and how long each takes."""

    case: str
    change: str
    fault: Fault
    why: str
    """In gradproof's words."""
    answers: Mapping[str, Answer]
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class Row:
    """What one checker does: pairs are the numbers of those refused, and of all."""

    checker: str
    refused: tuple[int, int]
    rate: float
    of_functions: tuple[int, int]
    on_machine: tuple[int, int]
    unanswered: int
    right_refused: tuple[int, int]
    milliseconds: float
    times_ours: float


@dataclass(frozen=True)
class RegionError:
    """A gradient that is wrong in a region: who accepts it, and what gradproof says."""

    error: str
    accepted_by: tuple[str, ...]
    answer: str
    why: str
    logits: list[float]
    """Of the examples of the counterexample."""


@dataclass(frozen=True)
class Results:
    """All that was found, and on what."""

    measured_on: str
    missing: Mapping[str, str]
    rows: tuple[Row, ...]
    region_errors: tuple[RegionError, ...]
    trials: tuple[Trial, ...]

    @property
    def all_refused_by_ours(self) -> bool:
        refused, wrong = self.rows[0].refused
        return refused == wrong and all(one.answer == "refused" for one in self.region_errors)


def fault(verdict: gradproof.Verdict) -> Fault:
    match verdict.verdict:
        case "proved":
            return "none" if verdict else "machine"
        case "refuted":
            # The bound is there where the sides are proved equal off the kinks.
            return "function" if verdict.exact.bound_log2 is None else "machine"
    return "undecided"


def said(verdict: gradproof.Verdict) -> str:
    """What it says of the formula; of one that is proved, what it says against the code."""
    of_code = fault(verdict) == "machine" and verdict.verdict == "proved" and verdict.code is not None
    return verdict.code.why if of_code else verdict.why


WRONG: tuple[Fault, ...] = ("function", "machine", "undecided")

ANSWERS: dict[Fault, Answer] = {"none": "accepted", "function": "refused", "machine": "refused", "undecided": "none"}


def installed() -> dict[str, Callable[[Case], Answer]]:
    return {name: checker for name, checker in CHECKERS.items() if name not in missing()}


def tried(case: Case, change: str) -> Trial:
    start = time.perf_counter()
    verdict = gradproof.verify(case.claim())
    seconds = {OURS: time.perf_counter() - start}
    found = fault(verdict)
    answers = {OURS: ANSWERS[found]}
    for name, checker in installed().items():
        start = time.perf_counter()
        with np.errstate(invalid="ignore"):  # some mutants give NaN
            answers[name] = checker(case)
        seconds[name] = time.perf_counter() - start
    return Trial(case.name, change, found, said(verdict), answers, seconds)


def sample(mutants: Sequence[Mutant], most: int) -> list[Mutant]:
    """At most so many, of each kind in turn."""
    generator = np.random.default_rng(0)
    kinds: dict[str, list[Mutant]] = {}
    for index in generator.permutation(len(mutants)):
        kinds.setdefault(mutants[index].kind, []).append(mutants[index])
    in_turn = chain.from_iterable(zip_longest(*(kinds[kind] for kind in sorted(kinds))))
    return list(islice((mutant for mutant in in_turn if mutant is not None), most))


def row(checker: str, trials: Sequence[Trial], right: Sequence[Trial]) -> Row:
    def answers(*faults: Fault) -> list[Answer]:
        return [trial.answers[checker] for trial in [*trials, *right] if trial.fault in faults]

    def refused(*faults: Fault) -> tuple[int, int]:
        return answers(*faults).count("refused"), len(answers(*faults))

    killed, wrong = refused(*WRONG)
    times = {name: statistics.median(trial.seconds[name] for trial in trials) for name in (checker, OURS)}
    return Row(
        checker,
        (killed, wrong),
        round(100 * killed / wrong, 1),
        refused("function"),
        refused("machine"),
        answers(*WRONG).count("none"),
        refused("none"),
        round(1000 * times[checker], 2),
        round(times[checker] / times[OURS], 4),
    )


def region_errors(logistic: Case) -> list[RegionError]:
    found = []
    for error, gradient in REGION_ERRORS.items():
        case = logistic.with_gradient(gradient)
        verdict = gradproof.verify(case.claim())
        accepted = tuple(name for name, checker in installed().items() if checker(case) != "refused")
        shown = verdict.counterexample or (verdict.code.at if verdict.code else None)
        logits = [] if shown is None else np.dot(shown.inputs["inputs"], shown.inputs["weights"]).tolist()
        found.append(RegionError(error, accepted, ANSWERS[fault(verdict)], said(verdict), logits))
    return found


def measured_on() -> str:
    packages = ["jax", "chex", *([] if missing() else ["torch"])]
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    return f"Python {platform.python_version()}, {versions}, on {jax.devices()[0].device_kind}"


def results(most: int) -> Results:
    right = [tried(case, "right") for case in cases()]
    chosen = [(case, mutant) for case in cases() for mutant in sample(case.mutants(), most)]
    progress = track(chosen, "mutants", console=Console(stderr=True), transient=True)
    trials = [tried(case.mutated(mutant), mutant.change) for case, mutant in progress]
    rows = tuple(row(name, trials, right) for name in (OURS, *installed()))
    return Results(measured_on(), missing(), rows, tuple(region_errors(cases()[0])), (*right, *trials))


def mutants_table(found: Results) -> Table:
    table = Table(box=SIMPLE_HEAD, collapse_padding=True, pad_edge=False)
    table.add_column("checker", no_wrap=True)
    for header in ("killed", "%", "exact", "machine", "no answer", "right", "ms", "/ ours"):
        table.add_column(header, justify="right")
    for one in found.rows:
        pairs = [f"{a}/{b}" for a, b in (one.refused, one.of_functions, one.on_machine, one.right_refused)]
        times = f"{one.milliseconds:.3g}", f"{one.times_ours:.3g}"
        table.add_row(one.checker, pairs[0], str(one.rate), *pairs[1:3], str(one.unanswered), pairs[3], *times)
    for checker in found.missing:
        table.add_row(checker, "-")
    table.title = "mutants refused"
    absent = [f"{checker}: {why}" for checker, why in found.missing.items()]
    table.caption = escape("\n".join([found.measured_on, *absent]))
    return table


def regions_table(errors: Sequence[RegionError]) -> Table:
    table = Table("error", "accepted by", OURS, box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("why", overflow="fold", ratio=1)
    table.add_column("at z")
    table.title = "gradients that are wrong in a region"
    for one in errors:
        logits = " ".join(f"{z:.3g}" for z in one.logits)
        accepted = f"{len(one.accepted_by)} of {len(installed())}"
        table.add_row(one.error, accepted, one.answer, escape(one.why), logits)
    return table


def open_questions(trials: Sequence[Trial]) -> Iterator[str]:
    """The gradients that gradproof leaves undecided, or proves and another refuses."""
    for trial in trials:
        refused = [name for name, answer in trial.answers.items() if answer == "refused"]
        if trial.fault == "undecided" or (trial.fault == "none" and refused):
            ours = "proved" if trial.fault == "none" else "undecided"
            yield f"{trial.case}: {trial.change}: {ours}, {trial.why}; refused by {', '.join(refused) or 'none'}"


def main() -> int:
    parser = argparse.ArgumentParser(description="The same mistakes put to gradproof and to other gradient checkers.")
    parser.add_argument("--most", type=int, default=60, help="mutants of a case, at most")
    parser.add_argument("--json", type=Path, help="a file for the results")
    given = parser.parse_args()
    with jax.enable_x64(True):
        found = results(given.most)
    console = Console()
    console.print(mutants_table(found))
    console.print(regions_table(found.region_errors))
    for question in open_questions(found.trials):
        console.print(escape(question))
    if given.json is not None:
        given.json.write_text(json.dumps(asdict(found), indent=1) + "\n", "utf-8")
    return int(not found.all_refused_by_ours)


if __name__ == "__main__":
    sys.exit(main())
