"""The command line, `gradproof`: what it runs, in how many processes, and what it prints and writes.

`main` runs it. The documents that it writes are made here, too: `as_json` and `as_junit` from verdicts, and the
`schema` of the JSON from its records.
"""

from gradproof.cli.commands import main as main
from gradproof.cli.document import RULES as RULES
from gradproof.cli.document import Document as Document
from gradproof.cli.document import Record as Record
from gradproof.cli.document import schema as schema
from gradproof.cli.document import schema_text as schema_text
from gradproof.cli.report import as_json as as_json
from gradproof.cli.report import as_junit as as_junit
