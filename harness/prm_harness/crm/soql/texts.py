"""Records as JSON text made inside the store, for pages: building no Python value per field halves their cost.

Only for records of plain fields. Every other statement answers with records, and so does one whose numbers SQLite
could not write exactly (it writes 15 digits).
"""

from __future__ import annotations

from collections.abc import Sequence

from prm_harness.crm.soql.catalog import Listed, joined, pair


def page_of_texts(
    sobject: str,
    identity: str,
    keys: Sequence[str],
    listed: Listed,
    rows: str,
    address: str,
    *,
    sorts: bool,
) -> str:
    """The statement whose rows are records as JSON texts; empty where the store cannot write them.

    Args:
        sobject: What ``attributes`` call the records.
        identity: The SQL of the id.
        keys: What a record calls each field.
        listed: The fields.
        rows: FROM and all that follows.
        address: The placeholder of what comes before the id in a record's url.
        sorts: Whether the rows are sorted; then only those that are left at the end are written.
    """
    if not sorts:
        text = _record(sobject, identity, listed.pairs, address)
        return f"SELECT {text} {rows}" if text else ""
    columns = [identity, *[field.sql for field in listed.fields]]
    names = [f"c{place}" for place in range(len(columns))]
    renamed = [
        pair(key, field.column, n) for key, field, n in zip(keys, listed.fields, names[1:], strict=True)
    ]
    text = _record(sobject, names[0], joined(renamed), address)
    inner = ", ".join([f"{sql} AS {name}" for sql, name in zip(columns, names, strict=True)])
    return f"WITH page AS MATERIALIZED (SELECT {inner} {rows}) SELECT {text} FROM page" if text else ""


def _record(sobject: str, identity: str, pairs: str, address: str) -> str:
    if not pairs:
        return ""
    head = f'\'{{"attributes":{{"type":"{sobject}","url":"\' || {address} || {identity} || \'"}},\''
    return f"{head} || substr(json_object({pairs}), 2)"
