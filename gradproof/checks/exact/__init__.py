"""The exact check: all sides as functions, over prime fields.

`check.py` goes through sizes, labels and points; `point.py` compares the sides at one point with many draws; `plans.py`
chooses the fields. What is found is a `Report` of `differences.py`.
"""

from gradproof.checks.exact.check import ExactCheck as ExactCheck
from gradproof.checks.exact.differences import Difference as Difference
from gradproof.checks.exact.differences import Report as Report
