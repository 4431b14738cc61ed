"""From plain functions and an example of their arguments to a claim.

`arguments.py` says what in an example varies, `integers.py` what whole numbers are used for, `sizes.py` which lengths
may be others, `domains.py` which symbols stand for all that, and `gradients.py` makes the claim. No value of an example
is used, unless a claim fails without: then `domains.py` says what is special about it.
"""

from gradproof.calls.arguments import Example as Example
from gradproof.calls.gradients import GradientClaim as GradientClaim
from gradproof.calls.gradients import gradient_claim as gradient_claim
from gradproof.calls.gradients import special_parts as special_parts
