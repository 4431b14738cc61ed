"""Wrong gradients of which arrays or entries stand in the wrong place, and others that share an array's shape."""

import jax.numpy as jnp
from jax.nn import sigmoid, softmax
from wrong_gradients import Gradient, at

from gradproof import Interval, Real, Sign

# Several arrays of one shape


def attention(q, k, v, u):
    p = softmax(q @ k.T / jnp.sqrt(q.shape[-1]), -1)
    do = u @ v.T
    ds = p * (do - jnp.sum(p * do, -1, keepdims=True)) / jnp.sqrt(q.shape[-1])
    return [ds @ k, ds.T @ q, p.T @ u]


ATTENTION = Gradient(
    {name: Real("n d") for name in "qkvu"},
    lambda q, k, v, u: jnp.sum(softmax(q @ k.T / jnp.sqrt(q.shape[-1]), -1) @ v * u),
    (0, 1, 2),
    attention,
    {
        "k not scaled": (
            at(1, lambda D, q, *_: D * jnp.sqrt(q.shape[-1])),
            "the derivative by k is sqrt(d) times what it should be; the others are right",
        ),
        "q and k exchanged": (lambda g, *_: [g[1], g[0], g[2]], "q and k are exchanged; the other is right"),
        "all three around": (lambda g, *_: [g[1], g[2], g[0]], "q, k and v are exchanged"),
        "nothing taken away": (
            lambda g, q, k, v, u: _without_the_mean(g, q, k, v, u),
            "the derivatives by q and k are wrong; the other is right",
        ),
    },
)


def _without_the_mean(g, q, k, v, u):
    ds = softmax(q @ k.T / jnp.sqrt(q.shape[-1]), -1) * (u @ v.T) / jnp.sqrt(q.shape[-1])
    return [ds @ k, ds.T @ q, g[2]]


# Places


JACOBIAN = Gradient(
    {"z": Real("n"), "u": Real("n")},
    lambda z, u: softmax(z) @ u,
    (0,),
    lambda z, u: [softmax(z) * (u - softmax(z) @ u)],
    {
        "the mean not taken away": (lambda g, z, u: [softmax(z) * u], None),
        "one end lost": (
            lambda g, z, u: [jnp.concatenate([g[0][1:], jnp.zeros(1)])],
            "axis 0 is shifted by one, and one end of it is lost",
        ),
        "a running sum": (lambda g, z, u: [jnp.cumsum(g[0])], "a running sum along axis 0 is too many"),
    },
)

QUADRATIC = Gradient(
    {"A": Real("n n"), "x": Real("n"), "y": Real("n")},
    lambda A, x, y: x @ A @ y + x @ x,
    (0, 1),
    lambda A, x, y: [jnp.outer(x, y), A @ y + 2 * x],
    {
        "transposed": (
            at(0, lambda D, *_: D.T),
            "the derivative by A is the transpose of what it should be; the other is right",
        ),
        "the diagonal doubled": (
            at(0, lambda D, *_: D + jnp.diag(jnp.diag(D))),
            "only the diagonal is wrong in the derivative by A, by a factor of 2; the other is right",
        ),
        "another symbol": (
            at(1, lambda d, A, x, y: A @ y + 2 * y),
            "the derivative by x has y in the place of x; the other is right",
        ),
        "A transposed": (
            at(1, lambda d, A, x, y: A.T @ y + 2 * x),
            "the derivative by x has A transposed in the place of A; the other is right",
        ),
    },
)

GATES = Gradient(
    {"z": Real("4 n"), "c": Real("n")},
    lambda z, c: jnp.sum(sigmoid(z[0]) * c + sigmoid(z[1]) * jnp.tanh(z[2]) * sigmoid(z[3])),
    (0,),
    lambda z, c: [
        jnp.stack(
            [
                sigmoid(z[0]) * sigmoid(-z[0]) * c,
                sigmoid(z[1]) * sigmoid(-z[1]) * jnp.tanh(z[2]) * sigmoid(z[3]),
                sigmoid(z[1]) * (1 - jnp.tanh(z[2]) ** 2) * sigmoid(z[3]),
                sigmoid(z[1]) * jnp.tanh(z[2]) * sigmoid(z[3]) * sigmoid(-z[3]),
            ]
        )
    ],
    {
        "a gate of the wrong sign": (
            at(0, lambda D, *_: D.at[2].multiply(-1)),
            "only row 2 is wrong, by a factor of -1",
        ),
        "a gate without its factor": (
            at(0, lambda D, z, c: D.at[0].divide(c)),
            "only row 0 is wrong, and lacks the factor c",
        ),
        "a gate of another slope": (
            at(0, lambda D, z, c: D.at[1].divide(sigmoid(-z[1]))),
            "only row 1 is wrong",
        ),
    },
)

MARGIN = Gradient(
    {"z": Real("n"), "y": Sign("n")},
    lambda z, y: jnp.sum(jnp.exp(-y * z)),
    (0,),
    lambda z, y: [-y * jnp.exp(-y * z)],
    {
        "wrong for one class": (
            at(0, lambda d, z, y: jnp.where(y == 1, 2 * d, d)),
            "only the entries where y = 1 are wrong, by a factor of 2",
        ),
        "the label dropped": (
            at(0, lambda d, z, y: d * y),
            "it lacks the factor y",
        ),
        "wrong where z is negative": (
            at(0, lambda d, z, y: jnp.where(z < 0, 0, d)),
            "only the entries where z < 0 are wrong, and zero",
        ),
    },
)

