"""What every test can rely on: 64 bits, no silent broadcasting between ranks, the same examples on every CI run."""

import os
from collections.abc import Iterator

import hypothesis
import jax
import pytest

hypothesis.settings.register_profile("gradproof", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("gradproof")


def pytest_configure(config: pytest.Config) -> None:
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_numpy_rank_promotion", "raise")
    # Compiling is what tests spend their time on. Each program takes less than the second from which JAX keeps them.
    if (cache := getattr(config, "cache", None)) is not None:
        jax.config.update("jax_compilation_cache_dir", str(cache.mkdir("jax")))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)


@pytest.fixture(autouse=True)
def _as_a_reader_runs_it(request: pytest.FixtureRequest) -> Iterator[None]:
    """Examples in docstrings print what JAX prints as it comes, in 32 bits."""
    if isinstance(request.node, pytest.DoctestItem):
        with jax.enable_x64(False), jax.numpy_rank_promotion("allow"):
            yield
    else:
        yield
