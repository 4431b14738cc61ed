"""Claims of three kinds, and what is refused when one is declared."""

import math

import pytest

from gradproof import Claim, GradproofError, Interval, Real, Sign, claim, definition, demonstration, verify
from gradproof.claims import Definition, Demonstration, Equality


def one_side(x=Real("n"), signs=Sign("n"), rates=((Interval(low=0, high=1), Real("m")),)):
    yield x


def shown(control):
    return not control


def test_each_way_to_declare_a_claim_makes_its_kind():
    kinds = [
        (claim("c")(one_side), Equality, "holds"),
        (claim("c", correction="2 x")(one_side), Equality, "misprint"),
        (definition("e", code=math.exp), Definition, "definition"),
        (demonstration("d")(shown), Demonstration, "demonstrated"),
    ]
    for made, kind, expected in kinds:
        assert type(made) is kind
        assert isinstance(made, Claim)
        assert made.expected == expected


def test_the_code_of_a_claim_is_what_it_is_made_of():
    assert claim("c")(one_side).code is one_side
    assert definition("e", code=math.exp).code is math.exp
    assert definition("notation").code is None
    assert demonstration("d")(shown).code is shown


def test_there_is_no_claim_of_no_kind():
    with pytest.raises(TypeError, match="abstract"):
        Claim(id="none", title="none")


def test_symbols_are_named_by_their_places():
    made = claim("c")(one_side)
    assert list(made.symbols) == ["x", "signs", "rates[0][0]", "rates[0][1]"]
    assert made.size_names() == ("n", "m")
    assert made.inputs == ["rates[0][0]", "rates[0][1]", "signs", "x"]
    assert made.arguments({"x": 1, "signs": 2, "rates[0][0]": 3, "rates[0][1]": 4}) == {
        "x": 1,
        "signs": 2,
        "rates": ((3, 4),),
    }


@pytest.mark.parametrize("given", ["no claim", None, one_side])
def test_what_is_no_claim_is_not_verified(given):
    with pytest.raises(GradproofError, match=r"^verify takes a claim, as `claim` and `definition` make it; given"):
        verify(given)


def test_bad_claims_are_refused():
    with pytest.raises(GradproofError, match="has no yield"):
        claim("c")(lambda x=Real(): x)

    def unnamed(x):
        yield x

    with pytest.raises(GradproofError, match="needs a symbol"):
        claim("c")(unnamed)

    def half_named(x=(Real(), 1.0)):
        yield x

    with pytest.raises(GradproofError, match="or a tuple of symbols"):
        claim("c")(half_named)

    def settled(x=Real()):
        yield x

    with pytest.raises(GradproofError, match="is one of holds"):
        claim("c", covers={"000.1a": "true"})(settled)
    with pytest.raises(GradproofError, match="covers is a list of ids or a mapping; given the text"):
        claim("c", covers="000.1a")(settled)
    with pytest.raises(GradproofError, match="severity is one of"):
        claim("c", severity="grave")(settled)


@pytest.mark.parametrize("name", [3, "", " ", lambda w: w])
def test_a_claim_has_a_name(name):
    with pytest.raises(GradproofError, match=r'by its name, such as @claim\("my_loss.gradient"\); given'):
        claim(name)


@pytest.mark.parametrize("size", [-3, 2.5, "2"])
def test_a_size_is_a_whole_number(size):
    with pytest.raises(GradproofError, match="the size 'n' is a whole number, and not negative"):

        @claim("sized", sizes={"n": size})
        def sized(x=Real("n")):
            yield x
