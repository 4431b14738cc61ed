"""What a newcomer gets wrong when calling `check` is said in a sentence: what was expected, given, and what to do."""

import functools
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradproof import (
    Function,
    GradproofError,
    OneHot,
    Positive,
    check,
    check_jvp,
    check_rule,
    check_vjp,
    verify,
)

W = jnp.ones(3)
KEPT = []
GENERATOR = np.random.default_rng(0)
COUNT = iter(range(1000))


def loss(w):
    return jnp.sum(w**2)


def gradient(w):
    return 2 * w


def scaled(w, x):
    return jnp.sum(w * x)


class Model:
    """No pytree."""

    def __init__(self):
        self.w = W

    def loss(self, x):
        return jnp.sum(self.w * x**2)

    def gradient(self, x):
        return 2 * self.w * x


def keyword_only(*, w):
    return 2 * w


async def asynchronous(w):
    return 2 * w


def yielding(w):
    yield 2 * w


def no_return(w):
    2 * w


def in_place(w):
    w[0] = 0.0
    return 2 * w


def numpy_buffer(w):
    out = np.zeros(3)
    out[:] = 2 * w
    return out


def keeping(w):
    KEPT.append(w)
    return jnp.sum(KEPT[0] ** 2)


def endless(w):
    return endless(w)


def exits(w):
    raise SystemExit(3)


def raising(w):
    raise KeyError("params")


ASKS = (
    "the gradient does not trace: {}: it asks for the numbers in an array, as float(x), np.exp(x) and `if x > 0` do, "
    "and a claim is about all numbers; use jnp, such as jnp.exp and jnp.where, at test_mistaken_calls.py:"
)
NO_REALS = "the gradient is by argument 0, which is {} and holds no real numbers; give an array of floats, a tree of"
ARGUMENTS = "example_args is a tuple of the arguments of the loss, such as (w, x); given "
ARGNUMS = "argnums are numbers of arguments, -1 to 0, each given once; given "


def of(*functions, **options):
    """`check` with what is usual where nothing else is said."""
    return lambda: check(*(functions or (loss, gradient)), (W,), quick=True, **options)


def at(*arguments, **options):
    return lambda: check(loss, gradient, arguments, quick=True, **options)


