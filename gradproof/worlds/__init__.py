"""The exact arithmetic of every region at once: what the exact check asks first.

A number has a residue for each draw, and for each *world*: an outcome of each comparison that it depends on. `draws.py`
and `residues.py` are the fields, `atoms.py` the comparisons and the worlds, `cases.py` integers and truth values that
differ from world to world, `value.py` and `operations` the numbers, `pairs.py` and `roots.py` their exponentials,
logarithms and roots, `bound` how sure all that is, `possible.py` which outcomes comparisons can have together,
`evaluator.py` runs a program, and `check.py` compares the sides of a claim.
"""

from gradproof.worlds.arithmetic import WorldArithmetic as WorldArithmetic
from gradproof.worlds.check import TARGET as TARGET
from gradproof.worlds.check import Found as Found
from gradproof.worlds.check import Way as Way
from gradproof.worlds.check import compare as compare
from gradproof.worlds.check import ways as ways
from gradproof.worlds.errors import TooManyRegions as TooManyRegions
from gradproof.worlds.sites import Region as Region
