"""What numbers were made of, and which outcomes of comparisons no inputs have for that.

`recorded.py` is the arithmetic that remembers it; `excluded.py` asks z3, of polynomials over the reals.
"""

from gradproof.worlds.terms.excluded import Excluded as Excluded
from gradproof.worlds.terms.recorded import Recorded as Recorded
