"""What the command line asks of JAX: 64 bits, a backend, and compiled programs kept from one run to the next."""

import gc
import os
from pathlib import Path

import jax

from gradproof.errors import GradproofError


def prepare(backend: str | None) -> str:
    """Set up JAX for a process that is ours alone, before anything is computed, and return the backend's name.

    Raises `GradproofError` for a backend that is not there.
    """
    # A claim makes millions of small objects that nothing but the end of the claim sets free.
    gc.set_threshold(500_000, 50, 50)
    jax.config.update("jax_enable_x64", True)
    _keep_programs()
    if backend is not None:
        jax.config.update("jax_platforms", backend)
    try:
        return jax.default_backend()
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise GradproofError(f"there is no backend {backend!r} here ({reason}); leave out --backend") from None


def _keep_programs() -> None:
    """Keep compiled programs in the user's cache, unless told where by JAX's own setting or unable to."""
    if jax.config.values["jax_compilation_cache_dir"] is not None:
        return
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gradproof"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return
    if os.access(folder, os.W_OK):
        jax.config.update("jax_compilation_cache_dir", str(folder))
        # By default only programs that took a second to compile are kept; each of ours takes less.
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
