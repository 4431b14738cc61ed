"""What was found about a claim: every record that a person cites or a machine reads. Nothing is computed here.

The parts of a verdict are also parts of what `gradproof verify --json` writes: their fields are its keys, and
`verdict.schema.json` is made from their types, with what `Meta` adds to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, get_args

from msgspec import Meta

from gradproof.claims.claim import Claim, Equality
from gradproof.claims.claim import Severity as Severity
from gradproof.claims.claim import Source as Source
from gradproof.claims.claim import Statement as Statement
from gradproof.claims.measured import Accuracy as Accuracy
from gradproof.claims.measured import Better as Better
from gradproof.claims.measured import Count as Count
from gradproof.claims.measured import Errors as Errors
from gradproof.claims.measured import InFormat as InFormat
from gradproof.claims.measured import LowPrecision as LowPrecision
from gradproof.claims.measured import Number as Number
from gradproof.claims.measured import Ordering as Ordering
from gradproof.claims.measured import Sensitivity as Sensitivity
from gradproof.claims.measured import Sizes as Sizes
from gradproof.claims.measured import SmallestError as SmallestError
from gradproof.claims.measured import Value as Value
from gradproof.claims.measured import Where as Where

Outcome = Literal[
    "proved",
    "refuted",
    "undecided",
    "tested",
    "some regions",
    "up to constants",
    "holds where",
    "failed",
    "definition",
    "demonstrated",
]
Acceptable = Literal["tested", "some regions", "up to constants"]
"""What is no pass unless it is asked for."""

# The exact check


@dataclass(frozen=True)
class Constant:
    """A constant of the program, and the number near it that it is read as."""

    constant: float
    read_as: Annotated[str, Meta(description="The number, such as sqrt(2/pi).")]


@dataclass(frozen=True)
class Exact:
    """The check over prime fields.

    The bound is that of what is proved, which for a misprint is its correction. A claim without a derivative has no
    oracle to ask, and its sides are only evaluated.
    """

    bound_log2: Annotated[
        Annotated[float, Meta(le=0)] | None,
        Meta(description="The base-2 logarithm of the bound on the probability that a false claim is accepted."),
    ]
    draws: Annotated[int, Meta(ge=0, description="How many independent draws were made.")]
    sizes: Annotated[tuple[Sizes, ...], Meta(description="The sizes at which the sides were compared.")]
    oracles: tuple[Annotated[str, Meta(extra_json_schema={"enum": ["autodiff", "dual", "evaluation"]})], ...]
    readings: Annotated[
        tuple[Constant, ...], Meta(description="The constants that were read as numbers that they are not themselves.")
    ] = ()
    coincidence_log2: Annotated[
        float | None,
        Meta(
            description="The base-2 logarithm of the bound on the probability that constants taken at random are so "
            "read, which adds to the other bound; null where nothing is read."
        ),
    ] = None


@dataclass(frozen=True)
class Counterexample:
    """Inputs at which two sides differ, as small and simple as were found."""

    sizes: Sizes
    inputs: Mapping[str, Value]
    step: Annotated[int, Meta(ge=0, description="Which side differs from the first.")]
    entry: Annotated[str, Meta(description="The first entry that differs.")]
    expected: Value
    given: Value
    diagnosis: str | None


# Kinks

Finding = Literal["undeclared", "jax"]


@dataclass(frozen=True)
class Tie:
    """Inputs on a kink, or as near to it as float64 allows, and the entry of the sides that jumps most there."""

    sizes: Sizes
    inputs: Mapping[str, Value]
    entry: str
    below: Annotated[
        float | None,
        Meta(
            description="The one-sided limit of side 0 from where the first of the compared numbers, or the only one "
            "that varies, is the smaller one; null where there is no finite limit."
        ),
    ]
    above: Annotated[float | None, Meta(description="The one-sided limit from where it is the larger one.")]
    expected: Annotated[Number, Meta(description="Side 0 at these inputs, where a derivative is JAX's.")]
    given: Annotated[Number, Meta(description="The side that differs from it there, or else the next one.")]


@dataclass(frozen=True)
class Kink:
    """A comparison in the code where the compared numbers can be equal. On that set both sides were compared."""

    where: str
    comparison: str
    seen: Annotated[tuple[Ordering, ...], Meta(description="The outcomes that were met.")]
    agree: Annotated[
        bool | None, Meta(description="Whether the sides agree on the kink; null where no input was found on it.")
    ]
    dead: Annotated[tuple[Ordering, ...], Meta(description="The outcomes that no inputs were found for.")] = ()
    looked: Annotated[str | None, Meta(description="How dead outcomes were looked for.")] = None
    at: Tie | None = None
    convention: Annotated[str | None, Meta(description="What the claim says about its kinks.")] = None
    finding: Annotated[
        Finding | None,
        Meta(
            description="Undeclared: side 0 jumps, and the claim does not say what holds there. Jax: the limits agree, "
            "and JAX's derivative is not their value, which the side by hand returns."
        ),
    ] = None


# Derivative rules

OfRule = Literal["proved", "refuted", "undecided", "surrogate"]


@dataclass(frozen=True)
class Rule:
    """The derivative rule of a function that the sides call, by `jax.custom_jvp` or `jax.custom_vjp`."""

    function: str
    where: Annotated[str, Meta(description="File and line of the function.")]
    verdict: Annotated[
        OfRule,
        Meta(
            description="Whether it returns the value of the function and its derivative, for every cotangent or "
            "tangent, and so does what JAX makes of it when it is differentiated once more. A surrogate is meant to be "
            "another: the function holds a stop_gradient, or is constant piece by piece."
        ),
    ]
    why: str
    counterexample: Counterexample | None = None


# The code

CodeOutcome = Literal["accurate", "loses digits", "has no value", "differs", "not measured"]


@dataclass(frozen=True)
class Code:
    """What the machine makes of the formulas, at the inputs that were tried.

    It is accurate; or it loses more than half of the digits; or it returns NaN or infinity where the formula has a
    value that the format has; or another number, which rounding does not explain; or it was not measured.
    """

    outcome: CodeOutcome
    units: Annotated[
        Mapping[str, Number],
        Meta(
            description="By format, the largest error, in units in the last place of the largest entry of its output."
        ),
    ] = field(default_factory=dict)
    why: Annotated[str, Meta(description="Empty where it is accurate.")] = ""
    at: Counterexample | None = None
    first_is_better: Annotated[
        bool | None, Meta(description="Whether the first side, such as JAX's derivative, does better there.")
    ] = None


# Mistakes

By = Literal["shape", "exact", "kink", "floating", "equivalent", "undecided", "survivor"]
"""The first check that refused a mistake, or why none did."""
BY: tuple[By, ...] = get_args(By)

NOT_REFUSED: tuple[By, ...] = ("undecided", "survivor")
"""What has to be looked into."""


@dataclass(frozen=True)
class Fate:
    """What became of a mistake that was planted."""

    claim: str
    kind: str
    where: Annotated[str, Meta(description="File and line.")]
    change: Annotated[str, Meta(description="The operation and what it became.")]
    by: Annotated[By, Meta(description="The first check that refused it, or why none did.")]
    why: str = ""


# The verdict

Cause = Literal["error", "exit", "timeout", "killed", "bug"]


@dataclass(frozen=True)
class Failure:
    """Why the examination of a claim came to no end."""

    cause: Annotated[
        Cause,
        Meta(
            description="An error that the claim raises, its exit, more time than it was given, the end of its "
            "process, or a bug of gradproof's."
        ),
    ]
    where: Annotated[str | None, Meta(description="File and line, if they are known.")]


@dataclass(frozen=True)
class Full:
    """What `gradproof verify --full` says of a claim that is proved."""

    accuracy: Accuracy
    limits: Annotated[Mapping[str, Sensitivity], Meta(description="By format, the sensitivity of the check.")]
    fates: Annotated[tuple[Fate, ...], Meta(description="The mistakes that were planted.")]


@dataclass(frozen=True)
class Verdict:
    """The verdict on one claim."""

    claim: Claim
    verdict: Outcome
    why: str
    exact: Exact | None = None
    code: Code | None = None
    """What the machine does; None if it was not come to."""
    kinks: tuple[Kink, ...] = ()
    counterexample: Counterexample | None = None
    rules: tuple[Rule, ...] = ()
    """Those of functions that the sides call, but for JAX's own."""
    corrected: bool = False
    """Whether the correction of a misprint is proved."""
    full: Full | None = None
    """If it was asked for, and the claim is proved."""
    failure: Failure | None = None
    """If it failed."""
    program: str = ""
    """What changes with the program of the claim; empty where there is none to prove."""
    accepts: tuple[str, ...] = ()
    """What is to be a pass, beside what is proved."""
    seconds: float = 0.0

    def __bool__(self) -> bool:
        """Whether it is a pass."""
        return self.as_expected

    @property
    def domains(self) -> dict[str, str]:
        """What each argument was, in words."""
        arrays = self.claim.arrays if isinstance(self.claim, Equality) else {}
        return {name: symbol.domain for name, symbol in arrays.items()}

    @property
    def as_expected(self) -> bool:
        """Whether this is the verdict that the claim expects of itself, and no derivative rule in it is wrong."""
        if any(rule.verdict == "refuted" for rule in self.rules):
            return False
        match self.claim.expected:
            case "holds":
                return (self.verdict == "proved" or self.verdict in self.accepts) and self.code_as_asked
            case "misprint":
                return self.verdict == "refuted" and self.corrected and self.code_as_asked
            case "definition" | "demonstrated":
                return self.verdict == self.claim.expected

    @property
    def code_as_asked(self) -> bool:
        """Whether the code is as good as the claim asks of it."""
        if not (isinstance(self.claim, Equality) and self.claim.stable):
            return True
        if self.code is None or self.code.outcome not in ("accurate", "loses digits"):
            return False
        return self.code.first_is_better is not True
