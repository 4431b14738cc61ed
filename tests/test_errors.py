"""How a bug in gradproof is reported."""

from email.message import Message

import pytest

from gradproof import errors


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
    return "'NoneType' object has no attribute '__traceback__'"
