"""Cholesky factors and triangular systems: what the engine makes of them, and what it must never let pass."""

import itertools
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from exactly import assert_derivative, assert_proved, assert_refuted, check
from jax import lax
from jax.scipy.linalg import cho_factor, cho_solve, solve_triangular
from stated import stated

from gradproof import Binary, Positive, Real, claim, derivative, verify
from gradproof.checks import Study
from gradproof.checks.exact import ExactCheck
from manual_grads import logistic


def definite(A):
    """Positive definite, whatever A."""
    return A.T @ A + jnp.eye(A.shape[1], dtype=A.dtype)


# Triangular systems: every combination of flags

FLAGS = list(itertools.product([False, True], repeat=4))


def solved(left_side, lower, transpose_a, unit_diagonal):
    return partial(
        lax.linalg.triangular_solve,
        left_side=left_side,
        lower=lower,
        transpose_a=transpose_a,
        unit_diagonal=unit_diagonal,
    )


def applied(left_side, lower, transpose_a, unit_diagonal):
    """The product that solving undoes, by the definition of the flags."""

    def product(a, x):
        n = a.shape[-1]
        strict = jnp.tril(a, -1) if lower else jnp.triu(a, 1)
        unit = jnp.broadcast_to(jnp.eye(n, dtype=a.dtype), a.shape)
        triangle = strict + (unit if unit_diagonal else a * unit)
        triangle = triangle.mT if transpose_a else triangle
        return triangle @ x if left_side else x @ triangle

    return product


def right(left_side, batch=""):
    return Real(f"{batch} n k" if left_side else f"{batch} k n")


@pytest.mark.parametrize("flags", FLAGS)
def test_a_triangular_system_is_solved(flags):
    solve, product = solved(*flags), applied(*flags)
    assert_proved(lambda a, b: product(a, solve(a, b)), lambda a, b: b, a=Real("n n"), b=right(flags[0]))
    assert_proved(
        lambda a, b: product(a, solve(a, b)), lambda a, b: b, a=Real("2 n n"), b=right(flags[0], "2"), sizes={"k": 2}
    )


@pytest.mark.parametrize("flags", FLAGS)
def test_a_solution_has_the_derivatives_of_its_equation(flags):
    sizes = {"n": 3, "k": 2}
    kinds = {"a": Real("n n"), "b": right(flags[0]), "sizes": sizes}
    solve, product = solved(*flags), applied(*flags)

    def zero(a, b):
        return product(a, solve(a, b)) - b

    def none(a, b):
        return jnp.zeros((*b.shape, *a.shape))

    assert_derivative(zero, none, **kinds)


@pytest.mark.parametrize("flags", FLAGS)
def test_another_flag_is_refuted(flags):
    for position in range(4):
        other = [flag != (place == position) for place, flag in enumerate(flags)]
        assert_refuted(
            lambda a, b: solved(*flags)(a, b),
            lambda a, b, other=other: solved(*other)(a, b),
            a=Real("n n"),
            b=Real("n n"),
            sizes={"n": 2},
        )


def test_real_numbers_are_their_own_conjugates():
    flags = {"left_side": True, "lower": True, "transpose_a": True, "unit_diagonal": False}
    conjugated = partial(lax.linalg.triangular_solve_p.bind, conjugate_a=True, **flags)
    assert_proved(lambda a, b: conjugated(a, b), solved(**flags), a=Real("n n"), b=Real("n k"))


def test_a_solution_by_hand():
    def by_hand(a, b):
        return jnp.stack([b[0] / a[0, 0], (b[1] - a[1, 0] * b[0] / a[0, 0]) / a[1, 1]])

    assert_proved(lambda a, b: solve_triangular(a, b, lower=True), by_hand, a=Real("2 2"), b=Real("2"))


# Cholesky factors


def test_a_factor_times_itself_is_the_matrix():
    def squared(A):
        factor = jnp.linalg.cholesky(definite(A))
        return factor @ factor.T

    def upper(A):
        factor = jnp.linalg.cholesky(definite(A), upper=True)
        return factor.T @ factor

    assert_proved(lambda A: squared(A), lambda A: upper(A), definite, A=Real("n m"))


