"""What is said: claims, the symbols they speak of, and the records of what was found.

Nothing here imports JAX or computes anything: a claim is a description, and so is a verdict. The kinds of symbols are
in `symbols`, a class in a file each.
"""

from gradproof.claims import verdict as verdict
from gradproof.claims import words as words
from gradproof.claims.claim import Claim as Claim
from gradproof.claims.claim import Definition as Definition
from gradproof.claims.claim import Demonstration as Demonstration
from gradproof.claims.claim import Equality as Equality
from gradproof.claims.claim import Misprint as Misprint
from gradproof.claims.made import noted as noted
