"""Declaring claims: `claim` for a chain of equalities, `definition`, `demonstration`, and `misprint` within a chain."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gradproof.claims.claim import (
    SEVERITIES,
    STATEMENTS,
    Definition,
    Demonstration,
    Equality,
    Misprint,
    Severity,
    Sides,
    Source,
    Statement,
)
from gradproof.claims.latex import require_latex
from gradproof.claims.made import note
from gradproof.claims.symbols.base import Symbol
from gradproof.claims.symbols.dimensions import Dimension
from gradproof.claims.symbols.index import Index
from gradproof.claims.words import kind_of
from gradproof.errors import GradproofError

_SPECIAL = re.compile(r"[\n\r\t*?\[\]]")
"""What an id has not: it stands on a line, and beside globs."""


def claim(
    id: str,
    latex: str = "",
    *,
    title: str | None = None,
    source: Source | None = None,
    covers: Mapping[str, Statement] | Sequence[str] = (),
    reading: str | None = None,
    correction: str | None = None,
    severity: Severity = "mathematics",
    same_as: Sequence[str] = (),
    hypotheses: Sequence[str] = (),
    sizes: Mapping[str, int] | None = None,
    kinks: str | None = None,
    convention: str | float | None = None,
    stable: bool | None = None,
    textbook: bool = False,
) -> Callable[[Sides], Equality]:
    r"""Declare that the values a generator yields are equal, one `yield` for each printed `=`.

    Every side is judged against the first one, which says what the statement speaks of. A parameter has a symbol as
    its default, or a tuple of symbols, nested as it may be: `layers=((Real("m k"), Real("k")), ...)`.

    Arguments:
        id: a name, unique among all claims.
        latex: the statement as it is printed.
        title: a few words; by default those of the generator's name.
        source: where it is printed.
        covers: ids of printed statements that this claim settles, each with the verdict on it; a list of ids says
            that each of them holds.
        reading: how an ambiguous statement was read.
        correction: LaTeX of what is right. A claim that yields a `misprint` must have one, and no other may.
        severity: what a misprint gets wrong: "mathematics", "index", "shape", "wording" or "typography".
        same_as: ids of printed statements elsewhere that say the same.
        hypotheses: what is assumed beyond the kinds of the symbols, in words.
        sizes: sizes that are fixed, such as `{"K": 2}`.
        kinks: words that leave open what a derivative is where compared things are equal and it jumps, such as
            "relu'(0) is left open"; it may then be anything in the convex hull of its limits. Without them what is
            written by hand returns what JAX returns there. Where all limits agree it returns them in any case.
        convention: what is returned where it jumps: a value, or the side whose limit it is, "below" or "above", or
            "mean", or words that say one of these, such as "relu'(0) is 0" and "the slope of the negative side".
        stable: whether the code must compute it, too: wherever the formula has a value the machine returns one, within
            the rounding errors of its operations, and no digits are lost that JAX's derivative keeps. By default what
            the machine does is said beside the verdict. False says that the sides are printed formulas and not code
            to be run: they are run at moderate inputs only, where a naive formula does not overflow.
        textbook: the same as `stable=False`.

    Raises `GradproofError` for a parameter without a symbol, for a function that does not yield, for a convention that
    states nothing, for LaTeX that is no LaTeX, and for what is stable and of a textbook.

    >>> import jax.numpy as jnp
    >>> from gradproof import Real, claim, derivative, verify
    >>> @claim("square", r"\frac{d}{dx} x^2 = 2 x")
    ... def square(x=Real()):
    ...     yield derivative(lambda x: x**2, x)
    ...     yield 2 * x
    >>> verify(square).verdict
    'proved'
    """

    _named(id)
    require_latex(id, latex, correction)

    def declare(sides: Sides) -> Equality:
        if not inspect.isgeneratorfunction(sides):
            what = f"{sides.__name__!r} has no yield" if inspect.isfunction(sides) else f"given {kind_of(sides)}"
            raise GradproofError(f"claim {id!r}: it is made of a function that yields each side; {what}")
        symbols: dict[str, Symbol] = {}
        for name, parameter in inspect.signature(sides).parameters.items():
            for place, symbol in _leaves(parameter.default, name):
                if not isinstance(symbol, Symbol):
                    raise GradproofError(
                        f'claim {id!r}: parameter {name!r} needs a symbol as its default, such as {name}=Real("n"), '
                        "or a tuple of symbols"
                    )
                symbols[place] = symbol
        fixed = _sizes(id, sizes or {}, symbols)
        _bounded(id, symbols, fixed)
        return note(
            Equality(
                id=id,
                latex=latex,
                title=title or sides.__name__.replace("_", " "),
                sides=sides,
                symbols=symbols,
                source=source,
                covers=_statements(id, covers),
                reading=reading,
                correction=correction,
                severity=_severity(id, severity),
                same_as=_texts(id, "same_as", same_as),
                hypotheses=_texts(id, "hypotheses", hypotheses),
                sizes=fixed,
                kinks=kinks,
                convention=convention,
                stable=Equality.stability(stable, textbook=textbook),
            )
        )

    return declare


def definition(
    id: str,
    latex: str = "",
    *,
    code: Callable[..., Any] | None = None,
    title: str | None = None,
    source: Source | None = None,
    covers: Mapping[str, Statement] | Sequence[str] = (),
    reading: str | None = None,
    correction: str | None = None,
    severity: Severity = "wording",
    same_as: Sequence[str] = (),
) -> Definition:
    """Declare a definition or a piece of notation: nothing to prove, but code that says what it means.

    Arguments:
        id: a name, unique among all claims.
        latex: the statement as it is printed.
        code: the function or class that implements it; None for notation that leaves no trace in code.
        title: a few words.
        source: where it is printed.
        covers: ids of the printed statements; a list of ids says that each of them is a definition.
        reading: how it was read.
        correction: what is right where it is printed wrong, as a name that is mistyped.
        severity: what it gets wrong then: "mathematics", "index", "shape", "wording" or "typography".
        same_as: ids of printed statements elsewhere that say the same.

    >>> import math
    >>> definition("e", r"e^x", code=math.exp).expected
    'definition'
    """
    _named(id)
    require_latex(id, latex, correction)
    if code is not None and not callable(code):
        raise GradproofError(f"definition {id!r}: its code is a function or a class; given {code!r}")
    return note(
        Definition(
            id=id,
            latex=latex,
            title=title or (code.__name__.replace("_", " ") if code else id),
            source=source,
            covers=_statements(id, covers, "definition"),
            reading=reading,
            correction=correction,
            severity=_severity(id, severity),
            same_as=_texts(id, "same_as", same_as),
            code=code,
        )
    )


def demonstration(
    id: str,
    latex: str = "",
    *,
    title: str | None = None,
    source: Source | None = None,
    covers: Mapping[str, Statement] | Sequence[str] = (),
    reading: str | None = None,
    same_as: Sequence[str] = (),
) -> Callable[[Callable[[bool], bool]], Demonstration]:
    """Declare a statement about behaviour that a small experiment shows, and a control does not.

    The function is called twice, with `control` false and true. It says whether the behaviour was seen: it has to be in
    the experiment, and must not be in the control, which leaves out what the behaviour is said to come from.

    Arguments:
        id: a name, unique among all claims.
        latex: the statement as it is printed.
        title: a few words; by default those of the function's name.
        source: where it is printed.
        covers: ids of the printed statements; a list of ids says that each of them is demonstrated.
        reading: what the experiment shows of the statement, and what it does not.
        same_as: ids of printed statements elsewhere that say the same.

    >>> from gradproof import demonstration, verify
    >>> @demonstration("descent", "small steps lower the loss")
    ... def descent(control):
    ...     rate = 10.0 if control else 0.1
    ...     return (1.0 - rate * 2) ** 2 < 1.0
    >>> verify(descent).verdict
    'demonstrated'
    """
    _named(id)
    require_latex(id, latex, None)

    def declare(experiment: Callable[[bool], bool]) -> Demonstration:
        return note(
            Demonstration(
                id=id,
                latex=latex,
                title=title or experiment.__name__.replace("_", " "),
                source=source,
                covers=_statements(id, covers, "demonstrated"),
                reading=reading,
                same_as=_texts(id, "same_as", same_as),
                experiment=experiment,
            )
        )

    return declare


def _severity(id: str, severity: Severity) -> Severity:
    if severity not in SEVERITIES:
        raise GradproofError(f"claim {id!r}: severity is one of {', '.join(SEVERITIES)}; given {severity!r}")
    return severity


def _statements(
    id: str, covers: Mapping[str, Statement] | Sequence[str], default: Statement = "holds"
) -> dict[str, Statement]:
    if isinstance(covers, str):
        raise GradproofError(f"claim {id!r}: covers is a list of ids or a mapping; given the text {covers!r}")
    statements = dict(covers) if isinstance(covers, Mapping) else dict.fromkeys(covers, default)
    for name, statement in statements.items():
        if statement not in STATEMENTS:
            raise GradproofError(f"claim {id!r}: {name!r} is one of {', '.join(STATEMENTS)}; given {statement!r}")
    return statements


def _leaves(default: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The symbols of a parameter, and their names."""
    if isinstance(default, tuple):
        for index, part in enumerate(default):
            yield from _leaves(part, f"{name}[{index}]")
    else:
        yield name, default


