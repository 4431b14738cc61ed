"""The arithmetic of every region at once."""

from typing import Any

import numpy as np

from gradproof.worlds.cases import Cases
from gradproof.worlds.operations import Implications
from gradproof.worlds.value import Value


class WorldArithmetic(Implications):
    """Numbers with one residue for each world and draw."""

    def lifted(self, value: Any) -> Value:
        """A number, or integers and truth values as numbers."""
        return self.constant(value) if isinstance(value, np.ndarray | Cases) else value
