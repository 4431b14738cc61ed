"""What makes a run be given up, to be run again in another way."""

from gradproof.errors import Undecided
from gradproof.interpreter import RunAgain


class Unlucky(RunAgain):
    """Something vanished in a draw that is not zero: other draws will do."""


class NeedsColours(RunAgain):
    """Atoms that are needed together share a colour."""


class NeedsWitnesses(RunAgain):
    """There are more independent exponentials than draws to tell relations by."""


class NeedsRoots(RunAgain):
    """Fresh exponentials must be powers of others.

    Arguments:
        order: which powers.
    """

    def __init__(self, order: int):
        super().__init__(order)
        self.order = order


class NeedsOrigins(RunAgain):
    """A Cholesky factor is taken, and it must be known what sums and products are made of."""


class TooLarge(Undecided):
    """Degrees leave nothing of the bound."""


class Unbounded(Undecided):
    """The sides are equal in all draws, which are too few for their degrees."""


class TooManyRegions(Undecided):
    """More regions must be told apart at once than there may be worlds."""


class TooLoose(Undecided):
    """Something is asked of a sum over many comparisons that only holds for each of their outcomes."""
