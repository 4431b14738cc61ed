"""What every test can rely on: 64 bits, and no silent broadcasting between ranks."""

import gc
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import pytest


def pytest_configure(config: pytest.Config) -> None:
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_numpy_rank_promotion", "raise")
    # Compiling is what tests spend their time on. Each program takes less than the second from which JAX keeps them.
    if (cache := getattr(config, "cache", None)) is not None:
        jax.config.update("jax_compilation_cache_dir", str(cache.mkdir("jax")))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)


def pytest_collection_finish() -> None:
    """What was imported stays; the collector of garbage need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def _as_a_reader_runs_it(request: pytest.FixtureRequest, doctest_namespace: dict[str, Any]) -> Iterator[None]:
    """Examples in docstrings know JAX by its usual names, and print what it prints without settings, in 32 bits."""
    doctest_namespace |= {"jax": jax, "jnp": jnp}
    if isinstance(request.node, pytest.DoctestItem):
        with jax.enable_x64(False), jax.numpy_rank_promotion("allow"):
            yield
    else:
        yield
