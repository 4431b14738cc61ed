"""Lines 12 and 13: the notation of the whole text."""

from derivations._words import column, matrix
from derivations.deriving_backpropagation._conventions import printed
from gradproof import Function, Real, claim, definition

vectors_are_columns = definition(
    "000.12",
    code=column,
    title="vectors are columns",
    source=printed(12),
    covers=["000.12a"],
)


@claim(
    "000.13",
    r"g(x)_{ij} = g(x_{ij}), \quad g: \mathbb{R} \to \mathbb{R}",
    title="functions of a number, element by element",
    source=printed(13),
    covers={"000.13a": "definition"},
)
def element_by_element(g=Function(), x=Real("n m")):
    n, m = x.shape
    yield g(x)
    yield matrix(n, m, lambda i, j: g(x[i, j]))
