"""LaTeX is looked at when a claim is made: what is mistyped there would be found by a reader only."""

import re

from gradproof.errors import GradproofError

_ESCAPES = {"\a": r"\a", "\n": r"\n", "\b": r"\b", "\t": r"\t", "\v": r"\v", "\f": r"\f", "\r": r"\r"}
"""What Python makes of these in a string that is not raw."""
# A new line is no mistake, since a formula may have several, unless it leaves the rest of a command behind.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]|\n(?=abla|eq\b|otin)")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)


def require_latex(id: str, latex: str, correction: str | None) -> None:
    """Refuse what is no text, has characters that only an escape makes, or braces without a partner."""
    for name, text in (("LaTeX", latex), ("correction", "" if correction is None else correction)):
        if not isinstance(text, str):
            raise GradproofError(f"claim {id!r}: its {name} is a text; given {text!r}")
        if (found := _CONTROL.search(text)) is not None:
            written = _ESCAPES.get(found[0], repr(found[0])[1:-1])
            after = text[found.end() : found.end() + 8]
            raise GradproofError(
                f"claim {id!r}: its {name} has the character that Python makes of {written} in '{written}{after}'; "
                'put an r before the string, as in r"\\frac"'
            )
        if (where := _unmatched(text)) is not None:
            raise GradproofError(
                f"claim {id!r}: its {name} has a {text[where]!r} without a partner, in {text[where : where + 24]!r}; "
                "balance the braces"
            )


def _unmatched(text: str) -> int | None:
    """Where the first brace is that has no partner; one after a backslash is a character."""
    open: list[int] = []
    for found in _BRACE.finditer(text):
        if found[0] == "{":
            open.append(found.start())
        elif found[0] == "}":
            if not open:
                return found.start()
            open.pop()
    return open[-1] if open else None
