"""What a user did wrong, said in one sentence."""


class GradproofError(Exception):
    """A mistake in a claim or in a call: what was expected, what was given, what to do."""


class Undecided(Exception):
    """Why nothing can be said of a claim."""
