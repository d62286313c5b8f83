"""Taking whole objects and record types away again."""

from __future__ import annotations

from prm_harness.crm.org import files
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import SandboxGapError, SaveError
from prm_harness.crm.store.store import quote


def drop_object(core: Core, name: str) -> None:
    """See Org.drop_object."""
    obj = core.object(name)
    if core.journal.is_open:
        raise SandboxGapError("the schema cannot change inside a transaction")
    if not obj.custom:
        raise SaveError.of("INSUFFICIENT_ACCESS_OR_READONLY", f"Standard object {obj.name} cannot be deleted")
    used = [
        f"{child.name}.{field.name}"
        for child, field in core.schema.children_of(obj.name)
        if child is not obj and not files.is_admitting(child.name, field.name)
    ]
    if used:
        raise SaveError.of("DEPENDENCY_EXISTS", f"Cannot delete {obj.name}: it is used by {', '.join(used)}")
    core.store.connection.execute(f"DROP TABLE {quote(obj.name)}")
    core.store.connection.execute('DELETE FROM "$bin" WHERE "SObject" = ?', (obj.name,))
    core.store.forget_indexes()
    del core.schema.objects[obj.name]
    files.expel(core, obj.name)
    core.schema.version += 1


def drop_record_type(core: Core, sobject: str, developer_name: str) -> None:
    """See Org.drop_record_type."""
    gone = core.object(sobject).record_types.pop(developer_name)
    core.store.connection.execute('DELETE FROM "RecordType" WHERE "Id" = ?', (gone.id,))
    core.schema.version += 1
