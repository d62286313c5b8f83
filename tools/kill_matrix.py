"""Runs every check against every defect that it declares, in every style that can have it, and writes the kill matrix.

``python tools/kill_matrix.py`` (``make kill-matrix``) takes some minutes, writes docs/reference/kill-matrix.md and ends
with 1 if a defect was missed. With ids of checks behind it only their rows are run again. ``--compare``
(``make kill-matrix-check``, in CI) runs every cell too, writes nothing, prints what came of it style by style, and ends
with 1 if the page says anything else. tests/catalogue audits through the same function.

``--whole`` plants each defect under the whole catalogue at once, as a buyer would meet it: it takes a quarter of an hour,
and prints every check that a defect left without a verdict, and every declared catch that was missed among the others.
"""

from __future__ import annotations

import os
import re
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from prm_harness.audit.registry import load_catalogue
from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.record.model import Result
from prm_harness.record.verdicts import Verdict
from prm_harness.reference.defects import DEFECTS
from prm_harness.scoring import load_profile

PAGE: Final = Path(__file__).parents[1] / "docs" / "reference" / "kill-matrix.md"
STYLES: Final = {
    "mirror": "mirror",
    "native_mapping": "mapper",
    "ipaas": "ipaas",
    "batch_etl": "etl",
    "passthrough": "passthrough",
}
"""Integration style → the reference PRM that stands for it."""

ROW: Final = re.compile(r"^\| ([A-Z]\d+) .* \| `([a-z0-9-]+)` \| ([^|]*) \| (.*) \|$", re.MULTILINE)
MODES: Final = tuple(f"D{number}" for number in range(1, 39))
CAUGHT: Final = "caught"
LACKING: Final = "not offered"
ABSENT: Final = "–"


class Cell(NamedTuple):
    """One run to be made: a check alone, on a reference PRM with one defect planted."""

    check: str
    defect: str
    style: str


def audited(
    product: str, checks: Sequence[str] | None, *, defect: str, seed: int, out: Path
) -> dict[str, Result]:
    """One audit under the smallest profile: check id → result.

    Args:
        product: a reference PRM's name, or a connect string.
        checks: ids; None runs all.
        defect: what is planted; empty for the sound product.
        seed: every record is drawn from it.
        out: where the run file goes.
    """
    connect = product if ":" in product else f"python:prm_harness.reference.{product}:create"
    results: dict[str, Result] = {}

    class Keep:
        def event(self, _kind: str, payload: Any) -> None:
            if isinstance(payload, Result):
                results[payload.check] = payload

    spec = AuditSpec(
        f"{connect}?defect={defect}" if defect else connect,
        load_profile("smb"),
        out,
        seed=seed,
        checks=checks,
    )
    run_audit(spec, listeners=[Keep()])
    return results


def pairs() -> list[tuple[str, str]]:
    """(check, defect) for every defect that a check declares to catch, in checklist order."""
    return [(check.id, defect) for check in load_catalogue().checks for defect in check.catches]


def cells() -> list[Cell]:
    """Every run of the matrix."""
    return [Cell(check, defect, style) for check, defect in pairs() for style in DEFECTS[defect].styles]


def page(found: Mapping[Cell, str]) -> str:
    """The page, from what was found in each cell."""
    return "\n".join(_page(found))


def read(text: str) -> dict[Cell, str]:
    """What an earlier page says, cell by cell."""
    heads = re.search(r"^\| check \| defect \| failure modes \| (.*) \|$", text, re.MULTILINE)
    if heads is None:
        return {}
    styles = [head.replace(" ", "_") for head in heads[1].split(" | ")]
    return {
        Cell(check, defect, style): outcome
        for check, defect, _, outcomes in ROW.findall(text)
        for style, outcome in zip(styles, outcomes.split(" | "), strict=True)
        if outcome != ABSENT
    }


