"""What the command line asks of JAX: a backend that is there, and a place for compiled programs."""

import os
import re
import subprocess
import sys

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


PLACES = """
import os
import jax
from gradproof.cli.setup import prepare

for settings in SETTINGS:
    os.environ.pop("XDG_CACHE_HOME", None)
    os.environ |= settings
    jax.config.update("jax_compilation_cache_dir", settings.get("given"))
    prepare(None)
    print(jax.config.values["jax_compilation_cache_dir"])
"""


def test_compiled_programs_are_kept_in_the_cache_of_the_user(tmp_path):
    (tmp_path / "file").touch()
    home, cache, file = (str(tmp_path / name) for name in ("home", "cache", "file"))
    settings = [
        {"HOME": home, "XDG_CACHE_HOME": cache},
        {"HOME": home},
        {"HOME": home, "given": "there"},
        {"HOME": file},
    ]
    program = PLACES.replace("SETTINGS", repr(settings))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.split() == [f"{cache}/gradproof", f"{home}/.cache/gradproof", "there", "None"]
