"""Runs every check against every defect that it declares, in every style that can have it, and writes the kill matrix.

``python tools/kill_matrix.py`` (``make kill-matrix``) takes some minutes, writes docs/reference/kill-matrix.md and ends
with 1 if a defect was missed. With ids of checks behind it only their rows are run again. tests/catalogue audits through the same function, and holds the page against the registry
of checks and defects without running anything again.
"""

from __future__ import annotations

import os
import re
import sys
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
BARRIER: Final = "D36"
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
    lacking = [mode for mode in MODES if mode not in named and mode != BARRIER]
    yield ""
    if lacking:
        yield f"Without a defect that a check catches yet: {', '.join(lacking)}."
    yield f"{BARRIER} is no product's failure but a harness's: a record that is not there *yet* counted as lost. The settle barrier takes"
    yield "care of it, and tests hold that a delay within the declared cycle fails no check."
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


def main(checks: Sequence[str] = ()) -> int:
    """Run the checks (all, if none is named), write the page.

    Returns:
        1 if a style that passes a check sound did not fail it with the defect.
    """
    known = read(PAGE.read_text(encoding="utf-8")) if checks else {}
    runs = [cell for cell in cells() if cell.check in checks or cell not in known]
    styles = list(dict.fromkeys(cell.style for cell in runs))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        sound = dict(zip(styles, pool.map(_sound, styles), strict=True)) if runs else {}
        planted = pool.map(_verdict, runs)
        found = {cell: outcome for cell, outcome in known.items() if cell in set(cells())} | {
            cell: _outcome(sound[cell.style][cell.check], it) for cell, it in zip(runs, planted, strict=True)
        }
    PAGE.write_text(page(found), encoding="utf-8")
    missed = [cell for cell, outcome in found.items() if outcome not in {CAUGHT, LACKING}]
    for cell in missed:
        print(f"{cell.check} misses {cell.defect} in {cell.style}: {found[cell]}", file=sys.stderr)
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
