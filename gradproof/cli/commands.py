"""The commands: verify, mutate, list and show claims; coverage and errata of documents."""

import errno
import os
import signal
import sys
from contextlib import ExitStack, redirect_stdout
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

import typer
from typer.exceptions import TyperException

from gradproof.claims.words import meanings
from gradproof.cli.status import Terminated, interrupted
from gradproof.errors import EngineError, GradproofError

# Modules that import JAX or rich are imported inside the commands, so that `gradproof --help` answers at once.

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Targets = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TARGET",
        help="A claim id or a glob over ids, a document, a module, a .py file, or FILE::ID for one of a file; by "
        "default all that is installed.",
        show_default=False,
    ),
]


Verdicts = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="What `verify --json FILE` wrote: read its verdicts, and verify only claims that it lacks. Claims that "
        "have changed since are marked.",
        show_default=False,
    ),
]


def main() -> None:
    """Run the command line. A mistake in its use is one line and status 2; a bug of gradproof's is one and status 3."""
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        status = app(standalone_mode=False)
    except TyperException as error:
        status = _failed(_advised(error.format_message()), 2)
    except GradproofError as error:
        status = _failed(str(error), 2)
    except EngineError as error:
        status = _failed(str(error), 3)
    except (KeyboardInterrupt, typer.Abort) as error:
        cause = error if isinstance(error, KeyboardInterrupt) else error.__cause__
        status = _failed("interrupted", 143 if isinstance(cause, Terminated) else 130)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EPIPE):
            raise
        # Nothing more can be said there, not even at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = _failed(f"cannot write to the standard output: {error.strerror}", 2)
    finally:
        signal.signal(signal.SIGTERM, before)
    sys.exit(status)


def _terminate(number: int, frame: object) -> None:
    raise Terminated


def _failed(message: str, status: int) -> int:
    typer.echo(f"gradproof: {message}", err=True)
    return status


def _advised(message: str) -> str:
    """What a mistake in the use of the command line was, and what to give instead of a command that is none."""
    if not message.startswith("No such command") or "Did you mean" in message:
        return message
    given = sys.argv[1]
    return f"{message} Did you mean 'gradproof verify {given}'?" if Path(given).exists() else f"{message} See --help."


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"gradproof {version('gradproof')}")
        raise typer.Exit


