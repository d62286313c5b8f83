"""What the plain fields of a schema are in SQL, learned once for each version of it.

A statement of a shape never seen finds most of its fields here: looking them up, checking them and wording their SQL is
the greater part of compiling it.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from dataclasses import dataclass

from prm_harness.crm.org.schema import Schema
from prm_harness.crm.soql.columns import Column

ALIAS = "t1"
"""The alias of a statement's own table, which the first one gets."""
_KEPT = 16


@dataclass(slots=True)
class Plain:
    """A stored field of a statement's own object. ``pair`` is its part of ``json_object``, None where it has none."""

    column: Column
    pair: str | None


class Catalog:
    """Object → name as statements spell it → field."""

    __slots__ = ("schema", "tables", "version")

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.version = schema.version
        self.tables: dict[str, dict[str, Plain]] = defaultdict(dict)


_catalogs: OrderedDict[int, Catalog] = OrderedDict()


def catalog_of(schema: Schema) -> Catalog:
    """The catalog of a schema as it is now."""
    known = _catalogs.get(id(schema))
    # The entry holds on to its schema, so that no other one can have the same id meanwhile.
    if known is not None and known.schema is schema and known.version == schema.version:
        return known
    made = _catalogs[id(schema)] = Catalog(schema)
    if len(_catalogs) > _KEPT:
        _catalogs.popitem(last=False)
    return made
