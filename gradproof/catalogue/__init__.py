"""What is installed: claims found by id, glob, document, module or file, and the printed statements that they cover.

`select` finds claims, `without` and `shard` leave some out, `held` says which ones a module has, `statements` knows the
documents and how they are covered, and `errata` what they print wrong.
Nothing here verifies a claim or imports JAX, unless a file of claims does.
"""

from gradproof.catalogue import errata as errata
from gradproof.catalogue import statements as statements
from gradproof.catalogue.choice import shard as shard
from gradproof.catalogue.choice import without as without
from gradproof.catalogue.collect import from_file as from_file
from gradproof.catalogue.collect import installed as installed
from gradproof.catalogue.collect import select as select
from gradproof.catalogue.held import held as held
