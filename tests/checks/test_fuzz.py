"""Random differentiable programs: no true derivative is refused, and none of a perturbed program is accepted.

A program is a tree: a leaf is the name of a symbol, a node an operation, then numbers or trees. It runs in JAX, and in
mpmath, which decides whether a perturbed program has another derivative at all.
"""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from stated import stated

from gradproof import Real, derivative
from gradproof.checks import Study
from gradproof.checks.exact import ExactCheck

SIZES = {"n": 2, "m": 3}
SYMBOLS = {"t": Real(), "x": Real("n"), "r": Real("n"), "v": Real("m"), "A": Real("n m"), "B": Real("n m")}
LEAVES = {"": "t", "n": "xr", "m": "v", "nm": "AB"}
CONSTANTS = (0.5, -1.5, 2.0, 0.1, 3.0, -0.25)
POINTS = 4
EXAMPLES = 60
MOST_UNDECIDED = 5
MAY_BE_UNDECIDED = (
    "no draw was found in which every root and power exists",
    "the degrees are too large",
    "a logarithm is taken above too many exponentials",
    "the degrees need primes so large",
    "the sides differ for an outcome",
)

mpmath.mp.dps = 60


def each(function):
    """A function of one mpmath number, of arrays of them."""
    return np.vectorize(function, otypes=[object])


def exponentials(a):
    return each(mpmath.exp)(a - np.max(a, axis=-1, keepdims=True))


BOTH = {
    "scale": lambda c, a: c * a,
    "shift": lambda c, a: c + a,
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "ratio": lambda a, b: a / (1 + b * b),
    "square": lambda a: a * a,
    "matmul": lambda a, b: a @ b,
    "transposed matmul": lambda a, b: a.T @ b,
    "outer": lambda a, b: a[:, None] * b[None, :],
    "sum": lambda a: a.sum(),
    "mean": lambda a: a.mean(),
    "sum of rows": lambda a: a.sum(axis=-1),
    "largest of rows": lambda a: a.max(axis=-1),
}
JAX = BOTH | {
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "bell": lambda a: jnp.exp(-a * a),
    "log": lambda a: jnp.log1p(a * a),
    "root": lambda a: jnp.sqrt(1 + a * a),
    "sin": jnp.sin,
    "relu": jax.nn.relu,
    "abs": jnp.abs,
    "max": jnp.maximum,
    "where": lambda a, b: jnp.where(a > b, a * b, a - b),
    "softmax": jax.nn.softmax,
    "logsumexp": lambda a: jax.nn.logsumexp(a, axis=-1),
}
MPMATH = BOTH | {
    "tanh": each(mpmath.tanh),
    "sigmoid": each(lambda a: 1 / (1 + mpmath.exp(-a))),
    "softplus": each(lambda a: mpmath.log1p(mpmath.exp(a))),
    "bell": each(lambda a: mpmath.exp(-a * a)),
    "log": each(lambda a: mpmath.log1p(a * a)),
    "root": each(lambda a: mpmath.sqrt(1 + a * a)),
    "sin": each(mpmath.sin),
    "relu": each(lambda a: max(a, mpmath.mpf(0))),
    "abs": each(abs),
    "max": each(max),
    "where": each(lambda a, b: a * b if a > b else a - b),
    "softmax": lambda a: exponentials(a) / exponentials(a).sum(axis=-1, keepdims=True),
    "logsumexp": lambda a: each(mpmath.log)(exponentials(a).sum(axis=-1)) + a.max(axis=-1),
}

# The shapes of the arguments, for values of any shape and for those of one.
EVERYWHERE = dict.fromkeys(("square", "relu", "abs"), 1)
EVERYWHERE |= dict.fromkeys(("add", "sub", "mul", "ratio", "max", "where"), 2)
ALGEBRAIC = {
    "": [("matmul", "n", "n"), ("matmul", "m", "m"), ("sum", "nm"), ("mean", "n")],
    "n": [("matmul", "nm", "m"), ("sum of rows", "nm"), ("largest of rows", "nm")],
    "m": [("transposed matmul", "nm", "n")],
    "nm": [("outer", "n", "m")],
}
INNERMOST = ("bell", "sin", "root")
SMOOTH = ("tanh", "sigmoid", "softplus", "bell", "sin")
TRANSCENDENTAL = {
    "": [("logsumexp", "n"), ("logsumexp", "m"), ("root", ""), ("log", "")],
    "n": [("logsumexp", "nm"), ("softmax", "n")],
    "m": [("softmax", "m")],
    "nm": [("softmax", "nm")],
}


