"""What the mistake may be, from how two sides differ at generic inputs: a hint, never a verdict.

A hypothesis is a function of a `Case` that proposes explanations; each is a sentence with a change that undoes the
mistake, or makes it. `diagnose` tries them in the order of `HYPOTHESES`, and believes one only where its change, in
high precision, turns what is given into what is right at every sample. The hypotheses lie in files by topic:
`factors.py`, `arrangements.py`, `sums.py`, `terms.py`, `places.py` and `substitutes.py`; `shapes.py` is
for sides of different shapes, and `rules.py` for a derivative rule of the loss that is to blame.
"""

from gradproof.checks.diagnosis.case import PRECISION as PRECISION
from gradproof.checks.diagnosis.case import Sample as Sample
from gradproof.checks.diagnosis.diagnose import HYPOTHESES as HYPOTHESES
from gradproof.checks.diagnosis.diagnose import Diagnosis as Diagnosis
from gradproof.checks.diagnosis.diagnose import diagnose as diagnose
from gradproof.checks.diagnosis.names import named_arrays as named_arrays
from gradproof.checks.diagnosis.rules import to_blame as to_blame
from gradproof.checks.diagnosis.shapes import SHAPES as SHAPES
from gradproof.checks.diagnosis.shapes import shape_hint as shape_hint
