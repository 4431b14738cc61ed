"""What `manual_grads.losses` refuses."""

import re

import jax
import numpy as np
import pytest
from ml_dtypes import bfloat16

from manual_grads import losses

DTYPES = ["float32", "float64"] if jax.config.jax_enable_x64 else ["float32"]


FLOAT = DTYPES[-1]


Z = np.zeros((5, 3), FLOAT)


ROWS = np.eye(3, dtype=FLOAT)[[0, 1, 2, 2, 0]]


CLASSES = np.array([0, 1, 2, 2, 0])


P = np.full((5, 3), 0.5, FLOAT)


@pytest.mark.parametrize(
    ("name", "predictions", "labels", "error", "message"),
    [
        ("squared_error", [1.0], Z, TypeError, "predictions must be an array, got list"),
        ("squared_error", Z.astype(int), Z, TypeError, "predictions must be floating-point numbers, got dtype int64"),
        ("squared_error", Z, Z.tolist(), TypeError, "targets must be an array, got list"),
        ("squared_error", Z, Z[0], ValueError, "targets must have shape (5, 3) as predictions, got shape (3,)"),
        ("l2_loss", Z[:0], Z[:0], ValueError, "predictions must not be empty, got shape (0, 3)"),
        ("sigmoid_binary_cross_entropy", Z, ROWS + 1, ValueError, "labels must lie between 0 and 1, got values from 1"),
        (
            "sigmoid_binary_cross_entropy",
            Z,
            np.where(ROWS > 0, np.nan, 0).astype(bfloat16),
            ValueError,
            "labels must be finite, got nan at index (0, 0)",
        ),
        (
            "sigmoid_binary_cross_entropy",
            Z,
            ROWS * np.nan,
            ValueError,
            "labels must be finite, got nan at index (0, 0)",
        ),
        ("sigmoid_binary_cross_entropy", Z, CLASSES, ValueError, "labels must have shape (5, 3) as logits, got shape"),
        (
            "binary_cross_entropy",
            P + 1,
            ROWS,
            ValueError,
            "probabilities must lie between 0 and 1, got values from 1.5",
        ),
        ("binary_cross_entropy", P, -ROWS, ValueError, "labels must lie between 0 and 1, got values from -1.0 to"),
        ("softmax_cross_entropy", Z, ROWS / 2, ValueError, "each row of labels must sum to 1, got 0.5 in row 0"),
        ("softmax_cross_entropy", Z, CLASSES, ValueError, "labels must have shape (5, 3) as logits, got shape (5,)"),
        ("softmax_cross_entropy", Z, ROWS * 1j, TypeError, "labels must be floating-point numbers, integers or bool"),
        ("softmax_cross_entropy", 1.0, 1.0, ValueError, "logits must have at least 1 axis that is not empty, got"),
        (
            "softmax_cross_entropy_with_integer_labels",
            Z,
            CLASSES + 1,
            ValueError,
            "labels must lie between 0 and 2, got values from 1 to 3",
        ),
        (
            "softmax_cross_entropy_with_integer_labels",
            Z,
            ROWS[:, 0],
            TypeError,
            "labels must be integers, got dtype float64",
        ),
        (
            "softmax_cross_entropy_with_integer_labels",
            Z,
            CLASSES[:4],
            ValueError,
            "labels must have shape (5,), that of logits without classes, got shape (4,)",
        ),
        ("categorical_cross_entropy", P - 1, ROWS, ValueError, "probabilities must lie between 0 and 1, got values"),
        ("categorical_cross_entropy", P, ROWS + ROWS, ValueError, "labels must lie between 0 and 1, got values from 0"),
        (
            "categorical_cross_entropy_with_integer_labels",
            P,
            CLASSES - 1,
            ValueError,
            "labels must lie between 0 and 2, got values from -1 to 1",
        ),
        (
            "categorical_cross_entropy_with_integer_labels",
            2 * P * np.nan,
            CLASSES,
            ValueError,
            "probabilities must be finite, got nan at index (0, 0)",
        ),
    ],
)
def test_bad_input_is_refused_in_one_sentence(name, predictions, labels, error, message):
    loss = getattr(losses, name)
    for method in (loss, loss.gradient, loss.value_and_gradient, loss.second_derivative):
        with pytest.raises(error, match=re.escape(message)) as refusal:
            method(predictions, labels)
        assert "\n" not in str(refusal.value)


def test_bad_vectors_and_reductions_are_refused():
    loss = losses.softmax_cross_entropy
    for cotangent, reduction, expected in (
        (Z, "none", "(5,), got shape (5, 3)"),
        (Z[:, 0], "sum", "(), got shape (5,)"),
        (1.0, "none", "(5,), got shape ()"),
    ):
        with pytest.raises(ValueError, match=re.escape(f"cotangent must have the shape of the value, {expected}")):
            loss.gradient(Z, ROWS, cotangent, reduction=reduction)
    with pytest.raises(TypeError, match="cotangent must be floating-point numbers, got dtype int"):
        loss.second_derivative(Z, ROWS, CLASSES)
    with pytest.raises(ValueError, match=re.escape("tangent must have shape (5, 3) as logits, got shape (5,)")):
        loss.hessian_vector_product(Z, ROWS, Z[:, 0])
    with pytest.raises(TypeError, match="tangent must be floating-point numbers, got dtype bool"):
        loss.hessian_vector_product(Z, ROWS, Z > 0)
    for method in (loss, loss.gradient, loss.value_and_gradient, loss.second_derivative):
        with pytest.raises(ValueError, match='reduction must be "none", "sum" or "mean", got \'average\''):
            method(Z, ROWS, reduction="average")
    with pytest.raises(ValueError, match=re.escape("alpha must lie between 0 and 1, got values from 1.5 to 1.5")):
        losses.smooth_labels(ROWS, 1.5)
    with pytest.raises(ValueError, match="labels must have at least 1 axis that is not empty"):
        losses.smooth_labels(1.0, 0.5)


def test_shapes_are_checked_in_a_traced_program_and_values_are_not():
    loss = losses.softmax_cross_entropy
    with pytest.raises(ValueError, match="labels must have shape"):
        jax.jit(loss.gradient)(Z, ROWS[:4])
    assert jax.jit(loss.gradient)(Z, ROWS / 2).shape == Z.shape
