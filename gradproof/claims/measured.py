"""What was measured of a claim, in the types that all records are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from msgspec import Meta

Count = Annotated[int, Meta(ge=0)]
Sizes = Annotated[Mapping[str, Count], Meta(description="A value for each named size.")]
Value = Annotated[Any, Meta(extra_json_schema={"$ref": "#/$defs/Value"})]
"""A number, or an array of them."""
Number = Annotated[float, Meta(extra_json_schema={"pattern": "^(-?inf|nan)$"})]
"""JSON has no number for infinity and NaN, so that they are text of this pattern."""
Ordering = Annotated[str, Meta(extra_json_schema={"enum": ["<", "=", ">"]})]


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
