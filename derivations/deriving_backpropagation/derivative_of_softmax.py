"""Lines 258 to 285: the derivative of the softmax function.

z and phi(z) have one axis here, since the text speaks of their elements alone; rows i and columns j count from zero.
Each statement is made for all i, or for all i and j at once.
"""

import jax.numpy as jnp

from derivations._words import matrix
from derivations.deriving_backpropagation._conventions import printed
from derivations.deriving_backpropagation.softmax_regression import phi
from gradproof import Real, claim, definition, derivative


@claim(
    "000.260",
    r"\phi'(z)_{ij} = \frac{\partial \phi(z)_i}{\partial z_j}",
    title="Jacobian of softmax",
    source=printed(260, 269),
    covers={"000.260a": "holds", "000.269a": "definition"},
    textbook=True,
)
def jacobian(z=Real("d")):
    d = len(z)

    def partial(i, j):
        return derivative(lambda z_j: phi(z.at[j].set(z_j))[i], z[j])

    yield derivative(phi, z)
    yield matrix(d, d, partial)


denominators = definition(
    "000.262",
    r"\phi'(z) = \begin{pmatrix} \frac{\partial \phi(z)_1}{z_1} & \dots & \frac{\partial \phi(z)_1}{z_d} \\"
    r" \vdots & \ddots & \vdots \\ \frac{\partial \phi(z)_d}{z_1} & \dots & \frac{\partial \phi(z)_d}{z_d}"
    r" \end{pmatrix}",
    code=derivative,
    title="denominators of the Jacobian",
    source=printed(262, 263, 264, 265, 266, 267),
    covers={"000.262a": "misprint"},
    correction=r"\frac{\partial \phi(z)_i}{\partial z_j}",
    severity="typography",
    reading="The denominators are printed without their partial signs. As corrected the matrix is proved in 000.260.",
)


@claim(
    "000.274",
    r"\frac{\partial \phi(z)_i}{\partial z_i}"
    r" = \frac{e^{z_i} \sum_k e^{z_k} - e^{z_i} e^{z_i}}{\sum_k e^{z_k} \sum_k e^{z_k}}"
    r" = \frac{e^{z_i}}{\sum_k e^{z_k}} \left(1 - \frac{e^{z_i}}{\sum_k e^{z_k}}\right)"
    r" = \phi(z)_i (1 - \phi(z)_i)",
    title="softmax by its own component",
    source=printed(271, 274, 275, 276),
    covers=["000.274a", "000.275a", "000.276a"],
    textbook=True,
)
def on_the_diagonal(z=Real("d")):
    e = jnp.exp(z)
    total = sum(e)
    components = range(len(z))
    yield jnp.array([derivative(phi, z)[i, i] for i in components])
    yield jnp.array([(e[i] * total - e[i] * e[i]) / (total * total) for i in components])
    yield jnp.array([e[i] / total * (1 - e[i] / total) for i in components])
    yield jnp.array([phi(z)[i] * (1 - phi(z)[i]) for i in components])


@claim(
    "000.282",
    r"\frac{\partial \phi(z)_i}{\partial z_j}"
    r" = \frac{0 \sum_k e^{z_k} - e^{z_i} e^{z_j}}{\sum_k e^{z_k} \sum_k e^{z_k}}"
    r" = -\frac{e^{z_i}}{\sum_k e^{z_k}} \frac{e^{z_j}}{\sum_k e^{z_k}}"
    r" = -\phi(z)_i \phi(z)_j \quad (i \neq j)",
    title="softmax by another component",
    source=printed(279, 282, 283, 284),
    covers=["000.282a", "000.283a", "000.284a"],
    textbook=True,
)
def off_the_diagonal(z=Real("d+1")):
    e = jnp.exp(z)
    total = sum(e)
    pairs = [(i, j) for i in range(len(z)) for j in range(len(z)) if i != j]
    yield jnp.array([derivative(phi, z)[i, j] for i, j in pairs])
    yield jnp.array([(0 * total - e[i] * e[j]) / (total * total) for i, j in pairs])
    yield jnp.array([-(e[i] / total) * (e[j] / total) for i, j in pairs])
    yield jnp.array([-phi(z)[i] * phi(z)[j] for i, j in pairs])
