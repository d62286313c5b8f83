"""The CRM's side of a case as shell lines, for whoever wants to see it happen without any adapter.

They work against ``prm-harness crm serve`` and, without the faults, against a real sandbox org: Salesforce's REST API
(REST API Developer Guide, "sObject Basic Information" and "sObject Rows") takes them as they are.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any, Final

from .case import ALIAS, Case, Operation

VERSION: Final = "v60.0"
_ALIAS = re.compile(rf'"{ALIAS}(\w+)"')
_MOST: Final = 60
_HEAD: Final = (
    "# CRM: its address; TOKEN: an access token. Of `prm-harness crm serve`: url and access_token.",
    "# ADMIN, ADMIN_TOKEN: admin_url and admin_token of the same, for faults and quota.",
    "# Faults hit the portal's user: with its token, send the CRM's edits first, or use another user's.",
    "# partner, other_partner, customer: ids of two partner accounts and a customer account.",
    'crm() { curl -sS -X "$1" "$CRM/services/data/' + VERSION + '/sobjects/$2" -H "Authorization: Bearer $TOKEN" '
    "-H 'Content-Type: application/json' ${3:+-d \"$3\"}; }",
    ('admin() { curl -sS -X "$1" "$ADMIN/$2" -H "Authorization: Bearer $ADMIN_TOKEN" '
    "-H 'Content-Type: application/json' ${3:+-d \"$3\"}; }"),
    "made() { sed -n 's/.*\"id\" *: *\"\\([A-Za-z0-9]*\\)\".*/\\1/p'; }",
)  # fmt: skip


def curl_lines(case: Case, *, most: int = _MOST) -> list[str]:
    """Shell lines, one an operation; what is done in the portal, and waiting, are comments.

    Args:
        case: what to show.
        most: operations to show; a last comment counts the rest.
    """
    lines = list(_HEAD)
    for number, operation in list(case.steps())[:most]:
        lines += [f"# {number}. {_comment(operation)}", *_commands(operation)]
    left = len(case.operations) + case.more - most
    return [*lines, f"# … and {left} operations more"] if left > 0 else lines


def _comment(operation: Operation) -> str:
    if operation.side == "time":
        return "wait until the portal has synced"
    where = "in the portal" if operation.side == "prm" else "in the CRM"
    return f"{where}: {' '.join(operation.words.split())}"


def _commands(operation: Operation) -> Iterator[str]:
    if operation.side != "crm":
        return
    match operation.do:
        case "create" if not operation.values:
            aliases = [alias.removeprefix(ALIAS) for alias in operation.made]
            for place, row in enumerate(operation.rows):
                call = f"crm POST {operation.kind} {_body(row)}"
                yield f"r{aliases[place]}=$({call} | made)" if place < len(aliases) else call
            if operation.more:
                yield f"# … and {operation.more} rows more of the same kind"
        case "update":
            yield f"crm PATCH {_target(operation)} {_body(operation.values)}"
        case "delete":
            yield f"crm DELETE {_target(operation)}"
        case "faults.inject":
            yield f"admin POST faults {_body(_first(operation))}"
        case "faults.heal":
            name = _first(operation)
            yield f"admin DELETE faults{'?name=' + shlex.quote(name) if isinstance(name, str) else ''}"
        case "quota.set":
            yield f"admin PUT quota {_body(operation.values)}"
        case _:
            yield "# by hand: this has no address in the REST API"


def _target(operation: Operation) -> str:
    what = operation.what
    return (
        f'"{operation.kind}/{_variable(what)}"'
        if what.startswith(ALIAS)
        else f"{operation.kind}/{shlex.quote(what)}"
    )


def _variable(alias: str) -> str:
    name = alias.removeprefix(ALIAS)
    return f"${{r{name}}}" if name.isdigit() else f"${{{name}}}"


def _body(values: Any) -> str:
    """JSON in single quotes, with the records' ids put in by the shell."""
    text = json.dumps(values).replace("'", "\\u0027")
    return "'" + _ALIAS.sub(lambda found: f'"\'"{_variable(ALIAS + found[1])}"\'"', text) + "'"


def _first(operation: Operation) -> Any:
    return next(iter(operation.values.values()), None)
