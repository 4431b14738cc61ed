"""What every pytest run and `gradproof --help` load does not wait for JAX."""

import subprocess
import sys

PROGRAM = """
import sys
import gradproof.claims, gradproof.catalogue, gradproof.cli, gradproof.pytest_plugin
print(sorted({"jax", "scipy", "rich"} & sys.modules.keys()))
"""


def test_claims_catalogue_command_line_and_plugin_do_not_import_jax():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
