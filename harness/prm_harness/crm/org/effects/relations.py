"""Contacts of several accounts: the rows of AccountContactRelation that the org itself keeps.

Every contact with an account has a direct relation to it; clients add indirect ones. A new primary account turns the old
relation into an indirect one. Rules: Salesforce Help, "Considerations for Relating a Contact to Multiple Accounts"; Object
Reference of AccountContactRelation; what a merge refuses: knowledge articles of tools that merge (Validity, DataGroomr).
Assumed, for no source says it: a contact that loses its account loses its direct relation and keeps the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.ids import to15
from prm_harness.crm.org.saves import saving
from prm_harness.crm.org.saves.persons import are_on
from prm_harness.crm.org.standard.table import read_object
from prm_harness.crm.store.store import StoredRow

NAME = "AccountContactRelation"
_OTHER = {"Contact": "AccountId", "Account": "ContactId"}


def enable(core: Core) -> None:
    """See Org.enable_shared_contacts."""
    if NAME in core.schema.objects:
        return
    table = files("prm_harness.crm.org.standard") / "objects" / f"{NAME}.txt"
    made = read_object(table.read_text(encoding="utf-8"))
    core.store.create_table(made)
    core.schema.put(made)
    defaults = core.plan(NAME).defaults
    alone = ' AND NOT "IsPersonAccount"' if are_on(core.schema) else ""
    found = core.store.connection.execute(
        'SELECT "AccountId", "Id", "CreatedDate", "CreatedById" FROM "Contact" '
        f'WHERE "AccountId" IS NOT NULL AND NOT "IsDeleted"{alone}'
    ).fetchall()
    who_and_when = ("CreatedDate", "CreatedById", "LastModifiedDate", "SystemModstamp", "LastModifiedById")
    columns = ("AccountId", "ContactId", *who_and_when, "IsDirect")
    rest = {name: value for name, value in defaults.items() if name != "IsDirect"}
    ids = core.mint.take(made.key_prefix or "", len(found))
    core.store.insert_many(
        NAME,
        ("Id", *columns, *rest),
        [
            (one, account, contact, at, who, at, at, who, 1, *rest.values())
            for one, (account, contact, at, who) in zip(ids, found, strict=True)
        ],
    )


def check(core: Core, row: StoredRow, _given: Mapping[str, Any], old: StoredRow | None) -> None:
    """A contact with an account may have more of them, each once."""
    if old is not None:
        return
    contact = core.fetch("Contact", row["ContactId"]) or {}
    if contact.get("AccountId") is None:
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION", "A private contact cannot be related to an account", "ContactId"
        )
    if row["AccountId"] in _relations(core, "ContactId", row["ContactId"], "AccountId"):
        raise SaveError.of("DUPLICATE_VALUE", "This contact already has a relationship with this account.")
    row["IsDirect"] = int(contact["AccountId"] == row["AccountId"])


def follow(core: Core, row: StoredRow, old: StoredRow | None, user: str) -> None:
    """A contact was saved: its direct relation is the one to its account."""
    account = row.get("AccountId")
    if account == (old and old.get("AccountId")):
        return
    known = _relations(core, "ContactId", row["Id"], "AccountId")
    for other, relation in known.items():
        if relation["IsDirect"] and other != account:
            _change(core, relation, {"IsDirect": 0} if account else {"IsDeleted": 1}, user)
    if account in known:
        _change(core, known[account], {"IsDirect": 1}, user)
    elif account:
        plan = core.plan(NAME)
        given = {"AccountId": account, "ContactId": row["Id"]}
        saving.write_new(core, plan, plan.defaults | given, given, user=user)


def refuse_removal(row: StoredRow) -> None:
    """Only a change of the contact's account, or of the contact, ends a direct relation."""
    if row["IsDirect"]:
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION",
            f"The relationship {to15(row['Id'])} is direct: change the contact's account or delete the contact",
        )


def merge(core: Core, sobject: str, master: str, other: str, user: str) -> None:
    """Before ``other`` becomes part of ``master``: no contact and account may be related twice afterwards.

    Raises:
        SaveError: MERGE_FAILED, unless both relations are direct ones.
    """
    if NAME not in core.schema.objects or sobject not in _OTHER:
        return
    far = _OTHER[sobject]
    kept = _relations(core, f"{sobject}Id", master, far)
    for end, relation in _relations(core, f"{sobject}Id", other, far).items():
        if end not in kept:
            if sobject == "Contact" and relation["IsDirect"]:
                _change(core, relation, {"IsDirect": 0}, user)
        elif relation["IsDirect"] and kept[end]["IsDirect"]:
            _change(core, relation, {"IsDeleted": 1}, user)
        else:
            same = "account" if sobject == "Contact" else "contact"
            raise SaveError.of(
                "MERGE_FAILED",
                f"Can't merge {sobject.lower()}s. These {sobject.lower()}s have the same related {same}. Remove the "
                "redundant account-contact relationships and then try merging again.",
            )


def _relations(core: Core, near: str, record_id: str, far: str) -> dict[str, StoredRow]:
    """The live relations of a record by what they lead to."""
    ids = core.live_ids(core.object(NAME), near, record_id)
    rows = [row for one in ids if (row := core.store.fetch(NAME, one)) is not None]
    return {row[far]: row for row in rows}


def _change(core: Core, row: StoredRow, changes: StoredRow, user: str) -> None:
    at, stamp = core.journal.moment()
    stamps = {"LastModifiedDate": stamp, "LastModifiedById": user, "SystemModstamp": stamp}
    core.store.update(NAME, row["Id"], changes | stamps)
    operation = "delete" if changes.get("IsDeleted") else "update"
    core.journal.note(at, user, NAME, row["Id"], operation, core.plan(NAME).differences(row, changes))
