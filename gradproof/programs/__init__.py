"""What is said, as code: the programs of a claim, how they are taken apart, and where their equations come from."""

from gradproof.programs.derivative import ORACLES as ORACLES
from gradproof.programs.derivative import Oracle as Oracle
from gradproof.programs.places import INSIDE as INSIDE
from gradproof.programs.places import place as place
from gradproof.programs.surgery import written as written
from gradproof.programs.trace import Program as Program
from gradproof.programs.trace import Side as Side
from gradproof.programs.trace import trace as trace
from gradproof.programs.trace import uses as uses
