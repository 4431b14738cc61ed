"""What a check must change before it can go on: other fields to draw from, or labels given their values."""

from gradproof.errors import Undecided
from gradproof.interpreter import RunAgain


class NeedsDraws(RunAgain):
    """More towers, or more draws of each, are needed; larger primes where no number of towers is enough."""

    def __init__(self, reason: str, *, towers: float = 0):
        super().__init__(reason)
        self.towers = towers


class Exhausted(Undecided):
    """Higher towers may help."""


class NeedsCircle(Undecided):
    """Circular towers are needed."""


class NeedsLabels(Undecided):
    """The labels must be given their values one by one."""


class NeedsLogarithms(Undecided):
    """Constants that are logarithms, or powers of e, must be known as such."""
