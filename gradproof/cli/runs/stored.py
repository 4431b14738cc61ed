"""Verdicts that `gradproof verify --json` wrote, in place of verifying again."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from gradproof.claims import Claim
from gradproof.claims.verdict import Verdict
from gradproof.cli import progress
from gradproof.cli.document import Document, Record
from gradproof.errors import GradproofError
from gradproof.mutation import version


@dataclass(frozen=True)
class Stored:
    """What a document says of claims; of none it says nothing."""

    records: dict[str, Record] = field(default_factory=dict)
    commit: str | None = None

    @classmethod
    def read(cls, path: Path | None) -> "Stored":
        """Raises `GradproofError` for a file that is no document."""
        if path is None:
            return cls()
        try:
            document = parsed(path.read_bytes())
        except OSError as error:
            raise GradproofError(f"cannot read {str(path)!r}: {error.strerror}; give another path") from None
        except (ValueError, msgspec.ValidationError):
            raise GradproofError(
                f"{str(path)!r} is no document of `gradproof verify --json FILE`; give the path of one"
            ) from None
        # A claim of a first look, or that failed, has no program.
        whole = [record for record in document.claims if record.program or record.expected not in ("holds", "misprint")]
        return cls({record.id: record for record in whole}, document.commit)

    def is_stale(self, claim: Claim) -> bool:
        """Whether there is a verdict on a claim whose program is another one since."""
        return claim.id in self.records and self.records[claim.id].program != version(claim)

    def mark(self, claim: Claim) -> str:
        """Where the verdict on a claim comes from; empty if it is made now."""
        if claim.id not in self.records:
            return ""
        at = f"at commit {self.commit}" if self.commit else "before"
        if self.is_stale(claim):
            return f"stale: verified {at}, and the claim has changed since; gradproof verify {claim.id} says what holds"
        return f"verified {at}"

    def settled(self, claims: Sequence[Claim]) -> frozenset[str]:
        """The ids of the claims whose stored verdicts are as expected, and not stale."""
        known = [claim for claim in claims if claim.id in self.records and self.records[claim.id].as_expected]
        return frozenset(claim.id for claim in known if not self.is_stale(claim))

    def verdicts(self, claims: Sequence[Claim], targets: Sequence[str], *, backend: str) -> list[Verdict]:
        """Those that are stored, and of other claims those that are found now."""
        left = [claim for claim in claims if claim.id not in self.records]
        found = {v.claim.id: v for v in progress.verified(left, targets, backend=backend)} if left else {}
        found |= {claim.id: self.records[claim.id].of_claim(claim) for claim in claims if claim.id in self.records}
        return [found[claim.id] for claim in claims]


def parsed(content: bytes) -> Document:
    """A document from its text, in which numbers that JSON lacks are text."""
    return msgspec.convert(json.loads(content), Document, strict=False)


def commit() -> str | None:
    """That of the folder in which a run is made, with a mark if files differ from it; None where there is none."""
    try:
        asked = ["git", "describe", "--always", "--abbrev=40", "--dirty=-changed", "--exclude=*"]
        found = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip() or None
