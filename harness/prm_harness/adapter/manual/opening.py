"""Opening ``manual:``, ``manual:FILE.yaml`` and ``manual:FILE.yaml?folder=DIR&answers=FILE``."""

from __future__ import annotations

from pathlib import Path

from prm_harness.adapter.contract import OPERATIONS
from prm_harness.adapter.declared.errors import checked, did_you_mean
from prm_harness.adapter.declared.load import read_file
from prm_harness.adapter.declared.variables import Variables
from prm_harness.adapter.faults import ConnectError
from prm_harness.adapter.people.console import console_for
from prm_harness.adapter.people.journal import Journal
from prm_harness.adapter.people.person import Person

from .adapter import ManualAdapter, possible
from .spec import ManualFile, unknown_product


def manual_adapter(path: str, options: dict[str, str]) -> ManualAdapter:
    """The adapter that a person carries out; nobody is asked yet.

    Args:
        path: of the file; empty: a portal of which nothing is known.
        options: ``folder`` for the answers (default: beside the command, named after the file), ``answers``: a file of
            answers instead of the terminal; everything else is a variable of the file.

    Raises:
        ConnectError: one line that says what is wrong, and where.
    """
    people = {name: options.pop(name, "") for name in ("answers", "folder")}
    variables = Variables(path or "manual:", options)
    spec = checked(ManualFile, variables.filled(read_file(Path(path))), path) if path else unknown_product()
    variables.demand_all_options_used()
    known = [*OPERATIONS, "connect", "submit", "read", "list"]
    for operation in spec.instructions:
        if operation not in known:
            raise ConnectError(
                f"{path}: instructions.{operation}: no such operation{did_you_mean(operation, known)}"
            )
        if operation in OPERATIONS and not possible(operation):
            raise ConnectError(
                f"{path}: instructions.{operation}: a person cannot answer this one; leave it out"
            )
    folder = Path(people["folder"] or f"{Path(path).stem or 'manual'}-answers")
    return ManualAdapter(spec, Person(console_for(people["answers"]), lambda: Journal(folder)))
