"""Pairs put to the exact check, one after the other, and what came of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from re import sub
from typing import Literal

from fuzzing import referee
from fuzzing.drawing import drawn
from fuzzing.engine import Said, Word, claimed, said
from fuzzing.pair import Pair
from gradproof.claims import Equality

Judge = Callable[[Equality], Said]
Planted = Literal["different", "the same", "not judged", "not confirmed"]


@dataclass(frozen=True)
class Record:
    """A pair, what the referee says of its planted derivative, and both verdicts."""

    pair: int
    program: str
    by: str
    way: str
    sizes: dict[str, int]
    mistake: str
    planted_is: Planted
    right: Word | None = None
    right_why: str = ""
    planted: Word | None = None
    planted_why: str = ""

    @property
    def false(self) -> str | None:
        """What is false of the verdicts, if anything is."""
        if self.right == "refuted":
            return "a right derivative is refuted"
        if self.planted == "proved" and self.planted_is == "different":
            return "a wrong derivative is proved"
        if self.planted == "refuted" and self.planted_is == "the same":
            return "a derivative is refuted that differs nowhere"
        return None


def record(seed: int, number: int, most: int, judge: Judge = said) -> Record:
    """What comes of one pair; it depends on nothing but the arguments."""
    return recorded(drawn(seed, number, most), number, judge)


def recorded(pair: Pair, number: int, judge: Judge = said) -> Record:
    """What comes of a pair; its number is the referee's seed."""
    ruling = referee.ruling(pair, number)
    planted_is: Planted = "different" if ruling.different else "the same"
    described = (number, str(pair.program), pair.by, pair.way, dict(pair.sizes), str(pair.mistake))
    if ruling.unconfirmed or not ruling.points:
        return Record(*described, "not confirmed" if ruling.unconfirmed else "not judged")
    right, planted = (judge(claimed(pair, planted=wrong)) for wrong in (False, True))
    # The check may know of a region that the referee did not meet.
    if right.word == "refuted" and referee.at_inputs(pair, right.inputs) == "unconfirmed":
        return Record(*described, "not confirmed")
    if planted.word == "refuted" and not ruling.different:
        planted_is = "different" if referee.at_inputs(pair, planted.inputs) == "different" else "the same"
    return Record(*described, planted_is, right.word, right.why, planted.word, planted.why)


def campaign(seed: int, count: int, most: int, done: Iterable[int] = (), judge: Judge = said) -> Iterator[Record]:
    """The records of all pairs but those that are done."""
    known = set(done)
    for number in range(count):
        if number not in known:
            yield record(seed, number, most, judge)


def reason(why: str) -> str:
    """Why, without numbers and places."""
    return sub(r"\d+", "N", sub(r",? at \w+\.py:\d+", "", why.split(";")[0]))[:100]


def alike(one: Record, other: Record) -> bool:
    """Whether the same came of two pairs."""

    def fate(of: Record) -> tuple[object, ...]:
        return of.false, of.planted_is, of.right, of.planted, reason(of.right_why), reason(of.planted_why)

    return fate(one) == fate(other)


def summary(records: Iterable[Record]) -> Iterator[str]:
    """What is printed of them, line by line."""
    records = list(records)
    judged = [one for one in records if one.right is not None]
    yield f"{len(records)} pairs, {len(judged)} of them judged"
    left_out = Counter(one.planted_is for one in records if one.right is None)
    yield from (f"  left out, {why}: {count}" for why, count in sorted(left_out.items()))
    groups = {
        "right": [(one.right, one.right_why) for one in judged],
        "wrong": [(one.planted, one.planted_why) for one in judged if one.planted_is == "different"],
        "planted, but the same": [(one.planted, one.planted_why) for one in judged if one.planted_is == "the same"],
    }
    for name, verdicts in groups.items():
        counts = Counter(str(word) for word, _ in verdicts)
        yield f"{name}: {len(verdicts)}: " + ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    for word in ("undecided", "failed"):
        every = [verdict for verdicts in groups.values() for verdict in verdicts]
        whys = Counter(reason(why) for found, why in every if found == word)
        yield from (f"  {word}: {count}: {why}" for why, count in whys.most_common())
    false = [one for one in records if one.false is not None]
    yield f"false verdicts: {len(false)}"
    yield from (f"  pair {one.pair}: {one.false}: {one.program} by {one.by}; {one.mistake}" for one in false)
