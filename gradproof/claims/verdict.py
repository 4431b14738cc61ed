"""What was found about a claim: every record that a person cites or a machine reads. Nothing is computed here.

The parts of a verdict are also parts of what `gradproof verify --json` writes: their fields are its keys, and
`verdict.schema.json` is made from their types, with what `Meta` adds to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args

from msgspec import Meta

from gradproof.claims.claim import Claim, Equality
from gradproof.claims.claim import Severity as Severity
from gradproof.claims.claim import Source as Source
from gradproof.claims.claim import Statement as Statement

Outcome = Literal[
    "proved",
    "refuted",
    "undecided",
    "tested",
    "up to constants",
    "holds where",
    "failed",
    "definition",
    "demonstrated",
]
Acceptable = Literal["tested", "up to constants"]
"""What is no pass unless it is asked for."""

Count = Annotated[int, Meta(ge=0)]
Sizes = Annotated[Mapping[str, Count], Meta(description="A value for each named size.")]
Value = Annotated[Any, Meta(extra_json_schema={"$ref": "#/$defs/Value"})]
"""A number, or an array of them."""
Number = Annotated[float, Meta(extra_json_schema={"pattern": "^(-?inf|nan)$"})]
"""JSON has no number for infinity and NaN, so that they are text of this pattern."""
Ordering = Annotated[str, Meta(extra_json_schema={"enum": ["<", "=", ">"]})]


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


# Accuracy


@dataclass(frozen=True)
class Where:
    """One entry of a result: the inputs, the value, and what the machine computed."""

    kind: Annotated[str, Meta(description="Which inputs these are, such as ties or denormal numbers.")]
    sizes: Sizes
    inputs: Annotated[
        Mapping[str, Value] | None, Meta(description="Null where they are many: the seed makes them again.")
    ]
    entry: str
    expected: Number
    given: Number


@dataclass(frozen=True)
class Errors:
    """The errors of one side in one format, in units in the last place of the value; null if none was measured."""

    median: Number | None
    worst: Number | None
    at: Annotated[Where | None, Meta(description="Where the worst one is.")]
    measured: Annotated[int, Meta(description="How many values were measured.")]
    spoilt: Annotated[
        int, Meta(description="How many more results are NaN or infinite although the value is a number of the format.")
    ]
    spoilt_at: Where | None


Better = Literal["by hand", "autodiff", "equal"]


@dataclass(frozen=True)
class InFormat:
    """What was measured in one format."""

    by_hand: Errors | None = None
    autodiff: Errors | None = None
    better: Annotated[
        Better | None,
        Meta(
            description="The side with the smaller worst error; a spoilt result counts as an infinite error. They are "
            "equal unless one errs more than twice as much as the other and by more than half a unit: the worst error "
            "of a sample changes that much with the seed."
        ),
    ] = None
    bounded: Annotated[int, Meta(description="How many values have a bound on their rounding errors.")] = 0
    useful: Annotated[int, Meta(description="How many of these have a bound below the value.")] = 0
    bound_ratio: Annotated[
        Number | None, Meta(description="The largest error of the formula by hand, as a fraction of its bound.")
    ] = None
    bound_ratio_at: Where | None = None
    below_bound: Annotated[
        bool | None, Meta(description="Whether all errors are below their bounds; null if none is bounded.")
    ] = None
    why: Annotated[str | None, Meta(description="Why it could not be run.")] = None


@dataclass(frozen=True)
class LowPrecision:
    """The largest error of an output in bfloat16 and that of the first side's program, at moderate inputs.

    Both are in units in the last place of the largest entry of the output. Of several outputs this is the one with the
    largest error, or with the largest error among those that do not pass.
    """

    ok: Annotated[bool, Meta(description="Whether the formula errs at most twice as much, plus half a unit.")]
    by_hand: Number
    first_side: Number
    at: Where


@dataclass(frozen=True)
class Accuracy:
    """How accurate the last side is on the machine, and JAX's derivative where the first side is one."""

    id: str
    backend: str
    formats: Mapping[str, InFormat]
    low_precision: LowPrecision | None
    matmul: Annotated[
        Mapping[str, float] | None,
        Meta(
            description="By the precision of matrix products, the largest error in float32 relative to the largest "
            "entry of an output."
        ),
    ]
    sizes: tuple[Sizes, ...]
    points: Annotated[int, Meta(description="How many inputs were run.")]
    on_kinks: Annotated[int, Meta(description="How many of them lie on a kink.")]


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


# Sensitivity


@dataclass(frozen=True)
class SmallestError:
    """The smallest error that is noticed, over the entries of a result; null where no error up to 1 is."""

    best: float | None
    median: float | None
    worst: float | None
    entries: int


@dataclass(frozen=True)
class Sensitivity:
    """The smallest errors that the check on the machine notices in one format."""

    factor: Annotated[
        SmallestError,
        Meta(description="A relative error in one entry, among the entries that are not zero at all inputs."),
    ]
    term: Annotated[
        SmallestError,
        Meta(
            description="A term added to one entry, relative to the largest entry of the output, among the outputs "
            "that are not all zero."
        ),
    ]


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
    corrected: bool = False
    """Whether the correction of a misprint is proved."""
    full: Full | None = None
    """If it was asked for, and the claim is proved."""
    failure: Failure | None = None
    """If it failed."""
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
        """Whether this is the verdict that the claim expects of itself."""
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
