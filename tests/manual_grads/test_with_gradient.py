"""`manual_grads.with_gradient`: JAX's transformations use the rules, and refuse what has none."""

import re
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import AxisType, PartitionSpec

from manual_grads import activations, losses, with_gradient

W, B, C = jnp.array([1.0, -2.0]), jnp.array(3.0), jnp.array([[2.0, 0.0], [1.0, -1.0], [4.0, 2.0]])


@jax.jit
def loss(parameters, inputs):
    weights, bias = parameters
    return jnp.sum((inputs @ weights + bias) ** 2)


@jax.jit
def gradient(parameters, inputs):
    weights, bias = parameters
    residuals = 2 * (inputs @ weights + bias)
    return residuals @ inputs, jnp.sum(residuals)


@jax.jit
def product(parameters, inputs, tangent):
    weights, bias = tangent
    slopes = 2 * (inputs @ weights + bias)
    return slopes @ inputs, jnp.sum(slopes)


BY_HAND = {"gradient": with_gradient(loss, gradient), "and product": with_gradient(loss, gradient, product)}
TRANSFORMATIONS = {
    "grad": jax.grad,
    "value_and_grad": jax.value_and_grad,
    "hessian": jax.hessian,
    "reverse over reverse": lambda f: jax.jacrev(jax.jacrev(f)),
    "forward over forward": lambda f: jax.jacfwd(jax.jacfwd(f)),
    "vjp": lambda f: lambda p, x: jax.vjp(lambda p: f(p, x), p)[1](np.array(3.0)),
    "jvp": lambda f: lambda p, x: jax.jvp(lambda p: f(p, x), (p,), (p,)),
    "jvp by the weights alone": lambda f: lambda p, x: jax.jvp(lambda w: f((w, p[1]), x), p[:1], p[:1]),
    "checkpoint": lambda f: jax.grad(jax.checkpoint(f)),
    "linearize": lambda f: lambda p, x: jax.linearize(lambda p: f(p, x), p)[1](p),
}


def assert_same(actual, expected):
    assert jax.tree.structure(actual) == jax.tree.structure(expected)
    for left, right in zip(jax.tree.leaves(actual), jax.tree.leaves(expected), strict=True):
        np.testing.assert_array_equal(left, right)


@cache
def found(name):
    """What a transformation makes of each function, in one program."""
    functions = {"by JAX": loss, **BY_HAND}
    return jax.jit(lambda p, x: {key: TRANSFORMATIONS[name](f)(p, x) for key, f in functions.items()})((W, B), C)


def found_by_jax(name):
    return found(name)["by JAX"]


@pytest.mark.parametrize("function", BY_HAND)
@pytest.mark.parametrize("name", TRANSFORMATIONS)
def test_jax_finds_what_it_finds_by_itself(name, function):
    assert_same(found(name)[function], found_by_jax(name))


@pytest.mark.parametrize("function", BY_HAND)
@pytest.mark.parametrize("name", ["value_and_grad", "jvp", "linearize"])
def test_jax_finds_the_same_outside_of_jit(name, function):
    assert_same(TRANSFORMATIONS[name](BY_HAND[function])((W, B), C), found_by_jax(name))


def test_the_rules_are_what_is_used():
    """Wrong ones show."""
    wrong = with_gradient(loss, lambda p, x: jax.tree.map(lambda part: 0 * part + 7, p), lambda p, x, t: t)
    slope, ((by_weights, _), _) = jax.jit(lambda p: (jax.grad(wrong)(p, C), jax.hessian(wrong)(p, C)))((W, B))
    assert_same(slope, (np.array([7.0, 7.0]), np.array(7.0)))
    assert_same(by_weights, np.eye(2))


def test_under_vmap_and_scan():
    rows = C[:, None]

    def transformed(function):
        def total(p):
            return jax.lax.scan(lambda sum_, row: (sum_ + function(p, row), None), 0.0, rows)[0]

        def step(p, _):
            return jax.tree.map(lambda here, slope: here - 0.5 * slope, p, jax.grad(function)(p, C)), None

        def trained(p):
            return jax.lax.scan(step, p, None, 2)[0][0].sum()

        return jax.jit(
            lambda p: (jax.vmap(jax.grad(function), (None, 0))(p, rows), jax.grad(total)(p), jax.grad(trained)(p))
        )

    assert_same(transformed(BY_HAND["and product"])((W, B)), transformed(loss)((W, B)))


def test_under_shard_map():
    mesh = jax.make_mesh((1,), ("data",), axis_types=(AxisType.Auto,))
    specs = {"in_specs": (PartitionSpec(), PartitionSpec("data")), "out_specs": PartitionSpec()}
    by_hand = BY_HAND["and product"]
    total = jax.shard_map(lambda p, x: jax.lax.psum(by_hand(p, x), "data"), mesh=mesh, **specs)
    assert_same(jax.jit(jax.grad(total))((W, B), C), found_by_jax("grad"))


def test_each_entry_by_its_own_part():
    relu = with_gradient(activations.relu, activations.relu.derivative)
    assert_same(jax.jit(jax.jacrev(relu))(W), np.diag([1.0, 0.0]))
    cross_entropy = losses.softmax_cross_entropy
    by_hand = with_gradient(cross_entropy, cross_entropy.gradient, cross_entropy.hessian_vector_product)
    labels = np.eye(2)[[0, 1, 0]]
    jacobian = np.asarray(jax.jit(jax.jacrev(by_hand))(C, labels))
    assert jacobian.shape == (3, 3, 2)
    assert_same(np.einsum("iik->ik", jacobian), jax.jit(cross_entropy.gradient)(C, labels))
    of_the_sum = jax.jit(jax.hessian(lambda logits, labels: by_hand(logits, labels).sum()))
    hessian = np.asarray(of_the_sum(np.zeros((3, 2)), labels))
    assert_same(hessian[1, :, 1, :], np.array([[0.25, -0.25], [-0.25, 0.25]]))
    assert not hessian[1, :, 0, :].any()


def test_a_second_derivative_that_jax_loses():
    loss_at = with_gradient(
        losses.sigmoid_binary_cross_entropy,
        losses.sigmoid_binary_cross_entropy.gradient,
        losses.sigmoid_binary_cross_entropy.hessian_vector_product,
    )
    found = jax.jit(jax.grad(jax.grad(loss_at)))(np.float64(40.0), np.float64(1.0)).item()
    assert abs(found - 4.248354255291589e-18) < 8 * np.spacing(4.2e-18)
    assert jax.jit(jax.grad(jax.grad(lambda z: jnp.logaddexp(0.0, z))))(np.float64(40.0)) == 0


@pytest.mark.parametrize("argnums", [1, (0, 1)])
@pytest.mark.parametrize("function", BY_HAND)
def test_another_argument_is_refused(function, argnums):
    message = "the derivative is by hand, and by the first argument only; argument 1 is differentiated, too"
    with pytest.raises(TypeError, match=re.escape(message)):
        jax.grad(BY_HAND[function], argnums=argnums)((W, B), C)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (
            lambda p, x: p[0],
            TypeError,
            "gradient must return the structure of the first argument, PyTreeDef((*, *)), got",
        ),
        (lambda p, x: (p[1], p[1]), ValueError, "gradient must return shape (2,) as the first argument, got shape ()"),
    ],
)
def test_a_gradient_that_does_not_fit_is_refused(wrong, error, message):
    with pytest.raises(error, match=re.escape(message)):
        jax.grad(with_gradient(loss, wrong))((W, B), C)
