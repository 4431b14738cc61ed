"""Networks of several depths with any loss, and their derivatives: by definition, and by the printed equations."""

from collections.abc import Callable, Sequence

import jax

from derivations._words import Activations, ByLayer, hadamard, numbered, slopes
from derivations.watters_2024._conventions import by_row
from derivations.watters_2024.architecture import after, forward, output
from gradproof import Functional

Loss = Callable[[jax.Array, jax.Array], jax.Array]
Network = tuple[ByLayer, jax.Array, Activations, Loss]

LOSSES = (Functional(),) * 3
"""The losses of the networks with 1 to 3 hidden layers."""


def networks(
    W: Sequence[jax.Array], W_F: Sequence[jax.Array], sigma: Sequence[Callable], losses: Sequence[Loss]
) -> list[Network]:
    """The networks of the first hidden layer, of the first two, and so on."""
    return [(numbered(W[:N]), W_F[N], numbered(sigma[:N]), L) for N, L in enumerate(losses, 1)]


def loss(h0: jax.Array, y: jax.Array, W: ByLayer, W_F: jax.Array, sigma: Activations, L: Loss) -> jax.Array:
    """The loss of the network's output."""
    return L(output(h0, W, W_F, sigma), y)


def by_output(L: Loss, y: jax.Array) -> Callable[[jax.Array], jax.Array]:
    """The derivative of the loss by f, as a function of it."""
    return lambda f: by_row(lambda f: L(f, y), f)


def by_g(n: int, h0: jax.Array, y: jax.Array, network: Network) -> jax.Array:
    """The derivative of the loss by g^n."""
    W, W_F, sigma, L = network
    g, _, _ = forward(h0, W, W_F, sigma)
    return by_row(lambda g_n: L(after(n, sigma[n](g_n), W, W_F, sigma), y), g[n])


def by_h(n: int, h0: jax.Array, y: jax.Array, network: Network) -> jax.Array:
    """The derivative of the loss by h^n."""
    W, W_F, sigma, L = network
    _, h, _ = forward(h0, W, W_F, sigma)
    return by_row(lambda h_n: L(after(n, h_n, W, W_F, sigma), y), h[n])


def backpropagation(
    h0: jax.Array, W: ByLayer, W_F: jax.Array, sigma: Activations, by_f: Callable[[jax.Array], jax.Array]
) -> tuple[dict[int, jax.Array], jax.Array]:
    """The derivatives by W^1, ..., W^N and W^F from the one by f, with equation (76) as corrected."""
    g, h, f = forward(h0, W, W_F, sigma)
    by_W = {}
    # (49) and (55)
    by_W_F = by_f(f).T @ h[len(W)].T
    by_h_n = by_f(f) @ W_F
    for n in range(len(W), 0, -1):
        # (76), (75) and (77)
        by_g_n = hadamard(by_h_n, slopes(sigma[n], g[n]).T)
        by_W[n] = by_g_n.T @ h[n - 1].T
        by_h_n = by_g_n @ W[n]
    return by_W, by_W_F
