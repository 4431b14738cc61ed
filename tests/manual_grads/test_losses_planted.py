"""The claims about `manual_grads.losses` against mistakes that people make."""

import jax
import jax.numpy as jnp
import pytest

from derivations.library import losses as claims
from gradproof import verify
from manual_grads import losses


def ignoring_the_cotangent(loss):
    def evaluate(self, predictions, labels, cotangent):
        return loss.evaluate(predictions, labels, 1.0)

    return evaluate


def times(factor):
    """The right value, and a gradient with a factor."""

    def of(loss):
        def evaluate(self, predictions, labels, cotangent):
            value, slope = loss.evaluate(predictions, labels, cotangent)
            return value, factor * slope

        return evaluate

    return of


def without_the_label(loss):
    def evaluate(self, predictions, labels, cotangent):
        value, _ = loss.evaluate(predictions, labels, cotangent)
        return value, cotangent * jax.nn.softmax(predictions)

    return evaluate


def diagonal_only(loss):
    def curvature_product(self, predictions, labels, tangent):
        p = jax.nn.softmax(predictions)
        return p * (1 - p) * tangent

    return curvature_product


def of_the_logit(loss):
    """p (1 - p) with the logit in place of the probability."""

    def curvature(self, predictions, labels):
        return predictions * (1 - predictions)

    return curvature


def of_the_first_class(loss):
    def evaluate(self, predictions, labels, cotangent):
        return loss.evaluate(predictions, jnp.zeros_like(labels), cotangent)

    return evaluate


# Mistakes that people make: the loss, its method, what is in its place, and the claim it falls by.
PLANTED = [
    ("squared_error", "evaluate", ignoring_the_cotangent, claims.squared_error),
    ("squared_error", "evaluate", times(0.5), claims.squared_error),
    ("l2_loss", "evaluate", times(2.0), claims.reduced_l2_loss),
    ("sigmoid_binary_cross_entropy", "curvature", of_the_logit, claims.sigmoid_binary_cross_entropy),
    ("binary_cross_entropy", "evaluate", times(-1.0), claims.soft_labels),
    ("softmax_cross_entropy", "evaluate", without_the_label, claims.softmax_cross_entropy),
    ("softmax_cross_entropy", "evaluate", ignoring_the_cotangent, claims.softmax_cross_entropy),
    ("softmax_cross_entropy", "curvature_product", diagonal_only, claims.reduced_softmax_cross_entropy),
    (
        "softmax_cross_entropy_with_integer_labels",
        "evaluate",
        of_the_first_class,
        claims.softmax_cross_entropy_with_integer_labels,
    ),
    ("categorical_cross_entropy", "evaluate", ignoring_the_cotangent, claims.categorical_cross_entropy),
]


@pytest.mark.parametrize(("name", "method", "mistake", "claim"), PLANTED)
def test_a_planted_mistake_is_refused(monkeypatch, name, method, mistake, claim):
    right = getattr(losses, name)
    # A class of its own, so that nothing compiled for the right one is used.
    monkeypatch.setattr(losses, name, type("Wrong", (type(right),), {method: mistake(right)})())
    assert verify(claim, quick=True).verdict == "refuted"