@app.callback()
def gradproof(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Hand-written derivatives as executable proofs: proved, refuted with a counterexample, or undecided.

    Exit status: 0 if all is as expected, 1 if not, 2 for a mistake in the call or a claim that failed, 3 for a bug in
    gradproof, 130 or 143 if interrupted.
    """


@app.command(epilog=f"Verdicts.\n\n{meanings()}")
def verify(
    targets: Targets = None,
    json: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the verdicts as JSON; - is the standard output. While it runs they are kept as JSON lines in "
            "FILE.partial, from which the same command goes on after an interruption.",
        ),
    ] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the verdicts as JUnit XML.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The seed of all random draws.")] = 0,
    backend: Annotated[
        Literal["cpu", "gpu", "tpu"] | None,
        typer.Option(help="Where the floating-point check runs; by default where JAX would.", show_default=False),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Check one size instead of a grid of them, for a first look.")
    ] = False,
    full: Annotated[
        bool,
        typer.Option("--full", help="Measure accuracy and sensitivity, too, and plant mistakes; takes long."),
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="N",
            help="The most processes, by default one for each core; with 0 all is done in this one, as for a debugger, "
            "and what hangs is not ended.",
            show_default=False,
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            metavar="SECONDS",
            help="How long a claim may take for each of its sizes and checks before it has failed; by default 60, and "
            "600 with --full.",
            show_default=False,
        ),
    ] = None,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first verdict that is not the expected one.")
    ] = False,
    exclude: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Leave out claims by their ids; may be given again.", show_default=False),
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            metavar="VERDICT",
            help="Take a verdict that is no proof, such as tested, for a pass; may be given again.",
            show_default=False,
        ),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="I/N",
            help="Verify only one of N parts, the same on every machine; `gradproof merge` puts them together.",
            show_default=False,
        ),
    ] = None,
) -> int:
    """Verify claims: prove or refute each of them."""
    from gradproof.cli.runs import whole

    options = whole.Options(
        json,
        junit,
        seed,
        backend,
        quick,
        full,
        jobs,
        timeout,
        fail_fast,
        tuple(exclude or ()),
        tuple(accept or ()),
        shard,
    )
    return whole.verify(targets or (), options)


@app.command()
def merge(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="What `verify --json` wrote, or was writing.", show_default=False),
    ],
    json: Annotated[
        Path, typer.Option(metavar="FILE", help="Where to write the document; - is the standard output.")
    ] = Path("-"),
) -> int:
    """Put the parts of a run that several machines made together. Exit status as that of verify for all."""
    from gradproof.cli.runs import merging

    return merging.write(files, json)


@app.command()
def mutate(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TARGET",
            help="What `verify` takes; by default all claims about code, and none about documents.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The seed of all random draws.")] = 0,
    most: Annotated[int, typer.Option(min=1, help="Plant at most this many mistakes in a claim.")] = 200,
    results: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a line for each claim, and go on where an earlier run stopped."),
    ] = None,
) -> int:
    """Plant mistakes in formulas and say which check refuses each. Exit status 1 if none does, or one is undecided."""
    from gradproof.catalogue import select
    from gradproof.claims.verdict import NOT_REFUSED
    from gradproof.cli import mistakes, progress, setup
    from gradproof.mutation import Results

    backend = setup.prepare(None)
    claims = select(targets or ())
    if not targets:
        claims = [claim for claim in claims if claim.source is None]
    try:
        fates = progress.planted(claims, targets or (), file=Results(results, seed, most), backend=backend)
    except KeyboardInterrupt as interruption:
        how = "the same command goes on where it was" if results is not None else "with --results FILE it could go on"
        typer.echo(f"gradproof: interrupted; {how}", err=True)
        return interrupted(interruption)
    mistakes.print_matrix(fates)
    return 1 if any(fate.by in NOT_REFUSED for fate in fates) else 0


@app.command("list")
def list_claims(
    targets: Targets = None,
    same_as: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Those that say the same as this claim or statement.", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
    stored: Annotated[
        Path | None,
        typer.Option(
            "--verdicts",
            metavar="FILE",
            help="What `verify --json FILE` wrote: list its verdicts, too. Claims that have changed since are marked.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """List claims."""
    from gradproof.catalogue import select, statements
    from gradproof.cli import report, setup, verdicts
    from gradproof.cli.runs.stored import Stored

    setup.prepare_to_find()
    with redirect_stdout(sys.stderr):
        claims = select(targets or ())
    listed = claims if same_as is None else statements.same_as(same_as, claims)
    if json:
        sys.stdout.write(report.list_as_json(listed))
    else:
        verdicts.print_list(listed, Stored.read(stored))


@app.command()
def show(
    target: Annotated[
        str,
        typer.Argument(metavar="ID", help="A claim, a statement that one covers, or anything else that names claims."),
    ],
    verdicts: Verdicts = None,
) -> None:
    """Show a claim whole: what is stated, where it is printed, the code, and the verdict."""
    from gradproof.catalogue import select
    from gradproof.cli import setup
    from gradproof.cli.runs.stored import Stored
    from gradproof.cli.verdicts import print_whole

    stored = Stored.read(verdicts)
    backend = setup.prepare(None)
    claims = select([target])
    for verdict in stored.verdicts(claims, [target], backend=backend):
        print_whole(verdict, stored.mark(verdict.claim))


Documents = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="DOCUMENT",
        help="The name of a document, or the number it begins with; by default all.",
        show_default=False,
    ),
]


@app.command()
def coverage(documents: Documents = None, verdicts: Verdicts = None) -> int:
    """Say which printed statements are covered by no claim or by several. Exit status 1 until each is covered once."""
    from gradproof.catalogue import installed, statements
    from gradproof.cli import setup
    from gradproof.cli.documents import print_coverage
    from gradproof.cli.runs.stored import Stored

    stored = Stored.read(verdicts)
    setup.prepare(None)
    claims = installed()
    found = [statements.coverage(document, claims) for document in statements.documents(documents or ())]
    print_coverage(found, None if verdicts is None else stored.settled(claims))
    return 0 if all(part.is_whole for part in found) else 1


@app.command()
def errata(
    documents: Documents = None,
    markdown: Annotated[Path | None, typer.Option(metavar="FILE", help="Write them as a page, too.")] = None,
    verdicts: Verdicts = None,
) -> int:
    """Show what is printed wrong, what is right, inputs that show it, and how serious it is."""
    from gradproof.catalogue import errata, select
    from gradproof.cli import setup
    from gradproof.cli.documents import print_errata
    from gradproof.cli.runs.stored import Stored
    from gradproof.files import replacing

    stored = Stored.read(verdicts)
    with ExitStack() as stack:
        file = stack.enter_context(replacing(markdown)) if markdown is not None else None
        backend = setup.prepare(None)
        claims = errata.findings(select(documents or ()))
        ids = [claim.id for claim in claims]
        found = stored.verdicts(claims, ids, backend=backend)
        stale = {claim.id for claim in claims if stored.is_stale(claim)}
        if file is not None:
            file.write(errata.as_markdown(found, stale))
    print_errata(found, stale)
    return 0 if not stale and all(verdict.as_expected for verdict in found) else 1
