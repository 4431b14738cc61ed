"""From plain functions and an example of their arguments to a claim.

`arguments.py` says what in an example varies, `sizes.py` which lengths may be others, `domains.py` which symbols stand
for all that, `functions.py` what the functions are at some shapes, `forms.py` in which forms a gradient may come, and
`gradients.py` and `rules.py` make claims. No value of an example is used, unless a claim fails without: then
`domains.py` says what is special about it.
"""

from gradproof.calls.arguments import Example as Example
from gradproof.calls.gradients import GradientClaim as GradientClaim
from gradproof.calls.gradients import gradient_claim as gradient_claim
from gradproof.calls.gradients import special_parts as special_parts
from gradproof.calls.rules import jvp_claim as jvp_claim
from gradproof.calls.rules import rule_claim as rule_claim
from gradproof.calls.rules import second_rule_claim as second_rule_claim
from gradproof.calls.rules import vjp_claim as vjp_claim
