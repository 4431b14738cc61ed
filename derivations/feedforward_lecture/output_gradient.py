r"""Lines 353 to 481: the gradient by the outputs and by a_L, for cross-entropy and softmax.

Statements about a label l and an output i are tables, with a row for each l and a column for each i.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from derivations._words import by_entry, gradient, jacobian, kronecker, matrix
from derivations._words import unit as e
from derivations.feedforward_lecture._conventions import cross_entropy, printed, softmax
from gradproof import Function, Positive, Real, claim, definition, demonstration, derivative, misprint


def table(k: int, entry: Callable[[int, int], jax.Array | float]) -> jax.Array:
    """A number for each label and each output."""
    return matrix(k, k, entry)


def by_a(a_L: jax.Array) -> jax.Array:
    """The derivatives of the cross-entropy of each label by each element of a_L."""
    k = len(a_L)

    def losses(a: jax.Array) -> jax.Array:
        return jnp.stack([cross_entropy(e(label, k), softmax(a)) for label in range(k)])[:, None]

    return jacobian(losses, a_L)


@claim(
    "004.374",
    r"\frac{\partial}{\partial \hat{y}_i} \mathcal{L}(\theta) = \frac{\partial}{\partial \hat{y}_i}"
    r" (-\log \hat{y}_\ell) = \begin{cases} -\frac{1}{\hat{y}_\ell} & i = \ell \\ 0 & \text{otherwise} \end{cases}"
    r" = -\frac{\mathbb{1}_{(i = \ell)}}{\hat{y}_\ell}",
    title="derivative by an output",
    source=printed(369, 370, 374, 376, 378, 383),
    covers=["004.369a", "004.374a", "004.374b", "004.376a"],
    textbook=True,
)
def by_output(y_hat=Positive("k 1")):
    k = len(y_hat)
    yield table(k, lambda label, i: by_entry(lambda y_hat: cross_entropy(e(label, k), y_hat), y_hat, i))
    yield table(k, lambda label, i: by_entry(lambda y_hat: -jnp.log(y_hat[label, 0]), y_hat, i))
    yield table(k, lambda label, i: -1 / y_hat[label, 0] if i == label else 0.0)
    yield table(k, lambda label, i: -kronecker(i, label) / y_hat[label, 0])


@claim(
    "004.387",
    r"\nabla_{\hat{y}} \mathcal{L}(\theta) = \begin{bmatrix} \frac{\partial \mathcal{L}(\theta)}{\partial \hat{y}_1}"
    r" \\ \vdots \\ \frac{\partial \mathcal{L}(\theta)}{\partial \hat{y}_k} \end{bmatrix} = -\frac{1}{\hat{y}_\ell}"
    r" \begin{bmatrix} \mathbb{1}_{\ell = 1} \\ \vdots \\ \mathbb{1}_{\ell = k} \end{bmatrix}"
    r" = -\frac{1}{\hat{y}_\ell} e(\ell)",
    title="gradient by the outputs",
    source=printed(385, 387, 389),
    covers={"004.385a": "definition", "004.387a": "holds", "004.389a": "definition"},
    reading="For each label. The last side is that of 004.387b, corrected.",
    textbook=True,
)
def gradient_by_outputs(y_hat=Positive("k 1")):
    k = len(y_hat)
    losses = [lambda y_hat, label=label: cross_entropy(e(label, k), y_hat) for label in range(k)]
    yield [gradient(loss, y_hat) for loss in losses]
    yield [matrix(k, 1, lambda i, _, loss=loss: by_entry(loss, y_hat, i)) for loss in losses]
    yield [-1 / y_hat[label, 0] * matrix(k, 1, lambda i, _, label=label: kronecker(label, i)) for label in range(k)]
    yield [-1 / y_hat[label, 0] * e(label, k) for label in range(k)]


name_of_unit_vector = definition(
    "004.387b",
    r"\nabla_{\hat{y}} \mathcal{L}(\theta) = -\frac{1}{\hat{y}_\ell} e_\ell",
    code=e,
    title="name of the unit vector",
    source=printed(387, 389),
    covers={"004.387b": "misprint"},
    correction=r"\nabla_{\hat{y}} \mathcal{L}(\theta) = -\frac{1}{\hat{y}_\ell} e(\ell)",
    severity="typography",
    reading="The vector that line 389 explains, and lines 481 and 644 use, is called e(l). So read the line holds: "
    "004.387.",
)


@claim(
    "004.396",
    r"\frac{\partial \mathcal{L}(\theta)}{\partial a_{Li}} = \frac{\partial (-\log \hat{y}_\ell)}{\partial a_{Li}}"
    r" = \frac{\partial (-\log \hat{y}_\ell)}{\partial \hat{y}_\ell} \frac{\partial \hat{y}_\ell}{\partial a_{Li}}",
    title="derivative by the last pre-activation",
    source=printed(394, 396),
    covers=["004.394a", "004.396a"],
    textbook=True,
)
def by_last_pre_activation(a_L=Real("k 1")):
    k, y_hat = len(a_L), softmax(a_L)
    yield by_a(a_L)
    by_y, y_by_a = [derivative(lambda y: -jnp.log(y), y_l) for y_l in y_hat[:, 0]], jacobian(softmax, a_L)
    yield jacobian(lambda a: -jnp.log(softmax(a)), a_L)
    yield table(k, lambda label, i: by_y[label] * y_by_a[label, i])


@demonstration(
    "004.398",
    r"\frac{\partial \hat{y}_\ell}{\partial a_{Li}} \neq 0",
    title="each probability depends on each pre-activation",
    source=printed(398),
    covers=["004.398a"],
    reading="For two classes or more; with one class, which is the control, the probability is always 1. The "
    "derivatives are those of 004.433, which are not 0.",
)
def each_probability_depends_on_each(control: bool) -> bool:
    a_L = jnp.array([[0.3]]) if control else jnp.array([[0.3], [-1.0], [2.0], [0.5]])
    return bool(jnp.all(jnp.abs(jacobian(softmax, a_L)) > 1e-3))


probability_of_a_class = definition(
    "004.400",
    r"\hat{y}_\ell = \frac{\exp(a_{L\ell})}{\sum_i \exp(a_{Li})}",
    code=softmax,
    title="probability of a class",
    source=printed(400, 402),
    covers=["004.400a"],
    reading="i is bound by the sum, and not the i of line 396.",
    same_as=["004.240a"],
)


@claim(
    "004.406",
    r"\frac{\partial}{\partial a_{Li}} - \log \hat{y}_\ell = \frac{-1}{\hat{y}_\ell} \frac{\partial}{\partial a_{Li}}"
    r" \hat{y}_\ell = \frac{-1}{\hat{y}_\ell} \frac{\partial}{\partial a_{Li}} \text{softmax}(\mathbf{a}_L)_\ell",
    title="derivative of the logarithm",
    source=printed(406, 408, 411, 412, 417, 418, 429, 430, 439, 440, 450, 451, 462, 463),
    covers=["004.406a", "004.408a"],
    reading="The derivative on the left is that of - log y.",
    textbook=True,
)
def derivative_of_logarithm(a_L=Real("k 1")):
    k, y_hat, y_by_a = len(a_L), softmax(a_L), jacobian(softmax, a_L)
    yield by_a(a_L)
    yield table(k, lambda label, i: -1 / y_hat[label, 0] * y_by_a[label, i])


def quotient(a_L: jax.Array, denominator: jax.Array) -> jax.Array:
    """The table of the expressions of lines 422 and 432, with the denominator under their last fraction."""
    y_hat, exp = softmax(a_L)[:, 0], jnp.exp(a_L[:, 0])
    by_exp = jacobian(jnp.exp, a_L)
    by_total = jacobian(lambda a: jnp.sum(jnp.exp(a)), a_L)

    def entry(label: int, i: int) -> jax.Array:
        difference = by_exp[label, i] / jnp.sum(exp) - exp[label] * by_total[0, i] / denominator
        return -1 / y_hat[label] * difference

    return table(len(a_L), entry)


@claim(
    "004.413",
    r"\frac{\partial}{\partial a_{Li}} - \log \hat{y}_\ell = \frac{-1}{\hat{y}_\ell} \frac{\partial}{\partial a_{Li}}"
    r" \frac{\exp(\mathbf{a}_L)_\ell}{\sum_{i'} \exp(\mathbf{a}_L)_\ell}",
    title="index in the denominator",
    source=printed(413, 419, 431, 441, 452, 464),
    covers={"004.413a": "misprint"},
    correction=r"\frac{-1}{\hat{y}_\ell} \frac{\partial}{\partial a_{Li}}"
    r" \frac{\exp(\mathbf{a}_L)_\ell}{\sum_{i'} \exp(\mathbf{a}_L)_{i'}}",
    severity="index",
    reading="A sum over i' of what has no i' is k times it, and the fraction the constant 1 / k.",
    textbook=True,
)
def index_in_denominator(a_L=Real("k 1")):
    k, y_hat = len(a_L), softmax(a_L)

    def side(denominator):
        def fractions(a):
            return jnp.stack([jnp.exp(a[label, 0]) / denominator(a, label) for label in range(k)])[:, None]

        by_fractions = jacobian(fractions, a_L)
        return table(k, lambda label, i: -1 / y_hat[label, 0] * by_fractions[label, i])

    yield by_a(a_L)
    yield misprint(
        printed=side(lambda a, label: sum(jnp.exp(a[label, 0]) for _ in range(k))),
        correct=side(lambda a, label: sum(jnp.exp(a[other, 0]) for other in range(k))),
    )


@claim(
    "004.422",
    r"\frac{-1}{\hat{y}_\ell} \left( \frac{\frac{\partial}{\partial a_{Li}} \exp(\mathbf{a}_L)_\ell}"
    r"{\sum_{i'} \exp(\mathbf{a}_L)_{i'}} - \frac{\exp(\mathbf{a}_L)_\ell \left( \frac{\partial}{\partial a_{Li}}"
    r" \sum_{i'} \exp(\mathbf{a}_L)_{i'} \right)}{\left( \sum_{i'} \exp(\mathbf{a}_L)_{i'} \right)^2} \right)",
    title="derivative of the quotient",
    source=printed(422, 442),
    covers=["004.422a"],
    textbook=True,
)
def derivative_of_quotient(a_L=Real("k 1")):
    yield by_a(a_L)
    yield quotient(a_L, jnp.sum(jnp.exp(a_L)) ** 2)


@claim(
    "004.424",
    r"\frac{\partial \frac{g(x)}{h(x)}}{\partial x} = \frac{\partial g(x)}{\partial x} \frac{1}{h(x)}"
    r" - \frac{g(x)}{h(x)^2} \frac{\partial h(x)}{\partial x}",
    title="quotient rule",
    source=printed(424, 436, 447, 459, 473),
    covers=["004.424a"],
    hypotheses=["h(x) is not 0"],
    textbook=True,
)
def quotient_rule(g=Function(), h=Function(), x=Real()):
    yield derivative(lambda x: g(x) / h(x), x)
    yield derivative(g, x) * (1 / h(x)) - g(x) / h(x) ** 2 * derivative(h, x)


@claim(
    "004.432",
    r"\frac{-1}{\hat{y}_\ell} \left( \frac{\frac{\partial}{\partial a_{Li}} \exp(\mathbf{a}_L)_\ell}"
    r"{\sum_{i'} \exp(\mathbf{a}_L)_{i'}} - \frac{\exp(\mathbf{a}_L)_\ell \left( \frac{\partial}{\partial a_{Li}}"
    r" \sum_{i'} \exp(\mathbf{a}_L)_{i'} \right)}{(\sum_{i'} (\exp(\mathbf{a}_L)_{i'})^2)} \right)",
    title="sum of squares for the square of the sum",
    source=printed(432, 453, 465),
    covers={"004.432a": "misprint"},
    correction=r"\frac{-1}{\hat{y}_\ell} \left( \frac{\frac{\partial}{\partial a_{Li}} \exp(\mathbf{a}_L)_\ell}"
    r"{\sum_{i'} \exp(\mathbf{a}_L)_{i'}} - \frac{\exp(\mathbf{a}_L)_\ell \left( \frac{\partial}{\partial a_{Li}}"
    r" \sum_{i'} \exp(\mathbf{a}_L)_{i'} \right)}{(\sum_{i'} \exp(\mathbf{a}_L)_{i'})^2} \right)",
    severity="mathematics",
    reading="The square stands inside the sum. Lines 422 and 442 have it outside.",
    textbook=True,
)
def sum_of_squares(a_L=Real("k 1")):
    exp = jnp.exp(a_L)
    yield by_a(a_L)
    yield misprint(printed=quotient(a_L, jnp.sum(exp**2)), correct=quotient(a_L, jnp.sum(exp) ** 2))


@claim(
    "004.433",
    r"\frac{\partial \mathcal{L}(\theta)}{\partial a_{L,i}} = \frac{-1}{\hat{y}_\ell} \left("
    r" \frac{\mathbb{1}_{(\ell=i)} \exp(\mathbf{a}_L)_\ell}{\sum_{i'} \exp(\mathbf{a}_L)_{i'}}"
    r" - \frac{\exp(\mathbf{a}_L)_\ell}{\sum_{i'} \exp(\mathbf{a}_L)_{i'}}"
    r" \frac{\exp(\mathbf{a}_L)_i}{\sum_{i'} \exp(\mathbf{a}_L)_{i'}} \right)"
    r" = \frac{-1}{\hat{y}_\ell} \left( \mathbb{1}_{(\ell=i)} \text{softmax}(\mathbf{a}_L)_\ell"
    r" - \text{softmax}(\mathbf{a}_L)_\ell \text{softmax}(\mathbf{a}_L)_i \right)"
    r" = \frac{-1}{\hat{y}_\ell} (\mathbb{1}_{(\ell=i)} \hat{y}_\ell - \hat{y}_\ell \hat{y}_i)"
    r" = -(\mathbb{1}_{(\ell=i)} - \hat{y}_i)",
    title="derivative by an element of the last pre-activation",
    source=printed(433, 443, 444, 454, 455, 456, 466, 467, 468, 469, 475, 477),
    covers=["004.433a", "004.444a", "004.456a", "004.469a", "004.475a"],
    reading="The lines 444 and 456 are one expression by two names.",
    textbook=True,
)
def by_element(a_L=Real("k 1")):
    k, y_hat, exp = len(a_L), softmax(a_L)[:, 0], jnp.exp(a_L[:, 0])
    total = jnp.sum(exp)
    yield by_a(a_L)
    yield table(
        k,
        lambda label, i: (
            -1 / y_hat[label] * (kronecker(label, i) * exp[label] / total - exp[label] / total * (exp[i] / total))
        ),
    )
    yield table(k, lambda label, i: -1 / y_hat[label] * (kronecker(label, i) * y_hat[label] - y_hat[label] * y_hat[i]))
    yield table(k, lambda label, i: -(kronecker(label, i) - y_hat[i]))


@claim(
    "004.481",
    r"\nabla_{\mathbf{a}_L} \mathcal{L}(\theta) = \begin{bmatrix}"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial a_{L1}} \\ \vdots \\"
    r" \frac{\partial \mathcal{L}(\theta)}{\partial a_{Lk}} \end{bmatrix} = \begin{bmatrix}"
    r" -(\mathbb{1}_{\ell=1} - \hat{y}_1) \\ \vdots \\ -(\mathbb{1}_{\ell=k} - \hat{y}_k) \end{bmatrix}"
    r" = -(\mathbf{e}(\ell) - \hat{\mathbf{y}})",
    title="gradient by the last pre-activation",
    source=printed(479, 481),
    covers={"004.479a": "definition", "004.481a": "holds", "004.481b": "holds"},
    reading="For each label.",
    same_as=["000.348a"],
    textbook=True,
)
def gradient_by_last_pre_activation(a_L=Real("k 1")):
    k, y_hat, by_each = len(a_L), softmax(a_L), by_a(a_L)
    losses = [lambda a, label=label: cross_entropy(e(label, k), softmax(a)) for label in range(k)]
    yield [gradient(loss, a_L) for loss in losses]
    yield [by_each[label][:, None] for label in range(k)]
    yield [matrix(k, 1, lambda i, _, label=label: -(kronecker(label, i) - y_hat[i, 0])) for label in range(k)]
    yield [-(e(label, k) - y_hat) for label in range(k)]
