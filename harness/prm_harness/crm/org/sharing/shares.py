"""Share objects: which one keeps an object's shares, what it calls the access it gives, and the fields that it has.

Sources: object reference, AccountShare, OpportunityShare, ContactShare; contract §11.
"""

from __future__ import annotations

from typing import Final

from prm_harness.crm.org.schema import Field, FieldType, PicklistValue, SObjectType, parent_reference

CHILDREN: Final = ("Opportunity", "Case", "Contact")
"""What hangs on an account and can be opened with it: an account's share has a level for each."""


def share_name(sobject: str) -> str:
    """The object that keeps an object's shares."""
    return f"{sobject[:-1]}Share" if sobject.endswith("__c") else f"{sobject}Share"


def share_level(sobject: str) -> str:
    """What a share calls the access it gives."""
    return "AccessLevel" if sobject.endswith("__c") else f"{sobject}AccessLevel"


def share_object(parent: SObjectType) -> SObjectType:
    """The share object of an object, with the fields that it has in Salesforce."""

    def levels(name: str, label: str) -> Field:
        values = tuple(PicklistValue(value) for value in ("None", "Read", "Edit", "All"))
        return Field(name, FieldType.PICKLIST, label=label, length=40, picklist=values, restricted=True)

    always = {"nillable": False, "defaulted_on_create": True, "createable": False, "updateable": False}
    causes = (
        "Owner",
        "Manual",
        "Rule",
        "ImplicitChild",
        "ImplicitParent",
        "ImplicitPerson",
        "Team",
        "PortalImplicit",
    )
    fields = [
        Field("Id", FieldType.ID, label=f"{parent.label} Share ID", length=18, id_lookup=True, **always),  # type: ignore[arg-type]
        parent_reference(parent, "Shares", createable=True),
        Field(
            "UserOrGroupId",
            FieldType.REFERENCE,
            label="User/Group ID",
            length=18,
            nillable=False,
            updateable=False,
            reference_to=("Group", "User"),
            relationship_name="UserOrGroup",
        ),
        levels(share_level(parent.name), f"{parent.label} Access"),
    ]
    if parent.name == "Account":
        fields += [levels(f"{one}AccessLevel", f"{one} Access") for one in CHILDREN]
    fields += [
        Field(
            "RowCause",
            FieldType.PICKLIST,
            label="Row Cause",
            length=40,
            updateable=False,
            picklist=tuple(PicklistValue(cause) for cause in causes),
            restricted=True,
            defaulted_on_create=True,
            default="Manual",
        ),
        Field("LastModifiedDate", FieldType.DATETIME, label="Last Modified Date", **always),  # type: ignore[arg-type]
        Field(
            "LastModifiedById",
            FieldType.REFERENCE,
            label="Last Modified By ID",
            length=18,
            reference_to=("User",),
            relationship_name="LastModifiedBy",
            **always,  # type: ignore[arg-type]
        ),
        Field("IsDeleted", FieldType.BOOLEAN, label="Deleted", default=False, **always),  # type: ignore[arg-type]
    ]
    prefixes = {
        "Account": "00r",
        "Opportunity": "00t",
        "Lead": "01o",
        "Contact": "03s",
        "Case": "01n",
        "Campaign": "08s",
    }
    return SObjectType(
        share_name(parent.name),
        f"{parent.label} Share",
        f"{parent.label} Share",
        prefixes.get(parent.name),
        fields={field.name: field for field in fields},
        undeletable=False,
        replicateable=False,
        layoutable=False,
    )
