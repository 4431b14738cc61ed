"""Demonstrations whose outcome is written down, and not observed."""

import pytest

from gradproof import demonstration, verify


def lowered(rate):
    return (1.0 - rate * 2) ** 2 < 1.0


def negation(control):
    return not control


def observation_and_negation(control):
    return lowered(0.1) and not control


def left_early(control):
    if control:
        return False
    return lowered(0.1)


def chosen(control):
    return lowered(0.1) if not control else False


def by_a_name(control):
    shown = lowered(0.1)
    passes = not control
    return shown and passes


def compared_with_false(control):
    rate = 10.0 if control else 0.1
    return control is False and lowered(rate)


def left_in_a_loop(control):
    for rate in (0.1, 0.2):
        if control:
            return False
        if not lowered(rate):
            return False
    return bool(not control)


@pytest.mark.parametrize(
    "experiment",
    [negation, observation_and_negation, left_early, chosen, by_a_name, compared_with_false, left_in_a_loop],
)
def test_a_control_that_cannot_pass_is_refused(experiment):
    found = verify(demonstration("d")(experiment))
    assert found.verdict == "undecided"
    assert found.why == "the control returns False whatever it computes: let it observe what the experiment does"


def test_so_is_one_of_a_lambda():
    assert verify(demonstration("d")(lambda control: not control)).verdict == "undecided"


def true_but_for_the_control(control):
    if control:
        return lowered(10.0)
    return True


def test_an_experiment_that_cannot_fail_is_refused():
    found = verify(demonstration("d")(true_but_for_the_control))
    assert found.verdict == "undecided"
    assert found.why == "the experiment returns True whatever it computes: let it return what it observes"


def other_rate(control):
    return lowered(10.0 if control else 0.1)


def other_branch(control):
    if control:
        found = lowered(10.0)
    else:
        found = lowered(0.1)
    return found


def in_a_loop(control):
    rate = 0.1
    for _ in range(3):
        if control:
            rate = 4 * rate
        if not lowered(rate):
            return False
    return True


def given_up(control):
    rates = [0.1, 10.0] if control else [0.1]
    for rate in rates:
        if not lowered(rate):
            return bool(rate > 100)
    return True


@pytest.mark.parametrize("experiment", [other_rate, other_branch, in_a_loop, given_up])
def test_a_control_that_observes_is_not_refused(experiment):
    assert verify(demonstration("d")(experiment)).verdict == "demonstrated"
