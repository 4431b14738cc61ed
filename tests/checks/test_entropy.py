"""Draws come from the programs and the seed, so that no claim can be made for them."""

import subprocess
import sys
from hashlib import blake2b
from pathlib import Path

import jax
import jax.numpy as jnp
from stated import stated

from gradproof import Real, derivative
from gradproof.checks import Study
from gradproof.checks.exact import ExactCheck
from gradproof.worlds.draws import Plan, primes_for

XY = {"x": Real(), "y": Real()}


def made_for(entropy):
    """A function that is zero in all draws of this entropy, and small at most inputs."""
    primes = primes_for(blake2b(str(entropy).encode()).digest(), Plan.primes)

    def vanishing(x):
        product = 1 / (1 + (1e4 * (x - 777)) ** 2)
        for prime in primes:
            product = product * prime * 2.0**-30
        return product

    return vanishing


def claimed(vanishing):
    return stated(lambda x, y: x * y, lambda x, y: x * y * (1 + vanishing(x)), **XY)


def test_a_claim_that_is_made_for_certain_draws_is_refuted():
    made = claimed(made_for(0))
    report = ExactCheck(Study(made)).run()
    assert report.failures
    # It is no claim that any draws would refute: those that it was made for do not.
    assert not ExactCheck(Study(made, entropy=0)).run().failures


def test_nor_can_one_be_made_for_the_draws_of_another_one():
    true = stated(lambda x, y: x * y, lambda x, y: (x + 1) * y - y, **XY)
    entropy = Study(true).entropy
    assert ExactCheck(Study(claimed(made_for(entropy)))).run().failures


def softplus(factor=1.0, shape="n"):
    return stated(
        lambda x: derivative(lambda x: jnp.sum(jnp.log1p(jnp.exp(x))), x),
        lambda x: factor * jax.nn.sigmoid(x),
        x=Real(shape),
    )


def test_each_change_of_a_program_changes_the_draws():
    studies = {
        "as it is": Study(softplus()),
        "another seed": Study(softplus(), seed=1),
        "another factor": Study(softplus(factor=1 + 2.0**-52)),
        "another shape": Study(softplus(shape="n 2")),
        "other sizes": Study(softplus(), sizes={"n": 5}),
    }
    assert len({study.entropy for study in studies.values()}) == len(studies)
    assert Study(softplus()).entropy == studies["as it is"].entropy


def test_at_a_size_outside_the_grid_the_program_there_counts():
    def tested(limit):
        return stated(lambda x: 2 * jnp.sum(x), lambda x: jnp.sum(x) * (3 if x.size > limit else 2), x=Real("n"))

    first, second = Study(tested(50)), Study(tested(60))
    assert first.entropy == second.entropy
    assert first.entropy_at({"n": 2}) == first.entropy
    assert first.entropy_at({"n": 55}) != second.entropy_at({"n": 55})
    assert first.entropy_at({"n": 70}) == second.entropy_at({"n": 70})


PROCESS = """
import sys
sys.path[:0] = {paths!r}
import jax
from test_entropy import Study, softplus
jax.make_jaxpr(jax.nn.sigmoid)(1.0)
Study(softplus(shape="n 2")).entropy
with jax.enable_x64(True):
    print(Study(softplus()).entropy)
"""


def test_the_draws_are_those_of_any_other_process_whatever_it_did_before():
    here = Path(__file__)
    code = PROCESS.format(paths=[str(here.parents[depth]) for depth in range(3)])
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    with jax.enable_x64(True):
        assert int(found.stdout) == Study(softplus()).entropy
