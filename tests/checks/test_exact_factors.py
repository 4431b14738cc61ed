"""The exact check decides LU decompositions, convolutions, windows and orders of numbers: true and false."""

import jax
import jax.numpy as jnp
import pytest
from exactly import assert_derivative, assert_proved, assert_refuted, assert_undecided, slope
from jax import lax

from gradproof import Binary, Positive, Real

MATRIX = {"a": Real("n n")}
SYSTEM = {"a": Real("n n"), "b": Real("n")}
VECTOR = {"x": Real("n")}


def by_solution(a, b):
    """The derivative of the solution x of a x = b by a: dx = -a^-1 da x."""
    return -jnp.linalg.inv(a)[:, :, None] * jnp.linalg.solve(a, b)[None, None]


@pytest.mark.parametrize("n", [2, 3])
def test_the_solution_of_a_system(n):
    assert_proved(lambda a, b: a @ jnp.linalg.solve(a, b), lambda a, b: 1 * b, sizes={"n": n}, **SYSTEM)
    assert_proved(lambda a: a @ jnp.linalg.inv(a), lambda a: jnp.eye(n) + 0 * a, sizes={"n": n}, **MATRIX)
    assert_derivative(
        lambda b, a: jnp.linalg.solve(a, b), lambda b, a: jnp.linalg.inv(a), sizes={"n": n}, b=Real("n"), a=Real("n n")
    )
    assert_refuted(lambda a, b: a @ jnp.linalg.solve(a.T, b), lambda a, b: 1 * b, sizes={"n": n}, **SYSTEM)


def test_the_derivative_of_a_solution():
    assert_derivative(jnp.linalg.solve, by_solution, sizes={"n": 2}, **SYSTEM)
    assert_refuted(slope(jnp.linalg.solve), lambda a, b: by_solution(a.T, b), sizes={"n": 2}, **SYSTEM)


@pytest.mark.parametrize("n", [2, 3])
def test_the_determinant(n):
    def log_determinant(a):
        return jnp.linalg.slogdet(a)[1]

    assert_derivative(log_determinant, lambda a: jnp.linalg.inv(a).T, sizes={"n": n}, **MATRIX)
    assert_refuted(slope(log_determinant), jnp.linalg.inv, sizes={"n": n}, **MATRIX)
    assert_derivative(jnp.linalg.det, lambda a: jnp.linalg.det(a) * jnp.linalg.inv(a).T, sizes={"n": n}, **MATRIX)


def test_the_sign_of_a_determinant_is_not_that_of_its_diagonal():
    assert_refuted(
        lambda a: jnp.linalg.slogdet(a)[0], lambda a: jnp.sign(jnp.prod(jnp.diag(a))), sizes={"n": 3}, **MATRIX
    )


def test_the_size_of_a_vector():
    x, y = Real(), Real()
    assert_proved(jnp.hypot, lambda x, y: jnp.sqrt(x * x + y * y), x=x, y=y)
    assert_derivative(jnp.hypot, lambda x, y: x / jnp.sqrt(x * x + y * y), x=x, y=y)
    assert_refuted(jnp.hypot, lambda x, y: jnp.sqrt(jnp.abs(x * x - y * y)), x=x, y=y)
    assert_proved(lambda x, y: jnp.sqrt(1 + (y / x) ** 2) * jnp.abs(x), lambda x, y: jnp.sqrt(x * x + y * y), x=x, y=y)
    assert_refuted(lambda x, y: jnp.sqrt(1 + (y / x) ** 2) * x, lambda x, y: jnp.sqrt(x * x + y * y), x=x, y=y)


def test_exponentials_of_logarithms_of_absolute_values():
    x, y = Real(), Real()

    def geometric(x, y):
        return jnp.exp(jnp.log(jnp.abs(x)) - 3 * jnp.log(jnp.abs(y)))

    assert_proved(geometric, lambda x, y: jnp.abs(x) / jnp.abs(y) ** 3, x=x, y=y)
    assert_refuted(geometric, lambda x, y: jnp.abs(x) / y**3, x=x, y=y)
    assert_refuted(geometric, lambda x, y: x / jnp.abs(y) ** 3, x=x, y=y)


def test_a_convolution():
    wave = {"x": Real("n"), "w": Real("m")}
    sizes = {"n": 4, "m": 2}
    assert_derivative(
        jnp.convolve, lambda x, w: jnp.stack([jnp.convolve(e, w) for e in jnp.eye(4)]).T, sizes=sizes, **wave
    )
    assert_proved(
        lambda x, w: jnp.convolve(x, w, mode="valid"), lambda x, w: x[1:] * w[0] + x[:-1] * w[1], sizes=sizes, **wave
    )
    assert_refuted(
        lambda x, w: jnp.convolve(x, w, mode="valid"), lambda x, w: x[1:] * w[1] + x[:-1] * w[0], sizes=sizes, **wave
    )
    assert_proved(lambda x, w: jnp.convolve(x, w).sum(), lambda x, w: x.sum() * w.sum(), sizes=sizes, **wave)


