"""Which fields a person account shares with its contact, and which record types are of people.

A person account is an account and a contact that are one record. Custom fields of contacts are there as ``X__pc``. Sources:
a recorded Account describe of an org with the feature; Object Reference of Account, "IsPersonAccount Fields";
lekkimworld/salesforce-personaccount-field-reference.
"""

from __future__ import annotations

from typing import Any, Final

from prm_harness.crm.org.schema import Schema, SObjectType

FLAG: Final = "IsPersonAccount"
CONTACT: Final = "PersonContactId"

_NAMES = ("LastName", "FirstName", "Salutation")
_ADDRESS = ("Street", "City", "State", "PostalCode", "Country", "Latitude", "Longitude", "GeocodeAccuracy")
_PREFIXED = (
    *(f"{kind}{part}" for kind in ("Mailing", "Other") for part in _ADDRESS),
    *("MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone", "Email", "Title", "Department", "AssistantName"),
    *("LeadSource", "Birthdate", "HasOptedOutOfEmail", "DoNotCall", "LastCURequestDate", "LastCUUpdateDate"),
    *("EmailBouncedReason", "EmailBouncedDate", "IndividualId"),
)  # fmt: skip
COMMON: Final = ("Phone", "Fax", "Description")
"""Fields that accounts have anyway; the contact of a person account shows the account's."""


def are_on(schema: Schema) -> bool:
    """Whether accounts may be people."""
    account, contact = schema.objects.get("Account"), schema.objects.get("Contact")
    return bool(account and contact and {FLAG, CONTACT} <= account.fields.keys() and FLAG in contact.fields)


def twin_of(contact_field: str) -> str:
    """What an account calls a field of its contact."""
    if contact_field.endswith("__c"):
        return f"{contact_field[:-1]}pc"
    return contact_field if contact_field in {*_NAMES, *COMMON} else f"Person{contact_field}"


def twins(schema: Schema) -> dict[str, str]:
    """Account field -> Contact field, as far as both are there and stored; empty where accounts are no people."""
    if not are_on(schema):
        return {}
    account, contact = schema.objects["Account"].fields, schema.objects["Contact"].fields
    known = [*_NAMES, *_PREFIXED, *COMMON, *(name for name in contact if name.endswith("__c"))]
    return {
        there: name
        for name in known
        if (there := twin_of(name)) in account
        and name in contact
        and account[there].stored
        and contact[name].stored
    }


def is_person_type(account: SObjectType, record_type: Any) -> bool:
    """Whether accounts of a record type, named by its id, are people."""
    return any(one.person and one.id == record_type for one in account.record_types.values())
