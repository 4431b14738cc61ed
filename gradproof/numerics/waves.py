"""The sums of sines that unknown functions stand for, in an arithmetic with balls; see `programs/unknown.py`."""

import math
from typing import Any

import numpy as np
from flint import arb

from gradproof.numerics.balls import Balls, constants
from gradproof.programs import unknown


def sines(arithmetic: Any, a: Balls, name: str, order: int, event: bool) -> Any:
    """A derivative of the function of this name, as the machine adds it up. Its terms are the last axis."""
    count = a.shape[-1] if event else 0
    amplitudes, frequencies, phases = unknown.waves(name, count)
    batch = a.shape[:-1] if event else a.shape
    shape = (*batch, len(phases), *a.shape[len(batch) :])
    places = np.arange(math.prod(a.shape)).reshape(*batch, 1, *a.shape[len(batch) :])

    def times(x: Balls, index: np.ndarray, factor: np.ndarray, shape: tuple[int, ...]) -> Any:
        elements = arithmetic.take([x], np.broadcast_to(index, shape))
        return arithmetic.multiply(elements, arithmetic.constant(np.broadcast_to(factor, shape)))

    angle = times(a, places, frequencies, shape)
    angle = arithmetic.sum(angle) if event else angle
    wave = arithmetic.sin(arithmetic.add(angle, _phases(arithmetic, phases, order, angle.shape)))
    wave = arithmetic.multiply(wave, arithmetic.constant(np.broadcast_to(amplitudes, wave.shape)))
    if not event:
        powers = np.array([float(frequency) ** order for frequency in frequencies])
        return arithmetic.sum(arithmetic.multiply(wave, arithmetic.constant(np.broadcast_to(powers, wave.shape))))
    for _ in range(order):
        shape = (*wave.shape, count)
        index = np.arange(math.prod(wave.shape)).reshape(*wave.shape, 1)
        factor = frequencies.reshape(len(phases), *(1,) * (len(shape) - len(batch) - 2), count)
        wave = times(wave, index, factor, shape)
    index = np.moveaxis(np.arange(math.prod(wave.shape)).reshape(wave.shape), len(batch), -1)
    return arithmetic.sum(arithmetic.take([wave], index))


def _phases(arithmetic: Any, phases: np.ndarray, order: int, shape: tuple[int, ...]) -> Any:
    value = constants(phases)
    bound = np.full(value.shape, -np.inf)
    if order:
        value = value + order * arb.pi() / 2
        bound = arithmetic.stored(value)
    identity = arithmetic.fresh(value.shape)
    return arithmetic.everywhere(*(np.broadcast_to(part, shape) for part in (value, bound, identity)))