def test_a_convolution_of_images():
    images = {"x": Real("2 c 3 4"), "w": Real("4 d 2 2")}

    def layer(x, w, **options):
        return lax.conv_general_dilated(x, w, padding=((1, 0), (0, 1)), window_strides=(2, 1), **options)

    def one_by_one(x, w):
        padded = jnp.pad(x, ((0, 0), (0, 0), (1, 0), (0, 1)))
        windows = jnp.stack([padded[:, :, i : i + 3 : 2, j : j + 4] for i in range(2) for j in range(2)], axis=-1)
        return jnp.einsum("bcijk,fck->bfij", windows, w.reshape(*w.shape[:2], 4))

    sizes = {"c": 2, "d": 2}
    assert_proved(layer, one_by_one, sizes=sizes, **images)
    assert_derivative(
        lambda w, x: layer(x, w)[0, 1],
        lambda w, x: slope(lambda w: one_by_one(x, w)[0, 1])(w),
        sizes=sizes,
        w=images["w"],
        x=images["x"],
    )
    assert_refuted(lambda x, w: layer(x, w[..., ::-1]), one_by_one, sizes=sizes, **images)


def test_a_convolution_in_groups():
    def grouped(x, w):
        return lax.conv_general_dilated(
            x, w, (1,), [(0, 0)], feature_group_count=2, lhs_dilation=(2,), rhs_dilation=(2,)
        )

    def apart(x, w):
        spread = jnp.zeros((1, 4, 5)).at[:, :, ::2].set(x)
        halves = [
            jnp.einsum("bcik,fck->bfi", jnp.stack([h[..., :3], h[..., 2:]], axis=-1), v)
            for h, v in ((spread[:, :2], w[:3]), (spread[:, 2:], w[3:]))
        ]
        return jnp.concatenate(halves, axis=1)

    channels = {"x": Real("1 4 3"), "w": Real("6 2 2")}
    assert_proved(grouped, apart, **channels)
    assert_refuted(lambda x, w: grouped(x[:, ::-1], w), apart, **channels)


def test_the_largest_numbers_and_their_places():
    def two_largest(x):
        return lax.top_k(x, 2)[0]

    assert_proved(two_largest, lambda x: jnp.sort(x)[::-1][:2], sizes={"n": 3}, **VECTOR)
    assert_proved(lambda x: x[lax.top_k(x, 2)[1]], two_largest, sizes={"n": 3}, **VECTOR)
    assert_derivative(
        lambda x: two_largest(x) @ jnp.array([1.0, 2.0]),
        lambda x: (x == x.max()) + 2.0 * (x == jnp.sort(x)[1]),
        sizes={"n": 3},
        **VECTOR,
    )
    assert_refuted(two_largest, lambda x: jnp.sort(x)[:2], sizes={"n": 3}, **VECTOR)


def test_ranks():
    def ranks(x):
        return jnp.argsort(jnp.argsort(x)).astype(float)

    assert_proved(ranks, lambda x: jnp.sum(x[:, None] > x[None], axis=1).astype(float), sizes={"n": 3}, **VECTOR)
    assert_refuted(ranks, lambda x: jnp.sum(x[:, None] < x[None], axis=1).astype(float), sizes={"n": 3}, **VECTOR)


def test_medians_and_interpolation():
    assert_proved(jnp.median, lambda x: jnp.sort(x)[1], sizes={"n": 3}, **VECTOR)
    assert_refuted(jnp.median, lambda x: x[1], sizes={"n": 3}, **VECTOR)
    grid, at = jnp.array([0.0, 1.0, 3.0]), jnp.array([1.0, 2.0, -1.0])

    def line(x):
        return jnp.interp(x, grid, at)

    def pieces(x):
        middle = jnp.where(x < 1, 1 + x, 2 - 1.5 * (x - 1))
        return jnp.where(x < 0, 1.0, jnp.where(x > 3, -1.0, middle))

    assert_proved(line, pieces, x=Real())
    assert_derivative(line, lambda x: jnp.where((x < 0) | (x > 3), 0.0, jnp.where(x < 1, 1.0, -1.5)), x=Real())
    assert_refuted(line, lambda x: pieces(x) + (x > 2.5) * 0.25, x=Real())


IMAGE = {"x": Real("4")}


def pooled(x, **options):
    return lax.reduce_window(x, -jnp.inf, lax.max, (2,), (2,), options.get("padding", "VALID"))


def test_pooling():
    assert_proved(pooled, lambda x: x.reshape(2, 2).max(axis=1), **IMAGE)
    assert_proved(
        lambda x: pooled(x, padding="SAME"), lambda x: jnp.stack([jnp.maximum(x[0], x[1]), x[2]]), x=Real("3")
    )
    assert_refuted(pooled, lambda x: x.reshape(2, 2).max(axis=0), **IMAGE)

    def mean(x):
        return lax.reduce_window(x, 0.0, lax.add, (2,), (1,), "VALID") / 2

    assert_derivative(mean, lambda x: (jnp.eye(4)[:3] + jnp.eye(4)[1:]) / 2, **IMAGE)
    assert_refuted(slope(mean), lambda x: (jnp.eye(4)[:3] + jnp.eye(4)[:3]) / 2, **IMAGE)


