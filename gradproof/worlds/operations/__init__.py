"""What the arithmetic of every region can do: each file adds to the one before.

`elements.py`, `loosened.py`, `ring.py`, `positive.py`, `outcomes.py`, `comparisons.py`, `largest.py`, `powers.py`,
`functions.py`, `circular.py`, `unknown.py`, `constants.py`, `definite.py`.
"""

from gradproof.worlds.operations.comparisons import Comparisons as Comparisons
from gradproof.worlds.operations.constants import Constants as Constants
from gradproof.worlds.operations.definite import Definite as Definite
from gradproof.worlds.operations.positive import is_plain as is_plain