def _page(found: Mapping[Cell, str]) -> Iterator[str]:
    styles = [style for style in STYLES if any(cell.style == style for cell in found)]
    titles = {check.id: check.title for check in load_catalogue().checks}
    yield from (
        "<!-- Written by tools/kill_matrix.py; run `make kill-matrix`. -->",
        "",
        "# The kill matrix",
        "",
    )
    yield "Every check is proved able to fail: it is run, by itself, against a reference PRM in which exactly one thing is"
    yield "wrong. The same PRM without the defect passes the check."
    yield ""
    yield f"*{CAUGHT}*: sound, the style passes the check; with the defect it fails. *{LACKING}*: a sound PRM of this style does"
    yield f"not pass the check, so that the defect shows nothing. *{ABSENT}*: the defect is none of this style. The failure modes"
    yield "are [D1 to D38](failure-modes.md)."
    heads = ["check", "defect", "failure modes", *(style.replace("_", " ") for style in styles)]
    yield from ("", "## Checks and defects", "", _row(heads), _row("---" for _ in heads))
    for check, defect in pairs():
        modes = ", ".join(DEFECTS[defect].failure_modes) or ABSENT
        outcomes = (found.get(Cell(check, defect, style), ABSENT) for style in styles)
        yield _row((f"{check} {titles[check]}", f"`{defect}`", modes, *outcomes))
    yield from ("", "## Defects", "", _row(("defect", "what the product does")), _row(("---", "---")))
    for name, defect in DEFECTS.items():
        yield _row((f"`{name}`", defect.sentence))
    waiting = [name for name, defect in DEFECTS.items() if not titles.keys() & set(defect.checks)]
    if waiting:
        yield from ("", "## Defects that wait for their check", "")
        yield from (f"- `{name}` ({', '.join(DEFECTS[name].checks)})" for name in waiting)
    yield from ("", "## Failure modes", "", _row(("mode", "stood for by", "caught by")), _row(("---",) * 3))
    for mode in MODES:
        standing = [(check, defect) for check, defect in pairs() if mode in DEFECTS[defect].failure_modes]
        if standing:
            defects = (f"`{defect}`" for defect in dict.fromkeys(defect for _, defect in standing))
            checks = dict.fromkeys(check for check, _ in standing)
            yield _row((mode, ", ".join(defects), ", ".join(checks)))
    named = {mode for _, defect in pairs() for mode in DEFECTS[defect].failure_modes}
    if lacking := [mode for mode in MODES if mode not in named]:
        yield ""
        yield f"Without a defect that a check catches yet: {', '.join(lacking)}."
    yield ""
    yield "D36, a record that is not there *yet* counted as lost, is a harness's failure as much as a product's: the settle barrier"
    yield "keeps it from this one, and tests hold that a delay within the declared cycle fails no check."
    yield ""