def test_the_derivative_of_pooling():
    def loss(x):
        return jnp.sum(pooled(x) ** 2)

    def gradient(x):
        pairs = x.reshape(2, 2)
        return (2 * pairs * (pairs == pairs.max(axis=1, keepdims=True))).reshape(4)

    assert_derivative(loss, gradient, **IMAGE)
    assert_refuted(slope(loss), lambda x: gradient(x[::-1])[::-1] * 1.5, **IMAGE)
    overlapping = slope(lambda x: lax.reduce_window(x, -jnp.inf, lax.max, (2,), (1,), "VALID").sum())
    assert_proved(overlapping, lambda x: slope(lambda x: jnp.maximum(x[1:], x[:-1]).sum())(x), x=Real("3"))


def test_what_a_window_of_what_may_be_none_and_the_sign_of_zero_are_is_left_open():
    assert_undecided(
        "of what may be none",
        slope(lambda x: jnp.sum(pooled(jnp.log(x)) ** 2)),
        lambda x: 2 * slope(lambda x: jnp.sum(pooled(jnp.log(x)) ** 2))(x) / 2,
        **IMAGE,
    )
    assert_undecided("the sign of zero", lambda x: jnp.signbit(0 * x) * x, lambda x: 0 * x, x=Real())
    assert_proved(lambda x, y: jnp.copysign(x, y), lambda x, y: jnp.abs(x) * jnp.sign(y), x=Real(), y=Real())


def test_the_largest_of_what_arrives():
    segments = jnp.array([0, 1, 0])
    assert_proved(
        lambda x: jax.ops.segment_max(x, segments, 2), lambda x: jnp.stack([jnp.maximum(x[0], x[2]), x[1]]), x=Real("3")
    )


def test_the_largest_of_monotone_functions():
    z, t = Real("3"), Positive()
    assert_proved(lambda z, t: jnp.max(t * z), lambda z, t: t * jnp.max(z), z=z, t=t)
    assert_refuted(lambda z, t: jnp.max(t * z), lambda z, t: t * jnp.max(z), z=z, t=Real())
    assert_proved(lambda z: jnp.max(jnp.exp(z)), lambda z: jnp.exp(jnp.max(z)), z=z)
    assert_refuted(lambda z: jnp.max(jnp.exp(-z)), lambda z: jnp.exp(-jnp.max(z)), z=z)


def test_norms_that_are_compared():
    g, c = Real("2"), Positive()
    assert_proved(
        lambda g, c: g * jnp.minimum(1, c / jnp.linalg.norm(g)),
        lambda g, c: g * c / jnp.maximum(jnp.linalg.norm(g), c),
        g=g,
        c=c,
    )
    assert_proved(lambda g: jnp.where(jnp.linalg.norm(g) > 1, 1.0, 0.0), lambda g: jnp.where(g @ g > 1, 1.0, 0.0), g=g)
    assert_refuted(
        lambda x, y: jnp.where(jnp.sqrt(x) > y, 1.0, 0.0), lambda x, y: jnp.where(x > y * y, 1.0, 0.0), x=c, y=Real()
    )


def test_roots_of_variances():
    x, y = Real("2"), Real("2")
    assert_proved(lambda x, y: jnp.std(x) * jnp.std(y), lambda x, y: jnp.sqrt(x.var() * y.var()), x=x, y=y)
    assert_refuted(lambda x, y: jnp.std(x) * jnp.std(y), lambda x, y: (x[0] - x[1]) * (y[0] - y[1]) / 4, x=x, y=y)


def test_zero_over_zero_has_no_value():
    m = Binary("2")
    assert_proved(
        lambda x, m: jnp.sum(m * x) / m.sum(),
        lambda x, m: jnp.sum(jnp.where(m > 0, x, 0.0)) / jnp.sum(m > 0),
        x=Real("2"),
        m=m,
    )
    assert_proved(
        lambda z, m: jax.nn.softmax(jnp.where(m == 1, z, -jnp.inf)),
        lambda z, m: m * jnp.exp(z) / jnp.sum(m * jnp.exp(z)),
        z=Real("2"),
        m=m,
    )
    assert_refuted(
        lambda x, m: jnp.sum(m * x) / jnp.maximum(m.sum(), 1), lambda x, m: jnp.sum(m * x) / m.sum(), x=Real("2"), m=m
    )


def test_bits_of_whole_numbers():
    bits = jnp.array([6, 3], jnp.int32)
    assert_proved(lambda x: x * lax.reduce_and(bits, axes=(0,)), lambda x: 2 * x, x=Real())
    assert_refuted(lambda x: x * lax.reduce_and(bits, axes=(0,)), lambda x: 1 * x, x=Real())
    assert_proved(lambda x: x * lax.reduce_or(bits, axes=(0,)), lambda x: 7 * x, x=Real())
    assert_proved(
        lambda x: x * lax.shift_right_logical(jnp.int32(-8), jnp.int32(1)), lambda x: 2147483644 * x, x=Real()
    )
