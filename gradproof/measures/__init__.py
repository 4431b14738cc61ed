"""What is measured of a claim that is proved: how accurate it is on the machine, and how sensitive its check is.

`full_report` makes the record, and `faults` finds what is wrong in it. `samples_of` draws the inputs, and `entries`
takes a few entries of a large gradient. Checks decide about claims; nothing here does.
"""

from gradproof.measures import entries as entries
from gradproof.measures import faults as faults
from gradproof.measures.accuracy import accuracy_of as accuracy_of
from gradproof.measures.full import full_report as full_report
from gradproof.measures.inputs import samples_of as samples_of
from gradproof.measures.products import with_precision as with_precision
from gradproof.measures.sensitivity import sensitivity_of as sensitivity_of
