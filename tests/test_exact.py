"""What the exact check decides, form by form, and what it must never let pass."""

import re
from functools import partial

import chex
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax import lax
from jax.sharding import AbstractMesh, AxisType, PartitionSpec

from gradproof import Binary, Function, Index, OneHot, Positive, Real, Simplex, derivative
from gradproof._claim import Claim
from gradproof._exact import check_exact

HERE = r"test_exact\.py:\d+"


def check(*sides, sizes=None, **symbols):
    """The report on the claim that these functions are equal; they take the symbols in order."""

    def chain(**values):
        for side in sides:
            yield side(*(values[name] for name in symbols))

    return check_exact(Claim("test", "", "test", chain, symbols, sizes=sizes or {}))


def assert_proved(*sides, **symbols):
    report = check(*sides, **symbols)
    assert report.undecided is None
    assert report.differences == []
    assert report.bound_log2 <= -100
    return report


def slope(function):
    """The derivative of a function by its first argument, by either oracle."""
    return lambda x, *others: derivative(lambda x: function(x, *others), x)


def assert_derivative(function, by_hand, **symbols):
    report = assert_proved(slope(function), by_hand, **symbols)
    assert report.oracles == ("autodiff", "dual")


def primitives(function, *arguments):
    """The names of all primitives in a function's program."""
    found = set()

    def visit(jaxpr):
        for equation in jaxpr.eqns:
            found.add(equation.primitive.name)
            jax.tree.map(visit, list(jax.core.jaxprs_in_params(equation.params)))

    visit(jax.make_jaxpr(function)(*arguments).jaxpr)
    return found


def textbook_softmax(z):
    return jnp.exp(z) / jnp.sum(jnp.exp(z), axis=-1, keepdims=True)


def sigma(z):
    return 1 / (1 + jnp.exp(-z))


# Functions of one number. The key is the primitive, then what sets the case apart.

ELEMENTWISE = {
    "add": (lambda x: x + x * x, lambda x: 1 + 2 * x),
    "sub": (lambda x: x * x - x, lambda x: 2 * x - 1),
    "mul": (lambda x: x * (x + 1), lambda x: 2 * x + 1),
    "div": (lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2),
    "neg": (lambda x: -(x * x), lambda x: -2 * x),
    "square": (lambda x: lax.square(x), lambda x: x + x),
    "integer_pow": (lambda x: x**5, lambda x: 5 * x * x * x * x),
    "integer_pow negative": (lambda x: x**-3, lambda x: -3 / (x * x * x * x)),
    "pow integer": (lambda x: lax.pow(x, 3), lambda x: 3 * x * x),
    "exp": (jnp.exp, jnp.exp),
    "exp2": (lax.exp2, lambda x: jnp.log(2.0) * jnp.exp(x * jnp.log(2.0))),
    "expm1": (jnp.expm1, jnp.exp),
    "logistic": (lax.logistic, lambda x: jnp.exp(-x) / (1 + jnp.exp(-x)) ** 2),
    "tanh": (jnp.tanh, lambda x: 4 / (jnp.exp(x) + jnp.exp(-x)) ** 2),
    "sinh": (jnp.sinh, lambda x: (jnp.exp(x) + jnp.exp(-x)) / 2),
    "cosh": (jnp.cosh, lambda x: (jnp.exp(x) - jnp.exp(-x)) / 2),
    "sin": (jnp.sin, jnp.cos),
    "cos": (jnp.cos, lambda x: -jnp.sin(x)),
    "tan": (jnp.tan, lambda x: 1 + jnp.sin(x) ** 2 / jnp.cos(x) ** 2),
    "erf": (lax.erf, lambda x: 2 / jnp.sqrt(jnp.pi) * jnp.exp(-x * x)),
    "erfc": (lax.erfc, lambda x: -2 / jnp.sqrt(jnp.pi) * jnp.exp(-x * x)),
    "cbrt": (jnp.cbrt, lambda x: 1 / (3 * jnp.cbrt(x) ** 2)),
    "max": (lambda x: jnp.maximum(x, 2) * x, lambda x: jnp.where(x > 2, 2 * x, 2)),
    "min": (lambda x: jnp.minimum(x, 2) * x, lambda x: jnp.where(x < 2, 2 * x, 2)),
    "abs": (jnp.abs, lambda x: jnp.where(x > 0, 1.0, -1.0)),
    "sign": (lambda x: jnp.sign(x) * x, lambda x: jnp.where(x > 0, 1.0, -1.0)),
    "clamp": (lambda x: lax.clamp(-1.0, x, 2.0), lambda x: jnp.where(jnp.abs(x - 0.5) < 1.5, 1.0, 0.0)),
    "gt": (lambda x: jnp.where(x > 1, x * x, x), lambda x: jnp.where(x > 1, 2 * x, 1)),
    "ge": (lambda x: jnp.where(x >= 1, x * x, x), lambda x: jnp.where(x > 1, 2 * x, 1)),
    "lt": (lambda x: jnp.where(x < 1, x * x, x), lambda x: jnp.where(x > 1, 1, 2 * x)),
    "le": (lambda x: jnp.where(x <= 1, x * x, x), lambda x: jnp.where(x > 1, 1, 2 * x)),
    "eq": (lambda x: jnp.where(x == 1, 7, x * x), lambda x: 2 * x),
    "ne": (lambda x: jnp.where(x != 1, x * x, 7), lambda x: 2 * x),
    "and": (lambda x: jnp.where((x > 0) & (x < 1), x * x, x), lambda x: jnp.where(jnp.abs(x - 0.5) < 0.5, 2 * x, 1)),
    "or": (lambda x: jnp.where((x < 0) | (x > 1), x, x * x), lambda x: jnp.where(jnp.abs(x - 0.5) < 0.5, 2 * x, 1)),
    "not": (lambda x: jnp.where(~(x > 1), x, x * x), lambda x: jnp.where(x > 1, 2 * x, 1)),
    "is_finite": (lambda x: jnp.where(jnp.isfinite(x), x * x, 0), lambda x: 2 * x),
    "convert_element_type": (lambda x: (x > 0).astype(x.dtype) * x, lambda x: jnp.where(x > 0, 1.0, 0.0)),
    "reduce_precision": (lambda x: lax.reduce_precision(x, 8, 7) * x, lambda x: 2 * x),
    "optimization_barrier": (lambda x: lax.optimization_barrier(x) * x, lambda x: 2 * x),
}

