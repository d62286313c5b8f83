"""The switch that lets accounts be people, and the fields that accounts have of their contacts from then on.

Sources: a recorded Account describe of an org with the feature; Salesforce Help, "Enable Person Accounts" (an account record
type for businesses comes first, contacts are controlled by their accounts, there is no way back) and "Considerations for
Using Person Accounts" (leads need no company).
"""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from typing import Any, Final

from prm_harness.crm.org import admin
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.saves.persons import FLAG, are_on, twin_of
from prm_harness.crm.org.schema import Field, FieldType, RecordType, Sharing, SObjectType
from prm_harness.crm.org.standard.table import read_object
from prm_harness.crm.store.store import quote

_NAME_PARTS: Final = ("LastName", "FirstName", "Salutation")


def enable(core: Core) -> None:
    """See Org.enable_person_accounts."""
    if are_on(core.schema):
        return
    account = core.object("Account")
    if not any(one.active for one in account.record_types.values()):
        business = RecordType("", "Business_Account", "Business Account", default=True)
        admin.add_record_type(core, "Account", business)
    fixed: dict[str, Any] = {"nillable": False, "createable": False, "updateable": False}
    for sobject, name, label in (
        ("RecordType", "IsPersonType", "Is Person Type"),
        ("Contact", FLAG, "Is Person Account"),
    ):
        admin.add_field(core, sobject, Field(name, FieldType.BOOLEAN, label=label, **fixed))
    table = files("prm_harness.crm.org.standard") / "objects" / "PersonAccount.txt"
    for field in read_object(table.read_text(encoding="utf-8")).fields.values():
        admin.add_field(core, "Account", replace(field, label=field.label.removeprefix("Person")))
    core.schema.change_field("Account", "Name", nillable=True, compound="Name")
    core.schema.change_field("Lead", "Company", nillable=True)
    _name_first(account)
    core.object("Contact").sharing = Sharing.PARENT
    admin.add_record_type(core, "Account", RecordType("", "PersonAccount", "Person Account", person=True))
    mirror(core)


def _name_first(account: SObjectType) -> None:
    """The parts of the name stand behind it, as in describes."""
    rest = {name: field for name, field in account.fields.items() if name not in _NAME_PARTS}
    ordered: dict[str, Field] = {}
    for name, field in rest.items():
        ordered[name] = field
        if name == "Name":
            ordered |= {part: account.fields[part] for part in _NAME_PARTS}
    account.fields = ordered


def mirror(core: Core, *, gone: str = "") -> None:
    """Let accounts have the custom fields of contacts as they are now, as ``X__pc``, and their standard picklists.

    ``gone`` is a field that contacts no longer have.
    """
    if not are_on(core.schema):
        return
    account, contact = core.object("Account"), core.object("Contact")
    wanted = {
        twin.name: (twin, field)
        for field in contact.fields.values()
        if field.name.endswith("__c") and (twin := _twin(field)) is not None
    }
    lost = account.field(twin_of(gone)) if gone and contact.field(gone) is None else None
    if lost is not None and lost.name.endswith("__pc"):
        core.schema.drop_field("Account", lost.name)
    for name, (twin, field) in wanted.items():
        known = account.fields.get(name)
        if twin.stored and (known is None or known.type is not twin.type or not known.stored):
            core.store.add_column("Account", twin)
            _fill(core, twin, field)
        kept = twin if known is None else replace(twin, tracked=known.tracked)
        if kept != known:
            core.schema.put_field("Account", kept)
    for field in contact.fields.values():
        twin_field = account.fields.get(twin_of(field.name))
        if field.picklist and twin_field is not None and twin_field.picklist != field.picklist:
            core.schema.change_field("Account", twin_field.name, picklist=field.picklist)


def _twin(field: Field) -> Field | None:
    """A contact's custom field as accounts have it. Roll-ups and geolocations have none; a formula is read through."""
    if field.roll_up is not None or field.type is FieldType.LOCATION or field.compound:
        return None
    stem = field.name.removesuffix("__c")
    return replace(
        field,
        name=twin_of(field.name),
        formula=f"PersonContact.{field.name}" if field.calculated else "",
        relationship_name=f"{stem}__pr" if field.reference_to else "",
        child_relationship="",
        controller=twin_of(field.controller) if field.controller else "",
        default_formula="",
        lookup_filter=None,
        auto_number="",
        nillable=field.nillable or field.type is not FieldType.BOOLEAN,
        unique=False,
        external_id=False,
        id_lookup=False,
        master_detail=False,
        cascade_delete=False,
        restricted_delete=False,
        tracked=False,
    )


def _fill(core: Core, twin: Field, field: Field) -> None:
    core.store.connection.execute(
        f'UPDATE "Account" SET {quote(twin.name)} = (SELECT c.{quote(field.name)} FROM "Contact" c '
        f'WHERE c."Id" = "Account"."PersonContactId") WHERE {quote(FLAG)} = 1'
    )
