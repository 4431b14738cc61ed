"""The command line: claims are verified, mutated, listed and shown; documents have their coverage and errata."""

import sys
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

import typer
from typer.exceptions import TyperException

from gradproof.errors import GradproofError

# What imports JAX or rich is imported inside the commands, so that `gradproof --help` answers at once.

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Targets = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TARGET",
        help="A claim id or a glob over ids, a document, a module or a .py file; by default all that is installed.",
        show_default=False,
    ),
]


def main() -> None:
    """Run the command line, with each mistake in its use said in one line."""
    try:
        status = app(standalone_mode=False)
    except (GradproofError, TyperException) as error:
        message = error.format_message() if isinstance(error, TyperException) else str(error)
        typer.echo(f"gradproof: {message}", err=True)
        status = 2
    sys.exit(status)


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

    Exit status: 0 if all is as expected, 1 if not, 2 for a mistake in the call.
    """


@app.command()
def verify(
    targets: Targets = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the verdicts as JSON.")] = None,
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
        typer.Option("--full", help="Measure accuracy and detection limits, too, and plant mistakes; takes long."),
    ] = False,
) -> int:
    """Verify claims: prove or refute each of them."""
    from gradproof.catalogue import collect
    from gradproof.cli import report, setup, terminal, terminal_full

    if quick and full:
        raise GradproofError("--quick and --full are opposites; give one of them")
    if json is not None and junit is not None and json.resolve() == junit.resolve():
        raise GradproofError(f"--json and --junit are both {str(json)!r}; give each its own file")
    with ExitStack() as stack:
        # Opened before the long run, so that a path that cannot be written is known at once.
        json_file = stack.enter_context(report.replacing(json)) if json is not None else None
        junit_file = stack.enter_context(report.replacing(junit)) if junit is not None else None
        used = setup.prepare(backend)
        claims = collect.select(targets or ())
        verdicts = terminal.verified(claims, targets or (), seed=seed, quick=quick, full=full, backend=used)
        if json_file is not None:
            json_file.write(report.as_json(verdicts, seed=seed, backend=used))
        if junit_file is not None:
            junit_file.write(report.as_junit(verdicts))
    terminal.print_verdicts(verdicts)
    if full:
        terminal_full.print_full(verdicts)
    well = all(verdict.as_expected for verdict in verdicts) and (not full or terminal_full.faultless(verdicts))
    return 0 if well else 1


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
    most: Annotated[int, typer.Option(min=1, help="Mistakes planted in a claim at most.")] = 200,
    results: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a line for each claim, and go on where an earlier run was."),
    ] = None,
) -> int:
    """Plant mistakes in formulas and say which check refuses each. Exit status 1 if none does, or one is undecided."""
    from gradproof.catalogue import collect
    from gradproof.cli import setup, terminal
    from gradproof.mutation.fate import NOT_REFUSED
    from gradproof.mutation.results import Results

    backend = setup.prepare(None)
    claims = collect.select(targets or ())
    if not targets:
        claims = [claim for claim in claims if claim.source is None]
    try:
        fates = terminal.planted(claims, targets or (), file=Results(results, seed, most), backend=backend)
    except KeyboardInterrupt:
        how = "the same command goes on where it was" if results is not None else "with --results FILE it could go on"
        typer.echo(f"gradproof: interrupted; {how}", err=True)
        return 130
    terminal.print_matrix(fates)
    return 1 if any(fate.by in NOT_REFUSED for fate in fates) else 0


@app.command("list")
def list_claims(
    targets: Targets = None,
    same_as: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Those that say the same as this claim or statement.", show_default=False),
    ] = None,
) -> None:
    """List claims."""
    from gradproof.catalogue import collect, statements
    from gradproof.cli import setup, terminal

    setup.prepare(None)
    claims = collect.select(targets or ())
    terminal.print_list(claims if same_as is None else statements.same_as(same_as, claims))


@app.command()
def show(
    target: Annotated[
        str,
        typer.Argument(metavar="ID", help="A claim, a statement that one covers, or anything else that names claims."),
    ],
) -> None:
    """Show a claim whole: what is stated, where it is printed, the code, and the verdict."""
    from gradproof.catalogue import collect
    from gradproof.cli import setup, terminal

    backend = setup.prepare(None)
    claims = collect.select([target])
    for verdict in terminal.verified(claims, [target], backend=backend):
        terminal.print_whole(verdict)


Documents = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="DOCUMENT",
        help="The name of a document, or the number it begins with; by default all.",
        show_default=False,
    ),
]


@app.command()
def coverage(documents: Documents = None) -> int:
    """Say which printed statements no claim covers, or several do. Exit status 1 until each is covered once."""
    from gradproof.catalogue import collect, statements
    from gradproof.cli import setup, terminal

    setup.prepare(None)
    claims = collect.installed()
    found = [statements.coverage(document, claims) for document in statements.documents(documents or ())]
    terminal.print_coverage(found)
    return 0 if all(part.is_whole for part in found) else 1


@app.command()
def errata(
    documents: Documents = None,
    markdown: Annotated[Path | None, typer.Option(metavar="FILE", help="Write them as a page, too.")] = None,
) -> int:
    """Show what is printed wrong, what is right, inputs that show it, and how serious it is."""
    from gradproof.catalogue import collect, errata
    from gradproof.cli import report, setup, terminal

    with ExitStack() as stack:
        file = stack.enter_context(report.replacing(markdown)) if markdown is not None else None
        backend = setup.prepare(None)
        claims = errata.findings(collect.select(documents or ()))
        ids = [claim.id for claim in claims]
        verdicts = terminal.verified(claims, ids, backend=backend)
        if file is not None:
            file.write(errata.as_markdown(verdicts))
    terminal.print_errata(verdicts)
    return 0 if all(verdict.as_expected for verdict in verdicts) else 1
