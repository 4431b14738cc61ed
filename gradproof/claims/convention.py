"""What a convention says: the value that is returned where something jumps, or the side whose limit it is, or both."""

import re
from dataclasses import dataclass
from typing import Literal

From = Literal["below", "above"]
"""From where the first of the compared numbers, or the only one that varies, is smaller or larger than the other."""

Which = From | Literal["mean"]
"""Of two limits the one from a side, or what is half way between them."""

SIDES: dict[str, Which] = {
    **dict.fromkeys(("below", "left", "lower", "negative"), "below"),
    **dict.fromkeys(("above", "right", "upper", "positive"), "above"),
    **dict.fromkeys(("mean", "average"), "mean"),
}

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?:/\d+)?"
_RETURNED = re.compile(rf"^({_NUMBER})(?:$| at\b)")
_OF_A_FUNCTION = re.compile(rf"\bis ({_NUMBER})\.?$")


@dataclass(frozen=True)
class Convention:
    """A side, the mean of both, or else a value."""

    side: Which | None = None
    value: float = 0.0
    of_a_function: bool = False
    """Whether it is the value of a function that is named, which an entry of a gradient may hold among other terms."""


def read_convention(convention: str | float | None) -> Convention | None:
    """The side or the value that a convention states.

    Words state the side that they name, as `"left"` and `"the slope of the negative side"` do, or the mean of both, and
    else the number that they begin with, as `"0 at the bounds"`, or end with, as `"relu'(0) is 1/2"`.

    Returns None where there is no convention, and for words that state neither, or two sides.

    >>> read_convention("the slope of the negative side").side
    'below'
    >>> read_convention("relu'(0) is 1/2").value
    0.5
    """
    if convention is None:
        return None
    if not isinstance(convention, str):
        return Convention(value=float(convention))
    words = convention.strip()
    named = {SIDES[word] for word in re.findall(r"[a-z]+", words.lower()) if word in SIDES}
    if named:
        return Convention(side=named.pop()) if len(named) == 1 else None
    for pattern in (_RETURNED, _OF_A_FUNCTION):
        found = pattern.search(words)
        if found is not None:
            numerator, _, denominator = found[1].partition("/")
            return Convention(value=float(numerator) / float(denominator or 1), of_a_function=pattern is _OF_A_FUNCTION)
    return None
