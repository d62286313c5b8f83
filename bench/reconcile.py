"""Reconciling two sides of a million records with twenty fields, against DuckDB on the same rows in parquet files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.measure import Result, peak_memory, shown

ROWS, FIELDS, EXTRA = 1_000_000, 20, 5_000
ROUNDS = 3
_LOST, _CHANGED = 195, 50
"""One record in so many is missing on the other side, or has one value changed."""

_VALUE = "'v' || ((i * {step}) % 99991)"
_OTHER = "CASE WHEN i % {changed} = 7 AND i % {fields} = {n} THEN 'changed' ELSE {value} END"


def measurements():
    import duckdb  # noqa: F401 - only to say at once that it is missing

    with TemporaryDirectory() as folder:
        _parquet(Path(folder))
        rounds, peaks, seen = [], [], set()
        for _ in range(ROUNDS):
            ours = _child("ours", folder)
            theirs = _child("duckdb", folder)
            rounds.append((ours["seconds"], theirs["seconds"]))
            peaks.append(ours["peak"])
            seen |= {tuple(ours["found"]), tuple(theirs["found"])}
        assert len(seen) == 1, f"the two do not find the same: {seen}"
        ratio = sorted(one / other for one, other in rounds)[len(rounds) // 2]
        yield Result(
            "reconcile 1M x 20, time", ratio, "x", 2, at_least=False,
            definition="Reconciliation.result() with both sides stored / DuckDB's full join of the same rows in parquet",
            figures=f"ours {shown(min(r[0] for r in rounds))}, DuckDB {shown(min(r[1] for r in rounds))}; {seen.pop()} "
            "missing, extra and different",
        )  # fmt: skip
        yield Result(
            "reconcile 1M x 20, memory", max(peaks), "MB", 150, at_least=False,
            definition="peak resident memory of the process that spilled and compared both sides",
            figures=f"DuckDB {theirs['peak']:.0f} MB",
        )  # fmt: skip


def _parquet(folder):
    import duckdb

    values = [_VALUE.format(step=n + 3) for n in range(FIELDS)]
    others = [
        _OTHER.format(changed=_CHANGED, fields=FIELDS, n=n, value=value) for n, value in enumerate(values)
    ]
    for name, columns, rows, where in (
        ("crm", values, ROWS, "true"), ("prm", others, ROWS + EXTRA, f"i % {_LOST} <> 0 OR i >= {ROWS}"),
    ):  # fmt: skip
        listed = ", ".join(f"{column} AS c{n}" for n, column in enumerate(columns))
        duckdb.sql(
            f"COPY (SELECT lpad(i::VARCHAR, 15, '0') AS key, {listed} FROM range({rows}) t(i) WHERE {where}) "
            f"TO '{folder / name}.parquet' (FORMAT parquet)"
        )


def _child(side, folder):
    """One measurement in a process of its own, so that its memory is its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.reconcile", side, folder], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def _ours(_folder):
    from prm_harness.audit.reconcile import CRM, PRM, Reconciliation

    with Reconciliation({f"c{n}": {"type": "string"} for n in range(FIELDS)}) as both:
        both.add_stored(CRM, _rows(ROWS, changed=False))
        both.add_stored(PRM, _rows(ROWS + EXTRA, changed=True))
        started = perf_counter()
        found = both.result()
        seconds = perf_counter() - started
    return seconds, (found.missing, found.extra, found.differing)


def _rows(count, *, changed):
    for i in range(count):
        if changed and i % _LOST == 0 and i < ROWS:
            continue
        row = [f"{i:015d}", *(f"v{i * (n + 3) % 99991}" for n in range(FIELDS))]
        if changed and i % _CHANGED == 7:
            row[1 + i % FIELDS] = "changed"
        yield row


def _duckdb(folder):
    import duckdb

    crm, prm = (f"'{folder}/{name}.parquet'" for name in ("crm", "prm"))
    differ = " OR ".join(f"a.c{n} IS DISTINCT FROM b.c{n}" for n in range(FIELDS))
    started = perf_counter()
    missing, extra = duckdb.sql(
        f"SELECT count(*) FILTER (b.key IS NULL), count(*) FILTER (a.key IS NULL) FROM {crm} a FULL JOIN {prm} b ON a.key = b.key"
    ).fetchone()
    differing = len(
        duckdb.sql(f"SELECT a.*, b.* FROM {crm} a JOIN {prm} b ON a.key = b.key WHERE {differ}").fetchall()
    )
    return perf_counter() - started, (missing, extra, differing)


if __name__ == "__main__":
    took, what = {"ours": _ours, "duckdb": _duckdb}[sys.argv[1]](sys.argv[2])
    print(json.dumps({"seconds": took, "found": what, "peak": peak_memory()}))
