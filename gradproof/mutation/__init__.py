"""What becomes of mistakes that are planted in the hand-written sides of a claim: which check refuses each.

`mistakes.py` and `misplaced.py` say which mistakes there are, `mutants.py` makes programs with one each, and `fate.py`
examines them as `verify` examines a claim. A check of `checks.pipeline` is in the kill matrix at once.
"""

from gradproof.mutation.fate import MOST as MOST
from gradproof.mutation.fate import fates as fates
from gradproof.mutation.fate import outcomes as outcomes
from gradproof.mutation.fate import version as version
from gradproof.mutation.mistakes import KINDS as KINDS
from gradproof.mutation.mutants import Mutant as Mutant
from gradproof.mutation.mutants import mutants_of as mutants_of
from gradproof.mutation.results import Results as Results