def test_factors_of_several_matrices():
    def squared(A):
        factor = jnp.linalg.cholesky(jax.vmap(definite)(A))
        return factor @ factor.mT

    assert_proved(squared, jax.vmap(definite), A=Real("2 n m"), sizes={"m": 2})


def test_a_factor_by_hand():
    def by_hand(x, y):
        return jnp.array([[jnp.sqrt(x), 0], [y / jnp.sqrt(x), jnp.sqrt(x + 1)]])

    def factor(x, y):
        return jnp.linalg.cholesky(jnp.array([[x, y], [y, x + 1 + y * y / x]]))

    assert_proved(factor, by_hand, x=Positive(), y=Real())
    assert_proved(lambda x: jnp.linalg.cholesky(x[None, None])[0, 0], jnp.sqrt, x=Positive())


def test_only_the_lower_triangle_of_a_matrix_is_read():
    def lower(A):
        return lax.linalg.cholesky(jnp.tril(definite(A)), symmetrize_input=False)

    assert_proved(lower, lambda A: jnp.linalg.cholesky(definite(A)), A=Real("n m"))
    assert_refuted(lambda A: lax.linalg.cholesky(jnp.tril(definite(A))), lower, A=Real("n m"))


def test_constants_have_factors():
    matrix = jnp.array([[4.0, 2.0], [2.0, 3.0]])
    factor = jnp.array([[2.0, 0.0], [1.0, np.sqrt(2.0)]])
    assert_proved(lambda x: x * jnp.linalg.cholesky(matrix), lambda x: x * factor, x=Real())


def test_a_factor_has_its_derivative():
    def half_log_determinant(A):
        return jnp.sum(jnp.log(jnp.diag(jnp.linalg.cholesky(definite(A)))))

    def by_hand(A):
        return cho_solve(cho_factor(definite(A)), A.T).T

    assert_derivative(half_log_determinant, by_hand, A=Real("n m"), sizes={"m": 2})

    def matrix(A):
        factor = jnp.linalg.cholesky(definite(A))
        return factor @ factor.T

    assert_derivative(matrix, lambda A: jax.jacobian(definite)(A), A=Real("n m"), sizes={"n": 2, "m": 2})


def test_what_is_not_positive_definite_has_no_factor_at_all():
    def first(A):
        return jnp.linalg.cholesky(jnp.array([[1.0, 2.0], [2.0, 1.0]]) + 0 * A)[0, 0]

    def indefinite(A):
        return jnp.linalg.cholesky(-definite(A))

    for function in (first, indefinite):
        report = check(lambda A, f=function: f(A), lambda A, f=function: 2 * f(A) - f(A), A=Real("2 2"))
        assert report.undecided is not None
        assert "nothing is compared" in str(report.undecided)


# Directions of Newton's method


def newton(A, b, *, lower=False):
    return definite(A) @ cho_solve(cho_factor(definite(A), lower=lower), b)


def through_solve(A, b):
    return definite(A) @ jax.scipy.linalg.solve(definite(A), b, assume_a="pos")


@pytest.mark.parametrize("function", [newton, partial(newton, lower=True), through_solve])
def test_the_direction_solves_its_system(function):
    kinds = {"A": Real("n m"), "b": Real("m")}
    verdict = verify(stated(function, lambda A, b: b, **kinds, stable=False))
    assert verdict.verdict == "proved", verdict.why
    assert set(verdict.code.units) == {"float64", "float32"}


def test_a_larger_system():
    assert_proved(newton, lambda A, b: b, A=Real("n m"), b=Real("m"), sizes={"n": 2, "m": 5})


LOGISTIC = {"X": Real("n m"), "w": Real("m"), "g": Real("m"), "decay": Positive()}
SOFTMAX = {"X": Real("n m"), "W": Real("m K"), "g": Real("l"), "decay": Positive()}


