"""Lines 412 to 424: gradient descent."""

import jax
import jax.numpy as jnp

from derivations._words import numbered
from derivations.deriving_backpropagation import logistic_regression as logistic
from derivations.deriving_backpropagation._conventions import printed
from derivations.deriving_backpropagation.backpropagation import backpropagation
from derivations.deriving_backpropagation.network import WEIGHTS, total
from gradproof import Function, Functional, Positive, Real, claim, definition, demonstration, derivative

FUNCTIONS = Function(), Function()
"""The activations of two layers, element by element."""

RATES = Positive(), Positive()
"""The step sizes of two steps."""


@demonstration(
    "000.414",
    r"|w^{(t+1)} - w^{(t)}| < \epsilon",
    title="steps until convergence",
    source=printed(414),
    covers=["000.414a"],
    reading="The distance is Euclidean. Logistic regression ends within 300 steps with a derivative that is small, and "
    "with a step size of 20, the control, it does not. That steps are short shows convergence only where the step size "
    "does not vanish itself.",
)
def steps_until_convergence(control: bool) -> bool:
    X, y = jnp.array([[1.0], [2.0], [-1.0], [0.5]]), jnp.array([1.0, 0.0, 0.0, 1.0])
    eta, epsilon = (20.0 if control else 0.2), 1e-4

    def by_w(w):
        return -sum((y_i - logistic.phi(w.T @ x_i)) * x_i for x_i, y_i in zip(X, y, strict=True))

    w = jnp.array([3.0])
    for _ in range(300):
        before, w = w, w - eta * by_w(w)
        if jnp.linalg.norm(w - before) < epsilon:
            return bool(jnp.linalg.norm(by_w(w)) < 10 * epsilon)
    return False


@claim(
    "000.422",
    r"w^{(t+1)} \gets w^{(t)} - \eta \frac{\partial \mathcal{L}(w^{(t)})}{\partial w^{(t)}}",
    title="gradient descent",
    source=printed(416, 422),
    covers={"000.416a": "definition", "000.422a": "holds"},
    same_as=["004.163a"],
    reading="Two steps of all w_l of a network of two layers, of sizes that differ: by the oracle, and by "
    "backpropagation as printed.",
    sizes={"n": 2, "m": 3},
    textbook=True,
)
def gradient_descent(w=WEIGHTS[:2], f=FUNCTIONS, loss=Functional(), X=Real("n m"), Y=Real("n 3"), rates=RATES):
    phi, start = numbered(f), numbered(w)

    def descended(gradient):
        w = start
        for eta in rates:
            w = jax.tree.map(lambda w_l, by_w_l, eta=eta: w_l - eta * by_w_l, w, gradient(w))
        return w

    yield descended(lambda w: derivative(lambda w: total(loss, X, Y, w, phi), w))
    yield descended(lambda w: backpropagation(X, Y, w, phi, loss))


step_size = definition(
    "000.424",
    r"\eta > 0",
    code=Positive,
    title="step size",
    source=printed(424),
    covers=["000.424a"],
    reading="That it usually decreases is not a statement about the update; in 000.422 it differs from step to step.",
)
