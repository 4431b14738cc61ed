"""Printed statements: the lists of a package's documents, and which claims cover them.

A package of claims may list the statements of documents in files `statements.json`, in it and in its subpackages, each
`{"document": NAME, "statements": [{"id": ..., "lines": [...]}, ...]}`.
"""

import json
import pkgutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import chain
from types import ModuleType

from gradproof.catalogue.collect import document_names, imported, providers
from gradproof.claims import Claim
from gradproof.errors import GradproofError

FILE = "statements.json"


@dataclass(frozen=True)
class Document:
    """The statements of a document, by their ids, and the lines of each."""

    name: str
    lines: dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Coverage:
    """How the statements of one document are covered. Each needs exactly one claim, which names its lines."""

    document: str
    count: int
    missing: tuple[str, ...]
    doubled: tuple[str, ...]
    unknown: tuple[str, ...]
    misplaced: tuple[str, ...]
    by: Mapping[str, str]
    """The claim of each statement that is covered once."""

    @property
    def is_whole(self) -> bool:
        return not (self.missing or self.doubled or self.unknown or self.misplaced)


def documents(targets: Sequence[str] = ()) -> list[Document]:
    """The documents of all installed packages, or those that are named.

    Raises `GradproofError` for a name that no document has, and if there is no document at all.
    """
    listed = chain.from_iterable(map(_of_package, providers()))
    found = sorted(listed, key=lambda document: document.name)
    if not found:
        raise GradproofError(f"no document is installed; a package of claims lists its statements in a file {FILE}")
    for target in targets:
        if not any(target in document_names(document.name) for document in found):
            known = ", ".join(document.name for document in found)
            raise GradproofError(f"{target!r} is no document; there are {known}")
    return [d for d in found if not targets or any(target in document_names(d.name) for target in targets)]


def coverage(document: Document, claims: Iterable[Claim]) -> Coverage:
    """How the claims about a document, or about its statements, cover them."""
    counts: Counter[str] = Counter()
    misplaced, by = [], dict[str, str]()
    for claim in claims:
        if claim.source is None or claim.source.document != document.name:
            continue
        counts.update(claim.covers.keys())
        by |= dict.fromkeys(claim.covers, claim.id)
        if any(set(document.lines.get(id, ())) - set(claim.source.lines) for id in claim.covers):
            misplaced.append(claim.id)
    return Coverage(
        document.name,
        len(document.lines),
        tuple(id for id in document.lines if not counts[id]),
        tuple(id for id in document.lines if counts[id] > 1),
        tuple(sorted(counts.keys() - document.lines.keys())),
        tuple(misplaced),
        {id: claim for id, claim in by.items() if counts[id] == 1 and id in document.lines},
    )


def same_as(id: str, claims: Sequence[Claim]) -> list[Claim]:
    """The claims of statements that say the same as this one, which is an id of a claim or of a statement.

    Raises `GradproofError` if no claim has or covers the id.
    """
    own = [claim for claim in claims if id == claim.id or id in claim.covers]
    if not own:
        raise GradproofError(f"{id!r} is no claim and no statement that a claim covers; `gradproof list` shows all")
    found = {claim.id: claim for claim in own}
    # What says the same as one of them says the same as all.
    while True:
        names = {name for claim in found.values() for name in (claim.id, *claim.covers, *claim.same_as)}
        more = [c for c in claims if c.id not in found and names.intersection((c.id, *c.covers, *c.same_as))]
        if not more:
            return [claim for claim in claims if claim.id in found]
        found |= {claim.id: claim for claim in more}


def _of_package(module: ModuleType) -> Iterator[Document]:
    if not hasattr(module, "__path__"):
        return
    path = resources.files(module).joinpath(FILE)
    if path.is_file():
        content = json.loads(path.read_text("utf-8"))
        lines = {statement["id"]: tuple(statement["lines"]) for statement in content["statements"]}
        yield Document(content["document"], lines)
    for entry in pkgutil.iter_modules(module.__path__):
        if entry.ispkg:
            yield from _of_package(imported(f"{module.__name__}.{entry.name}"))
