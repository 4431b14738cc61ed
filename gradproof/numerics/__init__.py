"""Programs in floating point, and in high precision: what a result must be, and by how much a machine may miss it.

`certify` finds mathematical values, with enclosures that python-flint proves. `run_at` runs a program in an arithmetic;
`RoundingArithmetic` bounds the rounding errors of a machine that computes in a `Format`, and `DoubleArithmetic` only
computes in float64. Other arithmetics may derive from these two. The precision of flint's context is set while a
program runs, and restored.
"""

from gradproof.numerics.doubles import DoubleArithmetic as DoubleArithmetic
from gradproof.numerics.formats import Format as Format
from gradproof.numerics.functions import RoundingArithmetic as RoundingArithmetic
from gradproof.numerics.ladder import certify as certify
from gradproof.numerics.runs import Input as Input
from gradproof.numerics.runs import Run as Run
from gradproof.numerics.runs import Value as Value
from gradproof.numerics.runs import run_at as run_at
