"""The check on kinks: inputs at which compared numbers are equal, found, run and judged.

`search.py` finds points with each outcome of a comparison, `machine.py` ties by rounding and `together.py` points on
several kinks; `comparisons.py` and `visits.py` tell what a program compares at a point, `limits.py` approaches a kink
from both sides, `pairs.py` says where two sides are the same, `rule.py` what is right there, and `check.py` compares
the sides.
"""

from gradproof.checks.kinks.check import KinkResult as KinkResult
from gradproof.checks.kinks.check import check_kinks as check_kinks
