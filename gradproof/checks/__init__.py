"""What is checked: the examination of a claim, from the study that owns its programs to the findings.

Every check is handed a `Study` and hands back `Findings`; `examine` makes them all, in the order of `pipeline.CHECKS`.
A new check is a function there. Nothing here gives a verdict: `gradproof.verification` does, from the findings.
"""

from gradproof.checks import floating as floating
from gradproof.checks import inputs as inputs
from gradproof.checks import judgement as judgement
from gradproof.checks import labels as labels
from gradproof.checks import pipeline as pipeline
from gradproof.checks.counterexample import find as find
from gradproof.checks.pipeline import examine as examine
from gradproof.checks.study import Study as Study
