"""Lines 186 to 198: the derivative of the loss by the output of the network of section 2."""

import jax.numpy as jnp

from derivations._words import by_entry, row, scalar
from derivations.watters_2024._conventions import by_row, printed, squared_error
from gradproof import Real, claim


@claim(
    "003.188",
    r"L = |\mathbf{y} - \mathbf{f}|^2 = \sum_{i=1}^{D_F} (y_i - f_i)^2",
    title="squared loss",
    source=printed(188),
    covers={"003.188a": "definition", "003.188b": "holds"},
    same_as=["003.35a", "003.39a"],
)
def squared_loss(f=Real("F 1"), y=Real("F 1")):
    yield scalar((y - f).T @ (y - f))
    yield squared_error(f, y)
    yield sum((y[i, 0] - f[i, 0]) ** 2 for i in range(len(f)))


@claim(
    "003.192",
    r"\frac{\partial L}{\partial f_i} = 2 (f_i - y_i)",
    title="loss by a component of the output",
    source=printed(192),
    covers=["003.192a"],
    same_as=["003.43a"],
)
def loss_by_a_component(f=Real("F 1"), y=Real("F 1")):
    yield jnp.stack([by_entry(lambda f: squared_error(f, y), f, i) for i in range(len(f))])
    yield jnp.stack([2 * (f[i, 0] - y[i, 0]) for i in range(len(f))])


@claim(
    "003.196",
    r"\frac{\partial L}{\partial \mathbf{f}} = 2 (\mathbf{f} - \mathbf{y})^T",
    title="loss by the output",
    source=printed(186, 196, 198),
    covers=["003.186a", "003.196a", "003.198a"],
    reading="The row of the components of equation (43), and the transposed column of equation (10).",
)
def loss_by_output(f=Real("F 1"), y=Real("F 1")):
    yield by_row(lambda f: squared_error(f, y), f)
    yield 2 * (f - y).T
    yield row(2 * (f_i - y_i) for f_i, y_i in zip(f, y, strict=True))
    yield (2 * (f - y)).T
