"""The element-wise `manual_grads.activations` against jax.nn, JAX's own derivatives and mpmath."""

import re
from functools import cache, partial

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from ml_dtypes import bfloat16

from manual_grads import activations
from manual_grads.activations import Elementwise, Elu, LeakyRelu

DTYPES = ["float32", "float64"] if jax.config.jax_enable_x64 else ["float32"]


FLOAT = DTYPES[-1]


NAMES = [
    *("identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "silu", "gelu", "gelu_tanh"),
    *("softmax", "log_softmax"),
]


ELEMENTWISE = NAMES[:-2]


# The same functions to 60 digits: value, derivative and second derivative, each as terms that are to be added up.


def expit(z):
    return 1 / (1 + mpmath.exp(-z))


def bell(z):
    return mpmath.exp(-z * z / 2) / mpmath.sqrt(2 * mpmath.pi)


def exact_sigmoid(z):
    upper, lower = expit(z), expit(-z)
    return [upper], [upper * lower], [upper * lower * lower, -upper * lower * upper]


def exact_tanh(z):
    (_, (slope,), curvature) = exact_sigmoid(2 * z)
    return [mpmath.tanh(z)], [4 * slope], [8 * term for term in curvature]


def exact_elu(z):
    return ([z], [1], [0]) if z > 0 else ([mpmath.expm1(z)], [mpmath.exp(z)], [mpmath.exp(z)])


def exact_softplus(z):
    return [max(z, 0) + mpmath.log1p(mpmath.exp(-abs(z)))], [expit(z)], [expit(z) * expit(-z)]


def exact_silu(z):
    upper, lower = expit(z), expit(-z)
    slope = upper * lower
    return [z * upper], [upper, z * slope], [2 * slope, z * slope * lower, -z * slope * upper]


def exact_gelu(z):
    below = mpmath.erfc(-z / mpmath.sqrt(2)) / 2
    return [z * below], [below, z * bell(z)], [2 * bell(z), -z * z * bell(z)]


def exponent(z):
    """u of gelu_tanh, with its first two derivatives."""
    scale, cubic = mpmath.sqrt(8 / mpmath.pi), mpmath.mpf("0.044715")
    return scale * (z + cubic * z**3), scale * (1 + 3 * cubic * z * z), scale * 6 * cubic * z


def exact_gelu_tanh(z):
    u, slope, bend = exponent(z)
    (upper,), (first,), second = exact_sigmoid(u)
    curvature = [2 * slope * first, z * bend * first, *(z * slope * slope * term for term in second)]
    return [z * upper], [upper, z * slope * first], curvature


EXACT = {
    "identity": lambda z: ([z], [1], [0]),
    "sigmoid": exact_sigmoid,
    "tanh": exact_tanh,
    "relu": lambda z: ([max(z, 0)], [int(z > 0)], [0]),
    "leaky_relu": lambda z: ([z], [1], [0]) if z > 0 else ([z / 100], [mpmath.mpf("0.01")], [0]),
    "elu": exact_elu,
    "softplus": exact_softplus,
    "silu": exact_silu,
    "gelu": exact_gelu,
    "gelu_tanh": exact_gelu_tanh,
}


def numbers(dtype):
    """Zero, and numbers of either sign up to 1e4: of 80 binary exponents, and more of moderate size."""
    info = np.finfo(dtype)
    rng = np.random.default_rng(0)
    powers = np.linspace(info.minexp - info.nmant, 13, 80).astype(int)
    every = np.ldexp(rng.uniform(1, 2, len(powers)), powers)
    sizes = np.concatenate([every, *(rng.uniform(0, size, 30) for size in (1, 5, 20, 120, 800)), [1e4]])
    sizes = sizes[sizes <= 1e4].astype(dtype)
    return np.concatenate([[0], sizes, -sizes]).astype(dtype)


def finite_numbers(dtype):
    """Every finite number of bfloat16; of the others, three of each binary exponent and sign."""
    if dtype == "bfloat16":
        numbers = np.arange(2**16, dtype=np.uint16).view(bfloat16)
        return numbers[np.isfinite(numbers.astype(np.float32))]
    info = np.finfo(dtype)
    powers = np.arange(info.minexp - info.nmant, info.maxexp)
    sizes = np.concatenate([np.ldexp(m, powers) for m in (1.0, 1.5, float(2 - info.eps))]).astype(dtype)
    return np.concatenate([sizes, -sizes, [0.0, -0.0]]).astype(dtype)


@cache
def computed(name, dtype):
    """Of all of these numbers: value, derivative, and what JAX makes of the derivative."""
    activation = getattr(activations, name)
    logits = finite_numbers(dtype) if dtype == "bfloat16" else np.concatenate([numbers(dtype), finite_numbers(dtype)])

    @jax.jit
    def everything(logits):
        slope, curvature = jax.jvp(activation.derivative, (logits,), (jnp.ones_like(logits),))
        return activation(logits), slope, curvature

    return logits, *map(np.asarray, everything(logits))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_accurate_relative_to_the_value(name, dtype):
    eps, least = np.finfo(dtype).eps, np.finfo(dtype).tiny
    columns = [column[: len(numbers(dtype))].tolist() for column in computed(name, dtype)]
    with mpmath.workdps(60):
        for z, *values in zip(*columns, strict=True):
            if name in ("relu", "leaky_relu", "elu") and 0 < abs(z) < least:
                continue  # XLA may take a number below the normal ones for 0, where these break
            number = mpmath.mpf(z)
            _, slope, bend = exponent(number) if name == "gelu_tanh" else (0, 1, 0)
            # A factor below the normal numbers may be taken for zero: what it is multiplied by then counts.
            product = abs(number) * slope if name == "gelu" else 0
            lost = (4 + product, 4 + product, 8 + abs(number) * (slope * slope + abs(bend)))
            for value, terms, factor in zip(values, EXACT[name](number), lost, strict=True):
                scale = max(map(abs, terms))
                error = abs(mpmath.mpf(value) - mpmath.fsum(terms))
                assert error <= 8 * eps * scale + least * (1 + factor), (z, value, float(error / eps))


# Where a logit leaves nothing of an exponential, in every dtype: value and derivative on the left and on the right.
LIMITS = {
    "identity": ("z", 1, "z", 1),
    "sigmoid": (0, 0, 1, 0),
    "tanh": (-1, 0, 1, 0),
    "relu": (0, 0, "z", 1),
    "leaky_relu": ("slope", "slope", "z", 1),
    "elu": (-1, 0, "z", 1),
    **dict.fromkeys(("softplus", "silu", "gelu", "gelu_tanh"), (0, 0, "z", 1)),
}


@pytest.mark.parametrize("dtype", [*DTYPES, "bfloat16"])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_finite_for_every_finite_number(name, dtype):
    logits, value, slope, _ = computed(name, dtype)
    assert value.dtype == slope.dtype == logits.dtype == dtype
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()
    small = np.asarray(getattr(getattr(activations, name), "slope", 0), dtype)
    left, left_slope, right, right_slope = LIMITS[name]
    for side, limit, limit_slope in ((logits < -1e4, left, left_slope), (logits > 1e4, right, right_slope)):
        expected = {"z": logits[side], "slope": small * logits[side]}.get(limit, limit)
        assert (value[side] == expected).all()
        assert (slope[side] == (small if limit_slope == "slope" else limit_slope)).all()


ORACLES = {
    "identity": lambda z: z,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "leaky_relu": jax.nn.leaky_relu,
    "elu": jax.nn.elu,
    "softplus": jax.nn.softplus,
    "silu": jax.nn.silu,
    "gelu": partial(jax.nn.gelu, approximate=False),
    "gelu_tanh": partial(jax.nn.gelu, approximate=True),
}


def with_slope(function, logits):
    """Value and derivative, each for every logit, as JAX has them."""
    return jax.jvp(function, (logits,), (jnp.ones_like(logits),))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_equal_to_automatic_differentiation_of_jax_nn(name, dtype):
    logits, *ours, _ = (column[: len(numbers(dtype))] for column in computed(name, dtype))
    theirs = map(np.asarray, jax.jit(partial(with_slope, ORACLES[name]))(logits))
    # Eight roundings of terms up to 1 + |z|. For gelu_tanh JAX has 1 - tanh^2, with an error of an ulp, times z u',
    # which is less than 100 |z| from 0 to where tanh is 1.
    bound = 8 * np.finfo(dtype).eps * (1 + np.abs(logits) * (100 if name == "gelu_tanh" else 1))
    differentiable = np.abs(logits) >= np.finfo(dtype).tiny  # at 0, and at what may be taken for it, are conventions
    for left, right in zip(ours, theirs, strict=True):
        np.testing.assert_array_less(np.abs(left - right)[differentiable], bound[differentiable])


def test_right_where_automatic_differentiation_and_the_value_have_nothing_left():
    for activation, oracle, z, expected in (
        (activations.sigmoid, jax.nn.sigmoid, 40.0, 4.248354255291589e-18),
        (activations.tanh, jnp.tanh, 20.0, 1.6993417021166355e-17),
    ):
        logit = np.float64(z)
        assert abs(activation.derivative(logit).item() / expected - 1) <= 8 * np.finfo(float).eps
        assert jax.jit(jax.grad(oracle))(logit) == 0
        assert activation.derivative_from_value(activation(logit)) == 0


def test_derivatives_from_the_value():
    logits = np.linspace(-5, 5, 21).astype(FLOAT)
    for name in ("identity", "sigmoid", "tanh", "relu"):
        activation = getattr(activations, name)
        actual, expected = jax.jit(lambda z, a=activation: (a.derivative_from_value(a(z)), a.derivative(z)))(logits)
        # Where h is near 1, 1 - h has the error of h.
        np.testing.assert_array_less(np.abs(np.asarray(actual) - np.asarray(expected)), 4 * np.finfo(FLOAT).eps)


def test_conventions_where_there_is_no_derivative():
    zero = np.zeros(())
    assert activations.relu.derivative(zero) == activations.relu.derivative_from_value(zero) == 0
    assert activations.leaky_relu.derivative(zero) == 0.01
    assert LeakyRelu(0.3).derivative(zero) == 0.3
    assert Elu(0.7).derivative(zero) == 0.7


@pytest.mark.parametrize("name", ["elu", "leaky_relu", "softplus", "silu", "gelu", "gelu_tanh"])
def test_at_zero_the_derivative_is_the_one_that_jax_takes(name):
    activation = getattr(activations, name)
    by_jax, by_hand = jax.jit(lambda z: (jax.grad(activation)(z), activation.derivative(z)))(0.0)
    assert by_jax == by_hand


def test_parameters():
    logits = np.array([-1e4, -2, -0.5, 0.5, 3], FLOAT)
    for activation, oracle in (
        (LeakyRelu(0.2), partial(jax.nn.leaky_relu, negative_slope=0.2)),
        (Elu(0.7), partial(jax.nn.elu, alpha=0.7)),
    ):
        bound = 4 * np.finfo(FLOAT).eps * (1 + np.abs(logits))
        ours = activation(logits), activation.derivative(logits)
        for left, right in zip(ours, jax.jit(partial(with_slope, oracle))(logits), strict=True):
            np.testing.assert_array_less(np.abs(np.asarray(left) - np.asarray(right)), bound)
    assert LeakyRelu(0.2) != LeakyRelu()
    assert Elu() == activations.elu


Z = np.array([0.5, -1.0, 2.0], FLOAT)


@pytest.mark.parametrize(
    ("name", "method", "arguments", "error", "message"),
    [
        ("relu", "__call__", ([1.0],), TypeError, "logits must be an array, got list"),
        ("relu", "__call__", (np.arange(3),), TypeError, "logits must be floating-point numbers, got dtype int64"),
        ("tanh", "derivative", (Z > 0,), TypeError, "logits must be floating-point numbers, got dtype bool"),
        ("tanh", "derivative_from_value", (3,), TypeError, "values must be floating-point numbers, got dtype"),
        ("silu", "jacobian", (1.0,), ValueError, "logits must have at least 1 axis that is not empty, got shape ()"),
        (
            "silu",
            "jacobian",
            (Z[:0],),
            ValueError,
            "logits must have at least 1 axis that is not empty, got shape (0,)",
        ),
        ("softmax", "__call__", (1.0,), ValueError, "logits must have at least 1 axis that is not empty, got shape ()"),
        (
            "softmax",
            "jacobian_from_value",
            (Z[None, :0],),
            ValueError,
            "values must have at least 1 axis that is not empty, got shape (1, 0)",
        ),
        (
            "gelu",
            "jacobian_vector_product",
            (Z, Z[:2]),
            ValueError,
            "tangent must have shape (3,) as logits, got shape (2,)",
        ),
        (
            "softmax",
            "vector_jacobian_product",
            (Z, Z[None]),
            ValueError,
            "cotangent must have shape (3,) as logits, got shape (1, 3)",
        ),
        (
            "elu",
            "vector_jacobian_product",
            (Z, Z > 0),
            TypeError,
            "cotangent must be floating-point numbers, got dtype bool",
        ),
    ],
)
def test_bad_input_is_refused_in_one_sentence(name, method, arguments, error, message):
    with pytest.raises(error, match=re.escape(message)) as refusal:
        getattr(getattr(activations, name), method)(*arguments)
    assert "\n" not in str(refusal.value)


def test_an_activation_of_ones_own():
    class Square(Elementwise):
        def __call__(self, logits):
            return logits**2

        def derivative(self, logits):
            return 2 * logits

    assert Square().vector_jacobian_product(Z, Z).tolist() == (2 * Z * Z).tolist()
    with pytest.raises(ValueError, match="cotangent must have shape"):
        Square().vector_jacobian_product(Z, Z[:2])
