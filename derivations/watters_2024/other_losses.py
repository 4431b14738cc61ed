"""Line 362: what changes with the loss."""

from derivations._words import hadamard, jacobian, slopes, vector_function
from derivations.watters_2024._conventions import by_row, printed, squared_error
from derivations.watters_2024._networks import by_h, by_output, loss
from derivations.watters_2024.architecture import LAST_WEIGHTS, WEIGHTS, forward
from gradproof import Function, Functional, Real, claim, definition, derivative, misprint

squared_loss = definition(
    "003.362",
    r"L = |\mathbf{y} - \mathbf{f}|^2",
    code=squared_error,
    title="the loss of all derivations",
    source=printed(362),
    covers=["003.362a"],
    reading="Both sections begin with it, in equations (7) and (42). Section 2 uses it in (43), (44), (50) and (56).",
    same_as=["003.35a", "003.188a"],
)


@claim(
    "003.362c",
    r"\frac{\partial L}{\partial W^F} = \left(\frac{\partial L}{\partial \mathbf{f}}\right)^T (\mathbf{h}^N)^T, \quad"
    r" \frac{\partial L}{\partial \mathbf{h}^N} = \frac{\partial L}{\partial \mathbf{f}} W^F",
    title="the last layer for any loss",
    source=printed(362),
    covers={"003.362c": "ambiguous"},
    reading="Of section 2: equations (44), (50) and (56), all of the last layer, change with the loss, and the latter "
    "two are (49) and (55) with another derivative by f. Of section 1, (28) and (40) would change, too, and they are "
    "of the first layer: 003.362f. N = 1.",
    textbook=True,
)
def last_layer_for_any_loss(
    V=WEIGHTS[0], W_F=LAST_WEIGHTS[1], sigma=Function(), L=Functional(), h0=Real("m 1"), y=Real("2 1")
):
    network = {1: V}, W_F, {1: sigma}, L
    _, h, f = forward(h0, *network[:3])
    by_f = by_output(L, y)(f)
    yield derivative(lambda W_F: loss(h0, y, {1: V}, W_F, {1: sigma}, L), W_F), by_h(1, h0, y, network)
    yield by_f.T @ h[1].T, by_f @ W_F


@claim(
    "003.362f",
    r"\frac{\partial L}{\partial V} = 2 \left(W^T (\mathbf{f} - \mathbf{y}) \odot \sigma'(\mathbf{g})\right)"
    r" \mathbf{x}^T",
    title="the first layer of section 1 for any loss",
    source=printed(362, 163),
    correction=r"\left(\left(W^T \frac{\partial L}{\partial \mathbf{f}}\right) \odot \sigma'(\mathbf{g})\right)"
    r" \mathbf{x}^T",
    severity="wording",
    reading="The other reading of 003.362c: equation (40), which is not of the last layer, for another loss than the "
    "squared one.",
    sizes={"m": 2},
    textbook=True,
)
def first_layer_of_section_1(
    V=WEIGHTS[0], W=LAST_WEIGHTS[1], sigma=Function(), L=Functional(), x=Real("m 1"), y=Real("2 1")
):
    g = V @ x
    f = W @ sigma(g)
    by_f = by_output(L, y)(f).T
    yield derivative(lambda V: L(W @ sigma(V @ x), y), V)
    yield misprint(
        printed=2 * hadamard(W.T @ (f - y), slopes(sigma, g)) @ x.T,
        correct=hadamard(W.T @ by_f, slopes(sigma, g)) @ x.T,
    )


@claim(
    "003.362d",
    r"\frac{\partial L}{\partial \mathbf{f}} = \frac{\partial L}{\partial \mathbf{p}}"
    r" \frac{\partial \mathbf{p}}{\partial \mathbf{f}}",
    title="a transformation before the loss",
    source=printed(362),
    covers=["003.362d"],
    reading="With any function p of the outputs between f and the loss, such as softmax, the derivative by f gets a "
    "factor, and everything before it is as it was.",
    textbook=True,
)
def transformation_before_the_loss(
    components=(Functional(), Functional()), L=Functional(), W_F=Real("2 N"), h=Real("N 1"), y=Real("2 1")
):
    p, f = vector_function(components), W_F @ h
    by_f = by_row(lambda p: L(p, y), p(f)) @ jacobian(p, f)
    yield (
        by_row(lambda f: L(p(f), y), f),
        derivative(lambda W_F: L(p(W_F @ h), y), W_F),
        by_row(lambda h: L(p(W_F @ h), y), h),
    )
    yield by_f, by_f.T @ h.T, by_f @ W_F
