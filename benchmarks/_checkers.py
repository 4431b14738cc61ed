"""Gradient checkers, each asked the same: is the gradient of a case that of its loss?

Each has its documented defaults. The three that are other people's are shown a function whose derivative is the
gradient in question: by `jax.custom_vjp`, or by a `torch.autograd.Function`.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Literal

import chex
import jax
import numpy as np
from _cases import Case
from jax.test_util import check_grads

Answer = Literal["accepted", "refused", "none"]
"""None where the checker does not apply, or does not decide."""

Checker = Callable[[Case], Answer]

STEP = 1e-20
"""Of the complex step: its square is nothing beside any number, so that no digit is lost."""

ROUNDING = 1e-10
"""Far above the rounding of the losses, of the complex step."""

DIRECTIONS = 3

TAYLOR_STEPS = 0.01 * 2.0 ** -np.arange(4)
TAYLOR_RATE = 1.9
"""Both as in pyadjoint: the steps are its default, the rate what its documentation asks for."""


def by_custom_vjp(case: Case) -> Callable[..., Any]:
    """The loss with the gradient of the case as its derivative."""

    def forward(*point: Any) -> tuple[Any, tuple[Any, ...]]:
        return case.value(*point), point

    def backward(point: tuple[Any, ...], cotangent: Any) -> tuple[Any, ...]:
        return tuple(cotangent * slope for slope in case.slopes(*point))

    function = jax.custom_vjp(case.value)
    function.defvjp(forward, backward)
    return function


def raises(check: Callable[..., None], *arguments: Any, **settings: Any) -> Answer:
    try:
        check(*arguments, **settings)
    except AssertionError:
        return "refused"
    return "accepted"


def by_jax(case: Case) -> Answer:
    return raises(check_grads, by_custom_vjp(case), case.point, order=1, modes=("rev",))


def by_chex(case: Case) -> Answer:
    return raises(chex.assert_numerical_grads, by_custom_vjp(case), case.point, order=1, modes=("rev",))


def by_torch(case: Case) -> Answer:
    import torch

    def arrays(tensors: Any) -> list[np.ndarray]:
        return [tensor.detach().numpy() for tensor in tensors]

    class Loss(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, *tensors: Any) -> Any:
            context.save_for_backward(*tensors)
            return torch.tensor(case.value(*arrays(tensors)).item(), dtype=torch.float64)

        @staticmethod
        def backward(context: Any, cotangent: Any) -> Any:
            slopes = case.slopes(*arrays(context.saved_tensors))
            return tuple(cotangent * torch.tensor(np.asarray(slope)) for slope in slopes)

    point = [torch.tensor(np.asarray(leaf), requires_grad=True) for leaf in case.point]
    return "accepted" if torch.autograd.gradcheck(Loss.apply, point, raise_exception=False) else "refused"


def directions(case: Case, count: int) -> list[list[np.ndarray]]:
    generator = np.random.default_rng(0)
    return [[generator.normal(size=leaf.shape) for leaf in case.point] for _ in range(count)]


def moved(case: Case, step: complex, direction: list[np.ndarray]) -> list[Any]:
    return [leaf + step * part for leaf, part in zip(case.point, direction, strict=True)]


def along(direction: list[np.ndarray], slopes: list[Any]) -> float:
    return sum(float(np.sum(part * np.asarray(slope))) for part, slope in zip(direction, slopes, strict=True))


def by_complex_step(case: Case) -> Answer:
    slopes = case.slopes(*case.point)
    for direction in directions(case, DIRECTIONS):
        try:
            expected = case.value(*moved(case, STEP * 1j, direction)).imag.item() / STEP
        except TypeError:  # an operation has no complex form in JAX
            return "none"
        if not abs(expected - along(direction, slopes)) <= ROUNDING * max(1, abs(expected)):
            return "refused"
    return "accepted"


def by_taylor(case: Case) -> Answer:
    (direction,) = directions(case, 1)
    value, slope = case.value(*case.point).item(), along(direction, case.slopes(*case.point))
    residuals = [abs(case.value(*moved(case, step, direction)).item() - value - step * slope) for step in TAYLOR_STEPS]
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = -np.diff(np.log2(residuals))
    return "accepted" if rates.min() > TAYLOR_RATE else "refused"


TORCH = "torch gradcheck"

CHECKERS: dict[str, Checker] = {
    "jax check_grads": by_jax,
    TORCH: by_torch,
    "chex": by_chex,
    "complex step": by_complex_step,
    "Taylor test": by_taylor,
}
"""The others; ours gives a verdict, which says more than an answer."""


def missing() -> dict[str, str]:
    """The checkers that are not installed, and what installs them."""
    if find_spec("torch") is None:
        return {TORCH: "not installed; pip install 'gradproof[torch]'"}
    return {}