STEPS = Gradient(
    {"t": Real("3"), "c": Real("3")},
    lambda t, c: jnp.cumsum(jnp.concatenate([t[:1], jnp.exp(t[1:])])) @ c,
    (0,),
    lambda t, c: [jnp.cumsum(c[::-1])[::-1] * jnp.concatenate([jnp.ones(1), jnp.exp(t[1:])])],
    {
        "the steps forgotten": (
            lambda _, t, c: [jnp.cumsum(c[::-1])[::-1]],
            "only the entries but entry 0 are wrong, and lacks the factor exp(t)",
        ),
        "summed from the wrong end": (
            lambda _, t, c: [jnp.cumsum(c) * jnp.concatenate([jnp.ones(1), jnp.exp(t[1:])])],
            None,
        ),
    },
)


def filtered(x, w):
    return jnp.stack([x[i : i + 3] @ w for i in range(3)])


def by_filter(x, w, g):
    rows = [jnp.zeros(5).at[i : i + 3].set(w) for i in range(3)]
    return [g @ jnp.stack(rows), jnp.stack([x[a : a + 3] @ g for a in range(3)])]


FILTER = Gradient(
    {"x": Real("5"), "w": Real("3"), "g": Real("3")},
    lambda x, w, g: filtered(x, w) @ g,
    (0, 1),
    by_filter,
    {
        "flipped": (
            lambda right, x, w, g: [by_filter(x, w[::-1], g)[0], right[1]],
            "the derivative by x has w reversed in the place of w; the other is right",
        ),
        "x by one too far": (
            lambda right, x, w, g: [right[0], by_filter(jnp.roll(x, -1), w, g)[1]],
            "the derivative by w has x shifted by one in the place of x; the other is right",
        ),
    },
)


def triplet(a, p, n):
    on = (jnp.sum((a - p) ** 2, -1) - jnp.sum((a - n) ** 2, -1) + 1 > 0)[:, None] / len(a)
    return [(n - p) * on, (p - a) * on, (a - n) * on]


TRIPLET = Gradient(
    {name: Real("m d") for name in "apn"},
    lambda a, p, n: jnp.sum(jnp.maximum(0, jnp.sum((a - p) ** 2 - (a - n) ** 2, -1) + 1)) / (2 * len(a)),
    (0, 1, 2),
    triplet,
    {
        "the anchor alone": (
            lambda right, *_: [right[0], 0 * right[1], 0 * right[2]],
            "the derivatives by p and n are zero everywhere; the other is right",
        ),
        "as it was reported": (
            lambda right, a, p, n: [
                right[0],
                right[1] - p * (right[1] != 0) / len(a),
                right[2] + n * (right[2] != 0) / len(a),
            ],
            (
                "the term p/m is missing in the derivative by p at some entries; "
                "there is a term n/m too many in the derivative by n at some entries; the other is right"
            ),
        ),
    },
)

NORMED = Gradient(
    {"x": Real("n n"), "w": Real("n"), "g": Real("n n")},
    lambda x, w, g: jnp.sum(x / jnp.sqrt(jnp.mean(x**2, -1, keepdims=True) + 1) * w[None] * g),
    (0,),
    lambda x, w, g: [_normed(x, w, g, lambda c: c[:, None])],
    {
        "spread along the columns": (
            lambda _, x, w, g: [_normed(x, w, g, lambda c: c[None])],
            "only the entries off the diagonal are wrong",
        )
    },
)


def _normed(x, w, g, spread):
    r = 1 / jnp.sqrt(jnp.mean(x**2, -1) + 1)
    return r[:, None] * w[None] * g - x * spread(jnp.mean(x * w[None] * g, -1) * r**3)


PAIRS = Gradient(
    {"u": Real("n d"), "s": Real("n n")},
    lambda u, s: jnp.sum(jnp.tanh(u @ u.T) * s),
    (0,),
    lambda u, s: [_paired(u, s) @ u + _paired(u, s).T @ u],
    {
        "one of the two": (lambda _, u, s: [_paired(u, s) @ u], None),
        "the same twice": (lambda _, u, s: [2 * _paired(u, s) @ u], None),
    },
)


def _paired(u, s):
    return (1 - jnp.tanh(u @ u.T) ** 2) * s


MIXTURE = Gradient(
    {"alpha": Interval("", low=0, high=1), "x": Real("n"), "y": Real("n")},
    lambda alpha, x, y: jnp.sum(jnp.tanh(alpha * x + (1 - alpha) * y)),
    (1, 2),
    lambda alpha, x, y: [
        alpha * (1 - jnp.tanh(alpha * x + (1 - alpha) * y) ** 2),
        (1 - alpha) * (1 - jnp.tanh(alpha * x + (1 - alpha) * y) ** 2),
    ],
    {
        "the weight of the other": (
            at(1, lambda d, alpha, x, y: d * alpha / (1 - alpha)),
            "the derivative by y is alpha/(1-alpha) times what it should be; the other is right",
        ),
        "no weight": (
            at(0, lambda d, alpha, x, y: d / alpha),
            "the derivative by x is 1/alpha times what it should be; the other is right",
        ),
        "the weights exchanged": (lambda g, *_: g[::-1], "x and y are exchanged"),
    },
)


GRADIENTS = {
    "attention": ATTENTION,
    "jacobian": JACOBIAN,
    "quadratic": QUADRATIC,
    "gates": GATES,
    "margin": MARGIN,
    "steps": STEPS,
    "filter": FILTER,
    "triplet": TRIPLET,
    "normed": NORMED,
    "pairs": PAIRS,
    "mixture": MIXTURE,
}
