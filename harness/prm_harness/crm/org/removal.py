"""Taking whole objects and record types away again."""

from __future__ import annotations

from prm_harness.crm.org import files
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.effects.history import history_name
from prm_harness.crm.org.errors import SandboxGapError, SaveError
from prm_harness.crm.org.sharing.shares import share_name
from prm_harness.crm.store.store import quote


def drop_object(core: Core, name: str) -> None:
    """See Org.drop_object."""
    obj = core.object(name)
    if core.journal.is_open:
        raise SandboxGapError("the schema cannot change inside a transaction")
    if not obj.custom:
        raise SaveError.of("INSUFFICIENT_ACCESS_OR_READONLY", f"Standard object {obj.name} cannot be deleted")
    companions = [n for n in (history_name(obj.name), share_name(obj.name)) if n in core.schema.objects]
    used = [
        f"{child.name}.{field.name}"
        for child, field in core.schema.children_of(obj.name)
        if child is not obj
        and child.name not in companions
        and not files.is_admitting(child.name, field.name)
    ]
    if used:
        raise SaveError.of("DEPENDENCY_EXISTS", f"Cannot delete {obj.name}: it is used by {', '.join(used)}")
    for gone in (obj.name, *companions):
        core.store.connection.execute(f"DROP TABLE {quote(gone)}")
        core.store.connection.execute('DELETE FROM "$bin" WHERE "SObject" = ?', (gone,))
        del core.schema.objects[gone]
    core.store.forget_indexes()
    files.expel(core, obj.name)
    core.schema.version += 1


def drop_record_type(core: Core, sobject: str, developer_name: str) -> None:
    """See Org.drop_record_type."""
    obj = core.object(sobject)
    if developer_name not in obj.record_types:
        raise SaveError.of(
            "INVALID_CROSS_REFERENCE_KEY", f"no RecordType named {obj.name}.{developer_name} found"
        )
    gone = obj.record_types[developer_name]
    if core.live_ids(obj, "RecordTypeId", gone.id):
        raise SaveError.of(
            "DEPENDENCY_EXISTS", f"Cannot delete record type {gone.name}: there are records of it"
        )
    del obj.record_types[developer_name]
    core.store.connection.execute('DELETE FROM "RecordType" WHERE "Id" = ?', (gone.id,))
    core.schema.version += 1
