"""The file of a kill matrix: a line of JSON for each claim, so that a run that is interrupted goes on where it was."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradproof.claims import Claim
from gradproof.claims.verdict import Fate
from gradproof.claims.words import plain
from gradproof.errors import GradproofError
from gradproof.files import replacing
from gradproof.mutation.fate import version


@dataclass(frozen=True)
class Results:
    """A file of fates, or none; each claim is there once and whole."""

    path: Path | None
    seed: int
    most: int

    def known(self, claims: Sequence[Claim]) -> dict[str, list[Fate]]:
        """The fates that the file has of these claims. Lines of other programs, and half a line, are dropped from it.

        Raises `GradproofError` for a file that cannot be written, of another run, or of something else.
        """
        if self.path is None:
            return {}
        lines = self._lines(self.path) if self.path.is_file() else []
        records = [self._record(self.path, number, line) for number, line in enumerate(lines, 1)]
        present = {claim.id: claim for claim in claims}
        found: dict[str, list[Fate]] = {}
        with replacing(self.path) as file:
            for line, record in zip(lines, records, strict=True):
                claim = present.get(record["claim"])
                if claim is not None and record["program"] != version(claim):
                    continue
                if claim is not None:
                    found[claim.id] = [Fate(**fate) for fate in record["fates"]]
                file.write(f"{line}\n")
        return found

    def add(self, claim: Claim, fates: Sequence[Fate]) -> None:
        if self.path is not None:
            record = {
                "claim": claim.id,
                "seed": self.seed,
                "most": self.most,
                "program": version(claim),
                "fates": plain(fates),
            }
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record, ensure_ascii=False) + "\n")

    def _lines(self, path: Path) -> list[str]:
        """The whole lines."""
        try:
            return path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
        except OSError as error:
            raise GradproofError(f"cannot read {str(path)!r}: {error.strerror}; give another path") from None

    def _record(self, path: Path, number: int, line: str) -> Mapping[str, Any]:
        try:
            record = json.loads(line)
            seed, most, _, _ = (record[key] for key in ("seed", "most", "program", "fates"))
        except (ValueError, KeyError, TypeError):
            raise GradproofError(
                f"line {number} of {str(path)!r} is not a result of `gradproof mutate`; give another path"
            ) from None
        if (seed, most) != (self.seed, self.most):
            raise GradproofError(
                f"{str(path)!r} was begun with --seed {seed} --most {most}; go on with these, or give another path"
            )
        return record
