"""The bound of SOUNDNESS.md, tried over primes so small that false claims are accepted often."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradproof import Function, Positive, Real, claim, derivative
from gradproof.fields import FieldArithmetic, bound, exponents, inputs, towers
from gradproof.interpreter import Evaluator
from gradproof.programs import trace


def false_claims():
    """Inside a function, so that pytest does not take them for claims to verify."""

    @claim("roots of a polynomial")
    def polynomial(x=Real()):
        yield jnp.prod(x - jnp.arange(8.0))
        yield x * 0

    @claim("a coefficient with many prime factors")
    def coefficient(x=Real()):
        primes = [p for p in range(512, 1024) if towers.is_prime(p)][:3]
        yield float(np.prod(primes)) * x
        yield x * 0

    @claim("linear exponents")
    def linear(x=Real("n"), w=Real("n")):
        u = jnp.exp(x @ w)
        yield (u - 1) * (u - 2) * (u - 4)
        yield u * 0

    @claim("nonlinear exponents")
    def nonlinear(x=Real()):
        yield jnp.exp(x**3)
        yield jnp.exp(x)

    @claim("dependent exponents")
    def dependent(w=Real("m"), x=Real("n m")):
        yield jnp.sum(jnp.exp(x @ w))
        yield jnp.prod(jnp.exp(x @ w))

    @claim("logarithms")
    def logarithms(a=Positive(), b=Positive()):
        yield jnp.log(a + b)
        yield jnp.log(a) + jnp.log(b)

    @claim("nested")
    def nested(x=Real()):
        yield jnp.tanh(jnp.tanh(x))
        yield jnp.tanh(x)

    @claim("logarithm beside its argument")
    def softplus(x=Real()):
        yield jnp.log1p(jnp.exp(x)) * x
        yield jnp.log1p(jnp.exp(x)) ** 2

    @claim("roots")
    def square_root(a=Positive(), b=Positive()):
        yield jnp.sqrt(a + b)
        yield jnp.sqrt(a) + jnp.sqrt(b)

    @claim("Cholesky factors")
    def cholesky(x=Real(), y=Real()):
        factor = jnp.linalg.cholesky(jnp.array([[1, x], [x, 1 + x**2 + y**2]]))
        yield factor[1, 1]
        yield factor[1, 0]

    @claim("triangular systems")
    def triangular(A=Real("m m"), b=Real("m")):
        yield jax.scipy.linalg.solve_triangular(A, b, lower=True)[1]
        yield jax.scipy.linalg.solve_triangular(A, b)[0]

    @claim("unknown functions")
    def unknown(x=Real(), y=Real(), f=Function()):
        yield f(x) * (x - y)
        yield f(y) * (x - y)

    @claim("derivative")
    def slope(x=Real("n")):
        yield derivative(lambda x: jnp.sum(jnp.exp(x) * x), x)
        yield jnp.exp(x) * x

    return [
        polynomial,
        coefficient,
        linear,
        nonlinear,
        dependent,
        logarithms,
        nested,
        softplus,
        square_root,
        cholesky,
        triangular,
        unknown,
        slope,
    ]


class Tally(NamedTuple):
    """Draws that were made of a false claim, those that accepted it, and how many the bound allows on average."""

    made: int
    accepted: int
    allowed: float

    def exceeds_bound(self):
        """By three standard deviations of a count with such a mean."""
        return self.accepted > self.allowed + 3 * np.sqrt(self.allowed)


def both_sides(case, arithmetic, point, sizes=None):
    """What they are, at a point."""
    program = trace(case, sizes or {}, "dual")
    return Evaluator(arithmetic).run_closed(program.closed, inputs.field_inputs(case, arithmetic, point, {}))


def tally(case, bits, *, by_rank=False):
    """Many draws of many towers, each a trial of the bound for one draw."""
    sizes = {"n": 3, "m": 2}
    levels = 3 if case.id == "nested" else 2
    made, accepted, allowed = 0, 0, 0.0
    for seed in range(50):
        # Where exponents are counted, one tower is spent on finding out how they depend on each other.
        drawn = towers.Towers(seed, 1 + by_rank, 32, levels, False, bits)
        generator = np.random.default_rng([seed, bits])
        arithmetic = FieldArithmetic(drawn, generator, by_rank=by_rank)
        a, b = both_sides(case, arithmetic, inputs.real_point(case, sizes, generator, 1.0), sizes)
        # One level at which both have values: the bound holds for each.
        level = max(i for i in range(levels) if a.levels[i] is not None and b.levels[i] is not None)
        same = (a.levels[level] == b.levels[level]).reshape(drawn.draws, -1).all(axis=1)
        counted = arithmetic.alive.copy()
        if by_rank:
            assert arithmetic.exponents.witnesses == {0}
            counted[:32] = False
        vanishing = 2.0 ** bound.chances_log2(arithmetic, a, b)[1]
        made += int(counted.sum())
        accepted += int((same & counted).sum())
        allowed += vanishing * int(counted.sum())
    assert made > 100
    return Tally(made, accepted, allowed)


CASES = {case.id: case for case in false_claims()}
BY_RANK = ["linear exponents", "nonlinear exponents", "dependent exponents", "derivative"]


@pytest.mark.parametrize("bits", [10, 13])
@pytest.mark.parametrize(("name", "by_rank"), [*((name, False) for name in CASES), *((name, True) for name in BY_RANK)])
def test_false_acceptances_are_rarer_than_the_bound(name, by_rank, bits):
    found = tally(CASES[name], bits, by_rank=by_rank)
    assert not found.exceeds_bound()
    assert found.allowed < found.made


def many_roots():
    @claim("roots of a polynomial")
    def polynomial(x=Real()):
        yield jnp.prod(x - jnp.arange(64.0))
        yield x * 0

    @claim("roots among exponentials")
    def exponential(x=Real()):
        yield jnp.prod(jnp.exp(x) - 2.0 ** np.arange(48))
        yield x * 0

    return polynomial, exponential


def test_false_acceptances_are_more_than_a_bound_that_is_too_small(monkeypatch):
    polynomial, exponential = many_roots()
    assert not tally(polynomial, 10).exceeds_bound()
    assert not tally(exponential, 10, by_rank=True).exceeds_bound()
    with monkeypatch.context() as planted:
        planted.setattr(exponents.Degree, "__mul__", exponents.Degree.largest)
        assert tally(polynomial, 10).exceeds_bound()
    degree = exponents.Exponents.degree
    with monkeypatch.context() as planted:
        planted.setattr(exponents.Exponents, "degree", lambda *of: (exponents.Degree(0.0), degree(*of)[1]))
        assert tally(exponential, 10, by_rank=True).exceeds_bound()


def test_coefficients_are_no_larger_than_their_bound():
    """Whatever the primes, no more of them divide a coefficient than fit into its bits."""
    coefficient = CASES["a coefficient with many prime factors"]
    drawn = towers.Towers(0, 1, 1, 1, False, 13)
    arithmetic = FieldArithmetic(drawn, np.random.default_rng(0))
    a, b = both_sides(coefficient, arithmetic, {"x": np.array(1.3)})
    bad, _ = bound.chances_log2(arithmetic, a, b)
    assert a.degree.height.top >= np.log2(np.prod([521, 523, 541], dtype=float))
    assert 2 ** (bad + drawn.entropy) >= 2


def logarithms_undone():
    @claim("exponentials of logarithms")
    def power(a=Positive()):
        number = 1 + a**2 + a**5
        yield jnp.exp(4 * jnp.log(number))
        yield number**4

    @claim("the same in an exponent")
    def exponent(a=Positive()):
        number = 1 + a**2 + a**5
        yield jnp.exp(jnp.exp(2 * jnp.log(number)))
        yield jnp.exp(number**2)

    return power, exponent


@pytest.mark.parametrize("case", logarithms_undone(), ids=lambda case: case.id)
def test_the_exponential_of_a_logarithm_counts_as_much_as_what_it_is(case):
    drawn = towers.Towers(0, 2, 2, 4, False)
    arithmetic = FieldArithmetic(drawn, np.random.default_rng(0))
    a, b = both_sides(case, arithmetic, {"a": np.array(1.3)})
    assert a.degree.numerator >= b.degree.numerator
    assert a.degree.height.top >= b.degree.height.top
    assert a.degree.terms.top >= b.degree.terms.top


def test_the_rate_is_near_the_bound_where_the_bound_is_sharp():
    """A polynomial with all its roots in the field: without this, the test above could pass by never accepting."""
    polynomial = false_claims()[0]
    accepted = made = 0
    for seed in range(50):
        drawn = towers.Towers(seed, 1, 64, 1, False, 9)
        arithmetic = FieldArithmetic(drawn, np.random.default_rng(seed))
        a, b = both_sides(polynomial, arithmetic, {"x": np.array(1.3)})
        accepted += int((a.levels[0] == b.levels[0]).sum())
        made += 64
    assert accepted / made > 8 / 512 / 2


@pytest.mark.parametrize("circular", [False, True])
@pytest.mark.parametrize("levels", [1, 2, 4])
def test_towers_are_what_they_are_said_to_be(levels, circular):
    drawn = towers.Towers(3, 4, 2, levels, circular)
    for tower in drawn.each:
        assert all(map(towers.is_prime, tower.primes))
        for i, g in enumerate(tower.generators):
            assert (tower.primes[i + 1] - 1) % tower.primes[i] == 0
            assert g != 1
            assert pow(g, tower.primes[i], tower.primes[i + 1]) == 1
        for root, prime in zip(tower.roots, tower.primes, strict=False):
            assert root * root % prime == prime - 1


@pytest.mark.parametrize("repeats", [3, 64])
def test_inverses_are_inverses(repeats):
    drawn = towers.Towers(5, 4, repeats, 1, False)
    generator = np.random.default_rng(0)
    for shape in ((), (1,), (5,), (2, 3)):
        prime = towers.column(drawn.primes[0], np.zeros((drawn.draws, *shape)))
        numbers = generator.integers(0, prime, (drawn.draws, *shape))
        numbers[0] = 0
        products = towers.multiply(numbers, towers.inverse(numbers, prime), prime)
        assert (products == (numbers != 0)).all()
        assert not towers.inverse(numbers, prime)[0].any()


def test_logarithms_undo_powers():
    drawn = towers.Towers(5, 3, 4, 3, False)
    generator = np.random.default_rng(0)
    for level in range(2):
        chosen = generator.integers(0, drawn.primes[level][:, None], (12, 7))
        powers = drawn.power(level, chosen)
        expected = [
            [
                pow(drawn.each[row // 4].generators[level], int(e), int(drawn.primes[level + 1][row]))
                for e in chosen[row]
            ]
            for row in range(12)
        ]
        assert powers.tolist() == expected
        assert drawn.logarithm(level, powers).tolist() == chosen.tolist()
