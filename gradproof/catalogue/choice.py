"""Which of the claims that were found are wanted: all but some, or one part of several."""

import fnmatch
import re
from collections.abc import Sequence
from hashlib import sha256

from gradproof.claims import Claim
from gradproof.errors import GradproofError


def without(claims: Sequence[Claim], globs: Sequence[str]) -> list[Claim]:
    """The claims whose ids no glob matches.

    Raises `GradproofError` for a glob that matches none, and if no claim is left.
    """
    for glob in globs:
        if not any(fnmatch.fnmatchcase(claim.id, glob) for claim in claims):
            raise GradproofError(f"--exclude {glob!r} names none of the claims; `gradproof list` shows what there is")
    left = [claim for claim in claims if not any(fnmatch.fnmatchcase(claim.id, glob) for glob in globs)]
    if claims and not left:
        raise GradproofError("--exclude leaves no claim; take one of the globs out")
    return left


def shard(claims: Sequence[Claim], part: str) -> list[Claim]:
    """The claims of a part such as 2/5, which are the same for everyone: a hash of the id says where a claim belongs.

    Raises `GradproofError` for what is no part.
    """
    found = re.fullmatch(r"(\d+)/(\d+)", part)
    number, count = map(int, found.groups()) if found else (0, 0)
    if not 1 <= number <= count:
        raise GradproofError(f"--shard is a part I/N, such as 1/4 for the first of four; given {part!r}")
    return [
        claim for claim in claims if int.from_bytes(sha256(claim.id.encode()).digest(), "big") % count == number - 1
    ]
