"""Tables that are no records: filled from the schema into a store of their own, for SOQL to run on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from prm_harness.crm.org.schema import FieldType, Schema
from prm_harness.crm.org.standard.table import read_object
from prm_harness.crm.salesforce.definitions.declared import TABLES
from prm_harness.crm.salesforce.definitions.rows import rows_of
from prm_harness.crm.store.store import Store, open_database
from prm_harness.crm.store.values import encode

if TYPE_CHECKING:
    from sqlite3 import Connection

    from prm_harness.crm.salesforce.call import Call
    from prm_harness.crm.salesforce.wire import Wire


@dataclass(frozen=True, slots=True)
class Tables:
    """What a query runs on."""

    schema: Schema
    connection: Connection
    version: int


def filled(tables: Iterable[str], rows: Iterable[tuple[str, dict[str, Any]]], version: int) -> Tables:
    """The declared tables with these rows; ``version`` is the schema's that they come from."""
    connection = open_database(":memory:")
    store = Store(connection)
    schema = Schema()
    for table in tables:
        obj = read_object(table)
        store.create_table(obj)
        schema.put(obj)
    blanks = {
        name: {f.name: 0 if f.type is FieldType.BOOLEAN else None for f in obj.fields.values()}
        for name, obj in schema.objects.items()
    }
    for sobject, row in rows:
        fields = schema.objects[sobject].fields
        store.insert(
            sobject, blanks[sobject] | {name: encode(fields[name], value) for name, value in row.items()}
        )
    return Tables(schema, connection, version)


class Kept:
    """The tables of each wire, filled anew by ``fill`` (from the whole schema) when the schema has changed."""

    def __init__(self, fill: Callable[[Call, Schema, int], Tables]) -> None:
        self._fill = fill
        self._tables: WeakKeyDictionary[Wire, Tables] = WeakKeyDictionary()

    def __call__(self, call: Call) -> Tables:
        """The tables as of now."""
        version = call.org.schema.version
        known = self._tables.get(call.wire)
        if known is None or known.version != version:
            if known is not None:
                known.connection.close()
            whole = call.org.schema.whole or call.org.schema
            known = self._tables[call.wire] = self._fill(call, whole, version)
        return known


definitions_of = Kept(lambda _call, whole, version: filled(TABLES, rows_of(whole), version))
"""The definitions as of now."""
