"""Of models that frameworks make, as arguments and in closures, a right gradient is proved and a wrong one refused."""

from collections.abc import Callable

import equinox as eqx
import haiku as hk
import jax
import jax.numpy as jnp
import optax
import pytest
from flax import linen, nnx

from gradproof import check

X, Y, KEY = jnp.ones((4, 3)), jnp.ones((4, 2)), jax.random.key(0)


def residual(prediction, y):
    return 2 * (prediction - y) / y.size


def squares(prediction, y):
    return jnp.mean((prediction - y) ** 2)


dense = linen.Dense(2)


def dense_loss(params, x, y):
    return squares(dense.apply(params, x), y)


def dense_gradient(params, x, y):
    r = residual(dense.apply(params, x), y)
    return {"params": {"kernel": x.T @ r, "bias": r.sum(0)}}


class Network(linen.Module):
    @linen.compact
    def __call__(self, x):
        h = linen.tanh(linen.Dense(3, use_bias=False, name="first")(x))
        return linen.Dense(1, use_bias=False, name="second")(h)


network = Network()


def network_loss(params, x):
    return jnp.sum(network.apply(params, x))


def network_gradient(params, x):
    first, second = (params["params"][name]["kernel"] for name in ("first", "second"))
    h = jnp.tanh(x @ first)
    down = x.T @ (jnp.ones((len(x), 1)) @ second.T * (1 - h**2))
    return {"params": {"first": {"kernel": down}, "second": {"kernel": h.sum(0)[:, None]}}}


linear = hk.without_apply_rng(hk.transform(lambda x: hk.Linear(2)(x)))


def haiku_loss(params, x, y):
    return squares(linear.apply(params, x), y)


def haiku_gradient(params, x, y):
    r = residual(linear.apply(params, x), y)
    return {"linear": {"w": x.T @ r, "b": r.sum(0)}}


def nnx_loss(model, x, y):
    return squares(model(x), y)


def nnx_gradient(model, x, y):
    r = residual(model(x), y)
    return nnx.State({"kernel": nnx.Param(x.T @ r), "bias": nnx.Param(r.sum(0))})


graph, state = nnx.split(nnx.Linear(3, 2, rngs=nnx.Rngs(0)))


def state_loss(state, x, y):
    return nnx_loss(nnx.merge(graph, state), x, y)


def state_gradient(state, x, y):
    return nnx_gradient(nnx.merge(graph, state), x, y)


def eqx_loss(model, x, y):
    return squares(jax.vmap(model)(x), y)


def eqx_gradient(model, x, y):
    r = residual(jax.vmap(model)(x), y)
    return eqx.tree_at(lambda each: (each.weight, each.bias), model, (r.T @ x, r.sum(0)))


class Powers(eqx.Module):
    """A static field, and a field that holds a function and is not static."""

    w: jax.Array
    activation: Callable
    power: int = eqx.field(static=True)

    def __call__(self, x):
        return self.activation(x @ self.w) ** self.power


def powers_loss(model, x):
    return jnp.sum(model(x))


def powers_gradient(model, x):
    z = x @ model.w
    return eqx.tree_at(lambda each: each.w, model, (3 * jnp.sin(z) ** 2 * jnp.cos(z)) @ x)


data, targets = jnp.arange(12.0).reshape(4, 3), jnp.array([0.0, 1.0, 1.0, 0.0])


def closed_loss(params):
    return jnp.sum(optax.sigmoid_binary_cross_entropy(data @ params["w"] + params["b"], targets))


def closed_gradient(params):
    r = jax.nn.sigmoid(data @ params["w"] + params["b"]) - targets
    return {"w": r @ data, "b": r.sum()}


MODELS = {
    "flax.linen": (dense_loss, dense_gradient, (dense.init(KEY, X), X, Y)),
    "flax.linen, of two layers": (network_loss, network_gradient, (network.init(KEY, X), X)),
    "haiku": (haiku_loss, haiku_gradient, (linear.init(KEY, X), X, Y)),
    "flax.nnx, a module": (nnx_loss, nnx_gradient, (nnx.merge(graph, state), X, Y)),
    "flax.nnx, a state": (state_loss, state_gradient, (state, X, Y)),
    "equinox": (eqx_loss, eqx_gradient, (eqx.nn.Linear(3, 2, key=KEY), X, Y)),
    "equinox, with what is no array": (powers_loss, powers_gradient, (Powers(jnp.ones(3), jnp.sin, 3), X)),
    "data in a closure, and optax": (closed_loss, closed_gradient, ({"w": jnp.ones(3), "b": jnp.ones(())},)),
}


def spoilt(gradient):
    """The same, with the last of its arrays doubled."""

    def wrong(*arguments):
        leaves, structure = jax.tree.flatten(gradient(*arguments))
        arrays = [place for place, leaf in enumerate(leaves) if isinstance(leaf, jax.Array)]
        leaves[arrays[-1]] *= 2
        return jax.tree.unflatten(structure, leaves)

    return wrong


@pytest.mark.parametrize("name", MODELS)
def test_the_gradient_of_a_model(name):
    loss, gradient, arguments = MODELS[name]
    verdict = check(loss, gradient, arguments)
    assert verdict, verdict.why
    wrong = check(loss, spoilt(gradient), arguments)
    assert wrong.verdict == "refuted", wrong.why
    assert "2 times what it should be" in wrong.counterexample.diagnosis


OF_FRAMEWORKS = {
    "nnx.grad": (nnx_loss, nnx.grad(nnx_loss), nnx.merge(graph, state)),
    "nnx.value_and_grad": (nnx_loss, nnx.value_and_grad(nnx_loss), nnx.merge(graph, state)),
    "eqx.filter_grad": (eqx_loss, eqx.filter_grad(eqx_loss), eqx.nn.Linear(3, 2, key=KEY)),
    "eqx.filter_value_and_grad": (eqx_loss, eqx.filter_value_and_grad(eqx_loss), eqx.nn.Linear(3, 2, key=KEY)),
}


@pytest.mark.parametrize("name", OF_FRAMEWORKS)
def test_what_a_framework_returns_has_a_form_that_is_known(name):
    loss, gradient, model = OF_FRAMEWORKS[name]
    verdict = check(loss, gradient, (model, X, Y), quick=True)
    assert verdict, verdict.why


def test_sizes_of_a_model_as_an_argument_are_free():
    verdict = check(nnx_loss, nnx_gradient, (nnx.merge(graph, state), X, Y))
    assert {"a": 2, "b": 3, "c": 4} in verdict.exact.sizes


@pytest.mark.parametrize(
    ("gradient", "given"),
    [
        (lambda model, x: {"v": model.w}, "{'v': float64[3]}"),
        (lambda model, x: [model.w], "[float64[3]]"),
        (lambda model, x: (model.w, model.w), "(float64[3], float64[3])"),
        (lambda model, x: Powers(model.w, None, 2), "Powers(w=float64[3], activation=None) with other static fields"),
    ],
)
def test_a_gradient_of_another_form_is_refused_in_words(gradient, given):
    verdict = check(powers_loss, gradient, (Powers(jnp.ones(3), jnp.sin, 3), X))
    assert verdict.why == f"side 1 is {given} and side 0 is Powers(w=float64[3], activation=None)"
