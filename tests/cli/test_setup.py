"""What the command line asks of JAX: a backend that is there, and a place for compiled programs."""

import os
import re
import subprocess
import sys

import jax
import pytest

CLAIM = """
from gradproof import Real, claim


@claim("true")
def true(x=Real()):
    yield x
    yield x
"""

RUN = "from gradproof.cli import main; main()"


def gradproof(folder, *arguments, **settings):
    """The command in a process of its own, on a machine on which no GPU is seen."""
    (folder / "claims.py").write_text(CLAIM)
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", **settings}
    command = [sys.executable, "-c", RUN, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)


@pytest.mark.parametrize(
    ("options", "settings", "name", "advice"),
    [
        (["--backend", "gpu"], {}, "gpu", "leave out --backend"),
        ([], {"JAX_PLATFORMS": "cuda"}, "cuda", "leave out JAX_PLATFORMS"),
    ],
    ids=["--backend gpu", "JAX_PLATFORMS=cuda"],
)
def test_a_backend_that_is_not_there_is_one_sentence(tmp_path, options, settings, name, advice):
    done = gradproof(tmp_path, "verify", "claims.py", *options, **settings)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(rf"gradproof: there is no backend '{name}' here \(.+\); {advice}\n", done.stderr), done.stderr


@pytest.fixture
def kept(monkeypatch):
    """The settings of JAX that `prepare` makes, in place of JAX's own."""
    from gradproof.cli.setup import prepare

    settings = {}
    monkeypatch.setitem(jax.config.values, "jax_compilation_cache_dir", None)
    monkeypatch.setattr(jax.config, "update", settings.__setitem__)
    monkeypatch.setattr("gc.set_threshold", lambda *_: None)

    def run():
        prepare(None)
        return settings.get("jax_compilation_cache_dir")

    return run
