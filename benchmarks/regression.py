"""Hand-written gradients beside those of `jax.grad`: `python benchmarks/regression.py`.

Times are ratios, hand to autodiff, of calls that alternate in one run; the median of them is printed with the compiled
flops and temporary bytes of both. Below one the hand-written form wins.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax
from rich.console import Console
from rich.table import Table

from manual_grads import logistic, softmax

ROUNDS = 21


def logistic_case(n: int = 100_000, m: int = 50) -> tuple[Callable[..., Any], Callable[..., Any], tuple[Any, ...]]:
    keys = jax.random.split(jax.random.key(0), 3)
    inputs = jax.random.normal(keys[0], (n, m))
    labels = jax.random.bernoulli(keys[1], 0.5, (n,)).astype(inputs.dtype)

    def plain(weights: Any, inputs: Any, labels: Any) -> Any:
        return jnp.sum(optax.losses.sigmoid_binary_cross_entropy(inputs @ weights, labels))

    return logistic.gradient, plain, (jax.random.normal(keys[2], (m,)), inputs, labels)


def softmax_case(
    n: int = 20_000, m: int = 784, classes: int = 10
) -> tuple[Callable[..., Any], Callable[..., Any], tuple[Any, ...]]:
    keys = jax.random.split(jax.random.key(1), 3)
    inputs = jax.random.normal(keys[0], (n, m))
    labels = jax.nn.one_hot(jax.random.randint(keys[1], (n,), 0, classes), classes)

    def plain(weights: Any, inputs: Any, labels: Any) -> Any:
        return jnp.sum(optax.losses.softmax_cross_entropy(inputs @ weights, labels))

    return softmax.gradient, plain, (jax.random.normal(keys[2], (m, classes)), inputs, labels)


def seconds(function: Callable[..., Any], arguments: tuple[Any, ...]) -> float:
    start = time.perf_counter()
    jax.block_until_ready(function(*arguments))
    return time.perf_counter() - start


def main() -> None:
    table = Table("gradient", "time, hand / autodiff", "flops", "temporary bytes", title=jax.devices()[0].device_kind)
    for name, (by_hand, plain, arguments) in {"logistic": logistic_case(), "softmax": softmax_case()}.items():
        hand, auto = (jax.jit(f).lower(*arguments).compile() for f in (by_hand, jax.grad(plain)))
        ratios = [seconds(hand, arguments) / seconds(auto, arguments) for _ in range(ROUNDS)][1:]
        flops = " / ".join(f"{program.cost_analysis()['flops']:.3g}" for program in (hand, auto))
        room = " / ".join(str(program.memory_analysis().temp_size_in_bytes) for program in (hand, auto))
        table.add_row(name, f"{statistics.median(ratios):.2f}", flops, room)
    Console().print(table)


if __name__ == "__main__":
    main()
