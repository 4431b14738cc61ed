"""`manual_grads.with_gradient`: JAX's transformations use the rules, and refuse what has none."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import AxisType, PartitionSpec

from manual_grads import activations, losses, with_gradient

W, B, C = jnp.array([1.0, -2.0]), jnp.array(3.0), jnp.array([[2.0, 0.0], [1.0, -1.0], [4.0, 2.0]])


def loss(parameters, inputs):
    weights, bias = parameters
    return jnp.sum((inputs @ weights + bias) ** 2)


def gradient(parameters, inputs):
    weights, bias = parameters
    residuals = 2 * (inputs @ weights + bias)
    return residuals @ inputs, jnp.sum(residuals)


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
    "vjp": lambda f: lambda p, x: jax.vjp(lambda p: f(p, x), p)[1](jnp.array(3.0)),
    "jvp": lambda f: lambda p, x: jax.jvp(lambda p: f(p, x), (p,), (p,)),
    "checkpoint": lambda f: jax.grad(jax.checkpoint(f)),
    "linearize": lambda f: lambda p, x: jax.linearize(lambda p: f(p, x), p)[1](p),
}


def assert_same(actual, expected):
    assert jax.tree.structure(actual) == jax.tree.structure(expected)
    for left, right in zip(jax.tree.leaves(actual), jax.tree.leaves(expected), strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("function", BY_HAND)
@pytest.mark.parametrize("name", TRANSFORMATIONS)
def test_jax_finds_what_it_finds_by_itself(name, function):
    transformed = TRANSFORMATIONS[name](BY_HAND[function])
    expected = TRANSFORMATIONS[name](loss)((W, B), C)
    assert_same(transformed((W, B), C), expected)
    assert_same(jax.jit(transformed)((W, B), C), expected)


def test_the_rules_are_what_is_used():
    """Wrong ones show."""
    wrong = with_gradient(loss, lambda p, x: jax.tree.map(lambda part: 0 * part + 7, p), lambda p, x, t: t)
    assert_same(jax.grad(wrong)((W, B), C), (jnp.array([7.0, 7.0]), jnp.array(7.0)))
    (by_weights, _), _ = jax.hessian(wrong)((W, B), C)
    assert_same(by_weights, jnp.eye(2))


def test_under_vmap_and_scan():
    rows = C[:, None]
    by_hand = BY_HAND["and product"]
    assert_same(jax.vmap(jax.grad(by_hand), (None, 0))((W, B), rows), jax.vmap(jax.grad(loss), (None, 0))((W, B), rows))

    def total(function):
        return lambda p: jax.lax.scan(lambda sum_, row: (sum_ + function(p, row), None), 0.0, rows)[0]

    assert_same(jax.grad(total(by_hand))((W, B)), jax.grad(total(loss))((W, B)))

    def trained(function):
        def step(p, _):
            return jax.tree.map(lambda here, slope: here - 0.5 * slope, p, jax.grad(function)(p, C)), None

        return lambda p: jax.lax.scan(step, p, None, 2)[0][0].sum()

    assert_same(jax.grad(trained(by_hand))((W, B)), jax.grad(trained(loss))((W, B)))


def test_under_shard_map():
    mesh = jax.make_mesh((1,), ("data",), axis_types=(AxisType.Auto,))
    specs = {"in_specs": (PartitionSpec(), PartitionSpec("data")), "out_specs": PartitionSpec()}
    by_hand = BY_HAND["and product"]
    total = jax.shard_map(lambda p, x: jax.lax.psum(by_hand(p, x), "data"), mesh=mesh, **specs)
    assert_same(jax.grad(total)((W, B), C), jax.grad(loss)((W, B), C))


def test_each_entry_by_its_own_part():
    relu = with_gradient(activations.relu, activations.relu.derivative)
    assert_same(jax.jacrev(relu)(W), jnp.diag(jnp.array([1.0, 0.0])))
    cross_entropy = losses.softmax_cross_entropy
    by_hand = with_gradient(cross_entropy, cross_entropy.gradient, cross_entropy.hessian_vector_product)
    labels = jnp.eye(2)[jnp.array([0, 1, 0])]
    jacobian = jax.jacrev(by_hand)(C, labels)
    assert jacobian.shape == (3, 3, 2)
    assert_same(jnp.einsum("iik->ik", jacobian), cross_entropy.gradient(C, labels))
    hessian = jax.hessian(lambda z: by_hand(z, labels).sum())(jnp.zeros((3, 2)))
    assert_same(hessian[1, :, 1, :], jnp.array([[0.25, -0.25], [-0.25, 0.25]]))
    assert not hessian[1, :, 0, :].any()


def test_a_second_derivative_that_jax_loses():
    loss_at = with_gradient(
        losses.sigmoid_binary_cross_entropy,
        losses.sigmoid_binary_cross_entropy.gradient,
        losses.sigmoid_binary_cross_entropy.hessian_vector_product,
    )
    found = jax.grad(jax.grad(loss_at))(jnp.float64(40.0), jnp.float64(1.0))
    assert abs(found - 4.248354255291589e-18) < 8 * np.spacing(4.2e-18)
    assert jax.grad(jax.grad(lambda z: jnp.logaddexp(0.0, z)))(jnp.float64(40.0)) == 0


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