MISTAKES = {
    # Arguments
    "an array for the tuple": (lambda: check(loss, gradient, W), f"{ARGUMENTS}Array([1., 1., 1.]"),
    "arguments by name": (lambda: check(loss, gradient, {"w": W}), f"{ARGUMENTS}{{'w': "),
    "arguments first": (lambda: check((W,), loss, gradient), f"{ARGUMENTS}<function gradient"),
    "a list for an array": (
        at([1.0, 2.0]),
        "w is a list, which JAX takes for 2 numbers and not for an array; give jnp",
    ),
    "a ragged list": (at([[1.0, 2.0], [3.0]]), "w is a list, which JAX takes for 3 numbers and not for an array"),
    "whole numbers": (at(jnp.arange(3)), "the gradient is by w, an array of int"),
    "a whole number of numpy": (at(np.int64(3)), "the gradient is by w, an array of int64; give one of floats"),
    "a truth value": (at(True), NO_REALS.format("a bool")),
    "a text": (at("w"), NO_REALS.format("the text 'w'")),
    "nothing": (at(None), NO_REALS.format("None")),
    "a set": (at({1.0, 2.0}), NO_REALS.format("a set")),
    "a generator": (
        at(x for x in (1.0, 2.0)),
        "argument 0 is a generator, which is gone when it was read once; give an array",
    ),
    "an object of a class of one's own": (at(Model()), NO_REALS.format("a Model")),
    "a complex number": (at(1j), "example_args are arrays of real numbers; w is of dtype complex128"),
    "an array of objects": (at(np.array([None])), "example_args are arrays of real numbers; w is of dtype object"),
    "an infinite entry": (at(jnp.array([1.0, jnp.inf])), "example_args are finite; w has NaN or infinity in it"),
    "no entries": (at(jnp.ones(0)), "the sides have no entries at any of the sizes, so that nothing is compared"),
    "inside of jit": (
        lambda: jax.jit(lambda w: check(loss, gradient, (w,)).seconds)(W),
        "w is an array that JAX traces; call this outside of jit, grad and vmap",
    ),
    # Functions
    "a value for the loss": (of(loss(W), gradient), "the loss is to be a function; given an array, Array(3."),
    "a value for the gradient": (of(loss, gradient(W)), "the gradient is to be a function; given an array, Array([2."),
    "jax.grad itself": (of(loss, jax.grad), "the gradient does not trace: TypeError: Expected a callable value, got "),
    "an argument too few": (of(scaled, scaled), "the loss is called with 1 argument, as in example_args: missing a "),
    "an argument too many": (at(W, W), "the loss is called with 2 arguments, as in example_args: too many positional"),
    "arguments by keyword only": (
        of(loss, keyword_only),
        "the gradient is called with 1 argument, as in example_args: ",
    ),
    "a method of the class": (of(Model.loss, Model.gradient), "the loss is called with 1 argument, as in example_args"),
    "an async function": (of(loss, asynchronous), "the gradient is async; make it a plain function that returns it"),
    "a generator function": (of(loss, yielding), "the gradient yields what it computes; make it a plain function that"),
    "arguments exchanged": (of(gradient, loss), "side 1 is float64[] and side 0 is float64[3,3]"),
    # What functions return
    "no return": (of(loss, no_return), "the gradient returns None, and is to return the derivative"),
    "a text returned": (
        of(loss, lambda w: "2w"),
        "the gradient is to be made of numbers and arrays, and has the text '2",
    ),
    "a function returned": (
        of(loss, lambda w: loss),
        "the gradient is to be made of numbers and arrays, and has a func",
    ),
    "a dict returned": (of(loss, lambda w: {"w": 2 * w}), "side 1 is {'w': float64[3]} and side 0 is float64[3]"),
    "a tuple returned": (of(loss, lambda w: (2 * w,)), "side 1 is (float64[3],) and side 0 is float64[3]"),
    "a list returned": (of(loss, lambda w: [w[0], w[1]]), "side 1 is [float64[], float64[]] and side 0 is float64[3]"),
    "a part returned": (of(loss, lambda w: 2 * w[:2]), "side 1 is float64[2] and side 0 is float64[3]"),
    "a mask returned": (of(loss, lambda w: w > 0), "side 1 is bool[2] and side 0 is float64[2]"),
    "complex numbers returned": (of(loss, lambda w: 2 * w + 0j), "side 1 is complex128[2] and side 0 is float64[2]"),
    "a loss of each example": (of(lambda w: w**2, gradient), "side 1 is float64[3] and side 0 is float64[3,3]"),
    "a loss without a return": (
        of(no_return, gradient),
        "the loss returns None, and is to return a real number or array",
    ),
    "a loss that is a text": (
        of(lambda w: "w", gradient),
        "the loss returns the text 'w', and is to return a real num",
    ),
    "a count for a loss": (
        of(lambda w: jnp.sum(w > 0), gradient),
        "the loss returns numbers of dtype int64, which have no derivative; let it return floats",
    ),
    "has_aux forgotten": (
        of(lambda w: (loss(w), w), gradient),
        "the loss returns a pair; say has_aux=True if its first part is to be differentiated",
    ),
    "has_aux without a pair": (
        of(has_aux=True),
        "with has_aux=True the loss returns a pair, its value and something else; given an array",
    ),
    # What functions do
    "an if": (of(loss, lambda w: 2 * w if w[0] > 0 else w), ASKS.format("TracerBoolConversionError")),
    "a float": (of(loss, lambda w: 2 * float(w[0]) * w), ASKS.format("ConcretizationTypeError")),
    "a function of numpy": (of(loss, lambda w: np.exp(w)), ASKS.format("TracerArrayConversionError")),
    "a buffer of numpy": (of(loss, numpy_buffer), ASKS.format("TracerArrayConversionError")),
    "a change in place": (
        of(loss, in_place),
        "the gradient does not trace: TypeError: JAX arrays are immutable and do",
    ),
    "a method of torch": (
        of(lambda w: w.pow(2).sum(), gradient),
        "the loss does not trace: AttributeError: DynamicJaxprTracer has no attribute pow, at test_mistaken_calls.py:",
    ),
    "an error": (of(loss, raising), "the gradient does not trace: KeyError: 'params', at test_mistaken_calls.py:"),
    "a call of itself": (
        of(loss, endless),
        "the gradient does not trace: RecursionError: maximum recursion depth exce",
    ),
    "an exit": (of(loss, exits), "the gradient calls sys.exit(3), and is to return"),
    "an array that is kept": (
        of(keeping, gradient),
        "a side uses an array that was kept from an earlier call, as in a ",
    ),
    "noise": (
        of(loss, lambda w: 2 * w + GENERATOR.normal(size=3)),
        "the claim computes with other numbers each time that it is called, as where it draws from numpy.random or",
    ),
    "a count of calls": (
        of(loss, lambda w: 2 * w * next(COUNT)),
        "the claim computes with other numbers each time that it is called, as where it draws from numpy.random or",
    ),
    "a callback": (
        of(lambda w: jax.pure_callback(np.sum, jax.ShapeDtypeStruct((), w.dtype), w), gradient),
        "the loss does not trace: ValueError: Pure callbacks do not support JVP.",
    ),
    # Options
    "argnums by name": (of(argnums="w"), f"{ARGNUMS}'w'"),
    "argnums twice": (of(argnums=(0, 0)), f"{ARGNUMS}(0, 0)"),
    "no argnums": (of(argnums=()), f"{ARGNUMS}()"),
    "argnums that are floats": (of(argnums=0.0), f"{ARGNUMS}0.0"),
    "a domain that is a class": (
        of(domains={"w": Positive}),
        "domains are symbols, such as Positive() or Binary(); given",
    ),
    "a domain in words": (
        of(domains={"w": "positive"}),
        "domains are symbols, such as Positive() or Binary(); given 'p",
    ),
    "a domain of functions": (
        of(domains={"w": Function()}),
        "domains are symbols, such as Positive() or Binary(); given",
    ),
    "a domain by a number": (of(domains={0: Positive()}), "domains names arguments, which are w; given 0"),
    "a domain for all": (of(domains=Positive()), "domains is a mapping from names of arguments to symbols, or a tuple"),
    "a domain of other axes": (
        of(domains={"w": Positive("n m")}),
        'domains says Positive("n m") of w, which has 1 axes',
    ),
    "rows of a number": (at(1.0, domains={"w": OneHot("K")}), 'domains says OneHot("K") of w, which has 0 axes'),
    "sizes as in a claim": (
        of(sizes={"n": 3}),
        'sizes is "example", for those of the example alone, or left out; given',
    ),
    "kinks that are true": (of(kinks=True), "kinks are words that leave open what is returned where things are equal"),
    "a list for a convention": (of(convention=[0]), "a convention is a value, a side or words that say one, such as 0"),
    "a key for a seed": (of(seed=jax.random.key(0)), "a seed is a whole number, and not negative; given Array("),
    "a negative seed": (of(seed=-1), "a seed is a whole number, and not negative; given -1"),
    "a tolerance": (of(rtol=1e-3), "check() got an unexpected keyword argument 'rtol'"),
    "quick and full": (of(full=True), "quick and full are opposites; say one of them"),
    # Rules
    "a rule of a plain function": (
        lambda: check_rule(loss, (W,)),
        "a function with jax.custom_vjp or jax.custom_jvp is",
    ),
    "a rule at an array": (lambda: check_rule(jax.nn.relu, W), f"{ARGUMENTS}Array([1., 1., 1.]"),
    "a pullback without a cotangent": (
        lambda: check_vjp(loss, lambda w: (2 * w,), (W,)),
        "the rule is called with 2 arguments, as in example_args, with a cotangent: too many positional arguments",
    ),
    "a pullback that is no tuple": (
        lambda: check_vjp(loss, lambda w, g: 2 * w * g, (W,)),
        "side 1 is float64[3] and side 0 is (float64[3],)",
    ),
    "a pushforward of two arguments more": (
        lambda: check_jvp(loss, lambda w, t, n: t, (W,)),
        "the rule is called with 2 arguments, the primals and the tangents: missing a required argument: 'n'",
    ),
    "a file for a claim": (
        lambda: verify("my_loss.py"),
        "verify takes a claim, as `claim` and `definition` make it; give",
    ),
}


