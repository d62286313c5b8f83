"""Person accounts: the account and the contact that are one record are written together.

Either side may be saved; the other one follows in the same transaction with the same dates (Change Data Capture guide,
"Updating a Person Account"). Only the account's rules and automation run. Which fields a save may name depends on the family
of the account's record type. Sources: API guide, "Person Account Record Types"; Help 005305352 (record type of a person
contact) and 005228092 (what keeps a business account from becoming a person); texts of refusals: SalesforceCommerceCloud/
b2c-crm-sync#267 and #14, sorenkrabbe/Chrome-Salesforce-inspector#38, texei/texei-sfdx-plugin#51, apex-enterprise-patterns/
fflib-apex-common#170, SFDO-Community/declarative-lookup-rollup-summaries#544. Assumed, for no source says it: the code of
"cannot be converted", and that contacts are not put under a person account with INVALID_PERSON_ACCOUNT_OPERATION.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prm_harness.crm.org.core import Core
from prm_harness.crm.org.effects import history
from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.ids import MASTER_RECORD_TYPE
from prm_harness.crm.org.rights import record_types
from prm_harness.crm.org.saves import automation, payload, saving
from prm_harness.crm.org.saves.persons import COMMON, CONTACT, FLAG, is_person_type, twins
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.store.store import StoredRow

_STAMPS = ("LastModifiedDate", "LastModifiedById", "SystemModstamp")
_NOT_THE_CONTACTS = ("AccountId", "OwnerId", "ReportsToId", "CurrencyIsoCode")
"""What a person contact has of its account, or has not at all."""

Given = Mapping[str, Any]


# -- before a save


def choose(core: Core, plan: Plan, row: StoredRow, given: Given, user: str) -> None:
    """Settle whether a new account is a person, and refuse the fields of the other family.

    Without a record type, a LastName makes a person and a Name a business where the user's default says otherwise.

    Raises:
        SaveError: INVALID_FIELD_FOR_INSERT_UPDATE; CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: no record type is offered.
    """
    if plan.obj.name == "Contact":
        _refuse_person_account(core, row)
        return
    if row.get("RecordTypeId") is None:
        person = given.get("LastName") is not None and given.get("Name") is None
        if person or given.get("Name") is not None:
            row["RecordTypeId"] = type_of_family(core, plan, user, person=person)
        else:
            row["RecordTypeId"] = record_types.offered(core, plan.obj, user)[1]
    person = is_person_type(plan.obj, row.get("RecordTypeId"))
    row[FLAG] = int(person)
    _refuse_other_family(plan, given, person=person, creating=True)
    if not person:
        _empty(plan, row)


def type_of_family(core: Core, plan: Plan, user: str, *, person: bool) -> str:
    """The user's default record type if it is of the family, else the first one offered that is.

    Raises:
        SaveError: CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: none is offered.
    """
    offered, default = record_types.offered(core, plan.obj, user)
    if is_person_type(plan.obj, default) is person:
        return default or MASTER_RECORD_TYPE
    for one in plan.obj.record_types.values():
        if one.active and one.person is person and record_types.may_give(offered, one.id):
            return one.id
    raise SaveError.of("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"record type missing for: {plan.obj.label}")


def _refuse_other_family(plan: Plan, given: Given, *, person: bool, creating: bool) -> None:
    if person and "Name" in given:
        if creating:
            raise payload.read_only(["Name"])
        raise _bad_names("Account", ["Name"])
    if not person:
        wrong = [name for name in given if name in plan.twins and name not in COMMON]
        if wrong:
            raise _bad_names("Account", wrong)


def _bad_names(sobject: str, names: Sequence[str]) -> SaveError:
    return SaveError.of(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"{sobject}: bad field names on insert/update call: {', '.join(names)}",
        *names,
    )


def _empty(plan: Plan, row: StoredRow) -> None:
    """A business has no value in the fields of people."""
    for name in plan.twins:
        if name not in COMMON:
            row[name] = 0 if plan.obj.fields[name].type == "boolean" else None


def admit(core: Core, plan: Plan, row: StoredRow, old: StoredRow, given: Given) -> None:
    """Check a change of an account or contact, and let an account change its family.

    Raises:
        SaveError: fields of the other family, a change of family with further fields or of an account that cannot;
            fields that a person contact has of its account.
    """
    if plan.obj.name == "Contact":
        _admit_contact(core, row, old, given)
        return
    person = is_person_type(plan.obj, row.get("RecordTypeId"))
    if person != bool(old[FLAG]):
        if any(name != "RecordTypeId" for name in given):
            raise SaveError.of(
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                "Cannot specify any additional fields when marrying or separating a Person-Account",
            )
        if person:
            _marry(core, plan, row)
        else:
            _empty(plan, row)
            row |= {FLAG: 0, CONTACT: None}
        return
    _refuse_other_family(plan, given, person=person, creating=False)


def _admit_contact(core: Core, row: StoredRow, old: StoredRow, given: Given) -> None:
    if not old[FLAG]:
        if row.get("AccountId") != old.get("AccountId"):
            _refuse_person_account(core, row)
        return
    if "RecordTypeId" in given and given["RecordTypeId"] != old.get("RecordTypeId"):
        raise SaveError.of("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
    wrong = [name for name in given if name in _NOT_THE_CONTACTS and row.get(name) != old.get(name)]
    if wrong:
        raise _bad_names("Account", wrong)


def _refuse_person_account(core: Core, row: StoredRow) -> None:
    account = core.fetch("Account", row.get("AccountId") or "")
    if account is not None and account.get(FLAG):
        raise SaveError.of("INVALID_PERSON_ACCOUNT_OPERATION", "cannot reference person account", "AccountId")


def refuse_contact(row: StoredRow) -> None:
    """A person contact is neither deleted nor merged by itself: its account is.

    Raises:
        SaveError: INVALID_PERSON_ACCOUNT_OPERATION.
    """
    if row.get(FLAG) and CONTACT not in row:
        raise SaveError.of("INVALID_PERSON_ACCOUNT_OPERATION", "cannot reference person contact")


def _marry(core: Core, plan: Plan, row: StoredRow) -> None:
    """A business account with exactly one contact becomes the person that the contact is."""
    contacts = core.live_ids(core.object("Contact"), "AccountId", row["Id"])
    contact = core.fetch("Contact", contacts[0]) if len(contacts) == 1 else None
    if (
        contact is None
        or contact["OwnerId"] != row["OwnerId"]
        or contact.get("CurrencyIsoCode") != row.get("CurrencyIsoCode")
        or row.get("ParentId")
        or contact.get("ReportsToId")
        or core.live_ids(plan.obj, "ParentId", row["Id"])
        or core.live_ids(core.object("Contact"), "ReportsToId", contact["Id"])
    ):
        raise SaveError.of(
            "INVALID_PERSON_ACCOUNT_OPERATION", "Account cannot be converted to person-account"
        )
    row |= {there: contact[name] for there, name in plan.twins.items() if there not in COMMON}
    row |= {FLAG: 1, CONTACT: contact["Id"]}


def missing(core: Core, plan: Plan, row: StoredRow) -> list[str]:
    """Fields that an account of its family has to have and has not."""
    if plan.obj.name != "Account":
        return []
    if not row.get(FLAG):
        return ["Name"] if row.get("Name") is None else []
    required = {"LastName", *(n for n in core.plan("Contact").required if n.endswith("__c"))}
    return [there for there, name in plan.twins.items() if name in required and row.get(there) is None]


def derive(core: Core, plan: Plan, row: StoredRow, old: StoredRow | None) -> None:
    """A person's Name is made of its parts; a new one gets the id of its contact."""
    if plan.obj.name != "Account":
        return
    if old is None:
        row[FLAG] = int(is_person_type(plan.obj, row.get("RecordTypeId")))
    if not row[FLAG]:
        return
    parts = core.plan("Contact").name_parts
    row["Name"] = " ".join(row[part] for part in parts if row.get(part)) or None
    if old is None:
        row[CONTACT] = core.mint.next(core.object("Contact").key_prefix or "003")


