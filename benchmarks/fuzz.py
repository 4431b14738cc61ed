"""Random programs with a right and a wrong derivative, put to the exact check: `python benchmarks/fuzz.py`.

Each pair depends on the seed and its number alone. With `--results FILE` an interrupted run goes on where it was, and
`--pair NUMBER` shows one pair again, and with `--shrink` the smallest one that comes to the same. With `--undecided
NUMBER` it fails, too, where more verdicts than that are undecided, or where a pair is left out.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import jax
from fuzzing.campaign import Record, alike, record, recorded, summary
from fuzzing.drawing import drawn
from fuzzing.shrinking import shrunk

SHOWN = 5
"""So many of the slowest pairs are shown."""

KEPT = 300
"""After so many pairs JAX forgets what it compiled, so that a long run does not grow."""


def written(path: Path | None) -> list[Record]:
    """The records of a file; a last line that was cut off is none."""
    if path is None or not path.is_file():
        return []
    lines = path.read_text("utf-8").splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]
    if whole != lines:
        path.write_text("".join(whole), "utf-8")
    return [Record(**json.loads(line)) for line in whole]


def run(options: argparse.Namespace, known: set[int]) -> Iterator[tuple[Record, float]]:
    """The pairs that are not known, each written as soon as it is judged, and the seconds that it took."""
    wanted = [number for number in range(options.first, options.first + options.pairs) if number not in known]
    for count, number in enumerate(wanted, 1):
        start = time.process_time()
        one = record(options.seed, number, options.most)
        seconds = time.process_time() - start
        if options.results is not None:
            with options.results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(one)) + "\n")
        if one.false is not None:
            print(f"pair {number}: {one.false}", flush=True)
        if count % KEPT == 0:
            jax.clear_caches()
        yield one, seconds


def passed(records: list[Record], undecided: int | None) -> bool:
    """Whether nothing is false and nothing failed; if that is asked, that no more verdicts are undecided either."""
    words = [word for one in records for word in (one.right, one.planted)]
    if any(one.false is not None for one in records) or "failed" in words:
        return False
    return undecided is None or (None not in words and words.count("undecided") <= undecided)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="the number of the first pair")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, default=9, help="nodes of a program")
    parser.add_argument("--results", type=Path, help="a file of JSON lines, to go on with")
    parser.add_argument(
        "--undecided", type=int, help="the most verdicts that may be undecided; no pair may be left out"
    )
    parser.add_argument("--pair", type=int, help="show this pair alone")
    parser.add_argument("--shrink", action="store_true", help="or the smallest like it")
    options = parser.parse_args()
    with jax.enable_x64(True):
        if options.pair is not None:
            shown = drawn(options.seed, options.pair, options.most)
            found = recorded(shown, options.pair)
            if options.shrink:
                found = recorded(shrunk(shown, lambda pair: alike(recorded(pair, options.pair), found)), options.pair)
            print(json.dumps(asdict(found), indent=1))
            return int(found.false is not None)
        before = written(options.results)
        new = list(run(options, {one.pair for one in before}))
    records = before + [one for one, _ in new]
    print("\n".join(summary(records)))
    print(f"CPU: {sum(seconds for _, seconds in new):.0f} s for {len(new)} pairs; the slowest:")
    for one, seconds in sorted(new, key=lambda pair: -pair[1])[:SHOWN]:
        print(f"  pair {one.pair}: {seconds:.1f} s: {one.program} by {one.by}; {one.mistake}")
    return int(not passed(records, options.undecided))


if __name__ == "__main__":
    sys.exit(main())
