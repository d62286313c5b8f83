"""Every kind of component, and where each lies in a package."""

from __future__ import annotations

from typing import Final

from prm_harness.crm.salesforce.metadata.channels import ChannelMembers, Channels
from prm_harness.crm.salesforce.metadata.components import Kind
from prm_harness.crm.salesforce.metadata.objects import CustomObjects
from prm_harness.crm.salesforce.metadata.parts import CustomField, RecordTypes, ValidationRules
from prm_harness.crm.salesforce.metadata.permissions import PermissionSets, Profiles

KINDS: Final[dict[str, type[Kind]]] = {
    kind.name: kind
    for kind in (
        CustomObjects,
        CustomField,
        RecordTypes,
        ValidationRules,
        PermissionSets,
        Profiles,
        Channels,
        ChannelMembers,
    )
}
"""By the name that metadata has for it, in the order that they are deployed in: parts of an object need the object."""

PLACES: Final = {
    "CustomObject": ("objects", "object"),
    "PermissionSet": ("permissionsets", "permissionset"),
    "Profile": ("profiles", "profile"),
    "PlatformEventChannel": ("platformEventChannels", "platformEventChannel"),
    "PlatformEventChannelMember": ("platformEventChannelMembers", "platformEventChannelMember"),
}
"""Folder and suffix of the kinds that have files of their own."""

PARTS: Final = {"fields": "CustomField", "recordTypes": "RecordType", "validationRules": "ValidationRule"}
"""What lies inside the file of an object."""