# -- after a save


def follow(core: Core, plan: Plan, row: StoredRow, old: StoredRow | None, user: str) -> None:
    """An account or a contact was written: what it shares with the other one is written there too."""
    if plan.obj.name == "Contact":
        if row.get(FLAG) and old is not None:
            _to_account(core, row, user)
        return
    if old is not None and old[FLAG] and not row[FLAG]:
        contact = core.fetch("Contact", old[CONTACT])
        if contact is not None:
            _write(core, core.plan("Contact"), contact, {FLAG: 0} | _stamps(row), user)
    if not row[FLAG]:
        return
    contact = core.fetch("Contact", row[CONTACT])
    if contact is None:
        _create_contact(core, plan, row, user)
        return
    shared = {name: row[there] for there, name in plan.twins.items()}
    own = {name: row[name] for name in ("OwnerId", "CurrencyIsoCode") if name in contact and name in row}
    _write(core, core.plan("Contact"), contact, shared | own | {FLAG: 1} | _stamps(row), user)


def _create_contact(core: Core, plan: Plan, row: StoredRow, user: str) -> None:
    contacts = core.plan("Contact")
    shared = {name: row[there] for there, name in plan.twins.items() if row[there] is not None}
    own = {
        name: row[name]
        for name in ("OwnerId", "CurrencyIsoCode", "CreatedDate", "CreatedById")
        if name in row
    }
    contact = contacts.defaults | {"RecordTypeId": None} | shared | own | _stamps(row)
    contact |= {"Id": row[CONTACT], "AccountId": row["Id"], FLAG: 1}
    contact = {name: value for name, value in contact.items() if name in contacts.obj.fields}
    saving.compute_defaults(core, contacts, contact, shared, user)
    automation.derive(core, contacts, contact, shared, None)
    at = core.journal.moment()[0]
    core.store.insert("Contact", contact)
    core.journal.note(at, user, "Contact", contact["Id"], "create", contacts.created(contact))
    if contacts.tracked:
        history.track(core, contacts, contact, None, user)
    # What the contact got by itself, an auto-number for one, the account shows too.
    late = {there: contact.get(name) for there, name in plan.twins.items() if contact.get(name) != row[there]}
    if late:
        with core.journal.amending(row["Id"]):
            core.rewrite(plan, row, late, at=at, user=user)


