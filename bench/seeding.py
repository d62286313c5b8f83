"""Ten years of a million records into an org's file, against the raw inserts that it cannot do without."""

import sqlite3
import tempfile
from pathlib import Path

from bench.measure import Result, peak_memory, shown, timed
from prm_harness.crm.sandbox import Sandbox
from prm_harness.crm.sandbox.seeding import PROFILES

PROFILE = "million"
COLUMNS = 18
"""Columns of an average row."""


def measurements():
    rows = PROFILES[PROFILE]
    with tempfile.TemporaryDirectory() as folder:
        raw = timed(_raw, str(Path(folder) / "raw.db"), rows)[0]
        before = peak_memory(anew=True)
        with Sandbox(seed=7, path=str(Path(folder) / "org.db")) as sandbox:
            ours = timed(sandbox.seed, PROFILE)[0]
            grown = peak_memory() - before
    yield Result(
        "seeding a million rows",
        raw / ours,
        "of raw speed",
        0.20,
        at_least=True,
        definition=f"executemany of rows of {COLUMNS} texts with a unique Id / five objects with links, stages and stamps",
        figures=f"{rows:,} rows into a file: sandbox {shown(ours)}, raw {shown(raw)}; memory grew by {grown:.0f} MB",
    )


def _raw(path, rows):
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    names = ", ".join(f'"c{n}" TEXT' for n in range(COLUMNS))
    database.execute(f'CREATE TABLE rows ("Id" TEXT PRIMARY KEY NOT NULL, {names})')
    marks = ", ".join("?" * (COLUMNS + 1))
    for start in range(0, rows, 5000):
        database.execute("BEGIN")
        made = (
            [f"{i:018d}", *(f"a value {i} {n}" for n in range(COLUMNS))] for i in range(start, start + 5000)
        )
        database.executemany(f"INSERT INTO rows VALUES ({marks})", made)
        database.execute("COMMIT")
    database.close()
