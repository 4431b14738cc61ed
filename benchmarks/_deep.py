"""Deep and wide losses, each with its gradient by hand and a wrong one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from gradproof import OneHot, Positive, Real

Gradient = Callable[..., Any]
"""Of the loss by its first arguments. With `wrong` set, one with a mistake."""


@dataclass(frozen=True)
class Model:
    """A loss of arrays, and its gradient by the first one, or by several."""

    loss: Callable[..., Any]
    gradient: Gradient
    symbols: Mapping[str, Any]
    by: int = 1


def real(**shapes: str) -> dict[str, Real]:
    return {name: Real(shape) for name, shape in shapes.items()}


def half_square(h: Any) -> Any:
    return jnp.sum(h**2) / 2


# A network of 32 layers


def mlp_loss(W: Any, x: Any) -> Any:
    for _ in range(32):
        x = jnp.tanh(W @ x)
    return half_square(x)


def mlp_gradient(W: Any, x: Any, wrong: bool = False) -> Any:
    values = [x]
    for _ in range(32):
        values.append(jnp.tanh(W @ values[-1]))
    by_value, by_W = values[-1], jnp.zeros_like(W)
    for before, after in zip(values[-2::-1], values[:0:-1], strict=True):
        by_value = by_value * (1 - (after if wrong else after**2))
        by_W = by_W + jnp.outer(by_value, before)
        by_value = W.T @ by_value
    return by_W


# Recurrent networks: state 4, input 3


def rnn_loss(W: Any, U: Any, x: Any) -> Any:
    h = jnp.zeros(len(W))
    for x_t in x:
        h = jnp.tanh(W @ h + U @ x_t)
    return half_square(h)


def rnn_gradient(W: Any, U: Any, x: Any, wrong: bool = False) -> Any:
    states = [jnp.zeros(len(W))]
    for x_t in x:
        states.append(jnp.tanh(W @ states[-1] + U @ x_t))
    by_h, by_W = states[-1], jnp.zeros_like(W)
    for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
        by_a = by_h * (1 - after**2)
        by_W = by_W + jnp.outer(by_a, before)
        by_h = (W if wrong else W.T) @ by_a
    return by_W


def gru_step(W: Any, U: Any, h: Any, x: Any) -> tuple[Any, ...]:
    """Update, reset, candidate, and the next state."""
    z = jax.nn.sigmoid(W[0] @ h + U[0] @ x)
    r = jax.nn.sigmoid(W[1] @ h + U[1] @ x)
    n = jnp.tanh(U[2] @ x + r * (W[2] @ h))
    return z, r, n, (1 - z) * n + z * h


def gru_loss(W: Any, U: Any, x: Any) -> Any:
    h = jnp.zeros(W.shape[-1])
    for x_t in x:
        h = gru_step(W, U, h, x_t)[-1]
    return half_square(h)


def gru_gradient(W: Any, U: Any, x: Any, wrong: bool = False) -> Any:
    steps, h = [], jnp.zeros(W.shape[-1])
    for x_t in x:
        steps.append((h, *gru_step(W, U, h, x_t)))
        h = steps[-1][-1]
    by_h, by_W = h, jnp.zeros_like(W)
    for h, z, r, n, _ in reversed(steps):
        by_z = by_h * (h - n) * z * (1 - z)
        by_n = by_h * (1 - z) * (1 - n**2)
        by_r = by_n * (W[2] @ h) * r * (1 - r)
        by_W = by_W + jnp.stack([jnp.outer(by_z, h), jnp.outer(by_r, h), jnp.outer(by_n * r, h)])
        by_h = by_h * z + W[0].T @ by_z + W[1].T @ by_r + W[2].T @ (by_n if wrong else by_n * r)
    return by_W


def lstm_step(W: Any, U: Any, h: Any, c: Any, x: Any) -> tuple[Any, ...]:
    """Gates i, f, o, candidate g, and the next cell and state."""
    i, f, o = (jax.nn.sigmoid(W[k] @ h + U[k] @ x) for k in range(3))
    g = jnp.tanh(W[3] @ h + U[3] @ x)
    c = f * c + i * g
    return i, f, o, g, c, o * jnp.tanh(c)


def lstm_loss(W: Any, U: Any, x: Any) -> Any:
    h = c = jnp.zeros(W.shape[-1])
    for x_t in x:
        *_, c, h = lstm_step(W, U, h, c, x_t)
    return half_square(h)


def lstm_gradient(W: Any, U: Any, x: Any, wrong: bool = False) -> Any:
    steps = []
    h = c = jnp.zeros(W.shape[-1])
    for x_t in x:
        steps.append((h, c, *lstm_step(W, U, h, c, x_t)))
        c, h = steps[-1][-2:]
    by_h, by_c, by_W = h, jnp.zeros_like(c), jnp.zeros_like(W)
    for h, c, i, f, o, g, after, _ in reversed(steps):
        t = jnp.tanh(after)
        by_c = by_c + by_h * o * (1 - t**2)
        by_i, by_f = by_c * g * i * (1 - i), by_c * c * f * (1 - f)
        by_o, by_g = by_h * t * o * (1 - o), by_c * i * (1 - (g if wrong else g**2))
        gates = jnp.stack([by_i, by_f, by_o, by_g])
        by_W = by_W + gates[:, :, None] * h
        by_h = sum(W[k].T @ gates[k] for k in range(4))
        by_c = by_c * f
    return by_W


# A chain of 16 labels, of three kinds


def crf_forward(U: Any, A: Any) -> list[Any]:
    alphas = [U[0]]
    for u in U[1:]:
        alphas.append(u + jax.nn.logsumexp(alphas[-1][:, None] + A, axis=0))
    return alphas


def crf_loss(U: Any, A: Any, Y: Any) -> Any:
    score = jnp.sum(U * Y) + jnp.sum(Y[:-1] * (Y[1:] @ A.T))
    return jax.nn.logsumexp(crf_forward(U, A)[-1]) - score


def crf_gradient(U: Any, A: Any, Y: Any, wrong: bool = False) -> Any:
    alphas, beta, by_U, by_A = crf_forward(U, A), jnp.zeros(len(A)), [], jnp.zeros_like(A)
    Z = jax.nn.logsumexp(alphas[-1])
    for t in reversed(range(len(U))):
        by_U.insert(0, jnp.exp(alphas[t] + beta - Z) - Y[t])
        if t:
            pairs = alphas[t - 1][:, None] + A + (U[t] + beta)[None] - Z
            by_A = by_A + jnp.exp(pairs) - jnp.outer(Y[t - 1], Y[t])
        beta = jax.nn.logsumexp((A.T if wrong else A) + (U[t] + beta)[None], axis=1)
    return jnp.stack(by_U), by_A


# A Gaussian process with six examples


def gp_kernel(log_length: Any, x: Any) -> Any:
    gaps = (x[:, None] - x[None, :]) ** 2
    return gaps, jnp.exp(-gaps * jnp.exp(-2 * log_length) / 2)


def gp_loss(log_length: Any, noise: Any, x: Any, y: Any) -> Any:
    n = len(x)
    factor = jnp.linalg.cholesky(gp_kernel(log_length, x)[1] + noise * jnp.eye(n))
    half = jax.scipy.linalg.solve_triangular(factor, y, lower=True)
    return half_square(half) + jnp.sum(jnp.log(jnp.diagonal(factor)))


def gp_gradient(log_length: Any, noise: Any, x: Any, y: Any, wrong: bool = False) -> Any:
    n = len(x)
    gaps, K = gp_kernel(log_length, x)
    factor = jnp.linalg.cholesky(K + noise * jnp.eye(n))
    inverse_factor = jax.scipy.linalg.solve_triangular(factor, jnp.eye(n), lower=True)
    inverse = inverse_factor.T @ inverse_factor
    a = inverse @ y
    by_K = (inverse - (0.5 if wrong else 1) * jnp.outer(a, a)) / 2
    return jnp.sum(by_K * K * gaps) * jnp.exp(-2 * log_length), jnp.trace(by_K)


# InfoNCE of six normalised rows, pairwise two views


def infonce_similarity(z: Any) -> tuple[Any, ...]:
    length = jnp.sqrt(jnp.sum(z**2, axis=1, keepdims=True))
    return length, z / length, (z / length) @ (z / length).T


def infonce_loss(z: Any, tau: Any) -> Any:
    n = len(z)
    logits = jnp.where(jnp.eye(n, dtype=bool), -jnp.inf, infonce_similarity(z)[2] / tau)
    return jnp.mean(jax.nn.logsumexp(logits, axis=1) - logits[jnp.arange(n), jnp.arange(n) ^ 1])


def infonce_gradient(z: Any, tau: Any, wrong: bool = False) -> Any:
    n = len(z)
    length, u, similarity = infonce_similarity(z)
    e = jnp.where(jnp.eye(n, dtype=bool), 0.0, jnp.exp(similarity / tau))
    by_s = (e / e.sum(axis=1, keepdims=True) - jnp.eye(n)[jnp.arange(n) ^ 1]) / (n * tau)
    by_u = (by_s if wrong else by_s + by_s.T) @ u
    return (by_u - u * jnp.sum(u * by_u, axis=1, keepdims=True)) / length


# Focal loss with an exponent that is no whole number


def focal_loss(logits: Any, Y: Any) -> Any:
    log_p = jax.nn.log_softmax(logits, axis=1)
    return -jnp.mean(jnp.sum(Y * (1 - jnp.exp(log_p)) ** 1.5 * log_p, axis=1))


def focal_gradient(logits: Any, Y: Any, wrong: bool = False) -> Any:
    log_p = jax.nn.log_softmax(logits, axis=1)
    p = jnp.exp(log_p)
    log_q, q = jnp.sum(Y * log_p, axis=1), jnp.sum(Y * p, axis=1)
    by_log_q = 1.5 * (1 - q) ** 0.5 * q * log_q - (1 if wrong else (1 - q)) ** 1.5
    return by_log_q[:, None] * (Y - p) / len(logits)


# A network of three layers with softmax


def network_loss(W2: Any, W1: Any, W3: Any, X: Any, Y: Any) -> Any:
    H = jnp.tanh(jnp.tanh(X @ W1) @ W2)
    return -jnp.mean(jnp.sum(Y * jax.nn.log_softmax(H @ W3, axis=1), axis=1))


def network_gradient(W2: Any, W1: Any, W3: Any, X: Any, Y: Any, wrong: bool = False) -> Any:
    A = jnp.tanh(X @ W1)
    H = jnp.tanh(A @ W2)
    by_logits = (jax.nn.softmax(H @ W3, axis=1) - Y) / len(X)
    by_H = (by_logits @ W3.T) * (1 - (H if wrong else H**2))
    return A.T @ by_H


def recurrent(loss: Any, gradient: Any, gates: str, steps: int) -> Model:
    return Model(loss, gradient, real(W=f"{gates} 4 4", U=f"{gates} 4 3", x=f"{steps} 3"))


MODELS = {
    "mlp": Model(mlp_loss, mlp_gradient, real(W="4 4", x="4")),
    "rnn": recurrent(rnn_loss, rnn_gradient, "", 64),
    "gru": recurrent(gru_loss, gru_gradient, "3", 16),
    "lstm": recurrent(lstm_loss, lstm_gradient, "4", 16),
    "crf": Model(crf_loss, crf_gradient, {**real(U="16 3", A="3 3"), "Y": OneHot("16 3")}, by=2),
    "gp": Model(gp_loss, gp_gradient, {**real(l=""), "noise": Positive(), **real(x="6", y="6")}, by=2),
    "infonce": Model(infonce_loss, infonce_gradient, {**real(z="6 4"), "tau": Positive()}),
    "focal": Model(focal_loss, focal_gradient, {**real(logits="4 3"), "Y": OneHot("4 3")}),
    "network": Model(
        network_loss,
        network_gradient,
        {**real(W2="8 16", W1="4 8", W3="16 6", X="2 4"), "Y": OneHot("2 6")},
    ),
}
