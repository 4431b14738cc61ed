"""The bound of SOUNDNESS.md, tried over primes so small that false claims are accepted often.

Each claim tries one event of the bound. The numbers of decisions, ways and attempts, and of primes, only multiply it or
are its exponents: these are tested as such.
"""

import math
from dataclasses import replace
from fractions import Fraction

import jax.numpy as jnp
import pytest
from false_claims import CLAIMS
from stated import stated
from trials import accepted, comparison, tally, tally_with_other_bound

from gradproof import Real
from gradproof.checks import Study
from gradproof.worlds.atoms import Colours
from gradproof.worlds.bound import degree, evidence, powers
from gradproof.worlds.bound.degree import Degree, Degrees
from gradproof.worlds.check import Comparison
from gradproof.worlds.draws import Plan, how_many_primes, is_drawn_from, primes_for
from gradproof.worlds.operations import elements, loosened
from gradproof.worlds.residues import BITS, Field
from gradproof.worlds.roots import Roots

SHARP = (
    "fractions of polynomials",
    "fractions, in two draws",
    "roots of odd order",
    "roots of positive numbers",
    "negative exponents",
    "large coefficients",
)
"""Claims that are accepted about as often as is allowed: otherwise nothing would be noticed."""


@pytest.mark.parametrize("name", CLAIMS)
def test_false_claims_are_accepted_no_more_often_than_the_bound_allows(name):
    assert not tally(name).exceeds_bound


@pytest.mark.parametrize("name", SHARP)
def test_they_are_accepted_about_as_often(name):
    found = tally(name)
    assert found.allowed / 2 < found.accepted / found.made < 1


# What the bound counts, and how it would be left out.


def products_of_the_larger_degree(planted):
    product = degree.product_of

    def larger(a, b):
        return replace(product(a, b), numerator=max(a.numerator, b.numerator))

    planted.setattr(degree, "product_of", larger)


def one_denominator_of_an_array(planted):
    inverse = Degrees.inverse
    planted.setattr(Degrees, "inverse", lambda self, a, count, worlds: inverse(self, a, 1, worlds))


def decided(degree, height):
    """A way of leaving out some of the degree and the height of what is compared."""

    def plant(planted):
        def decide(self, a, count=1, beside=(0.0, 0.0)):
            own, bits = self.degrees.whole(a.degree)
            self.degree = max(self.degree, degree * own + beside[0])
            self.height = max(self.height, height * bits + beside[1])
            self.decisions += math.prod(a.shape) * self.worlds(a) * count

        planted.setattr(elements.Elements, "decide", decide)

    return plant


def left_out(place, name, made):
    return lambda planted: planted.setattr(place, name, made, raising=False)


def as_if_drawn(degrees, pairs, used):
    return Degree(pairs.largest)


OMISSIONS = {
    "degrees of products": (products_of_the_larger_degree, "fractions of polynomials"),
    "the degree of the other side": (decided(1, 2), "fractions of polynomials"),
    "squares": (left_out(evidence, "of_powers", lambda _: 1.0), "fractions of polynomials"),
    "squares, in two draws": (left_out(evidence, "of_powers", lambda _: 1.0), "fractions, in two draws"),
    "roots of squares that were drawn": (left_out(evidence, "of_powers", lambda _: 2.0), "roots of positive numbers"),
    "negative exponents": (left_out(evidence, "of_inverses", lambda _: 1), "negative exponents"),
    "conjugates": (left_out(evidence, "conjugates", lambda _: 1), "roots of odd order"),
    "coefficients of conjugates": (left_out(evidence, "conjugates", lambda _: 1), "large coefficients of roots"),
    "heights": (decided(2, 0), "large coefficients"),
    "the height of the other side": (decided(2, 1), "large coefficients"),
    "what logarithms were taken of": (left_out(powers, "of_powers", as_if_drawn), "exponentials of logarithms"),
    "its coefficients": (left_out(powers, "of_powers", as_if_drawn), "coefficients in logarithms"),
    "what exponentials were taken of": (left_out(powers, "of_exponents", as_if_drawn), "logarithms of exponentials"),
    "denominators of the other elements": (one_denominator_of_an_array, "a hundred denominators"),
    "signs of roots": (left_out(evidence, "of_signs", lambda _: 0.0), "signs of roots of squares"),
    "signs of two roots": (left_out(evidence, "of_signs", lambda _: 0.5), "two roots of squares"),
    "the draw that is spent on a constant": (
        left_out(Field, "scaling", property(lambda _: False, lambda _, __: None)),
        "proportions",
    ),
    "the number of decisions": (left_out(evidence, "decisions", lambda _: 1), "coincidences"),
    "weights of outcomes": (left_out(loosened, "OF_WEIGHTS", Degree()), "loosened sums"),
}


