"""The bound of SOUNDNESS.md, tried over primes so small that false claims are accepted often."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gradproof import Function, Positive, Real, claim, derivative
from gradproof._evaluate import Evaluator
from gradproof._exact import bound_log2
from gradproof._field import FieldArithmetic
from gradproof._scene import field_inputs, real_point
from gradproof._tower import Towers, is_prime
from gradproof._trace import trace

TRIALS = 400


def false_claims():
    """Inside a function, so that pytest does not take them for claims to verify."""

    @claim("roots of a polynomial")
    def polynomial(x=Real()):
        yield jnp.prod(x - jnp.arange(8.0))
        yield x * 0

    @claim("a coefficient with many prime factors")
    def coefficient(x=Real()):
        primes = [p for p in range(512, 1024) if is_prime(p)][:3]
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


@pytest.mark.parametrize(
    "case",
    false_claims(),
    ids=lambda case: case.id,
)
@pytest.mark.parametrize("bits", [10, 13])
def test_false_acceptances_are_rarer_than_the_bound(case, bits):
    sizes = {"n": 3, "m": 2}
    program = trace(case, sizes, "dual")
    levels = {"nested": 3, "logarithm beside its argument": 2}.get(case.id, 2)
    accepted, bounds, made = 0, 0.0, 0
    for seed in range(TRIALS // 8):
        # Many draws of one tower are many trials of the bound for one draw of one tower.
        towers = Towers(seed, 1, 32, levels, False, bits)
        generator = np.random.default_rng([seed, bits])
        arithmetic = FieldArithmetic(towers, generator)
        point = real_point(case, sizes, generator, 1.0)
        inputs = field_inputs(case, arithmetic, point, {})
        a, b = Evaluator(arithmetic).run_closed(program.closed, inputs)
        shared = [i for i in range(levels) if a.levels[i] is not None and b.levels[i] is not None]
        alive = arithmetic.alive
        same = np.ones(alive.shape, bool)
        for i in shared:
            same &= (a.levels[i] == b.levels[i]).reshape(len(alive), -1).all(axis=1)
        accepted += int((same & alive).sum())
        made += int(alive.sum())
        arithmetic.alive = np.zeros(len(alive), bool)
        arithmetic.alive[: max(1, int(alive.sum() > 0))] = True
        one_draw = 2.0 ** min(bound_log2(arithmetic, a, b), 0.0)
        bounds += one_draw * int(alive.sum())
    assert made > 100
    # Three standard deviations of a count whose mean is at most the sum of the bounds.
    assert accepted <= bounds + 3 * np.sqrt(bounds)


def test_the_rate_is_near_the_bound_where_the_bound_is_sharp():
    """A polynomial with all its roots in the field: without this, the test above could pass by never accepting."""
    polynomial = false_claims()[0]
    accepted = made = 0
    for seed in range(50):
        towers = Towers(seed, 1, 64, 1, False, 9)
        arithmetic = FieldArithmetic(towers, np.random.default_rng(seed))
        program = trace(polynomial, {}, "dual")
        a, b = Evaluator(arithmetic).run_closed(
            program.closed, field_inputs(polynomial, arithmetic, {"x": np.array(1.3)}, {})
        )
        accepted += int((a.levels[0] == b.levels[0]).sum())
        made += 64
    assert accepted / made > 8 / 512 / 2


@pytest.mark.parametrize("circular", [False, True])
@pytest.mark.parametrize("levels", [1, 2, 4])
def test_towers_are_what_they_are_said_to_be(levels, circular):
    towers = Towers(3, 4, 2, levels, circular)
    for tower in towers.each:
        assert all(map(is_prime, tower.primes))
        for i, g in enumerate(tower.generators):
            assert (tower.primes[i + 1] - 1) % tower.primes[i] == 0
            assert g != 1
            assert pow(g, tower.primes[i], tower.primes[i + 1]) == 1
        for root, prime in zip(tower.roots, tower.primes, strict=False):
            assert root * root % prime == prime - 1


def test_logarithms_undo_powers():
    towers = Towers(5, 3, 4, 3, False)
    generator = np.random.default_rng(0)
    for level in range(2):
        exponents = generator.integers(0, towers.primes[level][:, None], (12, 7))
        powers = towers.power(level, exponents)
        expected = [
            [
                pow(towers.each[row // 4].generators[level], int(e), int(towers.primes[level + 1][row]))
                for e in exponents[row]
            ]
            for row in range(12)
        ]
        assert powers.tolist() == expected
        assert towers.logarithm(level, powers).tolist() == exponents.tolist()
