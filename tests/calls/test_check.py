"""`check` takes domains and sizes from what functions do with arguments, and not from the values of an example."""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradproof import Binary, GradproofError, Index, OneHot, Positive, Real, assert_gradient, check
from gradproof.calls import gradient_claim


def cross_entropy(z, k):
    return -jnp.sum(jnp.take_along_axis(jax.nn.log_softmax(z), k[:, None], axis=1))


def cross_entropy_gradient(z, k):
    return jax.nn.softmax(z) - jax.nn.one_hot(k, z.shape[1])


def claim_of(loss, gradient, *arguments, **options):
    return gradient_claim(loss, gradient, arguments, **options)


def symbols_of(loss, gradient, *arguments, **options):
    return {name: repr(symbol) for name, symbol in claim_of(loss, gradient, *arguments, **options).symbols.items()}


X, Y = np.random.default_rng(0).normal(size=(20, 5)), np.arange(20) % 2 * 1.0

WRONG = {
    "a bias of zeros and ones": (lambda w: jnp.sum(w**3) / 3, lambda w: w, (jnp.array([0.0, 1.0]),)),
    "weights that start as the identity": (
        lambda W, x: jnp.sum((W @ x) ** 2),
        lambda W, x: 2 * jnp.outer(W @ x, x) * W.sum(1, keepdims=True),
        (jnp.eye(3), jnp.array([0.3, 0.7, 2.0])),
    ),
    "counts of zero and one": (
        lambda z, y: jnp.sum(jnp.exp(z) - y * z),
        lambda z, y: jnp.exp(z) - y**3,
        (jnp.zeros(3), jnp.array([0.0, 1.0, 1.0])),
    ),
    "a whole number": (lambda w, t: w**2 * t, lambda w, t: jnp.where(t > 3, 0.0, 2 * w * t), (0.5, 3)),
    "all examples of one class": (
        cross_entropy,
        lambda z, k: jax.nn.softmax(z) - jnp.eye(5)[:1],
        (jnp.zeros((2, 5)), jnp.zeros(2, int)),
    ),
    "a class that the example lacks": (
        cross_entropy,
        lambda z, k: jnp.where((k == z.shape[1] - 1)[:, None], 0.0, cross_entropy_gradient(z, k)),
        (jnp.zeros((2, 5)), jnp.array([0, 2])),
    ),
    "a mask that hides nothing": (
        lambda z, mask: jnp.sum(jnp.where(mask, z, 0.0) ** 2),
        lambda z, mask: 2 * z,
        (jnp.ones(3), np.ones(3, bool)),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_gradient_is_refused_whatever_the_example_is(name):
    loss, gradient, arguments = WRONG[name]
    assert not check(loss, gradient, arguments, quick=True)


RIGHT = {
    "integer labels": (cross_entropy, cross_entropy_gradient, (jnp.zeros((3, 3)), jnp.array([0, 2, 1])), {}),
    "data in a closure": (
        lambda w: jnp.mean(jnp.logaddexp(0, X @ w) - Y * (X @ w)),
        lambda w: (jax.nn.sigmoid(X @ w) - Y) @ X / 20,
        (jnp.ones(5),),
        {},
    ),
    "a static number of groups": (
        lambda x, groups: jnp.sum(x.reshape(groups, -1).sum(axis=1) ** 2),
        lambda x, groups: jnp.repeat(2 * x.reshape(groups, -1).sum(axis=1), len(x) // groups),
        (jnp.ones(8), 4),
        {},
    ),
    "text and a function": (
        lambda x, kind, activation: jnp.sum(activation(x)) if kind == "sum" else jnp.mean(activation(x)),
        lambda x, kind, activation: (1 - jnp.tanh(x) ** 2) / (1 if kind == "sum" else len(x)),
        (jnp.ones(3), "mean", jnp.tanh),
        {},
    ),
    "nothing, and a key": (
        lambda x, bias, key: jnp.sum(x * jax.random.normal(key, (2,))),
        lambda x, bias, key: jax.random.normal(key, (2,)),
        (jnp.ones(2), None, jax.random.key(0)),
        {},
    ),
    "a positive parameter": (
        lambda x, a: jnp.sum(a**2 * (jnp.sqrt(1 + (x / a) ** 2) - 1)),
        lambda x, a: a * x / jnp.sqrt(a**2 + x**2),
        (jnp.ones(4), 0.9),
        {"domains": (None, Positive())},
    ),
    "two arguments": (
        lambda a, w: jnp.sum(a * w),
        lambda a, w: (w, a),
        (jnp.ones(3), jnp.ones(3)),
        {"argnums": (0, 1)},
    ),
    "the last argument": (lambda a, w: jnp.sum(a * w**2), lambda a, w: 2 * a * w, (1.5, jnp.ones(3)), {"argnums": -1}),
    "a value, too": (lambda w: jnp.sum(w**2), lambda w: (jnp.sum(w**2), 2 * w), (jnp.ones(3),), {}),
    "something beside the loss": (
        lambda w: (jnp.sum(w**2), {"norm": jnp.sum(w)}),
        lambda w: (2 * w, {"norm": jnp.sum(w)}),
        (jnp.ones(3),),
        {"has_aux": True},
    ),
    "a value and something beside it": (
        lambda w: (jnp.sum(w**2), w),
        jax.value_and_grad(lambda w: (jnp.sum(w**2), w), has_aux=True),
        (jnp.ones(3),),
        {"has_aux": True},
    ),
    "half precision": (lambda w: jnp.sum(w**2), lambda w: 2 * w, (jnp.ones(3, jnp.bfloat16),), {}),
    "relu at its tie": (lambda x: jnp.sum(jnp.maximum(x, 0)), lambda x: (x > 0) * 1.0, (jnp.ones(4),), {}),
    "an index": (lambda x, i: x[i] ** 2, lambda x, i: jnp.zeros_like(x).at[i].set(2 * x[i]), (jnp.ones(3), 1), {}),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_gradient_is_proved(name):
    loss, gradient, arguments, options = RIGHT[name]
    verdict = check(loss, gradient, arguments, **options)
    assert verdict, verdict.why


class Layer(NamedTuple):
    W: jax.Array
    b: jax.Array


@partial(jax.tree_util.register_dataclass, data_fields=["scale"], meta_fields=["power"])
@dataclass
class Model:
    scale: jax.Array
    power: int


TREES = {
    "a named tuple": (
        lambda p, x: jnp.sum((p.W @ x + p.b) ** 2),
        lambda p, x: Layer(2 * jnp.outer(p.W @ x + p.b, x), 2 * (p.W @ x + p.b)),
        (Layer(jnp.ones((2, 3)), jnp.ones(2)), jnp.ones(3)),
    ),
    "a dataclass with a static field": (
        lambda m, x: jnp.sum(m.scale * x**m.power),
        lambda m, x: Model(x**m.power, m.power),
        (Model(jnp.ones(3), 3), jnp.ones(3)),
    ),
    "a dict": (
        lambda p, x: p["w"] @ x + p["b"],
        lambda p, x: {"w": x, "b": jnp.ones(())},
        ({"w": jnp.ones(3), "b": jnp.ones(())}, jnp.ones(3)),
    ),
}


@pytest.mark.parametrize("name", TREES)
def test_trees_of_parameters(name):
    loss, gradient, arguments = TREES[name]
    assert check(loss, gradient, arguments)
    assert not check(loss, lambda *xs: jax.tree.map(lambda leaf: 2 * leaf, gradient(*xs)), arguments)


def test_what_holds_for_special_values_alone_is_said_and_is_no_pass():
    def loss(z, y):
        return -jnp.sum(y * jax.nn.log_softmax(z))

    def gradient(z, y):
        return jax.nn.softmax(z) - y

    example = jnp.ones(3), jnp.array([0.0, 1.0, 0.0])
    verdict = check(loss, gradient, example)
    assert (verdict.verdict, bool(verdict)) == ("holds where", False)
    assert "holds where y is one-hot rows" in verdict.why
    assert 'domains={"y": OneHot("K")}' in verdict.why
    assert verdict.counterexample is not None
    assert check(loss, gradient, example, domains={"y": OneHot("K")})
    assert check(loss, gradient, example, domains=(None, OneHot("K"))).domains == {"z": "any real", "y": "one-hot rows"}


def test_a_loss_without_a_value_elsewhere_holds_where_its_argument_is_positive():
    verdict = check(lambda x, a: x * jnp.log(a), lambda x, a: jnp.log(a), (1.0, 2.0))
    assert verdict.verdict == "proved"
    verdict = check(lambda x, a: x * jnp.log(a**2), lambda x, a: 2 * jnp.log(a), (1.0, 2.0))
    assert (verdict.verdict, "a is positive" in verdict.why) == ("holds where", True)


SYMBOLS = {
    "classes of logits": (
        cross_entropy,
        cross_entropy_gradient,
        (jnp.zeros((3, 3)), jnp.array([0, 2, 1])),
        {"z": 'Real("a b")', "k": 'Index("a", below="b")'},
    ),
    "rows and columns of one number": (
        lambda z, i, j: z[i, j].sum(),
        lambda z, i, j: jnp.zeros_like(z).at[i, j].add(1.0),
        (jnp.zeros((2, 4)), jnp.array([0, 1]), jnp.array([3, 0])),
        {"z": 'Real("a b")', "i": 'Index("c", below="a")', "j": 'Index("c", below="b")'},
    ),
    "lengths that go together": (
        lambda W, x: jnp.sum((W @ x) ** 2),
        lambda W, x: 2 * jnp.outer(W @ x, x),
        (jnp.ones((3, 3)), jnp.ones(3)),
        {"W": 'Real("a b")', "x": 'Real("b")'},
    ),
    "a length that a constant fixes": (
        lambda x: jnp.arange(3.0) @ x,
        lambda x: jnp.arange(3.0),
        (jnp.ones(3),),
        {"x": 'Real("3")'},
    ),
    "counts": (
        lambda z, n: jnp.sum(jnp.exp(z) - n * z),
        lambda z, n: jnp.exp(z) - n,
        (jnp.ones(2), jnp.array([3, 0])),
        {"z": 'Real("a")', "n": 'Real("a")'},
    ),
}


@pytest.mark.parametrize("name", SYMBOLS)
def test_symbols_are_found_by_what_functions_do(name):
    loss, gradient, arguments, symbols = SYMBOLS[name]
    assert symbols_of(loss, gradient, *arguments) == symbols


def test_many_classes_are_decided_in_seconds():
    verdict = check(cross_entropy, cross_entropy_gradient, (jnp.zeros((1, 1000)), jnp.array([7])))
    assert verdict, verdict.why


def test_sizes_of_the_example_alone():
    arguments = jnp.zeros((2, 3)), jnp.array([0, 2])
    claim = claim_of(cross_entropy, cross_entropy_gradient, *arguments, sizes="example")
    assert claim.size_grid() == [{}]
    assert repr(claim.symbols["k"]) == 'Index("2", below="3")'


def test_an_assertion_says_everything():
    assert_gradient(lambda w: jnp.sum(w**2), lambda w: 2 * w, (jnp.ones(3),))
    with pytest.raises(AssertionError, match=r"(?s)refuted.*expected.*given.*diagnosis"):
        assert_gradient(lambda w: jnp.sum(w**2), lambda w: w, (jnp.ones(3),))


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((), {}, "tuple of the arguments"),
        ((np.array([1.0, np.nan]),), {}, "NaN or infinity"),
        ((np.array([1.0j]),), {}, "real numbers"),
        ((np.array([-1, 2]),), {}, "an array of int64; give one of floats"),
        (("text",), {}, "is the text .text. and holds no real numbers"),
        ((np.ones(2),), {"argnums": 1}, "argnums are numbers of arguments, -1 to 0, each given once; given 1"),
        ((np.ones(2),), {"domains": {"y": Binary()}}, "names arguments, which are x; given 'y'"),
        ((np.ones(2),), {"domains": {"x": 1.0}}, r"symbols, such as Positive\(\)"),
        ((np.ones(2),), {"domains": 3}, "a mapping from names"),
        ((np.ones(2),), {"domains": (Real(), Real())}, "at most 1 symbols"),
        ((np.ones(2),), {"sizes": {"n": 3}}, 'sizes is "example"'),
        ((np.ones(2), np.array([1, 2])), {}, r'say what they are, as in domains=\{"k": Index\(below="5"\)\}'),
    ],
)
def test_bad_examples_are_refused_in_a_sentence(arguments, options, message):
    def loss(x, k=None):
        return jnp.sum(x) if k is None else jnp.sum(x) * jnp.bitwise_and(k, 1).sum()

    with pytest.raises(GradproofError, match=message):
        check(loss, lambda x, k=None: x, arguments, **options)


def test_functions_of_other_arguments_are_refused_in_a_sentence():
    with pytest.raises(GradproofError, match="the gradient is called with 1 argument, as in example_args: missing a"):
        check(lambda x: x, lambda x, y: x, (1.0,))
    with pytest.raises(GradproofError, match="the loss is to be a function; given an int, 3"):
        check(3, lambda x: x, (1.0,))


def test_a_stated_domain_may_name_what_a_class_is_below():
    verdict = check(
        lambda x, k: x * jnp.bitwise_and(k, 1),
        lambda x, k: 1.0 * jnp.bitwise_and(k, 1),
        (1.0, jnp.array(3)),
        domains={"k": Index(below="4")},
    )
    assert verdict.domains == {"x": "any real", "k": "every class below 4"}
    assert verdict, verdict.why


# Classes below a size and a number, and sizes at which nothing has a value


def ordinal(t, y):
    """Of classes between thresholds, of which there is one more than thresholds."""
    ends = jnp.concatenate([jnp.zeros(1), jax.nn.sigmoid(jnp.cumsum(jnp.exp(t))), jnp.ones(1)])
    return jnp.sum(jnp.log(ends[y + 1] - ends[y]))


def ordinal_gradient(t, y, factor=1.0):
    steps = jnp.exp(t)
    ends = jnp.concatenate([jnp.zeros(1), jax.nn.sigmoid(jnp.cumsum(steps)), jnp.ones(1)])
    share = 1 / (ends[y + 1] - ends[y])
    by_end = jnp.zeros_like(ends).at[y + 1].add(share).at[y].add(-share)[1:-1] * (ends * (1 - ends))[1:-1]
    return factor * jnp.cumsum(by_end[::-1])[::-1] * steps


def test_what_is_added_to_a_class_counts():
    arguments = jnp.ones(2), jnp.array([0, 2, 1])
    assert symbols_of(ordinal, ordinal_gradient, *arguments)["y"] == 'Index("b", below="a+1")'
    verdict = check(ordinal, ordinal_gradient, arguments)
    assert verdict.verdict == "proved", verdict.why
    assert {sizes["a"] for sizes in verdict.exact.sizes} >= {1, 2, 4}
    assert check(ordinal, partial(ordinal_gradient, factor=2.0), arguments).verdict == "refuted"


def others(z):
    """Of each example the logarithm of what all others weigh; of one alone there is none."""
    return jnp.sum(jnp.log(jnp.sum(jnp.exp(z)) - jnp.exp(z)))


def others_gradient(z, factor=1.0):
    weights = jnp.exp(z)
    inverse = 1 / (jnp.sum(weights) - weights)
    return factor * weights * (jnp.sum(inverse) - inverse)


def test_sizes_at_which_nothing_has_a_value_are_no_objection():
    verdict = check(others, others_gradient, (jnp.ones(3),))
    assert verdict.verdict == "proved", verdict.why
    assert {"a": 1} not in verdict.exact.sizes
    assert "at a = 1 side 0 has a value at none of the inputs that were tried" in verdict.why
    assert check(others, partial(others_gradient, factor=1.5), (jnp.ones(3),)).verdict == "refuted"


def test_at_the_sizes_of_a_large_example_the_functions_are_run():
    labels = jnp.zeros((1, 1000)), jnp.zeros(1, int)
    verdict = check(cross_entropy, cross_entropy_gradient, labels)
    assert verdict.verdict == "proved", verdict.why
    assert "at a = 1000, those of the example, they agree on the machine" in verdict.why

    def wrong_there(z, k):
        return cross_entropy_gradient(z, k) * (2 if z.shape[1] > 900 else 1)

    verdict = check(cross_entropy, wrong_there, labels)
    assert verdict.verdict == "refuted"
    assert verdict.counterexample.sizes == {"a": 1000}
