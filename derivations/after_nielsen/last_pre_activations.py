"""Lines 147 to 161: Fact 2, the cost by the last z.

Here and in the facts after it C is any real function of the last activations, and sigma any function of one number.
"""

import jax.numpy as jnp

from derivations._words import column, hadamard, put
from derivations.after_nielsen._conventions import d, parallel, printed
from gradproof import Function, Functional, Real, claim, definition, derivative

activation = definition(
    "002.147",
    r"\vec{a} = \vec{\sigma}(\vec{z}), \quad C = C(\vec{a}(\vec{z}))",
    code=Function,
    title="activations element by element",
    source=printed(147, 149),
    covers=["002.147a", "002.147b", "002.149a"],
    same_as=["000.13a", "000.179a"],
)


@claim(
    "002.151",
    r"a_i = \sigma(z_i)",
    title="each activation has its own z",
    source=printed(151),
    covers=["002.151a"],
    reading="Of the conditions of Proposition 2, the length is that of z, and no a_i changes with another z_j.",
)
def each_activation_has_its_own_z(sigma=Function(), z=Real("n 1"), other=Real("n 1")):
    n = len(z)
    yield [sigma(z)[i, 0] for i in range(n)], [sigma(put(other, i, z[i, 0]))[i, 0] for i in range(n)]
    yield ([sigma(z_i) for z_i in z[:, 0]],) * 2


@claim(
    "002.157",
    r"\vec{d}_{\vec{z}} \vec{a} = \vec{d}_{\vec{z}} \vec{\sigma}(\vec{z})"
    r" = \begin{bmatrix} \partial_{z_1} \sigma(z_1) \\ \vdots \\ \partial_{z_n} \sigma(z_n) \end{bmatrix}"
    r" = \begin{bmatrix} \sigma'(z_1) \\ \vdots \\ \sigma'(z_n) \end{bmatrix}",
    title="derivative of the activations",
    source=printed(157, 159),
    covers={"002.157a": "holds", "002.157b": "holds", "002.157c": "holds", "002.159a": "definition"},
    textbook=True,
)
def derivative_of_activations(sigma=Function(), z=Real("n 1")):
    n = len(z)
    yield parallel(z, sigma)
    yield jnp.stack([derivative(lambda z_i, i=i: sigma(put(z, i, z_i))[i, 0], z[i, 0]) for i in range(n)])[:, None]
    yield column(jnp.stack([derivative(sigma, z_i) for z_i in z[:, 0]]))


@claim(
    "002.161",
    r"\vec{d}_{\vec{z}} C = \vec{d}_{\vec{a}} C \odot \vec{d}_{\vec{z}} \vec{a}"
    r" = \vec{d}_{\vec{a}} C \odot \vec{\sigma}'(\vec{z})",
    title="Fact 2",
    source=printed(149, 153, 161),
    covers=["002.153a", "002.161a", "002.161b"],
    same_as=["002.231a", "002.325a"],
    textbook=True,
)
def fact_2(sigma=Function(), C=Functional(), z=Real("n 1")):
    yield d(z, lambda z: C(sigma(z)))
    yield hadamard(d(sigma(z), C), parallel(z, sigma))
    yield hadamard(d(sigma(z), C), column(jnp.stack([derivative(sigma, z_i) for z_i in z[:, 0]])))
