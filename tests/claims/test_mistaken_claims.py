"""What a newcomer gets wrong when writing a claim is said in a sentence, with its file and line."""

import re
import sys

import pytest

from gradproof import GradproofError, verify
from gradproof.catalogue import from_file

HEAD = """
import functools

import jax
import jax.numpy as jnp
import numpy as np

from gradproof import *

rng, kept = np.random.default_rng(0), []
"""
LINE = len(HEAD.splitlines()) + 1
OF_W = '@claim("c")\ndef c(w=Real("m")):\n    '
SYMBOL = 'such as w=Real("n"), or a tuple of symbols'


def of_w(*body):
    return OF_W + "\n    ".join(body)


def with_default(default):
    return f'@claim("c")\ndef c(w={default}):\n    yield 2 * w\n    yield w + w'


def with_options(options):
    return f'@claim("c", {options})\ndef c(w=Real("m")):\n    yield 2 * w\n    yield w + w'


TWICE = "    yield 2 * w\n    yield w + w"
MISTAKES = {
    # The function
    "no yield": (of_w("return w"), "claim 'c': it is made of a function that yields each side; 'c' has no yield"),
    "a return after a yield": (of_w("yield 2 * w", "return w + w"), "this one yields 1: yield each side by itself"),
    "both sides in one yield": (of_w("yield 2 * w, w + w"), "this one yields 1: yield each side by itself"),
    "an equation": (of_w("yield 2 * w == w + w"), "this one yields 1: yield each side by itself"),
    "nothing yielded": (of_w("if False:", "    yield w"), "a claim needs two sides, and this one yields none"),
    "an async function": (
        f'@claim("c")\nasync def c(w=Real("m")):\n{TWICE}',
        "that yields each side; 'c' has no yield",
    ),
    "a class": ('@claim("c")\nclass C:\n    pass', "made of a function that yields each side; given the class C"),
    "a number": ('claim("c")(3)', "claim 'c': it is made of a function that yields each side; given an int"),
    "a claim of a claim": (
        f'@claim("a")\n@claim("b")\ndef c(w=Real("m")):\n{TWICE}',
        "claim 'a': it is made of a function that yields each side; given an Equality",
    ),
    "the function first": (
        f'def c(w=Real("m")):\n{TWICE}\nclaim(c, "c")',
        "a claim is declared by its name, such as @cl",
    ),
    "no symbol": (f'@claim("c")\ndef c(w):\n{TWICE}', f"parameter 'w' needs a symbol as its default, {SYMBOL}"),
    "a symbol for an annotation": (f'@claim("c")\ndef c(w: Real("m")):\n{TWICE}', "parameter 'w' needs a symbol as"),
    "any arguments": (f'@claim("c")\ndef c(*w):\n{TWICE}', "claim 'c': parameter 'w' needs a symbol as its default"),
    "a method": ('class C:\n    @claim("c")\n    def c(self):\n        yield 1\n', "parameter 'self' needs a symbol"),
    "an array for a symbol": (with_default("jnp.ones(3)"), "parameter 'w' needs a symbol as its default, such as w="),
    "a key for a symbol": (
        with_default("jax.random.key(0)"),
        "parameter 'w' needs a symbol as its default, such as w=",
    ),
    "the class for a symbol": (
        with_default("Real"),
        "parameter 'w' needs a symbol as its default, such as w=Real(\"n\")",
    ),
    "a list of symbols": (
        with_default('[Real("m")]'),
        'needs a symbol as its default, such as w=Real("n"), or a tuple',
    ),
    # Symbols
    "commas in a shape": (
        with_default('Real("n,m")'),
        "a shape is sums of names and numbers, apart by spaces, such as",
    ),
    "a tuple for a shape": (
        with_default("Real((2, 3))"),
        'a shape is a text of names and numbers, such as "n m+1 4m 3"; ',
    ),
    "several shapes": (with_default('Real("n", "m")'), 'a shape is one text, such as Real("n m"); given 2 arguments'),
    "a shape of a function": (
        with_default('Function("n")'),
        "Function() has no shape: what it is called with has; given",
    ),
    "rows without an axis": (
        with_default("Simplex()"),
        'Simplex needs an axis of classes, such as Simplex("n K"); given',
    ),
    "classes below nothing": (
        with_default('Index("n")'),
        "Index needs the size that its classes are below, such as below",
    ),
    "classes below a number": (with_default('Index("n", below=3)'), 'such as below="K" or below="5"; given 3'),
    "ends exchanged": (
        with_default("Interval(low=1, high=0)"),
        "Interval needs two numbers in the range of float32, the",
    ),
    "ends that are texts": (with_default('Interval(low="0", high="1")'), "the first the smaller one; given low='0'"),
    # Options
    "an id over lines": (
        f'@claim("a\\nb")\ndef c(w=Real()):\n{TWICE}',
        "claim 'a\\nb': an id has no '\\n', which the com",
    ),
    "an id that is a glob": (
        f'@claim("a.*")\ndef c(w=Real()):\n{TWICE}',
        "claim 'a.*': an id has no '*', which the com",
    ),
    "sizes in words": (
        with_options('sizes="m=3"'),
        "sizes are fixed by their names, as in sizes={\"n\": 3}; given 'm=3'",
    ),
    "a size of no symbol": (
        with_options('sizes={"q": 3}'),
        "sizes fixes 'q', which is no size of its symbols; these have m",
    ),
    "several sizes": (
        with_options('sizes={"m": (2, 3)}'),
        "the size 'm' is a whole number, and not negative; given (2, 3)",
    ),
    "a hypothesis": (with_options('hypotheses="w > 0"'), "claim 'c': hypotheses is a list of texts; given 'w > 0'"),
    "another statement": (with_options('same_as="000.1a"'), "claim 'c': same_as is a list of texts; given '000.1a'"),
    "a tie by a number": (
        with_options("kinks=0"),
        "kinks are words that leave open what is returned where things are eq",
    ),
    "a tolerance": (with_options("rtol=1e-3"), "claim() got an unexpected keyword argument 'rtol'"),
    "LaTeX that is not raw": (with_options('latex="\\frac{1}{2}"'), "put an r before the string"),
    # Derivatives
    "the derivative of a value": (
        of_w("yield derivative(jnp.sum(w**2), w)", "yield 2 * w"),
        "derivative takes a function and a point, such as derivative(lambda w: loss(w, x), w); its first argument",
    ),
    "a derivative like jax.grad": (
        of_w("yield derivative(lambda w: jnp.sum(w**2))(w)", "yield 2 * w"),
        "side 0 does not trace at m = 2: TypeError: derivative() missing 1 required positional argument: 'at'",
    ),
    "a gradient that is not called": (
        of_w("yield jax.grad(lambda w: jnp.sum(w**2))", "yield 2 * w"),
        "side 0 is to be made of numbers and arrays, and has a function in it",
    ),
    "the loss for its derivative": (
        of_w("yield jnp.sum(w**2)", "yield 2 * w"),
        "side 1 is float64[2] and side 0 is float64",
    ),
    "a function of one real, of two": (
        '@claim("c")\ndef c(f=Function(), x=Real()):\n    yield f(x, x)\n    yield f(x, x)',
        "f stands for a function of one real, and is called with 2 arguments; Functional() takes several",
    ),
    # What sides do
    "a text": (
        of_w("yield 2 * w", "yield 'w + w'"),
        "side 1 is to be made of numbers and arrays, and has the text 'w + w'",
    ),
    "an if": (
        of_w("yield abs(w)", "yield w if w[0] > 0 else -w"),
        "TracerBoolConversionError: it asks for the numbers",
    ),
    "a function of numpy": (
        of_w("yield jnp.exp(w)", "yield np.exp(w)"),
        "TracerArrayConversionError: it asks for the num",
    ),
    "an assertion": (
        of_w("assert 2 * w == w + w", "yield w"),
        "ValueError: The truth value of an array with more than",
    ),
    "a name that is not there": (
        of_w("yield W", "yield w"),
        "side 0 does not trace at m = 2: NameError: name 'W' is not",
    ),
    "a change in place": (
        of_w("yield w", "w[0] = 1.0", "yield w"),
        "side 1 does not trace at m = 2: TypeError: JAX arrays",
    ),
    "lengths that do not fit": (
        '@claim("c")\ndef c(w=Real("m"), x=Real("n")):\n    yield w + x\n    yield x + w',
        "side 0 does not trace at m = 2, n = 3: TypeError: add got incompatible shapes for broadcasting: (2,), (3,)",
    ),
    "an array that is kept": (
        of_w("kept.append(w)", "yield 2 * kept[0]", "yield w + w"),
        "a side uses an array that was kept from an earlier call, as in a list outside of the function; hand it over",
    ),
    "noise": (
        of_w("yield w * rng.normal()", "yield rng.normal() * w"),
        "the claim computes with other numbers each time that it is called, as where it draws from numpy.random",
    ),
    "a misprint by position": (
        '@claim("c", correction="2w")\ndef c(w=Real()):\n    yield 2 * w\n    yield misprint(3 * w, 2 * w)',
        "TypeError: misprint() takes 0 positional arguments but 2 were given",
    ),
    "a misprint without a correction": (
        of_w("yield 2 * w", "yield misprint(printed=3 * w, correct=w + w)"),
        "a claim that yields a misprint needs correction=, with what is right",
    ),
    # Other kinds of claims
    "code that is none": ('c = definition("c", code=3)', "definition 'c': its code is a function or a class; given 3"),
    "an experiment without a control": (
        '@demonstration("c")\ndef c():\n    return True',
        "the experiment does not run: TypeError: c() takes 0 positional arguments but 1 was given",
    ),
    "an experiment that returns a number": (
        '@demonstration("c")\ndef c(control):\n    return 1',
        "the experiment must return True or False, and returned 1",
    ),
    # The file
    "an import that fails": ("import no_such_package", "ModuleNotFoundError: No module named 'no_such_package'"),
    "a colon forgotten": ('@claim("c")\ndef c(w=Real())\n    yield w', "does not import: SyntaxError: expected ':'"),
    "a question": ("input()", "my_loss.py does not import: "),
    "no claims": ("def test_it():\n    assert True", "has no claims; make some with gradproof.claim"),
}
WITHOUT_A_LINE = {"no claims", "noise"}


def said(path):
    """What a user reads of the claims of a file."""
    try:
        (made,) = from_file(path)
        verdict = verify(made, quick=True)
        assert not verdict
        return f"{verdict.why}, {made.place}"
    except GradproofError as error:
        return str(error)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_sentence_with_its_line(name, tmp_path, monkeypatch):
    text, message = MISTAKES[name]
    path = tmp_path / "my_loss.py"
    path.write_text(HEAD + text + "\n")
    monkeypatch.setattr("sys.path", sys.path.copy())
    found = said(path)
    assert message in found
    assert len(found.replace(str(tmp_path), "")) < 420
    assert len(found.splitlines()) == 1
    lines = [int(line) for line in re.findall(r"my_loss\.py(?::|, line )(\d+)", found)]
    assert name in WITHOUT_A_LINE or any(LINE <= line < LINE + 5 for line in lines), found
