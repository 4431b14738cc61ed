"""A claim as code: the programs of its sides, and how programs are taken apart and put together.

`tracing.py` makes the program of a claim, `derivative.py` and `unknown.py` hold the primitives that claims bring with
them, `rewriting.py`, `keys.py` and `narrowing.py` change programs, `fingerprint.py` tells whether two are the same up
to trivial rewriting, `places.py` says where in the user's code an equation stands, and `reading` what a program does
with whole numbers and with derivative rules. No file here runs a program in
an arithmetic of its own.
"""

from gradproof.programs import derivative as derivative
from gradproof.programs import keys as keys
from gradproof.programs import places as places
from gradproof.programs import rewriting as rewriting
from gradproof.programs import unknown as unknown
from gradproof.programs.tracing import Program as Program
from gradproof.programs.tracing import Side as Side
from gradproof.programs.tracing import trace as trace
