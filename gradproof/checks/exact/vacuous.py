"""Claims that say nothing, however true they are: each kind is refused by name.

Equal sides are evidence of something only if they could have been different. They could not where both are one program,
or where both are zero whatever the inputs, as the derivative by something that a loss does not contain. That something
vanishes is a claim all the same: one side is then written as zeros, and the other one is not.
"""

from collections.abc import Sequence

from gradproof.checks.exact.differences import Report, alike
from gradproof.claims import Equality
from gradproof.errors import Undecided
from gradproof.programs import Program, Side


def refuse_same_program(programs: Sequence[Program]) -> None:
    """Refuse sides that are all the first one up to trivial rewriting, whatever oracle takes derivatives.

    What is right in the place of a misprint may be the first side: it is the misprint that is compared with it.

    Arguments:
        programs: all sides, by each of the oracles that are asked.
    """
    first, *others = programs[0].sides
    if any(side.role == "printed" for side in others) or any(not alike(first, side) for side in others):
        return
    if any(_said(program, side) != _said(program, first) for program in programs for side in others):
        return
    written = programs[-1].said[first.outputs]
    if written and all(output.fill == 0 for output in written):
        raise Undecided(
            "the sides are zero whatever they are made of, so that nothing is compared: is the derivative taken by "
            "something that the function does not contain?"
        )
    raise Undecided(
        f"side {others[0].step} is the same program as side 0, up to names, calls, the order of operands and steps "
        "that change nothing, so that nothing is compared; state it in another way"
    )


def refuse_zeros(program: Program, report: Report) -> None:
    """Refuse sides that are zero, or have no entries, at all inputs and sizes.

    Arguments:
        program: all sides at one of the sizes.
        report: of sides that were found to be equal, and without an entry that is not zero.
    """
    if not report.entries:
        raise Undecided("the sides have no entries at any of the sizes, so that nothing is compared")
    constant = [all(not output.free for output in program.said[side.outputs]) for side in program.sides]
    if all(constant) or not any(constant):
        raise Undecided(
            "all sides are zero whatever the inputs, so that nothing is compared; if it is the claim that something "
            "vanishes, write one side as zeros, such as jnp.zeros_like(x)"
        )


def refuse_shape_alone(claim: Equality, report: Report) -> None:
    """Refuse a misprint that has all numbers of the first side in their order, in arrays of another shape.

    Whether an array of n numbers is a row or a column is often a matter of how a claim is written down. Where it is
    what is printed wrong, the claim says so by its severity.
    """
    for difference in report.misprints:
        step = difference.side.step
        if difference.shapes is None or step in report.rearranged or claim.severity == "shape":
            continue
        expected, given = difference.shapes
        raise Undecided(
            f"side {step} as printed differs from side 0 in shape alone, {given} instead of {expected}; if that is the "
            'misprint, say so with severity="shape", and else write both in one shape'
        )


def _said(program: Program, side: Side) -> list[str]:
    return [output.digest for output in program.said[side.outputs]]