POSITIVE = {
    "sqrt": (jnp.sqrt, lambda x: 1 / (2 * jnp.sqrt(x))),
    "rsqrt": (lax.rsqrt, lambda x: -1 / (2 * x * jnp.sqrt(x))),
    "pow fraction": (lambda x: x**2.5, lambda x: 2.5 * x * jnp.sqrt(x)),
    "pow tenths": (lambda x: x**0.3, lambda x: 0.3 * jnp.exp(-0.7 * jnp.log(x))),
    "pow itself": (lambda x: x**x, lambda x: jnp.exp(x * jnp.log(x)) * (1 + jnp.log(x))),
    "log": (jnp.log, lambda x: 1 / x),
    "log1p": (jnp.log1p, lambda x: 1 / (1 + x)),
}


@pytest.mark.parametrize("name", [*ELEMENTWISE, *POSITIVE])
def test_a_function_of_a_number_has_its_derivative(name):
    function, by_hand = {**ELEMENTWISE, **POSITIVE}[name]
    assert name.split()[0] in primitives(function, 1.0)
    assert_derivative(function, by_hand, x=Positive() if name in POSITIVE else Real())


def test_a_function_of_several_numbers_has_its_derivative():
    assert_derivative(lambda b, a: a**b, lambda b, a: a**b * jnp.log(a), b=Real(), a=Positive())
    assert_derivative(
        lambda x, y: jnp.maximum(x, y) * jnp.minimum(x, y) * x, lambda x, y: 2 * x * y, x=Real(), y=Real()
    )


# Identities between functions.

A = {"a": Positive()}
AB = {"a": Positive(), "b": Positive()}
X = {"x": Real()}
XY = {"x": Real(), "y": Real()}