def _row(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _verdict(cell: Cell) -> Verdict:
    with TemporaryDirectory() as out:
        return audited(STYLES[cell.style], (cell.check,), defect=cell.defect, seed=1, out=Path(out))[
            cell.check
        ].verdict


def _sound(style: str) -> dict[str, Verdict]:
    with TemporaryDirectory() as out:
        results = audited(STYLES[style], None, defect="", seed=1, out=Path(out))
    return {check: result.verdict for check, result in results.items()}


def _outcome(sound: Verdict, planted: Verdict) -> str:
    if sound is not Verdict.PASSED:
        return LACKING
    return CAUGHT if planted is Verdict.FAILED else f"**{planted.value}**"


def summary(found: Mapping[Cell, str]) -> Iterator[str]:
    """What came of it, style by style, and whether a check or a defect is proved on nothing."""
    for style, product in STYLES.items():
        outcomes = Counter(outcome for cell, outcome in found.items() if cell.style == style)
        defects = {cell.defect for cell in found if cell.style == style}
        told = ", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items()))
        yield f"{product:<12} {len(defects):>3} defects, {sum(outcomes.values()):>3} cells: {told}"
    caught = [cell for cell, outcome in found.items() if outcome == CAUGHT]
    checks = [check.id for check in load_catalogue().checks]
    rows, columns = {cell.check for cell in caught}, {cell.defect for cell in caught}
    modes = {mode for cell in caught for mode in DEFECTS[cell.defect].failure_modes}
    yield f"checks that catch something: {len(rows)} of {len(checks)}" + _but(checks, rows)
    yield f"defects that are caught: {len(columns)} of {len(DEFECTS)}" + _but(DEFECTS, columns)
    yield f"failure modes stood for: {len(modes)} of {len(MODES)}" + _but(MODES, modes)


def _but(wanted: Iterable[str], there: set[str]) -> str:
    missing = [one for one in wanted if one not in there]
    return f"; not {', '.join(missing)}" if missing else ""


def run(cells_wanted: Sequence[Cell]) -> dict[Cell, str]:
    """Audit each cell, and each style's sound product once."""
    styles = list(dict.fromkeys(cell.style for cell in cells_wanted))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        sound = dict(zip(styles, pool.map(_sound, styles), strict=True))
        # What a sound product of the style does not pass needs no run.
        planted = [cell for cell in cells_wanted if sound[cell.style][cell.check] is Verdict.PASSED]
        verdicts = dict(zip(planted, pool.map(_verdict, planted), strict=True))
    return {
        cell: _outcome(sound[cell.style][cell.check], verdicts.get(cell, Verdict.NOT_RUN))
        for cell in cells_wanted
    }


def whole() -> Iterator[str]:
    """Each defect under the whole catalogue: a line for each verdict that is none, and for each catch that was missed."""
    columns = [
        (style, name) for style in STYLES for name, defect in DEFECTS.items() if style in defect.styles
    ]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        sound = dict(zip(STYLES, pool.map(_sound, STYLES), strict=True))
        for (style, name), verdicts in zip(columns, pool.map(_planted, columns), strict=True):
            for check, verdict in verdicts.items():
                if sound[style][check] is not Verdict.PASSED:
                    continue
                if verdict in {Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.NOT_RUN}:
                    yield f"{style} {name}: {check} is {verdict.value}"
                if check in DEFECTS[name].checks and verdict not in {Verdict.FAILED, Verdict.PARTIAL}:
                    yield f"{style} {name}: {check} does not catch it among the others ({verdict.value})"


def _planted(column: tuple[str, str]) -> dict[str, Verdict]:
    style, defect = column
    with TemporaryDirectory() as out:
        results = audited(STYLES[style], None, defect=defect, seed=1, out=Path(out))
    return {check: result.verdict for check, result in results.items()}


def main(checks: Sequence[str] = (), *, compare: bool = False) -> int:
    """Run the checks (all, if none is named), and write the page, or hold it against what came of it.

    Returns:
        1 if a style that passes a check sound did not fail it with the defect, or if the page says anything else.
    """
    known = read(PAGE.read_text(encoding="utf-8")) if checks else {}
    wanted = [cell for cell in cells() if cell.check in checks or cell not in known]
    found = {cell: outcome for cell, outcome in known.items() if cell in set(cells())} | run(wanted)
    for line in summary(found):
        print(line)
    missed = [cell for cell, outcome in found.items() if outcome not in {CAUGHT, LACKING}]
    for cell in missed:
        print(f"{cell.check} misses {cell.defect} in {cell.style}: {found[cell]}", file=sys.stderr)
    if not compare:
        PAGE.write_text(page(found), encoding="utf-8")
    elif page(found) != PAGE.read_text(encoding="utf-8"):
        print(f"{PAGE.name} says something else; run `make kill-matrix`", file=sys.stderr)
        return 1
    return int(bool(missed))


if __name__ == "__main__":
    asked = ArgumentParser(description="Run the kill matrix.")
    asked.add_argument("checks", nargs="*", help="run the rows of these checks only, and keep the others")
    asked.add_argument("--compare", action="store_true", help="write nothing; hold the page against the runs")
    asked.add_argument("--whole", action="store_true", help="plant each defect under the whole catalogue")
    given = asked.parse_args()
    if given.whole:
        complaints = list(whole())
        print("\n".join(complaints) or "every defect left every other check with a verdict")
        sys.exit(int(bool(complaints)))
    sys.exit(main(given.checks, compare=given.compare))
