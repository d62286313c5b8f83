"""``USING SCOPE``: which records of an object are meant, as its describe names the scopes that it has.

Names and labels are those of recorded describes; what each means is the SOQL reference's, and for owners in the name itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from prm_harness.crm.org.errors import SandboxGapError
from prm_harness.crm.org.schema import SObjectType
from prm_harness.crm.soql.faults import Problem
from prm_harness.crm.soql.scope import Table

_MISSING: Final = {name.lower(): name for name in ("team", "genericteam", "team_by_role", "scopingRule")}
"""What orgs have and the sandbox has not."""
_DELEGATED: Final = frozenset({"Task", "Event"})


def scopes_of(obj: SObjectType) -> dict[str, str]:
    """Name → label of what an object's records can be narrowed to, in the order of a describe."""
    label = obj.label_plural.lower()
    scopes = {"everything": f"All {label}"}
    owner = obj.field("OwnerId")
    if owner is None:
        return scopes
    scopes["mine"] = f"My {label}"
    if obj.name in _DELEGATED:
        scopes["delegated"] = f"My delegated {label}"
    if "Group" in owner.reference_to:
        scopes["queue_owned"] = f"Queue owned {label}"
        if obj.name not in _DELEGATED:
            scopes["user_owned"] = f"User owned {label}"
    return dict(sorted(scopes.items()))


def scope_filter(name: str, root: Table, user: Callable[[], str], at: int) -> str:
    """The condition that a scope puts on the statement's own records, empty for all of them.

    Raises:
        Problem: INVALID_QUERY_SCOPE; the object has no such scope, as none has that of territories in an org without them.
        SandboxGapError: teams, and scoping rules.
    """
    wanted = name.lower()
    if wanted not in scopes_of(root.obj):
        if wanted in _MISSING:
            raise SandboxGapError(f"SOQL: USING SCOPE {_MISSING[wanted]}")
        raise Problem("INVALID_QUERY_SCOPE", f"{root.obj.name} does not support the scope {name}", at)
    if wanted == "everything":
        return ""
    owner = root.column("OwnerId", at).sql
    match wanted:
        case "mine":
            return f"{owner} = {user()}"
        case "delegated":
            return f"{root.column('CreatedById', at).sql} = {user()} AND {owner} IS NOT {user()}"
    return f"substr({owner}, 1, 3) = '{'00G' if wanted == 'queue_owned' else '005'}'"
