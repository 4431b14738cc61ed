"""Mutants: what each kind makes of a small program, and that each is another program that runs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.extend import core
from stated import stated

from gradproof import Function, Real, derivative
from gradproof.catalogue.collect import select
from gradproof.claims.sizes import grid
from gradproof.fields import FieldArithmetic, towers
from gradproof.interpreter import Evaluator
from gradproof.mutation.mutants import KINDS, mutants
from gradproof.programs import places, rewriting, trace


def real(*shape, dtype=np.float64):
    return jax.ShapeDtypeStruct(shape, dtype)


def program(function, **shapes):
    return jax.make_jaxpr(lambda arrays: function(**arrays))(shapes)


def made(function, **shapes):
    return list(mutants(program(function, **shapes), sorted(shapes)))


def changes(kind, function, **shapes):
    return [mutant.change for mutant in made(function, **shapes) if mutant.kind == kind]


MASK = np.array([1.0, 0.0])

EXPECTED = [
    ("operation", lambda a, b: a + b, {"a": real(2), "b": real(2)}, ["add a b -> sub a b", "add a b -> mul a b"]),
    (
        "operation",
        lambda x: jnp.exp(x) / x,
        {"x": real(2)},
        ["exp x -> expm1 x", "div exp_0 x -> mul exp_0 x"],
    ),
    (
        "operation",
        lambda x: jnp.cumsum(x),
        {"x": real(3)},
        ["cumsum x -> cumprod x", "cumsum x: reverse False -> True"],
    ),
    ("operation", lambda x: jnp.sum(x), {"x": real(3)}, ["reduce_sum x -> reduce_max x"]),
    ("operation", lambda x: jnp.argmax(x), {"x": real(3)}, ["argmax x -> argmin x"]),
    ("operation", lambda a, b: a >= b, {"a": real(2), "b": real(2)}, ["ge a b -> gt a b", "ge a b -> lt a b"]),
    ("term dropped", lambda a, b: a - b, {"a": real(2), "b": real(2)}, ["sub a b -> a", "sub a b -> neg b"]),
    ("term dropped", lambda a, b: a * b, {"a": real(2), "b": real()}, ["mul a b -> a", "mul a b -> b"]),
    ("term dropped", lambda a, b: a / b, {"a": real(2), "b": real(2)}, ["div a b -> a"]),
    (
        "sign",
        lambda a, b: a + b,
        {"a": real(2), "b": real(2)},
        ["add a b -> neg (add a b)", "add a b -> add (neg a) b"],
    ),
    # The sign of the product and of the quotient is one mistake.
    (
        "sign",
        lambda a, b: jnp.exp(-(a * b / 3)),
        {"a": real(2), "b": real(2)},
        ["neg div_1 -> div_1", "exp neg_2 -> neg (exp neg_2)"],
    ),
    (
        "constant",
        lambda x: 2 * x / 3,
        {"x": real(2)},
        [
            "constant 2.0 -> 1.0 in mul 2.0 x",
            "constant 2.0 -> 4.0 in mul 2.0 x",
            "constant 2.0 -> 2.000000000002 in mul 2.0 x",
            "constant 3.0 -> 6.0 in div mul_0 3.0",
            "constant 3.0 -> 3.0000000000030003 in div mul_0 3.0",
            "constant 3.0 -> 2.0 in div mul_0 3.0",
        ],
    ),
    (
        "constant",
        lambda x: x**3 * 0.25,
        {"x": real(2)},
        [
            "integer_pow x: y 3 -> 2",
            "integer_pow x: y 3 -> 4",
            "constant 0.25 -> 0.5 in mul integer_pow_0 0.25",
            "constant 0.25 -> 0.25000000000025 in mul integer_pow_0 0.25",
            "constant 0.25 -> 0.3333333333333333 in mul integer_pow_0 0.25",
        ],
    ),
    (
        "constant",
        lambda x: jnp.maximum(x, 0.0) + jnp.maximum(1.0, x),
        {"x": real(2)},
        [
            "constant 0.0 -> 1.0 in max x 0.0",
            "constant 1.0 -> 2.0 in max 1.0 x",
            "constant 1.0 -> -1.0 in max 1.0 x",
            "constant 1.0 -> 1.000000000001 in max 1.0 x",
        ],
    ),
    ("constant", lambda x: jnp.maximum(x, -np.inf), {"x": real(2)}, ["constant -inf -> 0.0 in max x -inf"]),
    (
        "constant",
        lambda decay, w: decay * w,
        {"decay": real(), "w": real(2)},
        ["constant decay -> 2.0 decay in mul decay w"],
    ),
    (
        "constant",
        lambda x: x * MASK,
        {"x": real(2)},
        [
            "constant constant_0 -> 2.0 constant_0 in mul x constant_0",
            "constant constant_0 -> 1.000000000001 constant_0 in mul x constant_0",
        ],
    ),
    (
        "constant",
        lambda x: jnp.minimum(x, 3e38),
        {"x": real(2, dtype=np.float32)},
        ["constant 3e+38 -> 0.0 in min x 3e+38"],
    ),
    # In 32 bits the smallest change of a number is none.
    (
        "constant",
        lambda x: x * 5,
        {"x": real(2, dtype=np.float32)},
        ["constant 5.0 -> 10.0 in mul x 5.0"],
    ),
    ("operands", lambda A, B: A @ B, {"A": real(2, 3), "B": real(3, 2)}, ["dot_general A B -> dot_general B A"]),
    (
        "operands",
        lambda a, b: a**b - b,
        {"a": real(2), "b": real(2)},
        ["pow a b -> pow b a", "sub pow_0 b -> sub b pow_0"],
    ),
    (
        "operands",
        lambda a, b, p: lax.select(p, a, b),
        {"a": real(2), "b": real(2), "p": real(2, dtype=bool)},
        ["select_n p b a -> select_n p a b"],
    ),
    (
        "transpose",
        lambda A, x: A.T @ x,
        {"A": real(2, 3), "x": real(2)},
        [
            "transpose A -> A",
            "dot_general transpose_0 x -> dot_general (transpose transpose_0) x",
            "dot_general transpose_0 x: dimension_numbers (((1,), (0,)), ((), ())) -> (((0,), (0,)), ((), ()))",
        ],
    ),
    ("transpose", lambda A: jnp.exp(A), {"A": real(2, 3)}, []),
    ("axis", lambda A: jnp.sum(A, axis=0), {"A": real(2, 3)}, ["reduce_sum A: axes (0,) -> (1,)"]),
    (
        "axis",
        lambda A: jnp.sum(A),
        {"A": real(2, 3)},
        ["reduce_sum A: axes (0, 1) -> (0,)", "reduce_sum A: axes (0, 1) -> (1,)"],
    ),
    ("axis", lambda A: jnp.cumsum(A, axis=1), {"A": real(2, 3)}, ["cumsum A: axis 1 -> 0"]),
    ("axis", lambda A: jnp.argmax(A, axis=1), {"A": real(2, 3)}, ["argmax A: axes (1,) -> (0,)"]),
    (
        "axis",
        lambda A, B: jnp.concatenate([A, B]),
        {"A": real(2, 3), "B": real(2, 3)},
        ["concatenate A B: dimension 0 -> 1"],
    ),
    (
        "axis",
        lambda x: lax.broadcast_in_dim(x, (2, 2), (0,)),
        {"x": real(2)},
        ["broadcast_in_dim x: broadcast_dimensions (0,) -> (1,)"],
    ),
    ("axis", lambda x: x[1:3], {"x": real(3)}, ["slice x: from (1,) to (3,) -> from (0,) to (2,)"]),
    ("axis", lambda A: A[::-1], {"A": real(2, 3)}, ["rev A -> A", "rev A: dimensions (0,) -> (1,)"]),
    (
        "axis",
        lambda i, x: lax.dynamic_slice(x, (i,), (2,)),
        {"i": real(dtype=np.int32), "x": real(3)},
        [
            "dynamic_slice x select_n_2 -> dynamic_slice x (select_n_2 + 1)",
            "dynamic_slice x select_n_2 -> dynamic_slice x (select_n_2 - 1)",
        ],
    ),
    (
        "axis",
        lambda x: lax.pad(x, 0.0, [(1, 0, 0)]),
        {"x": real(3)},
        [
            "pad x 0.0: padding_config ((1, 0, 0),) -> ((2, -1, 0),)",
            "pad x 0.0: padding_config ((1, 0, 0),) -> ((0, 1, 0),)",
        ],
    ),
    (
        "mask",
        lambda a, b: lax.select(a > b, a, b),
        {"a": real(2), "b": real(2)},
        [
            "gt a b -> le a b",
            "select_n gt_0 b a -> select_n (not gt_0) b a",
            "select_n gt_0 b a -> select_n (all true) b a",
            "select_n gt_0 b a -> select_n (all false) b a",
        ],
    ),
    (
        "mask",
        lambda x: x * MASK,
        {"x": real(2)},
        ["mul x constant_0 -> mul x (all 1)", "mul x constant_0 -> mul x (all 0)"],
    ),
    (
        "mask",
        lambda p: ~p,
        {"p": real(2, dtype=bool)},
        ["not p -> p", "not p -> not (all true)", "not p -> not (all false)"],
    ),
    (
        "point",
        lambda g, z: g * jnp.tanh(z) + z,
        {"g": real(2), "z": real(2)},
        ["mul g tanh_0 -> mul g z", "add mul_1 z -> add mul_1 tanh_0"],
    ),
    ("point", lambda g, z: g * jax.nn.relu(z), {"g": real(2), "z": real(2)}, ["mul g max_0 -> mul g z"]),
    (
        "ignored",
        lambda decay, w: decay * w + w,
        {"decay": real(), "w": real(2)},
        [
            "mul decay w -> mul 1 w",
            "mul decay w -> mul 0 w",
            "mul decay w -> mul decay 1",
            "mul decay w -> mul decay 0",
            "w -> 1 at all its uses",
            "w -> 0 at all its uses",
            "add mul_0 w -> add mul_0 1",
            "add mul_0 w -> add mul_0 0",
        ],
    ),
    (
        "wire",
        lambda a, b, x: jnp.sin(x) / b,
        {"a": real(3), "b": real(2), "x": real(2)},
        ["sin x -> sin b", "div sin_0 b -> div b b", "div sin_0 b -> div sin_0 x", "div sin_0 b -> div sin_0 sin_0"],
    ),
]


@pytest.mark.parametrize(("kind", "function", "shapes", "expected"), EXPECTED)
def test_each_kind_makes_what_it_says(kind, function, shapes, expected):
    assert changes(kind, function, **shapes) == expected


def test_each_kind_is_tested():
    assert [kind for kind in KINDS if kind not in {kind for kind, *_ in EXPECTED}] == []


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
        rewriting.written(mutant.closed) for mutant in mutants(closed, sorted(shapes)) if mutant.closed is not None
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
    for mutant in mutants(closed, sorted(shapes)):
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
    found = list(mutants(closed, sorted(shapes)))
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
    found = [mutant for mutant in mutants(closed, ["g", "z"]) if mutant.closed is not None]
    assert len(found) > 20
    for mutant in found:
        arithmetic = FieldArithmetic(towers.Towers(0, 2, 2, 1, False, 0), np.random.default_rng(0))
        inputs = [arithmetic.constant(np.array(x)) for x in ([0.5, 0.25], [1.5, -2.0])]
        outputs = Evaluator(arithmetic).run_closed(mutant.closed, inputs)
        assert [x.shape for x in outputs] == [aval.shape for aval in mutant.closed.out_avals]


@pytest.mark.parametrize("name", ["logistic.gradient", "network.two-layers"])
def test_claims_of_the_library_have_many_mutants(name):
    (claim,) = select([name])
    closed = trace(claim, grid(claim.size_names(), claim.sizes)[0], "dual").closed
    found = list(mutants(closed, [f"x{i}" for i in range(len(closed.jaxpr.invars))]))
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
