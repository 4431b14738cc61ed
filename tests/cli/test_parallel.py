"""Processes: none is left behind."""

import os
import signal
import subprocess
import sys
import time

CLAIMS = """
import multiprocessing
import os
import time
from pathlib import Path

import jax.numpy as jnp
from gradproof import Real, claim


def wait():
    # No worker comes to its end, so that none takes the other's claim before that one has started.
    if multiprocessing.parent_process():
        Path(str(os.getpid()) + ".pid").touch()
        time.sleep(600)


@claim("one")
def one(x=Real("n")):
    wait()
    yield jnp.sin(x)
    yield jnp.sin(x) * 1.0


@claim("two")
def two(x=Real("n")):
    wait()
    yield jnp.cos(x)
    yield jnp.cos(x) * 1.0
"""

RUN = """
import os
from gradproof.cli import main

if __name__ == "__main__":
    os.cpu_count = lambda: 2
    main()
"""


def lives(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def patiently(condition):
    """Whether it comes to hold within two minutes; on a busy machine a process takes seconds to start."""
    end = time.monotonic() + 120
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()


def test_no_process_outlives_one_that_is_killed(tmp_path):
    (tmp_path / "claims.py").write_text(CLAIMS)
    (tmp_path / "run.py").write_text(RUN)
    command = [sys.executable, "run.py", "mutate", "claims.py"]
    main = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def started():
        return {int(path.stem) for path in tmp_path.glob("*.pid")}

    try:
        assert patiently(lambda: len(started()) == 2)
    finally:
        main.send_signal(signal.SIGKILL)
        main.wait()
    assert patiently(lambda: not any(map(lives, started())))
