"""In tests the shapes in annotations are checked, inside the package as well, after the checks of arguments."""

import jax.numpy as jnp
import jaxtyping
import pytest

from manual_grads import losses

LOSS = losses.squared_error


def test_a_shape_that_an_annotation_does_not_allow_is_refused():
    assert LOSS.curvature(jnp.zeros(3), jnp.zeros(3)).shape == (3,)
    with pytest.raises(jaxtyping.TypeCheckError, match="labels"):
        LOSS.curvature(jnp.zeros(3), jnp.zeros(4))


def test_a_false_annotation_is_refused():
    class Wrong(losses.ElementwiseLoss):
        def evaluate(self, predictions, labels, cotangent):
            return jnp.sum(predictions), predictions[:1]

        def curvature(self, predictions, labels):
            return predictions[:1]

    with pytest.raises(jaxtyping.TypeCheckError, match="return value"):
        Wrong().gradient(jnp.zeros(3), jnp.zeros(3))


def test_a_user_is_told_what_is_wrong_in_our_words():
    with pytest.raises(ValueError, match="targets must have shape"):
        LOSS(jnp.zeros(3), jnp.zeros(4))
