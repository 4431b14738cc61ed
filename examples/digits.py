"""A network that reads digits, trained with a gradient by hand and again with JAX's: `python examples/digits.py`.

The data are the 1,797 images of 8 x 8 pixels that come with scikit-learn. Both runs start at the same parameters and
see the same batches, so that they differ by the rounding of their gradients alone.
"""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from rich.console import Console
from rich.table import Table
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from manual_grads import activations, losses, training
from manual_grads.network import Network
from manual_grads.training import Run

EPOCHS, BATCH = 40, 16


def data() -> tuple[Any, ...]:
    """Images and labels to train with, and others to test with."""
    images, labels = load_digits(return_X_y=True)
    parts = train_test_split(images / 16, labels, test_size=360, random_state=0, stratify=labels)
    train_images, test_images, train_labels, test_labels = map(jnp.asarray, parts)
    return train_images, train_labels, test_images, test_labels


model = Network((activations.relu, activations.softmax), losses.categorical_cross_entropy_with_integer_labels)
by_hand = partial(model.value_and_gradient, reduction="mean")


@jax.value_and_grad
def by_jax(parameters: Any, images: Any, labels: Any) -> Any:
    (weights, bias), (last_weights, last_bias) = parameters
    logits = jax.nn.relu(images @ weights + bias) @ last_weights + last_bias
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1))


def train(objective: Any, images: Any, labels: Any) -> Run:
    parameters = model.initial(jax.random.key(0), [64, 128, 10], epsilon=0.1)
    return training.stochastic_gradient_descent(
        objective,
        parameters,
        (images, labels),
        key=jax.random.key(1),
        learning_rate=0.2,
        epochs=EPOCHS,
        batch_size=BATCH,
    )


def accuracy(parameters: Any, images: Any, labels: Any) -> float:
    """The share of images that are read rightly."""
    return jnp.mean(jnp.argmax(model.outputs(parameters, images), axis=1) == labels).item()


def main() -> tuple[Run, Run, float]:
    train_images, train_labels, *test = data()
    runs = [train(objective, train_images, train_labels) for objective in (by_hand, by_jax)]
    curves = [run.losses.reshape(EPOCHS, -1).mean(axis=1) for run in runs]
    table = Table("epoch", "mean loss, by hand", "by JAX", "difference")
    for epoch, (left, right) in enumerate(zip(*curves, strict=True), 1):
        if epoch in (1, 2, 3) or epoch % 5 == 0:
            table.add_row(str(epoch), f"{left:.6f}", f"{right:.6f}", f"{abs(left - right):.0e}")
    Console().print(table)
    right = accuracy(runs[0].parameters, *test)
    print(
        f"{right:.1%} of {len(test[0])} other images are read rightly; {accuracy(runs[1].parameters, *test):.1%} by JAX"
    )
    return *runs, right


if __name__ == "__main__":
    with jax.enable_x64(True):
        main()
