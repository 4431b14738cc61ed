"""The exact check alone, of deep and wide losses: `python benchmarks/deep.py [NAME ...]`.

Each gradient, and a wrong twin, is checked in a process of its own. Times are of the check, after the imports; memory
is the largest of the process.
"""

import resource
import subprocess
import sys
import time

from _deep import MODELS, Model

from gradproof import derivative
from gradproof.checks import Study
from gradproof.checks.exact import ExactCheck
from gradproof.checks.exact.differences import Report
from gradproof.claims import Equality


def claim(model: Model, *, wrong: bool) -> Equality:
    def chain(**values: object) -> object:
        arguments = [values[name] for name in model.symbols]
        first, others = tuple(arguments[: model.by]), arguments[model.by :]
        gradient = model.gradient(*arguments, wrong=wrong)
        yield derivative(lambda first: model.loss(*first, *others), first)
        yield gradient if model.by > 1 else (gradient,)

    return Equality(id="deep", title="deep", sides=chain, symbols=model.symbols)


def verdict(report: Report) -> str:
    if report.failures:
        return "refuted"
    return f"undecided: {report.undecided}" if report.undecided else f"proved, 2^{report.bound_log2:.0f}"


def check(name: str, *, wrong: bool) -> bool:
    """Whether the verdict is the right one; it is printed."""
    started, used = time.perf_counter(), time.process_time()
    study = Study(claim(MODELS[name], wrong=wrong))
    with study.settings():
        report = ExactCheck(study).run()
    wall, cpu = time.perf_counter() - started, time.process_time() - used
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    kind = "wrong" if wrong else "right"
    print(f"{name:8} {kind}  {wall:6.2f} s  {cpu:6.2f} s of CPU  {memory:5.0f} MiB  {verdict(report)}", flush=True)
    return verdict(report).startswith("refuted" if wrong else "proved")


def main(names: list[str]) -> int:
    """The exit status: how many verdicts are not the right ones."""
    each = [[sys.executable, __file__, "--one", name, kind] for name in names or MODELS for kind in ("right", "wrong")]
    return sum(subprocess.run(command, check=False).returncode != 0 for command in each)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        sys.exit(not check(sys.argv[2], wrong=sys.argv[3] == "wrong"))
    sys.exit(main(sys.argv[1:]))