def said(call):
    """What a user reads."""
    try:
        return call().why
    except (GradproofError, TypeError) as error:
        return str(error)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_sentence(name):
    call, message = MISTAKES[name]
    found = said(call)
    assert found.startswith(message)
    assert len(found) < 400
    assert len(found.splitlines()) == 1


RIGHT = {
    "methods": lambda: check(Model().loss, Model().gradient, (W,), quick=True),
    "functions with arguments filled in": lambda: check(
        functools.partial(scaled, x=2.0), functools.partial(lambda w, x: x * jnp.ones_like(w), x=2.0), (W,), quick=True
    ),
    "a lambda with a default": lambda: check(loss, lambda w, scale=2: scale * w, (W,), quick=True),
    "static arguments of jit": lambda: check(
        jax.jit(lambda w, n: jnp.sum(w**n), static_argnums=1), lambda w, n: n * w ** (n - 1), (W, 3), quick=True
    ),
    "vmap": lambda: check(lambda w: jnp.sum(jax.vmap(jnp.sin)(w)), jax.vmap(jnp.cos), (W,), quick=True),
    "shapes alone": lambda: check(loss, gradient, (jax.ShapeDtypeStruct((3,), float),), quick=True),
    "a list of numbers as a tree": lambda: check(
        lambda w: w[0] ** 2 + w[1], lambda w: [2 * w[0], 1.0 + 0 * w[1]], ([1.0, 2.0],), quick=True
    ),
    "a whole number of Python": lambda: check(loss, gradient, (3,), quick=True),
    "argnums of numpy": lambda: check(loss, gradient, (W,), argnums=np.int64(0), quick=True),
    "a key inside": lambda: check(
        lambda w: jnp.sum(w * jax.random.normal(jax.random.key(0), (3,))),
        lambda w: jax.random.normal(jax.random.key(0), (3,)) + 0 * w,
        (W,),
        quick=True,
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_no_mistake(name):
    verdict = RIGHT[name]()
    assert verdict, verdict.why


def test_a_print_prints(capsys):
    def printing(w):
        print("here")
        return 2 * w

    assert check(loss, printing, (W,), quick=True)
    assert re.fullmatch("(here\n)+", capsys.readouterr().out)
