"""Running a program in any arithmetic.

`basic.py` says what an arithmetic must know and `arithmetic.py` what follows, `evaluator.py` runs equation by
equation, and `rules/` says what each primitive means. `constants.py` says what a constant stands for, `dual.py` is
the arithmetic of derivatives over any other, and `memory.py` recalls what was run before. No file here knows what its
numbers are: the arithmetics are in `worlds` and `numerics`.
"""

from gradproof.interpreter import constants as constants
from gradproof.interpreter import rules as rules
from gradproof.interpreter import triangular as triangular
from gradproof.interpreter.arithmetic import Arithmetic as Arithmetic
from gradproof.interpreter.basic import RunAgain as RunAgain
from gradproof.interpreter.dual import DualArithmetic as DualArithmetic
from gradproof.interpreter.evaluator import Evaluator as Evaluator
from gradproof.interpreter.memory import Memory as Memory
