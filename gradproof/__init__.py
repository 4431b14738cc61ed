"""Hand-written derivatives as executable proofs.

Declare what is equal with `claim`; `verify` proves it, refutes it with a counterexample, or says why it is undecided.
`check` and `assert_gradient` take two plain functions and an example of their arguments.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

from gradproof.claims.claim import Claim as Claim
from gradproof.claims.claim import Source as Source
from gradproof.claims.declare import claim as claim
from gradproof.claims.declare import definition as definition
from gradproof.claims.declare import demonstration as demonstration
from gradproof.claims.declare import misprint as misprint
from gradproof.claims.verdict import Counterexample as Counterexample
from gradproof.claims.verdict import Exact as Exact
from gradproof.claims.verdict import Kink as Kink
from gradproof.claims.verdict import Verdict as Verdict
from gradproof.claims.words import explain as explain
from gradproof.errors import GradproofError as GradproofError

if TYPE_CHECKING:
    from gradproof.programs.derivative import derivative as derivative
    from gradproof.typed import Binary as Binary
    from gradproof.typed import Function as Function
    from gradproof.typed import Functional as Functional
    from gradproof.typed import Index as Index
    from gradproof.typed import Interval as Interval
    from gradproof.typed import OneHot as OneHot
    from gradproof.typed import Positive as Positive
    from gradproof.typed import Real as Real
    from gradproof.typed import Sign as Sign
    from gradproof.typed import Simplex as Simplex
    from gradproof.verification import assert_gradient as assert_gradient
    from gradproof.verification import check as check
    from gradproof.verification import check_jvp as check_jvp
    from gradproof.verification import check_rule as check_rule
    from gradproof.verification import check_vjp as check_vjp
    from gradproof.verification import verify as verify
else:
    from gradproof.claims.functions import Function as Function
    from gradproof.claims.functions import Functional as Functional
    from gradproof.claims.symbols import Binary as Binary
    from gradproof.claims.symbols import Index as Index
    from gradproof.claims.symbols import Interval as Interval
    from gradproof.claims.symbols import OneHot as OneHot
    from gradproof.claims.symbols import Positive as Positive
    from gradproof.claims.symbols import Real as Real
    from gradproof.claims.symbols import Sign as Sign
    from gradproof.claims.symbols import Simplex as Simplex

__version__ = version("gradproof")

__all__ = [
    "Binary",
    "Claim",
    "Counterexample",
    "Exact",
    "Function",
    "Functional",
    "GradproofError",
    "Index",
    "Interval",
    "Kink",
    "OneHot",
    "Positive",
    "Real",
    "Sign",
    "Simplex",
    "Source",
    "Verdict",
    "__version__",
    "assert_gradient",
    "check",
    "check_jvp",
    "check_rule",
    "check_vjp",
    "claim",
    "definition",
    "demonstration",
    "derivative",
    "explain",
    "misprint",
    "verify",
]

# What needs JAX is imported when it is first asked for: every pytest run loads the plugin, and so this module.
_HOMES = {
    "derivative": "programs.derivative",
    "assert_gradient": "verification",
    "check": "verification",
    "check_jvp": "verification",
    "check_rule": "verification",
    "check_vjp": "verification",
    "verify": "verification",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
