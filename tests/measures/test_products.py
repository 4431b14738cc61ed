"""Matrix products at each precision."""

import jax
import jax.numpy as jnp
from stated import stated

from gradproof import Real
from gradproof.checks import Study
from gradproof.measures import accuracy_of, with_precision
from gradproof.programs import rewriting

PRECISIONS = "default", "high", "highest"


def measured(*sides, stable=None, **symbols):
    return accuracy_of(Study(stated(*sides, stable=stable, **symbols)))


def test_all_products_are_run_at_the_precision_asked_for():
    def program(a, b):
        _, rows = jax.lax.scan(lambda c, row: (c, row @ b), 0, a)
        return rows, a @ b

    closed = jax.make_jaxpr(program)(jnp.ones((2, 2)), jnp.ones((2, 2)))
    assert rewriting.uses(closed.jaxpr, "dot_general")
    for name in PRECISIONS:
        text = str(with_precision(closed, name))
        assert text.count(f"precision={name.upper()}") + text.count(name.upper()) >= 2, text
    assert not rewriting.uses(jax.make_jaxpr(jnp.sin)(1.0).jaxpr, "dot_general")


def test_precisions_are_reported_only_for_programs_with_products():
    report = measured(lambda A, x: A @ x, lambda A, x: jnp.sum(A * x[None], axis=1), A=Real("2 3"), x=Real("3"))
    assert report.matmul is None
    report = measured(lambda A, x: jnp.sum(A * x[None], axis=1), lambda A, x: A @ x, A=Real("2 3"), x=Real("3"))
    assert set(report.matmul) == set(PRECISIONS)
    assert all(0 < error < 1e-5 for error in report.matmul.values())