IDENTITIES = {
    "exp(log a) = a": (A, lambda a: jnp.exp(jnp.log(a)), lambda a: a),
    "log(exp x) = x": (X, lambda x: jnp.log(jnp.exp(x)), lambda x: x),
    "log(a b) = log a + log b": (AB, lambda a, b: jnp.log(a * b), lambda a, b: jnp.log(a) + jnp.log(b)),
    "log(a / b) = log a - log b": (AB, lambda a, b: jnp.log(a / b), lambda a, b: jnp.log(a) - jnp.log(b)),
    "log(a^3) = 3 log a": (A, lambda a: jnp.log(a**3), lambda a: 3 * jnp.log(a)),
    "exp(x + y) = exp x exp y": (XY, lambda x, y: jnp.exp(x + y), lambda x, y: jnp.exp(x) * jnp.exp(y)),
    "sqrt(a b) = sqrt a sqrt b": (AB, lambda a, b: jnp.sqrt(a * b), lambda a, b: jnp.sqrt(a) * jnp.sqrt(b)),
    "sqrt(x^2) = |x|": (X, lambda x: jnp.sqrt(x**2), jnp.abs),
    "a^(1/3) = exp(log a / 3)": (A, lambda a: a ** (1 / 3), lambda a: jnp.exp(jnp.log(a) / 3)),
    "cbrt(x)^3 = x": (X, lambda x: jnp.cbrt(x) ** 3, lambda x: x),
    "rsqrt(a) sqrt(a) = 1": (A, lambda a: lax.rsqrt(a) * jnp.sqrt(a), lambda a: a / a),
    "sin^2 + cos^2 = 1": (X, lambda x: jnp.sin(x) ** 2 + jnp.cos(x) ** 2, lambda x: 1 + 0 * x),
    "sin(x + y)": (XY, lambda x, y: jnp.sin(x + y), lambda x, y: jnp.sin(x) * jnp.cos(y) + jnp.cos(x) * jnp.sin(y)),
    "tanh(x) = 2 sigma(2 x) - 1": (X, jnp.tanh, lambda x: 2 * sigma(2 * x) - 1),
    "sigma(-x) = 1 - sigma(x)": (X, lambda x: lax.logistic(-x), lambda x: 1 - lax.logistic(x)),
    "log1p(expm1 x) = x": (X, lambda x: jnp.log1p(jnp.expm1(x)), lambda x: x),
    "erf(-x) = -erf(x)": (X, lambda x: lax.erf(-x), lambda x: -lax.erf(x)),
    "erf + erfc = 1": (X, lambda x: lax.erf(x) + lax.erfc(x), lambda x: 1 + 0 * x),
    "max(x, y) = (x + y + |x - y|) / 2": (XY, jnp.maximum, lambda x, y: (x + y + jnp.abs(x - y)) / 2),
    "max + min = x + y": (XY, lambda x, y: jnp.maximum(x, y) + jnp.minimum(x, y), lambda x, y: x + y),
    "x sign x = |x|": (X, lambda x: x * jnp.sign(x), jnp.abs),
    "clamp x": (X, lambda x: lax.clamp(-1.0, x, 1.0), lambda x: (jnp.abs(x + 1) - jnp.abs(x - 1)) / 2),
    "log(1 + e^x)": (
        X,
        lambda x: jnp.log1p(jnp.exp(x)),
        lambda x: jnp.maximum(x, 0) + jnp.log1p(jnp.exp(-jnp.abs(x))),
    ),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_holds(name):
    symbols, left, right = IDENTITIES[name]
    assert_proved(left, right, **symbols)


# Functions of arrays: (function, derivative by its first symbol, symbols).


def product_of_others(x, **_):
    """The derivative of the product by each factor."""
    return jnp.array([jnp.prod(jnp.delete(x, i)) for i in range(x.size)])


VECTOR = {"x": Real("n"), "r": Real("n")}
PICK = {**VECTOR, "i": Index(below="n")}
ROWS = {"x": Real("K m"), "r": Real("n m"), "c": Index("n", below="K")}


def one_hot(i, like):
    return (jnp.arange(like.shape[0]) == i).astype(like.dtype)


def prefix(n):
    """Whether j <= i."""
    return jnp.array([[float(j <= i) for j in range(n)] for i in range(n)])


ARRAYS = {
    "dot_general": (lambda W, x: W @ x, lambda W, x: jnp.eye(W.shape[0])[:, :, None] * x[None, None], None),
    "dot_general batched": (
        lambda a, c, r: jnp.sum(r * lax.dot_general(a, c, (((2,), (1,)), ((0,), (0,))))),
        lambda a, c, r: jnp.stack([r_ @ c_.T for r_, c_ in zip(r, c, strict=True)]),
        {"a": Real("b i j"), "c": Real("b j k"), "r": Real("b i k")},
    ),
    "reduce_sum": (
        lambda x, r: jnp.sum(r * jnp.sum(x**2, axis=(0, 2))),
        lambda x, r: 2 * x * r[None, :, None],
        {"x": Real("i j k"), "r": Real("j")},
    ),
    "reduce_prod": (lambda x: lax.reduce_prod(x, (0,)), product_of_others, {"x": Real("n")}),
    "reduce_max": (
        lambda x, r: jnp.max(x * r),
        lambda x, r: r * jnp.prod((x * r)[:, None] >= (x * r)[None, :], axis=1),
        VECTOR,
    ),
    "reduce_min": (
        lambda x, r: jnp.min(x * r),
        lambda x, r: r * jnp.prod((x * r)[:, None] <= (x * r)[None, :], axis=1),
        VECTOR,
    ),
    "reduce_and": (lambda x: jnp.where(jnp.all(x > 0), x @ x, 0), lambda x: 2 * x * (jnp.min(x) > 0), {"x": Real("n")}),
    "reduce_or": (lambda x: jnp.where(jnp.any(x > 0), x @ x, 0), lambda x: 2 * x * (jnp.max(x) > 0), {"x": Real("n")}),
    "argmax": (
        lambda x, r: r @ jax.nn.one_hot(jnp.argmax(x), x.size) * jnp.sum(x),
        lambda x, r: jnp.sum(jnp.where(x == jnp.max(x), r, 0)) * jnp.ones(x.shape),
        VECTOR,
    ),
    "argmin": (
        lambda x, r: r @ jax.nn.one_hot(jnp.argmin(x), x.size) * jnp.sum(x),
        lambda x, r: jnp.sum(jnp.where(x == jnp.min(x), r, 0)) * jnp.ones(x.shape),
        VECTOR,
    ),
    "cumsum": (lambda x: jnp.cumsum(x), lambda x: prefix(x.size), {"x": Real("n")}),
    "cumsum reversed": (lambda x: lax.cumsum(x, reverse=True), lambda x: prefix(x.size).T, {"x": Real("n")}),
    "cumprod": (
        lambda x, r: r @ jnp.cumprod(x),
        lambda x, r: sum(
            jnp.pad(product_of_others(x[: k + 1]), (0, x.size - k - 1)) * r[k] for k in range(x.size)
        ),
        VECTOR,
    ),
    "cummax": (
        lambda x, r: r @ lax.cummax(x),
        lambda x, r: sum(r[k] * one_hot(jnp.argmax(x[: k + 1]), x) for k in range(x.size)),
        VECTOR,
    ),
    "cummin": (
        lambda x, r: r @ lax.cummin(x),
        lambda x, r: sum(r[k] * one_hot(jnp.argmin(x[: k + 1]), x) for k in range(x.size)),
        VECTOR,
    ),
    "cumlogsumexp": (
        lambda x: lax.cumlogsumexp(x),
        lambda x: prefix(x.size) * jnp.exp(x)[None, :] / jnp.cumsum(jnp.exp(x))[:, None],
        {"x": Real("n")},
    ),
    "sort": (
        lambda x: jnp.sort(x) @ jnp.arange(x.size),
        lambda x: jnp.sum((x[:, None] > x[None, :]).astype(x.dtype), axis=1),
        {"x": Real("n")},
    ),
    "gather": (
        lambda x, r, c: jnp.sum(r * x[c] ** 2),
        lambda x, r, c: 2 * x * (jax.nn.one_hot(c, x.shape[0]).T @ r),
        ROWS,
    ),
    "scatter": (lambda x, r, i: x.at[i].set(5.0) @ r, lambda x, r, i: (1 - one_hot(i, x)) * r, PICK),
    "scatter-add": (
        lambda x, r, c: jnp.sum(x.at[c].add(r) ** 3),
        lambda x, r, c: 3 * (x + jax.nn.one_hot(c, x.shape[0]).T @ r) ** 2,
        ROWS,
    ),
    "dynamic_slice": (
        lambda x, r, i: lax.dynamic_slice(x, (i,), (1,))[0] ** 2 * r[0],
        lambda x, r, i: 2 * x * one_hot(i, x) * r[0],
        PICK,
    ),
    "dynamic_update_slice": (
        lambda x, r, i: lax.dynamic_update_slice(x, r[:1], (i,)) @ x,
        lambda x, r, i: jnp.where(one_hot(i, x) > 0, r[0], 2 * x),
        PICK,
    ),
    "concatenate": (
        lambda x, r: jnp.concatenate([x, x * r]) @ jnp.concatenate([r, x]),
        lambda x, r: r + 2 * x * r,
        VECTOR,
    ),
    "pad": (
        lambda x, r: lax.pad(x**2, 3.0, [(2, 1, 1)]) @ lax.pad(r, 0.0, [(2, 1, 1)]),
        lambda x, r: 2 * x * r,
        VECTOR,
    ),
    "pad negative": (
        lambda x, r: jnp.sum(lax.pad(x * r, 0.0, [(-1, 0, 0)])),
        lambda x, r: r * (jnp.arange(x.size) > 0),
        VECTOR,
    ),
    "iota": (lambda x: jnp.arange(x.size) @ x**2, lambda x: 2 * x * jnp.cumsum(jnp.ones(x.shape)) - 2 * x, None),
    "rev": (lambda x, r: x[::-1] @ r, lambda x, r: jnp.flip(r), VECTOR),
    "transpose": (
        lambda x, r: jnp.sum(x.T * r),
        lambda x, r: jnp.einsum("ij->ji", r),
        {"x": Real("i j"), "r": Real("j i")},
    ),
    "split": (
        lambda x: sum(jnp.sum(part**k) for k, part in enumerate(jnp.split(x, 2), 1)),
        lambda x: jnp.where(jnp.arange(4) < 2, 1, 2 * x),
        {"x": Real("4")},
    ),
    "slice": (
        lambda x: jnp.sum(lax.slice(x, (0,), x.shape, (2,)) ** 2),
        lambda x: x * (1 + (-1.0) ** jnp.arange(x.size)),
        None,
    ),
}
ARRAYS = {
    name: (function, by_hand, symbols or {"x": Real("n")}) for name, (function, by_hand, symbols) in ARRAYS.items()
}
