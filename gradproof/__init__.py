"""Hand-written derivatives as executable proofs.

Declare what is equal with `claim`; `verify` proves it, refutes it with a counterexample, or says why it is undecided.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from gradproof._claim import Claim as Claim
from gradproof._claim import Source as Source
from gradproof._claim import claim as claim
from gradproof._claim import definition as definition
from gradproof._claim import demonstration as demonstration
from gradproof._claim import misprint as misprint
from gradproof._errors import GradproofError as GradproofError
from gradproof._symbols import Binary as Binary
from gradproof._symbols import Function as Function
from gradproof._symbols import Functional as Functional
from gradproof._symbols import Index as Index
from gradproof._symbols import OneHot as OneHot
from gradproof._symbols import Positive as Positive
from gradproof._symbols import Real as Real
from gradproof._symbols import Simplex as Simplex
from gradproof._verdict import Counterexample as Counterexample
from gradproof._verdict import Exact as Exact
from gradproof._verdict import Kink as Kink
from gradproof._verdict import Verdict as Verdict

if TYPE_CHECKING:
    from gradproof._derivative import derivative as derivative
    from gradproof._verify import check as check
    from gradproof._verify import verify as verify

# What needs JAX is imported when it is first asked for: every pytest run loads the plugin, and so this module.
_HOMES = {"derivative": "_derivative", "verify": "_verify", "check": "_verify"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
