"""What the plugin adds to every pytest run of an environment, and how soon the command line answers."""

import subprocess
import sys
from statistics import median
from time import perf_counter

from bench.measure import Result

ROUNDS = 21


def measurements():
    yield _difference(
        "plugin import over bare pytest", 15, "import pytest, prm_harness.plugin", "import pytest",
        "a fresh interpreter that imports pytest and the plugin - one that imports pytest",
    )  # fmt: skip
    help_ = "import sys; sys.argv[1:] = ['--help']; from prm_harness.cli import main; main()"
    yield _difference(
        "--help over bare Python", 80, help_, "pass",
        "a fresh interpreter that prints prm-harness --help - one that does nothing",
    )  # fmt: skip


def _difference(what, floor, ours, bare, definition):
    _milliseconds(ours), _milliseconds(bare)
    pairs = [(_milliseconds(ours), _milliseconds(bare)) for _ in range(ROUNDS)]
    more, less = (median(side) for side in zip(*pairs, strict=True))
    return Result(
        what, median(a - b for a, b in pairs), "ms", floor, at_least=False,
        definition=definition, figures=f"{more:.0f} ms against {less:.0f} ms",
    )  # fmt: skip


def _milliseconds(code):
    started = perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    return (perf_counter() - started) * 1000
