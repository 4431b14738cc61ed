"""The verdict on a claim: `examination.py` has `verify`, `functions.py` `check` and its kin for plain functions.

`findings.py` makes the verdict of what the checks found.
"""

from gradproof.verification.examination import verify as verify
from gradproof.verification.functions import assert_gradient as assert_gradient
from gradproof.verification.functions import check as check
from gradproof.verification.functions import check_jvp as check_jvp
from gradproof.verification.functions import check_rule as check_rule
from gradproof.verification.functions import check_vjp as check_vjp
