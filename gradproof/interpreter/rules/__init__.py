"""What each primitive of JAX means, in any arithmetic: files by topic, and `table.py`, the one list of all.

A rule is a function whose parameters by keyword are those of its primitive; `rule.py` says what it is given. Add one in
the file of its topic and in the table; a rule calls `Running` and the arithmetic, and nothing above them.
"""

from gradproof.interpreter.rules.control import LONGEST_LOOP as LONGEST_LOOP
from gradproof.interpreter.rules.rule import Rule as Rule
from gradproof.interpreter.rules.rule import Rules as Rules
from gradproof.interpreter.rules.table import RULES as RULES
