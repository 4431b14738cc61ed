"""What is measured of a claim that is proved: how accurate it is on the machine, and how sensitive its check is.

`full_report` makes the record, and `errors_to_mend`, `undeclared_jumps` and `faultless` say what is wrong in it.
`samples_of` draws the inputs. Checks decide about claims; nothing here does.
"""

from gradproof.measures.accuracy import accuracy_of as accuracy_of
from gradproof.measures.faults import errors_to_mend as errors_to_mend
from gradproof.measures.faults import faultless as faultless
from gradproof.measures.faults import undeclared_jumps as undeclared_jumps
from gradproof.measures.full import full_report as full_report
from gradproof.measures.inputs import samples_of as samples_of
from gradproof.measures.products import with_precision as with_precision
from gradproof.measures.sensitivity import sensitivity_of as sensitivity_of
