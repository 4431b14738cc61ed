"""How a bug in gradproof is reported."""

import json
from email.message import Message

import jax.numpy as jnp
import pytest
from stated import stated

from gradproof import Real, derivative, errors, verify
from gradproof.checks import Study, pipeline
from gradproof.mutation.mutants import mutants_of
from gradproof.programs import rewriting


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (None, "please report it with this claim"),
        ("Issues, https://example.org/issues", "please report it at https://example.org/issues with this claim"),
    ],
)
def test_a_bug_is_reported_where_the_project_has_an_address(monkeypatch, url, said):
    about = Message()
    if url is not None:
        about["Project-URL"] = url
    monkeypatch.setattr(errors, "metadata", lambda name: about)
    try:
        # Raised in a file of the engine, as a bug is.
        errors.EngineError.of(None, "running the primitive 'exp'")
    except AttributeError as error:
        message = str(errors.EngineError.of(error, "running the primitive 'exp'"))
    assert message.startswith("a bug in gradproof, at errors.py:")
    assert message.endswith(f"while running the primitive 'exp': AttributeError: {error_text()}; {said}")


def error_text():
    return "'NoneType' object has no attribute '__cause__'"


def test_a_bug_in_a_check_is_loud(monkeypatch):
    def broken(study, found):
        return found + study

    monkeypatch.setattr(pipeline, "CHECKS", (broken,))
    with pytest.raises(errors.EngineError, match=r"^a bug in gradproof, .* while making the check 'broken': TypeError"):
        verify(stated(lambda x: 2 * x, lambda x: x + x, x=Real()))


def test_a_bug_in_making_mutants_is_loud(monkeypatch):
    closed = Study(stated(lambda x: 2 * x, lambda x: x + x, x=Real())).exact.closed
    monkeypatch.setattr(rewriting, "edited", lambda closed, at, edit: errors.nothing)
    with pytest.raises(errors.EngineError, match="while making a mutant of 'mul': AttributeError"):
        list(mutants_of(closed, ["x"]))


def test_a_bug_met_while_sides_are_traced_is_loud(monkeypatch):
    claim = stated(lambda x: derivative(lambda x: x**2, x), lambda x: 2 * x, x=Real())
    monkeypatch.setattr("gradproof.programs.derivative.jax.make_jaxpr", None)
    with pytest.raises(errors.EngineError, match=r"^a bug in gradproof, at programs/.*, while tracing the sides"):
        verify(claim)


def test_the_place_of_an_error_is_the_last_line_of_the_users_code():
    try:
        json.loads("")
    except ValueError as error:
        found, own = errors.place_of(error), errors.place_of(error, json.decoder.__file__)
    assert found is not None
    assert found.startswith("test_errors.py:")
    assert own is not None
    assert own.startswith("decoder.py:")


def test_an_error_of_what_the_claim_calls_is_none():
    def shapes(x):
        return jnp.ones(2) @ jnp.ones(3) + x

    for wrong in (lambda x: x.nothing, lambda x: derivative(lambda x: x @ x, x), shapes):
        assert verify(stated(lambda x: 2 * x, wrong, x=Real())).verdict == "undecided"
