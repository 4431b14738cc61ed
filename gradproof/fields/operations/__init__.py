"""The operations of the exact arithmetic, each file about one part of the argument in `SOUNDNESS.md`.

`base.py` is the state that they share; `fields/arithmetic.py` puts them together.
"""

from gradproof.fields.operations.comparisons import Comparisons as Comparisons
from gradproof.fields.operations.comparisons import Forced as Forced
from gradproof.fields.operations.roots import Roots as Roots
from gradproof.fields.operations.unknowns import Unknowns as Unknowns
