"""What each kind of mistake makes of a small program."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from mutated import changes, real

from gradproof.mutation.mutants import KINDS

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
