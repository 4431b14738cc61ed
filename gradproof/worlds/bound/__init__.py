"""The bound on the probability of a false proof: how large numbers are, and what follows from that.

`degree.py` is of all that is computed with, `powers.py` of exponentials and logarithms that are made of others,
`evidence.py` of a whole run.
"""

from gradproof.worlds.bound.degree import CONSTANT as CONSTANT
from gradproof.worlds.bound.degree import VARIABLE as VARIABLE
from gradproof.worlds.bound.degree import Degree as Degree
from gradproof.worlds.bound.degree import Degrees as Degrees
from gradproof.worlds.bound.degree import Which as Which
