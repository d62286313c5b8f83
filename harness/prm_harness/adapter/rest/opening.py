"""Opening ``rest:FILE.yaml?variable=value``."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from prm_harness.adapter.contract import OPERATIONS
from prm_harness.adapter.declared.errors import checked, did_you_mean
from prm_harness.adapter.declared.load import read_file
from prm_harness.adapter.declared.variables import Variables
from prm_harness.adapter.faults import ConnectError
from prm_harness.adapter.people.console import console_for
from prm_harness.adapter.people.journal import Journal
from prm_harness.adapter.people.person import Person

from .adapter import RestAdapter
from .sender import Sender
from .spec import RestFile


def rest_adapter(path: str, options: dict[str, str]) -> RestAdapter:
    """The adapter that a file declares; nothing is asked of the product yet.

    Args:
        path: of the file.
        options: ``answers`` and ``folder`` for steps that a person does; everything else is a variable of the file.

    Raises:
        ConnectError: one line that says what is wrong, and where.
    """
    file = Path(path)
    people = {name: options.pop(name, "") for name in ("answers", "folder")}
    variables = Variables(str(file), options)
    content = variables.filled(read_file(file))
    variables.demand_all_options_used()
    spec = checked(RestFile, content, str(file))
    for operation in spec.operations:
        if operation not in OPERATIONS:
            raise ConnectError(
                f"{file}: operations.{operation}: the contract has no such optional operation"
                f"{did_you_mean(operation, OPERATIONS)}"
            )
    if urlsplit(spec.base_url).scheme not in {"http", "https"} or not urlsplit(spec.base_url).hostname:
        raise ConnectError(f"{file}: base_url {spec.base_url!r} is no http or https address")
    folder = Path(people["folder"] or f"{file.stem}-answers")
    person = Person(console_for(people["answers"]), lambda: Journal(folder))
    return RestAdapter(spec, Sender(spec), person, variables.secrets)
