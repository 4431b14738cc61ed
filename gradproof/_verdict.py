"""What was found of a claim: the record a person cites and a machine reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gradproof._claim import Claim

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
class Kink:
    """A comparison in the code. On the set where the compared things are equal, both sides were run and compared.

    `agree` is None where no input was found with the two things equal.
    """

    where: str
    comparison: str
    seen: tuple[str, ...]
    agree: bool | None


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
