"""The words of verdicts: what each says, whether it is a pass, and how it is accepted. There are no others."""

from collections.abc import Mapping
from dataclasses import dataclass

from gradproof.claims.verdict import Outcome


@dataclass(frozen=True)
class Meaning:
    """Of one word."""

    says: str
    passes: str
    """Yes or no, or when."""
    status: str
    """The exit status of a run in which nothing is worse."""
    accepted: str = ""
    """What makes it a pass."""


MEANINGS: Mapping[Outcome, Meaning] = {
    "proved": Meaning(
        "All sides are equal as functions, in every region of the inputs off the kinks, at all the sizes that were "
        "tried. A false claim passes with a probability below the bound that is printed, at most 2^-100. On the kinks "
        "that could be reached they follow the rule at ties.",
        "yes, unless the claim asks for code that is not accurate",
        "0",
    ),
    "refuted": Meaning(
        "The sides differ as functions. The counterexample has inputs, both values and, where one fits, a diagnosis: a "
        "mistake that was undone, at other inputs and sizes, and found to make the side right.",
        "no; yes for a misprint whose correction is proved",
        "1",
    ),
    "undecided": Meaning(
        "Neither, and the reason: a value that is not finite, a claim that cannot be traced, a region that may have no "
        "inputs, or a claim that says nothing.",
        "no",
        "1",
    ),
    "tested": Meaning(
        "No exact rule covers an operation, and on the machine half of the digits agree at a few inputs: not proved.",
        "no",
        "1",
        "--accept tested, accept=",
    ),
    "some regions": Meaning(
        "On k of at most N regions of the inputs: there are more than can be told apart. In high precision the sides "
        "agree at inputs in these k, and differ at none that were tried.",
        "no",
        "1",
        '--accept "some regions", accept=',
    ),
    "up to constants": Meaning(
        "The sides are equal but for the rounding of constants that are not read, at all inputs that were tried.",
        "no",
        "1",
        '--accept "up to constants", accept=',
    ),
    "holds where": Meaning(
        "By check alone: refuted or undecided for all reals, and proved for arguments like those of the example, as "
        "one-hot rows.",
        "no",
        "",
        "domains=",
    ),
    "failed": Meaning(
        "The claim was not examined to its end: it raised an error outside of what is traced, exited, took longer than "
        "--timeout, or its process was ended. The reason and the place are said, and the other claims go on.",
        "no",
        "2",
    ),
    "definition": Meaning("A definition, with the code that it names; nothing is to be proved.", "yes", "0"),
    "demonstrated": Meaning("An experiment shows it, and its control does not.", "yes", "0"),
}


CODE = (
    "Beside the verdict stands what the machine makes of the formula, at the inputs that were tried: accurate to so "
    "many ulp (units in the last place of the largest entry of an output); or the code loses digits, if more than half "
    "of them are wrong; has no value where the formula has one, as by an overflow; or differs by more than rounding "
    "explains. It is no part of the verdict unless the claim says stable=True."
)


def meanings() -> str:
    """All of them, as text of a paragraph each."""
    words = [f"{word}: {meaning.says} {_passing(meaning)}" for word, meaning in MEANINGS.items()]
    return "\n\n".join((*words, CODE))


def _passing(meaning: Meaning) -> str:
    accepted = f"; accepted with {meaning.accepted}" if meaning.accepted else ""
    status = f", exit status {meaning.status}" if meaning.status else ""
    return f"A pass: {meaning.passes}{status}{accepted}."
