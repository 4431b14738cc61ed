"""What tests of ties share: a claim of plain functions on its kinks, and slopes with a value at theirs."""

import jax.numpy as jnp
from stated import stated

from gradproof import derivative
from gradproof.checks import Study
from gradproof.checks.kinks import check_kinks


def check(*sides, seed=0, **claim):
    return check_kinks(Study(stated(*sides, **claim), seed=seed))


def accepted(*sides, **claim):
    failure = check(*sides, **claim).failure
    return failure is None or failure.open


def slope_of(function):
    return lambda x: derivative(lambda x: jnp.sum(function(x)), x)


def relu_slope(at_zero):
    return lambda z: jnp.where(z > 0, 1.0, jnp.where(z == 0, at_zero, 0.0))


def step_at(threshold):
    return lambda x: jnp.where(x > threshold, 1.0, 0.0)


def above(number, threshold):
    return lambda x: jnp.where(number(x) > threshold, 1.0, 0.0)
