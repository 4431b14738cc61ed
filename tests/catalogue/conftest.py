"""What tests that import files of claims share."""

import sys

import pytest


@pytest.fixture(autouse=True)
def _own_imports(monkeypatch):
    """What a test imports is gone after it."""
    monkeypatch.setattr(sys, "path", sys.path.copy())
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]
