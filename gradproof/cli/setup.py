"""How the command line sets up JAX: 64 bits, a backend, and compiled programs kept from one run to the next."""

import gc
import os

import jax
from platformdirs import user_cache_path

from gradproof.errors import GradproofError


def prepare(backend: str | None) -> str:
    """Set up JAX for a process of our own, before anything is computed, and return the name of the backend.

    Raises `GradproofError` for a backend that is not there.
    """
    _settings()
    _keep_programs()
    if backend is not None:
        jax.config.update("jax_platforms", backend)
    try:
        return jax.default_backend()
    except (RuntimeError, AssertionError) as error:
        # JAX asserts that it finds a device for a platform that is named in JAX_PLATFORMS.
        reason = str(error).partition("\n")[0] or "JAX finds no device for it"
        asked = "--backend" if backend is not None else "JAX_PLATFORMS"
        name = jax.config.values["jax_platforms"]
        raise GradproofError(f"there is no backend {name!r} here ({reason}); leave out {asked}") from None


def prepare_to_find() -> None:
    """Set up JAX for a process that finds claims and verifies none: it leaves accelerators to those that do."""
    _settings()
    jax.config.update("jax_platforms", "cpu")


def _settings() -> None:
    # A claim makes millions of small objects that live until the claim is done.
    gc.set_threshold(500_000, 50, 50)
    jax.config.update("jax_enable_x64", True)


def _keep_programs() -> None:
    """Keep compiled programs in the user's cache folder, if it can be written and JAX's own setting names no other."""
    if jax.config.values["jax_compilation_cache_dir"] is not None:
        return
    try:
        folder = user_cache_path("gradproof")
        # Without a home folder there is no cache folder.
        if not folder.is_absolute():
            return
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    if os.access(folder, os.W_OK):
        jax.config.update("jax_compilation_cache_dir", str(folder))
        # By default only programs that took a second to compile are kept; each of ours takes less.
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
