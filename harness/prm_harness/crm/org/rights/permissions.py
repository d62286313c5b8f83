"""What the org checks when a permission is granted (contract §11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.ids import to15
from prm_harness.crm.store.store import StoredRow

Given = Mapping[str, Any]


def field_permissions(core: Core, row: StoredRow, _given: Given, old: StoredRow | None) -> None:
    """A FieldPermissions row names a field that field-level security covers, and nobody edits what they cannot read."""
    path = row.get("Field") or ""
    sobject, _, name = path.partition(".")
    obj = core.schema.get(sobject)
    field = obj.field(name) if obj is not None else None
    if obj is None or field is None or obj.name != row.get("SobjectType") or not field.securable:
        raise SaveError.of(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"Field Name: bad value for restricted picklist field: {path}",
            "Field",
        )
    row["Field"] = f"{obj.name}.{field.name}"
    if row.get("PermissionsEdit") and not row.get("PermissionsRead"):
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION",
            f"Field {row['Field']}: permission to edit depends on permission to read",
            "PermissionsRead",
        )
    if old is None:
        _once(
            core, "FieldPermissions", ("ParentId", "Field"), row, "FieldPermissions.  Parent: {}; Field: {}"
        )


def assignment(core: Core, row: StoredRow, _given: Given, old: StoredRow | None) -> None:
    """A user is assigned to a permission set once."""
    if old is None:
        words = "PermissionSetAssignment.  Assignee: {}; Permission Set: {}"
        _once(core, "PermissionSetAssignment", ("AssigneeId", "PermissionSetId"), row, words)


def _once(core: Core, sobject: str, keys: tuple[str, str], row: StoredRow, words: str) -> None:
    first, second = keys
    taken = core.store.connection.execute(
        f'SELECT 1 FROM "{sobject}" WHERE "{first}" = ? AND "{second}" = ?', (row.get(first), row.get(second))
    ).fetchone()
    if taken:
        shown = [to15(v) if len(v) == 18 else v for v in (str(row.get(first)), str(row.get(second)))]
        raise SaveError.of("DUPLICATE_VALUE", f"Duplicate {words.format(*shown)}", *keys)
