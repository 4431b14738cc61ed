"""What a claim speaks of: reals, labels, probabilities, classes and unknown functions, with shapes in named sizes.

A symbol stands as the default value of a claim's parameter, `w=Real("m")`: "let w be a real vector of length m".

Each kind is one class in one file, which knows all that the engine asks of it: shape, domain and sign, the values of a
label, how inputs are drawn and made simple, and how they are rounded. `ArraySymbol` says what can be asked.
"""

from gradproof.claims.symbols.base import ArraySymbol as ArraySymbol
from gradproof.claims.symbols.binary import Binary as Binary
from gradproof.claims.symbols.index import Index as Index
from gradproof.claims.symbols.interval import Interval as Interval
from gradproof.claims.symbols.one_hot import OneHot as OneHot
from gradproof.claims.symbols.positive import Positive as Positive
from gradproof.claims.symbols.real import Real as Real
from gradproof.claims.symbols.sign import Sign as Sign
from gradproof.claims.symbols.simplex import Simplex as Simplex
