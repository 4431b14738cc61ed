"""Matrices that are known to be positive semidefinite, so that pivots of their Cholesky factors are positive."""

import jax
import jax.numpy as jnp
import pytest
from exactly import assert_proved, assert_undecided

from gradproof import Positive, Real, Simplex

XW = {"X": Real("n m"), "w": Real("n"), "c": Positive(), "P": Simplex("n K"), "sizes": {"m": 2, "K": 3}}


def blocks(P, X):
    """For a softmax: of each pair of classes and of features."""
    curvature = jax.vmap(lambda p: jnp.diag(p) - jnp.outer(p, p))(P)
    return jnp.einsum("nkl,na,nb->akbl", curvature, X, X).reshape(X.shape[1] * P.shape[1], -1)


def identity(X):
    return jnp.eye(X.shape[1])


DEFINITE = {
    "squares": lambda X, w, c, P: X.T @ X + c * identity(X),
    "with weights": lambda X, w, c, P: X.T @ (jax.nn.softplus(w)[:, None] * X) + c * identity(X),
    "of roots of weights": lambda X, w, c, P: (jnp.exp(w)[:, None] * X).T @ (jnp.exp(w)[:, None] * X) + c * identity(X),
    "with curvatures of logistic regression": lambda X, w, c, P: (
        X.T @ ((jax.nn.sigmoid(w) * jax.nn.sigmoid(-w))[:, None] * X) + 0.1 * identity(X)
    ),
    "mean": lambda X, w, c, P: X.T @ X / len(X) + 1e-6 * identity(X),
    "several": lambda X, w, c, P: X.T @ X + 2 * (X**3).T @ X**3 + c * identity(X),
    "products of another matrix": lambda X, w, c, P: (X @ X.T) @ (X @ X.T).T + c * jnp.eye(len(X)),
    "of rows": lambda X, w, c, P: jnp.outer(w, w) + c * jnp.eye(len(w)),
    "softmax": lambda X, w, c, P: blocks(P, X) + c * jnp.eye(6),
}


def from_factor(matrix):
    factor = jnp.linalg.cholesky(matrix)
    return factor @ factor.T


@pytest.mark.parametrize("name", DEFINITE)
def test_a_matrix_has_a_factor_everywhere(name):
    matrix = DEFINITE[name]
    assert_proved(lambda *values: matrix(*values), lambda *values: from_factor(matrix(*values)), **XW)


PERHAPS_NOT = {
    "any": lambda X, w, c, P: X.T @ X[::-1] + X[::-1].T @ X + c * identity(X),
    "weights of any sign": lambda X, w, c, P: X.T @ (w[:, None] * X) + c * identity(X),
    "a shift of any sign": lambda X, w, c, P: X.T @ X + w[0] * identity(X),
    "less a little": lambda X, w, c, P: X.T @ X - c * identity(X),
    "less a part": lambda X, w, c, P: 2 * X.T @ X - (X**2).T @ X**2 + c * identity(X),
    "negative": lambda X, w, c, P: -(X.T @ X) + c * identity(X),
    "beside the diagonal on one side": lambda X, w, c, P: X.T @ X + c * jnp.array([[1.0, 0.1], [0.0, 1.0]]),
    "diagonal outweighed": lambda X, w, c, P: X.T @ X + c * jnp.array([[1.0, 2.0], [2.0, 1.0]]),
}


@pytest.mark.parametrize("name", PERHAPS_NOT)
def test_of_another_matrix_that_is_left_open(name):
    """The factor has no value at some inputs, where the matrix has one: the sides are not equal."""
    matrix = PERHAPS_NOT[name]
    sides = lambda *values: matrix(*values), lambda *values: from_factor(matrix(*values))
    with pytest.raises(AssertionError):
        assert_proved(*sides, **XW)


def test_the_comparison_of_a_pivot_is_named():
    def symmetric(A):
        return A + A.T + 1000 * jnp.eye(2)

    def entry(A):
        return from_factor(symmetric(jnp.tanh(A)))

    assert_undecided("comparison 'cholesky'", lambda A: symmetric(jnp.tanh(A)), entry, A=Real("2 2"))
