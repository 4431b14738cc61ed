"""Nothing in `manual_grads` is derived by automatic differentiation, under whatever name it is imported."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import jax
import pytest

import manual_grads

FAMILY = {
    *("grad", "value_and_grad", "vjp", "jvp", "jacfwd", "jacrev", "jacobian", "hessian", "fwd_and_bwd"),
    *("linearize", "linear_transpose", "jet", "ad", "interpreters", "api_util"),
    *("custom_jvp", "custom_vjp", "custom_gradient", "custom_derivatives", "softmax_custom_jvp"),
    *("custom_root", "custom_linear_solve", "closure_convert"),
    *("checkpoint", "checkpoint_policies", "checkpoint_name", "ad_checkpoint", "remat", "stop_gradient"),
    *("test_util", "_src", "optimize", "__dict__", "__getattribute__", "*"),
}
OF_OPTAX = {"GradientTransformation", "apply_updates", "sgd"}
"""What is used of optax, some of which differentiates."""
DYNAMIC = {"getattr", "vars", "eval", "exec", "__import__", "import_module"}


def imports(tree: ast.AST) -> dict[str, str]:
    """What each imported name stands for, in full: {"jnp": "jax.numpy"}."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.split(".")[0]
                names[alias.asname or root] = alias.name if alias.asname else root
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def dotted(node: ast.AST, names: dict[str, str]) -> str:
    """`jnp.linalg.norm` in full, as "jax.numpy.linalg.norm"; empty where the name is not an imported one."""
    if isinstance(node, ast.Attribute):
        base = dotted(node.value, names)
        return base and f"{base}.{node.attr}"
    return names.get(node.id, "") if isinstance(node, ast.Name) else ""


def autodiff(source: str) -> Iterator[str]:
    """Each use of the family in a program, or of a way around this test."""
    tree = ast.parse(source)
    names = imports(tree)
    for node in ast.walk(tree):
        paths = []
        if isinstance(node, ast.Import):
            paths = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            paths = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute | ast.Name):
            paths = [dotted(node, names)]
        for path in paths:
            root, *parts = path.split(".")
            if (root == "jax" and FAMILY.intersection(parts)) or (root == "optax" and set(parts[:1]) - OF_OPTAX):
                yield path
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in DYNAMIC:
                yield f"{called}()"
        # The package itself, given a second name or handed on, could be asked for anything.
        for child in ast.iter_child_nodes(node):
            if (
                isinstance(child, ast.Name)
                and not isinstance(node, ast.Attribute)
                and names.get(child.id) in ("jax", "optax")
            ):
                yield child.id


PACKAGE = Path(manual_grads.__file__).parent
MODULES = [path.relative_to(PACKAGE).as_posix() for path in sorted(PACKAGE.rglob("*.py"))]

RULES = {"_rule.py": {"jax.custom_jvp", "jax.custom_derivatives.SymbolicZero"}}
"""The one module that hands rules to JAX: it registers what is by hand, and differentiates nothing."""


@pytest.mark.parametrize("path", MODULES)
def test_no_automatic_differentiation(path):
    assert set(autodiff((PACKAGE / path).read_text("utf-8"))) == RULES.get(path, set())


def test_the_modules_are_found():
    assert {"__init__.py", "activations/_smooth.py", "logistic.py", "losses/_classes.py"} <= set(MODULES)


@pytest.mark.parametrize("name", sorted(FAMILY - {"*"}))
@pytest.mark.parametrize(
    "planted",
    [
        "import jax\njax.{}(f)",
        "import jax as j\nj.{}.anything",
        "import jax.numpy\njax.{}",
        "from jax import {}",
        "from jax import {} as g",
        "from jax import numpy as jnp, {} as g",
        "import jax.{}",
        "import jax.{} as g",
        "from jax.{} import anything",
        "from jax.experimental import {}",
        "import jax\n@jax.{}\ndef f(x): return x",
        "def f():\n    from jax import {}",
    ],
)
def test_a_planted_name_is_refused(planted, name):
    assert list(autodiff(planted.format(name)))


@pytest.mark.parametrize(
    "planted",
    [
        "from jax import *",
        "from jax.interpreters import ad",
        "from jax.experimental.jet import jet",
        "from jax.lax import stop_gradient",
        "import jax\ngetattr(jax, 'gr' + 'ad')",
        "import jax\nvars(jax)['grad']",
        "import jax\njax.__dict__['grad']",
        "import jax\nj = jax\nj.grad",
        "import jax\nuse(jax)",
        "import importlib\nimportlib.import_module('jax.interpreters.ad')",
        "__import__('jax').grad",
        "exec('from jax import grad')",
        "import functools, jax\nfunctools.partial(jax.jit, jax.grad)",
        "import optax\noptax.value_and_grad_from_state(f)",
        "from optax import hvp",
        "from optax import *",
        "import optax.second_order",
        "import optax\nuse(optax)",
    ],
)
def test_a_planted_way_around_is_refused(planted):
    assert list(autodiff(planted))


@pytest.mark.parametrize(
    "allowed",
    [
        "import jax.numpy as jnp\ndef hessian(x): return jnp.exp(x)\nhessian(1.0)",
        "from manual_grads import logistic\nlogistic.hessian",
        "import jax\njax.jit(f), jax.lax.map(f, x), jax.nn.one_hot(y, 3)",
        "def gradient(x):\n    '''Equal to jax.grad.'''",
        "import optax\noptimizer = optax.sgd\noptax.apply_updates(x, y)",
    ],
)
def test_what_is_ours_is_allowed(allowed):
    assert list(autodiff(allowed)) == []


def test_the_family_is_complete():
    """A name that JAX gains in a later version, and that sounds like differentiation, has to be put in a set here."""
    sounds = re.compile(r"grad|jac|hess|[jv][jv]p|lineari|linear_tr|custom_d|custom_g|^ad|remat|checkpoint|jet")
    assert {name for name in dir(jax) if sounds.search(name)} <= FAMILY
