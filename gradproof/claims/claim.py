"""Claims: a few expressions said to be equal, and the symbols they speak of."""

import inspect
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from gradproof.claims.symbols import Function, Functional, Symbol
from gradproof.errors import GradproofError

Statement = Literal["holds", "misprint", "ambiguous", "definition", "demonstrated", "opinion"]
STATEMENTS: tuple[Statement, ...] = ("holds", "misprint", "ambiguous", "definition", "demonstrated", "opinion")
Severity = Literal["mathematics", "index", "shape", "wording", "typography"]
SEVERITIES: tuple[Severity, ...] = ("mathematics", "index", "shape", "wording", "typography")


@dataclass(frozen=True)
class Source:
    """Where a statement is printed."""

    document: str
    lines: tuple[int, ...]
    equation: str | None = None


@dataclass(frozen=True)
class Misprint:
    """One step of a chain that is printed wrong, with what is right in its place."""

    printed: Any
    correct: Any


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


@dataclass(frozen=True)
class Claim:
    """A statement that can be checked. Made by `claim`, `definition` or `demonstration`."""

    id: str
    latex: str
    title: str
    sides: Callable[..., Generator[Any, None, None]] | None
    symbols: Mapping[str, Symbol]
    """Each by its name; those of a parameter that is a tuple of symbols by their places in it, as in `layers[0][1]`."""
    source: Source | None = None
    covers: Mapping[str, Statement] = field(default_factory=dict)
    reading: str | None = None
    correction: str | None = None
    severity: Severity = "mathematics"
    same_as: tuple[str, ...] = ()
    hypotheses: tuple[str, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    kinks: str | None = None
    convention: str | None = None
    textbook: bool = False
    code: Callable[..., Any] | None = None
    experiment: Callable[[bool], bool] | None = None

    @property
    def expected(self) -> Literal["holds", "misprint", "definition", "demonstrated"]:
        if self.experiment is not None:
            return "demonstrated"
        if self.sides is None:
            return "definition"
        return "misprint" if self.correction is not None else "holds"

    def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of `sides`, from the value of each symbol."""
        assert self.sides is not None
        defaults = {name: parameter.default for name, parameter in inspect.signature(self.sides).parameters.items()}
        tuples = {name: default for name, default in defaults.items() if isinstance(default, tuple)}
        single = {name: value for name, value in values.items() if "[" not in name}
        return single | {name: _filled(default, name, values) for name, default in tuples.items()}

    def size_names(self) -> tuple[str, ...]:
        """The named sizes that are free, in the order in which the symbols name them."""
        names = dict.fromkeys(name for symbol in self.symbols.values() for name in symbol.names())
        return tuple(name for name in names if name not in self.sizes)


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
    convention: str | None = None,
    textbook: bool = False,
) -> Callable[[Callable[..., Generator[Any, None, None]]], Claim]:
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
        kinks: the convention by which the sides may differ where compared things are equal, such as "relu'(0) is
            left open"; without it they must agree there too, as they must in any case where nothing jumps.
        convention: the one that all sides follow where compared things are equal and something jumps, such as
            "relu'(0) is 0".
        textbook: the sides are printed formulas and not code to be run, so that in floating point they are
            compared at moderate inputs only, where a naive formula does not overflow.

    Raises `GradproofError` for a parameter without a symbol and for a function that does not yield.

    >>> import jax.numpy as jnp
    >>> from gradproof import Real, claim, derivative, verify
    >>> @claim("square", r"\frac{d}{dx} x^2 = 2 x")
    ... def square(x=Real()):
    ...     yield derivative(lambda x: x**2, x)
    ...     yield 2 * x
    >>> verify(square).verdict
    'proved'
    """

    def declare(sides: Callable[..., Generator[Any, None, None]]) -> Claim:
        if not inspect.isgeneratorfunction(sides):
            raise GradproofError(f"claim {id!r}: its function must yield each side; {sides.__name__!r} has no yield")
        symbols: dict[str, Symbol] = {}
        for name, parameter in inspect.signature(sides).parameters.items():
            for place, symbol in _leaves(parameter.default, name):
                if not isinstance(symbol, Symbol):
                    raise GradproofError(
                        f'claim {id!r}: parameter {name!r} needs a symbol as its default, such as {name}=Real("n"), '
                        "or a tuple of symbols"
                    )
                symbols[place] = symbol
        return Claim(
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
            same_as=tuple(same_as),
            hypotheses=tuple(hypotheses),
            sizes=dict(sizes or {}),
            kinks=kinks,
            convention=convention,
            textbook=textbook,
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
) -> Claim:
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
    return Claim(
        id=id,
        latex=latex,
        title=title or (code.__name__.replace("_", " ") if code else id),
        sides=None,
        symbols={},
        source=source,
        covers=_statements(id, covers, "definition"),
        reading=reading,
        correction=correction,
        severity=_severity(id, severity),
        same_as=tuple(same_as),
        code=code,
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
) -> Callable[[Callable[[bool], bool]], Claim]:
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

    def declare(experiment: Callable[[bool], bool]) -> Claim:
        return Claim(
            id=id,
            latex=latex,
            title=title or experiment.__name__.replace("_", " "),
            sides=None,
            symbols={},
            source=source,
            covers=_statements(id, covers, "demonstrated"),
            reading=reading,
            same_as=tuple(same_as),
            code=experiment,
            experiment=experiment,
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


def _filled(default: Any, name: str, values: Mapping[str, Any]) -> Any:
    """The same with the values of the symbols in their places."""
    if isinstance(default, tuple):
        return tuple(_filled(part, f"{name}[{index}]", values) for index, part in enumerate(default))
    return values[name]


def is_array_symbol(symbol: Symbol) -> bool:
    """Whether the symbol is an array, and not an unknown function."""
    return not isinstance(symbol, Function | Functional)
