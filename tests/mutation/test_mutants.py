"""Mutants: each is another program that runs, with the places and the form of what it was made of."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.extend import core
from mutated import changes, made, program, real
from stated import stated

from gradproof import Function, Real, derivative
from gradproof.catalogue.collect import select
from gradproof.claims.sizes import grid
from gradproof.interpreter import Evaluator
from gradproof.mutation.mutants import KINDS, mutants_of
from gradproof.programs import places, rewriting, trace
from gradproof.worlds import WorldArithmetic
from gradproof.worlds.atoms import Colours
from gradproof.worlds.draws import Plan


def logistic_loss(X, decay, w, y):
    z = X @ w
    return jnp.mean(jax.nn.softplus(z) - y * z) + decay * jnp.sum(w**2)


def attention(A, B):
    scores = jnp.where(jnp.tri(2, 2, dtype=bool), A @ B.T, -jnp.inf)
    return jax.nn.softmax(scores, axis=-1) @ B


def recurrent(W, h, xs):
    def step(h, x):
        return jnp.tanh(W @ h + x), h[0]

    return lax.scan(step, h, xs)


def branching(x):
    y = lax.cond(x[0] > 0, lambda x: jnp.sin(x), lambda x: 2 * x, x)
    return lax.while_loop(lambda y: jnp.sum(y) < 5, lambda y: y * 3 + 1, y**2)


SMALL = [
    (logistic_loss, {"X": real(3, 2), "decay": real(), "w": real(2), "y": real(3)}),
    (attention, {"A": real(2, 3), "B": real(2, 3)}),
    (recurrent, {"W": real(2, 2), "h": real(2), "xs": real(3, 2)}),
    (branching, {"x": real(2)}),
]


@pytest.mark.parametrize(("function", "shapes"), SMALL)
def test_mutants_are_other_programs(function, shapes):
    closed = program(function, **shapes)
    texts = [
        rewriting.written(mutant.closed) for mutant in mutants_of(closed, sorted(shapes)) if mutant.closed is not None
    ]
    assert len(texts) > 20
    assert len(set(texts)) == len(texts)
    assert rewriting.written(rewriting.inlined(closed)) not in texts


@pytest.mark.parametrize(("function", "shapes"), SMALL)
def test_mutants_are_the_same_when_made_again(function, shapes):
    again = [(mutant.kind, mutant.where, mutant.change, mutant.why) for mutant in made(function, **shapes)]
    assert [(mutant.kind, mutant.where, mutant.change, mutant.why) for mutant in made(function, **shapes)] == again


def values(closed, arrays):
    return [np.asarray(value) for value in core.jaxpr_as_fun(closed)(*arrays)]


@pytest.mark.parametrize(("function", "shapes"), SMALL[:3])
def test_most_mutants_have_other_values(function, shapes):
    closed = program(function, **shapes)
    generator = np.random.default_rng(0)
    arrays = [generator.uniform(0.5, 1.5, shapes[name].shape) for name in sorted(shapes)]
    origin = values(rewriting.inlined(closed), arrays)
    np.testing.assert_allclose(origin[0], values(closed, arrays)[0], rtol=1e-15)
    differ = []
    for mutant in list(mutants_of(closed, sorted(shapes)))[::4]:
        if mutant.closed is not None:
            results = values(mutant.closed, arrays)
            assert [x.shape for x in results] == [aval.shape for aval in mutant.closed.out_avals]
            differ.append(not all(np.array_equal(x, y, equal_nan=True) for x, y in zip(origin, results, strict=True)))
    assert np.mean(differ) > 0.7


@pytest.mark.parametrize(("function", "shapes"), SMALL)
def test_inlined_programs_have_no_calls_and_the_same_values(function, shapes):
    closed = rewriting.inlined(program(function, **shapes))
    assert " jit[" not in str(closed)
    assert "custom_jvp_call" not in str(closed)
    arrays = [
        np.linspace(0.5, 1, int(np.prod(shapes[name].shape))).reshape(shapes[name].shape) for name in sorted(shapes)
    ]
    given = jax.tree.leaves(function(**dict(zip(sorted(shapes), map(jnp.asarray, arrays), strict=True))))
    for x, y in zip(values(closed, arrays), given, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-14)


def test_what_does_not_fit_is_said():
    (mutant,) = (m for m in made(lambda A: A.T @ A, A=real(2, 3)) if m.change == "transpose A -> A")
    assert mutant.closed is None
    assert mutant.why.startswith("TypeError: dot_general requires contracting dimensions to have the same shape")


def test_outputs_may_get_other_shapes():
    (mutant,) = (m for m in made(lambda A: A.T, A=real(2, 3)) if m.change == "transpose A -> A")
    assert [aval.shape for aval in mutant.closed.out_avals] == [(2, 3)]


@pytest.mark.parametrize(("function", "shapes"), SMALL)
def test_places_survive(function, shapes):
    closed = program(function, **shapes)
    first = function.__code__.co_firstlineno
    lines = {f"test_mutants.py:{first + offset}" for offset in range(6)}
    found = list(mutants_of(closed, sorted(shapes)))
    assert {mutant.where for mutant in found} <= lines
    assert {places.place(e) for mutant in found if mutant.closed is not None for e in mutant.closed.jaxpr.eqns} <= lines


def test_what_a_body_does_inside_jax_has_the_place_of_its_loop():
    def loop(x):
        return lax.fori_loop(0, 3, lambda i, x: jax.nn.relu(x), x)

    line = f"test_mutants.py:{loop.__code__.co_firstlineno + 1}"
    assert {mutant.where for mutant in made(loop, x=real(2))} == {line}


@pytest.mark.parametrize(
    ("function", "shapes", "change"),
    [
        (*SMALL[2], "tanh add_1 -> logistic add_1"),
        (*SMALL[2], "dot_general W h -> dot_general 1 h"),
        (*SMALL[3], "sin x -> cos x"),
        (*SMALL[3], "constant 2.0 -> 1.0 in mul 2.0 x"),
        (*SMALL[3], "constant 3.0 -> 6.0 in mul integer_pow_5 3.0"),
        (*SMALL[3], "lt reduce_sum_0 5.0 -> le reduce_sum_0 5.0"),
    ],
)
def test_bodies_are_mutated(function, shapes, change):
    assert [mutant.closed is not None for mutant in made(function, **shapes) if mutant.change == change] == [True]


def test_a_body_gives_what_its_loop_carries():
    found = made(lambda A: lax.fori_loop(0, 3, lambda i, x: 2 * (1 + x.T).T, A), A=real(2, 3))
    whys = [mutant.why for mutant in found if mutant.change == "transpose add_1 -> add_1"]
    assert whys == ["ValueError: the body of scan gives float64[3,2], not float64[2,3]"]


def test_a_loop_is_given_what_it_was_traced_at():
    found = made(lambda A: lax.map(jnp.sum, A), A=real(2, 3))
    whys = [mutant.why for mutant in found if mutant.change == "scan A -> scan (transpose A)"]
    assert whys == ["TypeError: scan got shapes [(3, 2)], not [(2, 3)]"]


def test_a_reshape_is_of_an_array_of_its_size():
    """Which JAX does not check where an equation is made again."""
    found = made(lambda x: lax.reshape(lax.reduce_sum(x, (1,)), (2, 1)), x=real(2, 3))
    whys = [mutant.why for mutant in found if mutant.change == "reduce_sum x: axes (1,) -> (0,)"]
    assert whys == ["TypeError: reshape got shape (3,), which is not of size 2"]


def test_branches_of_other_machines_are_left_as_they_are():
    def function(x):
        return lax.platform_dependent(x, tpu=lambda x: 2 * x, default=lambda x: 3 * x)

    found = [mutant.change for mutant in made(function, x=real(2)) if mutant.kind == "constant"]
    assert "constant 3.0 -> 6.0 in mul 3.0 x" in found
    assert "constant 2.0 -> 4.0 in mul 2.0 x" not in found


@pytest.mark.parametrize("oracle", ["autodiff", "dual"])
def test_unknown_functions_and_derivatives_pass_through(oracle):
    claim = stated(
        lambda sigma, z, g: derivative(lambda z: jnp.sum(g * sigma(z)), z),
        lambda sigma, z, g: g * jnp.diag(derivative(sigma, z)),
        sigma=Function(),
        z=Real("m"),
        g=Real("m"),
    )
    closed = trace(claim, {"m": 2}, oracle).closed
    assert ("derivative" in str(closed)) == (oracle == "dual")
    found = [mutant for mutant in mutants_of(closed, ["g", "z"]) if mutant.closed is not None]
    assert len(found) > 20
    for mutant in found:
        arithmetic = WorldArithmetic(Plan(b"seed"), Colours())
        inputs = [arithmetic.constant(np.array(x)) for x in ([0.5, 0.25], [1.5, -2.0])]
        outputs = Evaluator(arithmetic).run_closed(mutant.closed, inputs)
        assert [x.shape for x in outputs] == [aval.shape for aval in mutant.closed.out_avals]


@pytest.mark.parametrize("name", ["logistic.gradient", "network.two-layers"])
def test_claims_of_the_library_have_many_mutants(name):
    (claim,) = select([name])
    closed = trace(claim, grid(claim.size_names(), claim.sizes)[0], "dual").closed
    found = list(mutants_of(closed, [f"x{i}" for i in range(len(closed.jaxpr.invars))]))
    assert len(found) >= 60
    assert len({mutant.kind for mutant in found}) >= 8


def test_a_mutant_that_is_the_program_itself_is_refused(monkeypatch):
    monkeypatch.setitem(
        KINDS, "sign", lambda site: [site.edit("the same", lambda *xs: rewriting.bound(site.equation, xs))]
    )
    assert changes("sign", *SMALL[0][:1], **SMALL[0][1]) == []


def test_a_mutant_is_made_once(monkeypatch):
    sign = KINDS["sign"]
    expected = changes("sign", *SMALL[0][:1], **SMALL[0][1])
    monkeypatch.setitem(KINDS, "sign", lambda site: [*sign(site), *sign(site)])
    assert changes("sign", *SMALL[0][:1], **SMALL[0][1]) == expected