def misprint(*, printed: Any, correct: Any) -> Misprint:
    """A step of a chain that is printed wrong: `yield misprint(printed=..., correct=...)`.

    The claim is then expected to be refuted in what is printed, and proved in what is correct.

    Arguments:
        printed: the side as it stands in the source.
        correct: the nearest form that is right.

    >>> misprint(printed=1.0, correct=2.0).correct
    2.0
    """
    return Misprint(printed, correct)


def _named(id: str) -> None:
    if not isinstance(id, str) or not id.strip():
        given = "a function: is it @claim without a name" if callable(id) else repr(id)
        raise GradproofError(f'a claim is declared by its name, such as @claim("my_loss.gradient"); given {given}')
    if (found := _SPECIAL.search(id)) is not None:
        raise GradproofError(
            f"claim {id!r}: an id has no {found[0]!r}, which the command line takes for something else; leave it out"
        )


def _bounded(id: str, symbols: Mapping[str, Symbol], fixed: Mapping[str, int]) -> None:
    """Refuse lengths that may be negative, and classes below a size that is none or that no array has."""
    smallest = {name: fixed.get(name, 1) for symbol in symbols.values() for name in symbol.names()}
    named = {size for symbol in symbols.values() for dimension in symbol.dimensions for size in dimension.names}
    known = named | fixed.keys()
    for name, symbol in symbols.items():
        for dimension in symbol.dimensions:
            if dimension.at(smallest) < 0:
                _refuse_length(id, f"the length {str(dimension)!r} of {name!r} is negative", dimension, smallest)
        if not isinstance(symbol, Index):
            continue
        if unknown := [size for size in symbol.below.names if size not in known]:
            free = ", ".join(sorted(known - fixed.keys()))
            advice = f"name one of {free}, or fix it" if free else "fix it"
            raise GradproofError(
                f"claim {id!r}: {name!r} is below {unknown[0]!r}, a size that belongs to no array; "
                f"{advice} with sizes={{{unknown[0]!r}: 3}}"
            )
        if symbol.below.at(smallest) < 1:
            _refuse_length(id, f"{name!r} is below {str(symbol.below)!r}, which is no class", symbol.below, smallest)


