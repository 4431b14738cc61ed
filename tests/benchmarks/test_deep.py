"""The benchmark of deep losses knows which of its verdicts are right."""

from dataclasses import replace

import deep
import pytest
from _deep import MODELS


@pytest.mark.parametrize("wrong", [False, True])
def test_a_gradient_is_proved_and_its_wrong_twin_refuted(wrong, capsys):
    assert deep.check("mlp", wrong=wrong)
    assert ("refuted" if wrong else "proved, 2^-") in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [False, True])
def test_another_verdict_is_noticed(wrong, monkeypatch):
    model = MODELS["mlp"]
    exchanged = replace(model, gradient=lambda W, x, wrong: model.gradient(W, x, not wrong))
    monkeypatch.setitem(MODELS, "mlp", exchanged)
    assert not deep.check("mlp", wrong=wrong)
