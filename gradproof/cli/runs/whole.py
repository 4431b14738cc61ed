"""One run of `gradproof verify`, from its targets to its exit status."""

import platform
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import get_args

from gradproof.catalogue import select, shard, without
from gradproof.claims import Claim
from gradproof.claims.verdict import Acceptable, Verdict
from gradproof.cli import full_report, parallel, report, setup
from gradproof.cli.document import Record
from gradproof.cli.progress import Bar
from gradproof.cli.runs.partial import Begun, Partial
from gradproof.cli.runs.stored import commit
from gradproof.cli.runs.supervisor import FEWEST, Supervisor, cores
from gradproof.cli.status import interrupted, status
from gradproof.cli.verdicts import Lines
from gradproof.errors import GradproofError
from gradproof.files import replacing, require_writable
from gradproof.measures import faults

STDOUT = Path("-")
IMPORT = 60.0
"""Seconds in which the claims are imported, if `--timeout` gives no more."""


@dataclass(frozen=True)
class Options:
    """What `gradproof verify` is asked for beside its targets."""

    json: Path | None = None
    junit: Path | None = None
    seed: int = 0
    backend: str | None = None
    quick: bool = False
    full: bool = False
    jobs: int | None = None
    timeout: float | None = None
    fail_fast: bool = False
    exclude: Sequence[str] = ()
    accept: tuple[str, ...] = ()
    shard: str | None = None

    def __post_init__(self) -> None:
        """Raise `GradproofError` for options that exclude each other."""
        if self.quick and self.full:
            raise GradproofError("--quick and --full are opposites; give one of them")
        for verdict in self.accept:
            if verdict not in get_args(Acceptable):
                accepted = " or ".join(map(repr, get_args(Acceptable)))
                raise GradproofError(f"--accept takes {accepted}; given {verdict!r}")
        if self.json is not None and self.junit is not None and self.json.resolve() == self.junit.resolve():
            raise GradproofError(f"--json and --junit are both {str(self.json)!r}; give each its own file")
        for name, path in (("--json", self.json), ("--junit", self.junit)):
            if path is not None and path.suffix == ".py":
                raise GradproofError(
                    f"{name} writes verdicts, and {str(path)!r} is named as a Python file; give another"
                )


@dataclass
class Run:
    """A run, and what it has found so far."""

    options: Options
    lines: Lines | None
    """Where verdicts are printed, unless the standard output is for the document."""
    partial: Partial | None
    claims: list[Claim] = field(default_factory=list)
    found: dict[str, Verdict] = field(default_factory=dict)

    @property
    def verdicts(self) -> list[Verdict]:
        """Those found so far, in the order of the claims."""
        return [self.found[claim.id] for claim in self.claims if claim.id in self.found]

    @property
    def missing(self) -> int:
        return len(self.claims) - len(self.found)

    def go(self, processes: Supervisor, known: dict[str, Record]) -> None:
        """Examine the claims, and print and keep each verdict as it comes."""
        bar = Bar()
        processes.watch = bar.watch
        for judged in bar.over(len(self.claims), parallel.verdicts(self.claims, processes, known)):
            verdict = replace(judged.verdict, accepts=self.options.accept)
            self.found[verdict.claim.id] = verdict
            record = Record.of(verdict)
            if self.partial is not None and not judged.known:
                self.partial.add(record, judged.program, backend=processes.backend, claims=len(self.claims))
            if self.lines is not None:
                self.lines.print(record)
            if self.options.fail_fast and not verdict.as_expected:
                return

    def count(self) -> None:
        if self.lines is not None:
            self.lines.print_count([Record.of(verdict) for verdict in self.verdicts], self.missing)

    def write(self, backend: str) -> None:
        """Write what was asked for. The document takes the place of what was kept for it."""
        options, verdicts = self.options, self.verdicts
        try:
            if options.junit is not None:
                with replacing(options.junit) as file:
                    file.write(report.as_junit(verdicts))
            if options.json is not None:
                text = report.as_json(
                    verdicts, seed=options.seed, backend=backend, shard=options.shard, commit=commit()
                )
                if options.json == STDOUT:
                    sys.stdout.write(text)
                    sys.stdout.flush()
                else:
                    with replacing(options.json) as file:
                        file.write(text)
        except OSError as error:
            left = "" if self.partial is None else f"; {self.partial.left}"
            raise GradproofError(f"cannot write what was asked for: {error.strerror}{left}") from None
        if self.partial is not None:
            self.partial.remove()


def verify(targets: Sequence[str], options: Options) -> int:
    """Verify claims, and return the exit status."""
    to_file = options.json is not None and options.json != STDOUT
    for path in (options.json if to_file else None, options.junit):
        if path is not None:
            require_writable(path)
    partial = Partial(options.json, _begun(options)) if to_file and options.json is not None else None
    known = {} if partial is None else partial.known()
    jobs = cores() if options.jobs is None else options.jobs
    processes = parallel.examining(
        targets,
        seed=options.seed,
        quick=options.quick,
        full=options.full,
        known=None if partial is None else {id: line.program for id, line in known.items()},
        backend=options.backend if jobs else setup.prepare(options.backend),
        jobs=jobs,
        # Who asks for a number of processes has reason to.
        fewest=1 if options.full or options.jobs is not None else FEWEST,
        timeout=options.timeout or (600.0 if options.full else 60.0),
    )
    run = Run(options, None if options.json == STDOUT else Lines(), partial)
    with processes:
        if jobs:
            setup.prepare_to_find()
        # What modules print is no part of the report.
        with redirect_stdout(sys.stderr), _an_end_within(max(IMPORT, options.timeout or 0)):
            claims = without(select(targets), options.exclude)
        run.claims = claims if options.shard is None else shard(claims, options.shard)
        try:
            run.go(processes, {id: line.claim for id, line in known.items()})
            run.count()
        except KeyboardInterrupt as interruption:
            return _interrupted(run, interruption, processes.backend)
        except OSError:
            if partial is not None:
                print(f"gradproof: {partial.left}", file=sys.stderr)
            raise
    run.write(processes.backend or "cpu")
    if options.full and run.lines is not None:
        full_report.print_full(run.verdicts)
    return status(run.verdicts, faultless=not options.full or faults.faultless(run.verdicts))


@contextmanager
def _an_end_within(seconds: float) -> Iterator[None]:
    """Raise `GradproofError` in a file that runs a loop without an end while it is imported."""

    def late(number: int, frame: object) -> None:
        raise GradproofError(f"no end within {seconds:g} s; mend a loop that has none, or give it a longer --timeout")

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _begun(options: Options) -> Begun:
    return Begun(
        version("gradproof"),
        version("jax"),
        platform.python_version(),
        options.seed,
        options.quick,
        options.full,
        options.shard,
    )


def _interrupted(run: Run, interruption: KeyboardInterrupt, backend: str | None) -> int:
    run.count()
    if run.options.json == STDOUT and run.found:
        run.write(backend or "cpu")
    left = "with --json FILE the same command could go on" if run.partial is None else run.partial.left
    print(f"gradproof: interrupted, with {run.missing} of {len(run.claims)} claims to go; {left}", file=sys.stderr)
    return interrupted(interruption)
