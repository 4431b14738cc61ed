r"""What a convention says: the value of a derivative where something jumps, or the side that it is taken from."""

import re
from typing import Literal

From = Literal["below", "above"]
"""From where the first of the compared numbers, or the only one that varies, is smaller or larger than the other."""

SIDES: dict[str, From] = {
    **dict.fromkeys(("below", "left", "lower", "smaller", "negative"), "below"),
    **dict.fromkeys(("above", "right", "upper", "larger", "positive"), "above"),
}

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?:/\d+)?"
_VALUE = re.compile(rf"^({_NUMBER})(?:$| at\b)|\bis ({_NUMBER})\.?$")


def read_convention(convention: str | float | None) -> From | float | None:
    """The side or the value that a convention states.

    Words state the side that they name, and else the number that they begin or end with: `"left"`, `"the slope of the
    negative side"`; `"0 at the bounds"`, `"relu'(0) is 1/2"`.

    Returns None where there is no convention, and for words that state neither, or two sides.

    >>> read_convention("relu'(0) is 0"), read_convention("the slope of the negative side")
    (0.0, 'below')
    """
    if convention is None or not isinstance(convention, str):
        return convention
    named = {SIDES[word] for word in re.findall(r"[a-z]+", convention.lower()) if word in SIDES}
    if named:
        return named.pop() if len(named) == 1 else None
    value = _VALUE.search(convention.strip())
    if value is None:
        return None
    numerator, _, denominator = (value[1] or value[2]).partition("/")
    return float(numerator) / float(denominator or 1)
