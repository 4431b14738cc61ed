"""What was found of a claim: the record a person cites and a machine reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from gradproof.claims.claim import Claim

if TYPE_CHECKING:
    from gradproof.measures.full import Full

Outcome = Literal["proved", "refuted", "undecided", "definition", "demonstrated"]


@dataclass(frozen=True)
class Exact:
    """The check over prime fields: the base-2 logarithm of the bound on accepting a false claim, the number of
    independent draws, the sizes at which it was made and the oracles that were asked.

    The bound is that of what is proved, which for a misprint is its correction. Without a derivative in the claim there
    is nothing to ask an oracle, and the sides are evaluated only.
    """

    bound_log2: float | None
    draws: int
    sizes: tuple[Mapping[str, int], ...]
    oracles: tuple[str, ...]


@dataclass(frozen=True)
class Tie:
    """Inputs at which two compared numbers are equal, or as nearly so as float64 allows, and one entry of the sides.

    `below` and `above` are the limits of side 0 from where the first of the two numbers, or the only one that varies,
    is the smaller and the larger one; None where there is no finite limit. `expected` is side 0 exactly there, where a
    derivative is JAX's, and `given` is the side that differs from it there, or else the next one.
    """

    sizes: Mapping[str, int]
    inputs: Mapping[str, Any]
    entry: str
    below: float | None
    above: float | None
    expected: float
    given: float


@dataclass(frozen=True)
class Kink:
    """A comparison in the code: the outcomes that were met, and those that no inputs were found for.

    On the set where the compared things are equal, both sides were run and compared. `agree` is None where no input was
    found there. `looked` says how outcomes that are `dead` were looked for, and `convention` is what the claim says of
    its kinks. A kink at which side 0 jumps is `undeclared` if it says nothing.
    """

    where: str
    comparison: str
    seen: tuple[str, ...]
    agree: bool | None
    dead: tuple[str, ...] = ()
    looked: str | None = None
    at: Tie | None = None
    convention: str | None = None
    finding: Literal["undeclared"] | None = None


@dataclass(frozen=True)
class Counterexample:
    """Inputs at which two sides differ, as small and simple as were found."""

    sizes: Mapping[str, int]
    inputs: Mapping[str, Any]
    step: int
    entry: str
    expected: Any
    given: Any
    diagnosis: str | None


@dataclass(frozen=True)
class Verdict:
    """The verdict on one claim."""

    claim: Claim
    verdict: Outcome
    why: str
    exact: Exact | None = None
    floating: Mapping[str, float] = field(default_factory=dict)
    kinks: tuple[Kink, ...] = ()
    counterexample: Counterexample | None = None
    corrected: bool = False
    full: "Full | None" = None
    """Where it was asked for, and the claim is proved."""
    seconds: float = 0.0

    @property
    def as_expected(self) -> bool:
        """Whether this is the verdict that the claim expects of itself."""
        match self.claim.expected:
            case "holds":
                return self.verdict == "proved"
            case "misprint":
                return self.verdict == "refuted" and self.corrected
            case "definition" | "demonstrated":
                return self.verdict == self.claim.expected