def logistic_hessian(X, w, decay):
    weights = jax.nn.sigmoid(X @ w) * jax.nn.sigmoid(-X @ w)
    return X.T @ (weights[:, None] * X) + decay * jnp.eye(len(w), dtype=w.dtype)


def softmax_hessian(X, W, decay):
    P = jax.nn.softmax(X @ W)
    blocks = jax.vmap(lambda p: jnp.diag(p) - jnp.outer(p, p))(P)
    hessian = jnp.einsum("ni,nab,nj->iajb", X, blocks, X).reshape(W.size, W.size)
    return hessian + decay * jnp.eye(W.size, dtype=W.dtype)


def direction(hessian):
    def product(X, w, g, decay):
        return hessian(X, w, decay) @ cho_solve(cho_factor(hessian(X, w, decay)), g)

    return product


def test_the_direction_of_logistic_regression():
    verdict = verify(stated(direction(logistic_hessian), lambda X, w, g, decay: g, **LOGISTIC, stable=False))
    assert verdict.verdict == "proved", verdict.why
    assert_proved(direction(logistic_hessian), lambda X, w, g, decay: g, **LOGISTIC, sizes={"n": 3, "m": 4})


@pytest.mark.parametrize("classes", [2, 3])
def test_the_direction_of_softmax_regression(classes):
    sizes = {"n": 2, "m": 2, "K": classes, "l": 2 * classes}
    assert_proved(direction(softmax_hessian), lambda X, W, g, decay: g, **SOFTMAX, sizes=sizes)


def test_a_quadratic_form_has_its_derivative():
    def quadratic(A, b):
        return b @ cho_solve(cho_factor(definite(A)), b) / 2

    def by_hand(A, b):
        x = cho_solve(cho_factor(definite(A)), b)
        return -jnp.outer(A @ x, x)

    assert_derivative(quadratic, by_hand, A=Real("n m"), b=Real("m"))


def factor_of(A):
    return jnp.linalg.cholesky(definite(A))


MISTAKES = {
    "the other triangle": lambda A, b: cho_solve((cho_factor(definite(A))[0], True), b),
    "both not transposed": lambda A, b: solve_triangular(
        factor_of(A), solve_triangular(factor_of(A), b, lower=True), lower=True
    ),
    "in the wrong order": lambda A, b: solve_triangular(
        factor_of(A), solve_triangular(factor_of(A), b, trans=1, lower=True), lower=True
    ),
    "a unit diagonal": lambda A, b: solve_triangular(
        factor_of(A), solve_triangular(factor_of(A), b, lower=True), trans=1, lower=True, unit_diagonal=True
    ),
    "a factor missing": lambda A, b: solve_triangular(factor_of(A), b, lower=True),
    "the wrong sign": lambda A, b: -cho_solve(cho_factor(definite(A)), b),
    "the diagonal doubled": lambda A, b: cho_solve(cho_factor(definite(A) + jnp.eye(A.shape[1], dtype=A.dtype)), b),
    "a factor of the inverse": lambda A, b: factor_of(A) @ (factor_of(A).T @ b),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_planted_mistake_is_refuted(name):
    claim = stated(
        lambda A, b: b, lambda A, b: definite(A) @ MISTAKES[name](A, b), A=Real("n m"), b=Real("m"), stable=False
    )
    verdict = verify(claim)
    assert verdict.verdict == "refuted", verdict.why
    assert verdict.counterexample is not None


def test_the_direction_of_logistic_regression_with_a_bias():
    @claim("deep", textbook=True, kinks="where the Hessian has no inverse it is left open")
    def deep(w=Real("m"), b=Real(), X=Real("m+2 m"), y=Binary("m+2")):
        yield derivative(lambda parameters: logistic.loss(parameters, X, y), (w, b))
        yield logistic.hessian_vector_product((w, b), X, y, logistic.newton_direction((w, b), X, y))

    assert ExactCheck(Study(deep)).run().undecided is None
