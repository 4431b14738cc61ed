"""Claims of three kinds: equalities to prove, definitions that code stands for, and behaviour that is demonstrated."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any, Literal

from gradproof.claims import controls
from gradproof.claims.convention import Convention, read_convention
from gradproof.claims.functions import Unknown
from gradproof.claims.sizes import grid, larger
from gradproof.claims.symbols.base import ArraySymbol, Symbol
from gradproof.errors import GradproofError

Statement = Literal["holds", "misprint", "ambiguous", "definition", "demonstrated", "opinion"]
STATEMENTS: tuple[Statement, ...] = ("holds", "misprint", "ambiguous", "definition", "demonstrated", "opinion")
Severity = Literal["mathematics", "index", "shape", "wording", "typography"]
SEVERITIES: tuple[Severity, ...] = ("mathematics", "index", "shape", "wording", "typography")
Expected = Literal["holds", "misprint", "definition", "demonstrated"]
"""What a claim expects of itself."""

_SELF = Path(__file__).parents[1]

Sides = Callable[..., Iterator[Any]]


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


@dataclass(frozen=True, kw_only=True)
class Claim(ABC):
    """A statement that can be checked. Made by `claim`, `definition` or `demonstration`."""

    id: str
    title: str
    latex: str = ""
    source: Source | None = None
    covers: Mapping[str, Statement] = field(default_factory=dict)
    reading: str | None = None
    correction: str | None = None
    severity: Severity = "mathematics"
    same_as: tuple[str, ...] = ()
    hypotheses: tuple[str, ...] = ()

    @property
    @abstractmethod
    def expected(self) -> Expected:
        """The verdict that the claim expects, in the words of statements."""

    @property
    @abstractmethod
    def code(self) -> Callable[..., Any] | None:
        """The code that the claim is made of, or speaks of."""

    @property
    @abstractmethod
    def function(self) -> Callable[..., Any] | None:
        """The function that was declared to be a claim."""

    @property
    def file(self) -> str | None:
        """The file in which its function is written."""
        return None if (code := _code(self.function)) is None else code.co_filename

    @property
    def line(self) -> int | None:
        """The line on which its function begins, with its decorators."""
        return None if (code := _code(self.function)) is None else code.co_firstlineno

    @property
    def place(self) -> str | None:
        """The file and line of its function, such as `my_loss.py:16`; None for what is made of none."""
        return None if self.file is None else f"{Path(self.file).name}:{self.line}"


@dataclass(frozen=True, kw_only=True)
class Equality(Claim):
    """The values that a generator yields are equal, each to the first."""

    sides: Sides
    symbols: Mapping[str, Symbol]
    """Each by its name; those of a parameter that is a tuple of symbols by their places in it, as in `layers[0][1]`."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    kinks: str | None = None
    convention: str | float | None = None
    stable: bool | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.kinks, str | None):
            raise GradproofError(
                "kinks are words that leave open what is returned where things are equal, such as "
                f'"relu\'(0) is left open"; given {self.kinks!r}'
            )
        if isinstance(self.convention, bool) or not isinstance(self.convention, str | int | float | None):
            raise GradproofError(
                'a convention is a value, a side or words that say one, such as 0, "below", "mean" or '
                f'"relu\'(0) is 0"; given {self.convention!r}'
            )

    @staticmethod
    def stability(stable: bool | None, *, textbook: bool) -> bool | None:
        """What `stable=` and `textbook=` say together."""
        if not isinstance(stable, bool | None):
            raise GradproofError(f"stable is True, False or None, which says nothing of code; given {stable!r}")
        if stable and textbook:
            raise GradproofError("stable=True is said of code that runs, textbook=True of a formula; say one of them")
        return False if textbook else stable

    @property
    def textbook(self) -> bool:
        """Whether the sides are printed formulas, and not code to be run."""
        return self.stable is False

    @property
    def expected(self) -> Expected:
        return "misprint" if self.correction is not None else "holds"

    def side(self, step: int) -> str:
        """What a side is called."""
        return f"side {step}"

    @property
    def stated_convention(self) -> Convention | None:
        """The value or the side that `convention` states, if it states one."""
        return read_convention(self.convention)

    @property
    def code(self) -> Callable[..., Any]:
        return self.sides

    @property
    def function(self) -> Callable[..., Any]:
        return self.sides

    @property
    def arrays(self) -> dict[str, ArraySymbol]:
        """The symbols that stand for arrays."""
        return {name: symbol for name, symbol in self.symbols.items() if isinstance(symbol, ArraySymbol)}

    @property
    def functions(self) -> dict[str, Unknown]:
        """The symbols that stand for unknown functions."""
        return {name: symbol for name, symbol in self.symbols.items() if isinstance(symbol, Unknown)}

    @property
    def inputs(self) -> list[str]:
        """The names of the arrays, in the order in which programs take them."""
        return sorted(self.arrays)

    def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of `sides`, from the value of each symbol."""
        defaults = {name: parameter.default for name, parameter in inspect.signature(self.sides).parameters.items()}
        tuples = {name: default for name, default in defaults.items() if isinstance(default, tuple)}
        single = {name: value for name, value in values.items() if "[" not in name}
        return single | {name: _filled(default, name, values) for name, default in tuples.items()}

    def size_names(self) -> tuple[str, ...]:
        """The named sizes that are free, in the order in which the symbols name them."""
        names = dict.fromkeys(name for symbol in self.symbols.values() for name in symbol.names())
        return tuple(name for name in names if name not in self.sizes)

    def size_grid(self, *, in_order: bool = False) -> list[dict[str, int]]:
        """The sizes at which the claim is checked, those that all differ first.

        Arguments:
            in_order: whether sizes rise with their names, small letters first, and not as the symbols name them.
        """
        names = self.size_names()
        return grid(sorted(names, key=lambda name: (name.isupper(), name)) if in_order else names, self.sizes)

    def sizes_to_try(self) -> list[dict[str, int]]:
        """Sizes that are too large to be examined, at which the sides are only run."""
        return []

    def larger_sizes(self) -> dict[str, int]:
        """Sizes above those of the grid."""
        return larger(self.size_names(), self.sizes)


@dataclass(frozen=True, kw_only=True)
class Definition(Claim):
    """A definition or a piece of notation, with the code that says what it means."""

    code: Callable[..., Any] | None = None

    @property
    def expected(self) -> Expected:
        return "definition"

    @property
    def function(self) -> None:
        return None


@dataclass(frozen=True, kw_only=True)
class Demonstration(Claim):
    """Behaviour that an experiment shows, and its control does not."""

    experiment: Callable[[bool], bool]

    @property
    def expected(self) -> Expected:
        return "demonstrated"

    @property
    def code(self) -> Callable[..., Any]:
        return self.experiment

    @property
    def function(self) -> Callable[..., Any]:
        return self.experiment

    @property
    def written_down(self) -> str | None:
        """Why it shows nothing, if its outcome stands in its code and is not observed."""
        if controls.outcomes(self.experiment, control=True) == {False}:
            return "the control returns False whatever it computes: let it observe what the experiment does"
        if controls.outcomes(self.experiment, control=False) == {True}:
            return "the experiment returns True whatever it computes: let it return what it observes"
        return None


def _code(function: Callable[..., Any] | None) -> CodeType | None:
    """That of a function of the user's; gradproof makes claims of its own for `check`."""
    code: CodeType | None = getattr(inspect.unwrap(function), "__code__", None) if function is not None else None
    return None if code is None or Path(code.co_filename).is_relative_to(_SELF) else code


def _filled(default: Any, name: str, values: Mapping[str, Any]) -> Any:
    """A tuple of symbols, with the values of the symbols in their places."""
    if isinstance(default, tuple):
        return tuple(_filled(part, f"{name}[{index}]", values) for index, part in enumerate(default))
    return values[name]