def _refuse_length(id: str, what: str, dimension: Dimension, sizes: Mapping[str, int]) -> None:
    where = " and ".join(f"{size} = {sizes[size]}" for size in dimension.names)
    raise GradproofError(
        f"claim {id!r}: {what}{f' at {where}' if where else ''}; give the least length a name, and write longer ones "
        'with it, such as "m+2"'
    )


def _texts(id: str, name: str, texts: Sequence[str]) -> tuple[str, ...]:
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        raise GradproofError(f"claim {id!r}: {name} is a list of texts; given {texts!r}")
    return tuple(texts)


def _sizes(id: str, sizes: Mapping[str, int], symbols: Mapping[str, Symbol]) -> dict[str, int]:
    if not isinstance(sizes, Mapping):
        raise GradproofError(f'claim {id!r}: sizes are fixed by their names, as in sizes={{"n": 3}}; given {sizes!r}')
    known = sorted({name for symbol in symbols.values() for name in symbol.names()})
    for name, size in sizes.items():
        if name not in known:
            raise GradproofError(
                f"claim {id!r}: sizes fixes {name!r}, which is no size of its symbols; these have "
                f"{', '.join(known) or 'none'}"
            )
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise GradproofError(f"claim {id!r}: the size {name!r} is a whole number, and not negative; given {size!r}")
    return dict(sizes)
