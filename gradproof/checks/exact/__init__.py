"""The exact check: all sides as functions.

`check.py` goes through the sizes; `regions.py` compares the sides in every region at once, `points.py` says at which
real inputs they may differ, `narrow.py` finds some in a region, and `values.py` says whether they do. What is found is
a `Report` of `differences.py`.
"""

from gradproof.checks.exact.check import ExactCheck as ExactCheck
from gradproof.checks.exact.differences import Difference as Difference
from gradproof.checks.exact.differences import Report as Report
