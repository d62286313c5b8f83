"""``python -m bench [part …]``: every measurement, one table, and how many floors were missed.

It reports and never judges: the exit code is 0 whatever the figures say.
"""

import sys
import textwrap
from subprocess import CalledProcessError

from bench.alone import measured

PARTS = ("bulk", "rows", "peer", "growth", "seeding", "log", "whole", "startup", "reconcile")


def main(parts):
    results, broken = [], []
    for part in parts or PARTS:
        print(f"measuring {part} ...", file=sys.stderr)
        try:
            results += measured(part)
        except CalledProcessError:  # one part that cannot run must not hide the others
            broken.append(part)
    show(results)
    missed = [result.what for result in results if not result.held]
    ending = f"{len(missed)} of {len(results)} floors missed" + (f": {'; '.join(missed)}" if missed else "")
    if broken:
        ending += f". Not measured, see the errors above: {', '.join(broken)}"
    print(ending)


def show(results):
    width = max([len(result.what) for result in results], default=4)
    print(f"{'what':{width}}  {'ratio':>22}  {'floor':>8}  held")
    for result in results:
        sign = ">=" if result.at_least else "<="
        value = f"{result.value:,.2f} {result.unit}"
        print(
            f"{result.what:{width}}  {value:>22}  {sign} {result.floor:<5g}  {'yes' if result.held else 'NO'}"
        )
        note = f"{result.definition}. {result.figures}"
        print(textwrap.fill(note, 116, initial_indent="    ", subsequent_indent="    "))


if __name__ == "__main__":
    main(sys.argv[1:])