def _to_account(core: Core, contact: StoredRow, user: str) -> None:
    account = core.fetch("Account", contact["AccountId"])
    if account is None:
        return
    plan = core.plan("Account")
    shared = {there: contact[name] for there, name in plan.twins.items()}
    _write(core, plan, account, shared | {"Name": contact["Name"]} | _stamps(contact), user)


def _stamps(row: StoredRow) -> StoredRow:
    return {name: row[name] for name in _STAMPS}


def _write(core: Core, plan: Plan, old: StoredRow, values: StoredRow, user: str) -> None:
    row = old | values
    if plan.name_parts:
        row["Name"] = " ".join(row[part] for part in plan.name_parts if row.get(part)) or None
    changed = {name: value for name, value in row.items() if name in old and value != old[name]}
    core.rewrite(plan, old, changed, at=core.journal.moment()[0], user=user)
    if plan.tracked:
        history.track(core, plan, row, old, user)


# -- merging


def pair(core: Core, master: StoredRow, other: StoredRow) -> tuple[str, str] | None:
    """The contacts of two accounts that are about to be merged; None where both are businesses.

    Raises:
        SaveError: a person and a business: people are merged with people only (Salesforce Help, "Considerations for
            Using Person Accounts").
    """
    if not twins(core.schema) or CONTACT not in master:
        return None
    if bool(master[FLAG]) != bool(other[FLAG]):
        raise SaveError.of(
            "INVALID_PERSON_ACCOUNT_OPERATION", "Person accounts can be merged with person accounts only"
        )
    return (master[CONTACT], other[CONTACT]) if master[FLAG] else None
