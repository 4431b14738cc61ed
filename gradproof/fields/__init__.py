"""Exact arithmetic over towers of prime fields, and the bound on the probability that a false claim passes.

`SOUNDNESS.md` is the argument, and each file is about one part of it: `towers.py` the fields, `draws.py` the values,
`operations/` what is done with them, `arithmetic.py` all of it together, `inputs.py` the real point, `degree.py` and
`exponents.py` what is counted, `bound.py` the bound.
Random draws are part of every verdict: change the order in which they are made, and bounds change with it.
"""

from gradproof.fields import bound as bound
from gradproof.fields import exponents as exponents
from gradproof.fields import inputs as inputs
from gradproof.fields import needs as needs
from gradproof.fields import towers as towers
from gradproof.fields.arithmetic import FieldArithmetic as FieldArithmetic
from gradproof.fields.draws import Draws as Draws
from gradproof.fields.operations import Forced as Forced
