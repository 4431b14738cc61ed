"""Hand-written derivatives compared with JAX's: `python benchmarks/speed.py`.

Each is run in turn with `jax.value_and_grad` or `jax.hessian` of the plainest loss that a user would write. Times are
ratios, hand to JAX: the median over pairs of calls, in alternating order. Below one the hand-written form wins. The
last line compares a JAX program with itself: its distance from one is noise.

Flops and temporary bytes are those of the compiled programs. The compiler counts only one turn of a loop, such as that
of `logistic.hessian`, which takes 8,192 examples a turn.
"""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
from rich.console import Console
from rich.table import Table

from manual_grads import activations, logistic, losses, softmax
from manual_grads.network import Network

ROUNDS = 41


@dataclass(frozen=True)
class Case:
    """A formula, the same by JAX, and the largest ratio of their times that is promised."""

    name: str
    by_hand: Callable[..., Any]
    by_jax: Callable[..., Any]
    arguments: tuple[Any, ...]
    limit: float | None

    def compiled(self) -> tuple[Any, Any]:
        return tuple(jax.jit(function).lower(*self.arguments).compile() for function in (self.by_hand, self.by_jax))


def drawn(*shape: int, seed: int, scale: float = 1.0) -> jax.Array:
    return scale * jax.random.normal(jax.random.key(seed), shape, jnp.float32)


def classes(n: int, count: int) -> jax.Array:
    return jax.nn.one_hot(jax.random.randint(jax.random.key(7), (n,), 0, count), count, dtype=jnp.float32)


def logistic_loss(weights: Any, inputs: Any, labels: Any) -> Any:
    logits = inputs @ weights
    return jnp.mean(jnp.logaddexp(0, logits) - labels * logits)


def softmax_loss(weights: Any, inputs: Any, labels: Any) -> Any:
    return -jnp.mean(jnp.sum(labels * jnp.log(jax.nn.softmax(inputs @ weights)), axis=1))


def log_softmax_loss(weights: Any, inputs: Any, labels: Any) -> Any:
    return -jnp.mean(jnp.sum(labels * jax.nn.log_softmax(inputs @ weights), axis=1))


def network_loss(parameters: Any, inputs: Any, labels: Any) -> Any:
    values = inputs
    for weights, bias in parameters[:-1]:
        values = jax.nn.relu(values @ weights + bias[None, :])
    weights, bias = parameters[-1]
    return -jnp.mean(jnp.sum(labels * jnp.log(jax.nn.softmax(values @ weights + bias[None, :])), axis=1))


def cases() -> list[Case]:
    network = Network((activations.relu, activations.relu, activations.softmax), losses.categorical_cross_entropy)
    parameters = [(drawn(m, k, seed=k, scale=0.05), drawn(k, seed=m)) for m, k in pairwise((784, 512, 256, 10))]
    images = drawn(256, 784, seed=1), classes(256, 10)
    inputs = drawn(100_000, 50, seed=2)
    binary = drawn(50, seed=3), inputs, (inputs[:, 0] > 0).astype(jnp.float32)
    many = drawn(784, 10, seed=4, scale=0.1), drawn(20_000, 784, seed=5), classes(20_000, 10)
    few = drawn(24, 10, seed=4, scale=0.1), drawn(2_000, 24, seed=6), classes(2_000, 10)
    mean: Any = partial(partial, reduction="mean")
    return [
        Case(
            "network", mean(network.value_and_gradient), jax.value_and_grad(network_loss), (parameters, *images), 1.03
        ),
        Case("logistic", mean(logistic.value_and_gradient), jax.value_and_grad(logistic_loss), binary, 1.03),
        Case("softmax", mean(softmax.value_and_gradient), jax.value_and_grad(softmax_loss), many, 1.03),
        Case(
            "softmax, JAX by log_softmax",
            mean(softmax.value_and_gradient),
            jax.value_and_grad(log_softmax_loss),
            many,
            1.03,
        ),
        Case("logistic.hessian", mean(logistic.hessian), jax.hessian(logistic_loss), binary, 0.6),
        Case("softmax.hessian", mean(softmax.hessian), jax.hessian(softmax_loss), few, 0.1),
        Case("JAX against itself", jax.value_and_grad(softmax_loss), jax.value_and_grad(softmax_loss), many, None),
    ]


def seconds(function: Callable[..., Any], arguments: tuple[Any, ...]) -> float:
    start = time.perf_counter()
    jax.block_until_ready(function(*arguments))
    return time.perf_counter() - start


def ratio(programs: tuple[Any, Any], arguments: tuple[Any, ...]) -> float:
    """The median of the ratios of the times of two programs, run in turn, now one and now the other first."""
    found = []
    for _ in range(ROUNDS + 1):
        by_hand, by_jax = (seconds(program, arguments) for program in programs)
        again_by_jax, again_by_hand = (seconds(program, arguments) for program in programs[::-1])
        found += [by_hand / by_jax, again_by_hand / again_by_jax]
    return statistics.median(found[2:])  # the first pairs warm up


def main() -> int:
    table = Table("formula", "time", "at most", "flops", "by JAX", "temporary bytes", "by JAX")
    table.title = f"hand-written / JAX {jax.__version__}, on {jax.devices()[0].device_kind}"
    exceeded = False
    for case in cases():
        programs = case.compiled()
        measured = ratio(programs, case.arguments)
        exceeded |= case.limit is not None and measured > case.limit
        flops = (f"{program.cost_analysis()['flops']:.4g}" for program in programs)
        room = (f"{program.memory_analysis().temp_size_in_bytes:,}" for program in programs)
        limit = "" if case.limit is None else str(case.limit)
        table.add_row(case.name, f"{measured:.3f}", limit, *flops, *room)
    Console().print(table)
    return int(exceeded)


if __name__ == "__main__":
    sys.exit(main())