@pytest.mark.parametrize("omission", OMISSIONS)
def test_of_an_event_that_is_left_out_of_the_bound_it_is_noticed(omission, monkeypatch):
    plant, name = OMISSIONS[omission]
    assert not tally(name).exceeds_bound
    with monkeypatch.context() as planted:
        plant(planted)
        assert tally_with_other_bound(name).exceeds_bound


def test_roots_of_squares_have_signs_at_random(monkeypatch):
    """One that is the same in all draws of a prime would be wrong in all of them, or in none."""
    name = "a sign for each prime"
    case = CLAIMS[name]
    with monkeypatch.context() as planted:
        planted.setattr(Roots, "_of_any_sign", lambda self, root, a: root)
        found = tally(name)._replace(accepted=sum(accepted(name, plan)[0] for plan in case.plans()))
    assert found.exceeds_bound


# What is too small to be measured.


def arithmetic_of(name, **plan):
    return comparison(name).once(replace(Plan(bytes(64)), **plan), Colours())[1]


def test_every_decision_counts_in_every_way_and_attempt():
    arithmetic = arithmetic_of("fractions of polynomials")
    together = evidence.bound_log2(arithmetic) - evidence.accident_log2(arithmetic)
    ways = 4 * 12 * len(evidence.PRIMES_TRIED) * len(evidence.REPEATS_TRIED) * 8
    assert together == pytest.approx(math.log2(arithmetic.decisions * (arithmetic.decisions + 1) * 8 * ways))


def test_the_prime_by_which_relations_are_found_is_no_evidence():
    without, beside = (arithmetic_of("large coefficients", witnesses=n) for n in (0, 32))
    beside.height, beside.degree = without.height, without.degree - 2 * beside.pairs.largest
    assert evidence.accident_log2(beside) == pytest.approx(evidence.accident_log2(without) * 15 / 16)


def test_what_was_decided_in_a_run_that_is_made_again_counts():
    colours = Colours()
    first = comparison("large coefficients").once(Plan(bytes(64)), colours)[1]
    again = comparison("large coefficients").once(Plan(bytes(64)), colours)[1]
    assert again.decisions == 2 * first.decisions
    colours.forget()
    assert comparison("large coefficients").once(Plan(bytes(64)), colours)[1].decisions == first.decisions


def test_with_other_draws_nothing_is_known_of_regions_or_roots(monkeypatch):
    """A run with few draws may be wrong; what it learnt would then be none of what the bound counts."""
    claim = stated(lambda x: jnp.exp(x) * jnp.abs(x), lambda x: jnp.exp(x / 2) ** 2 * jnp.abs(x), x=Real())
    both = Comparison([Study(claim).program({}, "dual")], claim, {}, labels=False)
    runs, once = [], Comparison.once

    def noted(self, plan, colours):
        runs.append((plan.repeats, plan.order, colours.decisions, colours.counts))
        return once(self, plan, colours)

    monkeypatch.setattr(Comparison, "once", noted)
    monkeypatch.setattr(evidence, "of_signs", lambda _: 0.7)
    assert not both.found(Plan(bytes(64), witnesses=32)).differences
    assert runs[0][:2] == (2, 1)
    assert runs[1][:2] == (2, 2)
    assert next(run for run in runs if run[0] > 2)[1:] == (1, 0, [2])


def test_orders_of_roots_of_one_number_are_all_counted():
    roots = Roots(arithmetic_of("roots of odd order").field)
    for order in (3, 5, 9):
        roots.power(roots.field.fresh("x"), Fraction(1, order))
    assert math.prod(roots.odd.values()) == 45


@pytest.mark.parametrize("bits", [8, 11, 14])
def test_primes_are_as_many_as_is_said(bits):
    among = [p for p in range(1 << (bits - 1), 1 << bits) if is_drawn_from(p)]
    assert how_many_primes(bits) == len(among)
    assert set(primes_for(b"all of them", len(among), bits)) == set(among)


def test_primes_of_all_bits_are_about_as_many_as_that():
    share = (1 / 2) * (1 / 2) * (3 / 4) * (5 / 6)
    assert how_many_primes(BITS) == pytest.approx(50_697_537 * share, rel=1e-3)