@st.composite
def trees(draw, shape="", depth=4, nested=2):
    """A program whose value has this shape, with transcendental functions in one another at most to a depth."""
    if depth == 0 or (depth < 4 and draw(st.booleans())):
        leaf = draw(st.sampled_from(LEAVES[shape]))
        return draw(st.sampled_from([leaf, ("scale", draw(st.sampled_from(CONSTANTS)), leaf)]))
    kinds = [st.sampled_from(ALGEBRAIC[shape] + [(name, *[shape] * count) for name, count in EVERYWHERE.items()])]
    if nested:
        kinds.append(
            st.sampled_from(TRANSCENDENTAL[shape] + [(name, shape) for name in SMOOTH]).map(("below",).__add__)
        )
    name, *shapes = draw(st.one_of(kinds))
    if name == "below":
        name, *shapes = shapes
        nested = 0 if name in INNERMOST else nested - 1
    node = (name, *(draw(trees(inner, depth - 1, nested)) for inner in shapes))
    if draw(st.booleans()):
        return node
    return (draw(st.sampled_from(["scale", "shift"])), draw(st.sampled_from(CONSTANTS)), node)


def run(tree, values, operations, number=float):
    if isinstance(tree, str):
        return values[tree]
    if isinstance(tree, float):
        return number(tree)
    name, *arguments = tree
    return operations[name](*(run(argument, values, operations, number) for argument in arguments))


def leaves(tree):
    if isinstance(tree, str):
        return {tree}
    return set().union(*map(leaves, tree[1:])) if isinstance(tree, tuple) else set()


def perturbed(tree):
    """All programs with one constant changed a little, one sign flipped, or one term or factor dropped."""
    if not isinstance(tree, tuple):
        return
    name, *arguments = tree
    if isinstance(arguments[0], float):
        for factor in (1 + 1e-6, 1 + 1e-12, -1.0):
            yield (name, arguments[0] * factor, arguments[1])
        yield arguments[1]
    if name in ("add", "sub"):
        yield ("sub" if name == "add" else "add", *arguments)
    if name in ("add", "sub", "mul"):
        yield arguments[0]
    for place, argument in enumerate(arguments, 1):
        for changed in perturbed(argument):
            yield (*tree[:place], changed, *tree[place + 1 :])


def equal(program, candidate, by):
    """The report on the claim that the derivative of the program is the gradient of the candidate."""

    def loss(tree, values):
        return lambda x: run(tree, {**values, by: x}, JAX)

    def named(*values):
        return dict(zip(SYMBOLS, values, strict=True))

    claim = stated(
        lambda *values: derivative(loss(program, named(*values)), named(*values)[by]),
        lambda *values: jax.grad(loss(candidate, named(*values)))(named(*values)[by]),
        **SYMBOLS,
        sizes=SIZES,
    )
    return ExactCheck(Study(claim)).run()


def differ(program, candidate, by):
    """Whether the derivatives differ, in high precision, at one of a few points and along a random direction."""
    generator = np.random.default_rng(0)

    def draw(name):
        return each(mpmath.mpf)(generator.normal(size=SYMBOLS[name].shape(SIZES)))

    def value(tree, values):
        return run(tree, values, MPMATH, lambda constant: mpmath.mpf(repr(constant)))

    def slope(tree, values, direction):
        step = mpmath.mpf(10) ** -20
        return (value(tree, {**values, by: values[by] + step * direction}) - value(tree, values)) / step

    for _ in range(POINTS):
        values, direction = {name: draw(name) for name in SYMBOLS}, draw(by)
        left, right = (slope(tree, values, direction) for tree in (program, candidate))
        # The quotients are good to some 1e-20 of their size, and to 1e-40.
        if abs(left - right) > mpmath.mpf(10) ** -16 * (abs(left) + abs(right)) + mpmath.mpf(10) ** -30:
            return True
    return False


def on_random_programs(check):
    """Run a check of a program and a symbol that returns a report on many; few may be left undecided, and why."""
    undecided = []

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(trees(), st.data())
    def every(program, data):
        report = check(program, data.draw(st.sampled_from(sorted(leaves(program)))), data)
        if report.undecided is not None and report.undecided.startswith("all sides are zero"):
            # A program that does not depend on the symbol.
            return
        if report.undecided is not None:
            assert report.undecided.startswith(MAY_BE_UNDECIDED)
            undecided.append(report.undecided)

    every()
    assert len(undecided) <= MOST_UNDECIDED, undecided


def test_no_true_derivative_is_refused():
    def check(program, by, data):
        report = equal(program, program, by)
        assert report.differences == []
        return report

    on_random_programs(check)


def test_no_derivative_of_a_perturbed_program_is_accepted():
    def check(program, by, data):
        candidates = list(perturbed(program))
        assume(candidates)
        candidate = data.draw(st.sampled_from(candidates))
        assume(differ(program, candidate, by))
        report = equal(program, candidate, by)
        assert report.differences or report.undecided
        return report

    on_random_programs(check)
