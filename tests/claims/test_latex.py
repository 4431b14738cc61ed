"""LaTeX, names and sizes that are mistyped are refused when a claim is made."""

import re

import pytest

from gradproof import GradproofError, Index, Real, claim, definition, demonstration


def declared(latex="", id="a", correction=None):
    claim(id, latex, correction=correction)
    definition(id, latex, correction=correction)
    demonstration(id, latex)


@pytest.mark.parametrize(
    "latex", ["", r"\frac{1}{n}", r"\{x\}", r"\left\{ x \right.", "a\nb", r"\\{x}", "σ(z)", r"\text{a } b"]
)
def test_what_is_balanced_is_taken(latex):
    declared(latex)


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"\frac{\partial L}{\partial w = ", r"has a '{' without a partner, in '{\\partial w = '; balance the braces"),
        (r"x}", "has a '}' without a partner, in '}'; balance the braces"),
        (r"\\{x", "has a '{' without a partner, in '{x'; balance the braces"),
        ("\theta", r"that Python makes of \t in '\theta'; put an r before the string"),
        ("\frac{1}{2}", r"that Python makes of \f in '\frac{1}{2'; put an r before the string"),
        ("x \rho", r"that Python makes of \r in '\rho'; put an r before the string"),
        ("2\nabla f", r"that Python makes of \n in '\nabla f'; put an r before the string"),
        ("\x00", r"that Python makes of \x00 in '\x00'; put an r before the string"),
        (3, "is a text; given 3"),
    ],
)
@pytest.mark.parametrize("declare", [claim, definition, demonstration])
def test_latex_that_is_none(declare, latex, said):
    with pytest.raises(
        GradproofError,
        match=re.escape(f"claim 'a': its LaTeX {said}".replace("LaTeX that", "LaTeX has the character that")),
    ):
        declare("a", latex)


def test_a_correction_is_latex():
    with pytest.raises(GradproofError, match=r"claim 'a': its correction has a '\{' without a partner"):
        declared("x", correction="{x")


@pytest.mark.parametrize("id", ["", "  ", 3, None])
@pytest.mark.parametrize("declare", [claim, definition, demonstration])
def test_an_id_is_a_text(declare, id):
    with pytest.raises(
        GradproofError, match=re.escape(f'declared by its name, such as @claim("my_loss.gradient"); given {id!r}')
    ):
        declare(id)


def test_classes_below_a_size_of_no_array():
    message = (
        "claim 'a': 'y' is below 'C', a size that belongs to no array; name one of K, or fix it with sizes={'C': 3}"
    )
    with pytest.raises(GradproofError, match=re.escape(message)):

        @claim("a")
        def refused(z=Real("K"), y=Index(below="C")):
            yield z


def test_classes_below_a_size_that_is_fixed():
    @claim("a", sizes={"C": 3})
    def fixed(z=Real("K"), y=Index(below="C")):
        yield z

    @claim("b")
    def of_an_array(z=Real("K"), y=Index(below="K")):
        yield z

    assert (fixed.size_names(), of_an_array.size_names()) == (("K",), ("K",))
