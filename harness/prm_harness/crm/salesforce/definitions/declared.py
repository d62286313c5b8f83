"""The tables of definitions (vendor's object reference and Tooling API reference), as far as the sandbox fills them."""

from __future__ import annotations

from typing import Final

OWNER: Final = (
    "EntityDefinitionId | string 255 | Entity Definition ID | - | to=EntityDefinition as=EntityDefinition"
)
_FIELD: Final = (
    "FieldDefinitionId | string 255 | Field Definition ID | - | to=FieldDefinition as=FieldDefinition"
)

TABLES: Final = (
    """EntityDefinition | 4ie | Entity Definition | Entity Definitions |
Id | string 255 | Entity Definition ID | *=
DurableId | string 255 | Durable ID | *= | lookup
LastModifiedDate | datetime | Last Modified Date
QualifiedApiName | string 70 | Qualified API Name
NamespacePrefix | string 15 | Namespace Prefix
DeveloperName | string 80 | Developer Name
MasterLabel | string 80 | Master Label
Label | string 80 | Label
PluralLabel | string 80 | Plural Label
KeyPrefix | string 3 | Key Prefix
IsWorkflowEnabled | boolean | Is Workflow Enabled | *=
IsProcessEnabled | boolean | Is Approval Process Enabled | *=
IsCompactLayoutable | boolean | Is Compact Layout Enabled | *=
DeploymentStatus | picklist 40 | Deployment Status
IsCustomSetting | boolean | Is Custom Setting | *=
IsDeprecatedAndHidden | boolean | Is Deprecated And Hidden | *=
IsReplicateable | boolean | Is Replicateable | *=
IsRetrieveable | boolean | Is Retrieveable | *=
IsSearchLayoutable | boolean | Is Search Layout Enabled | *=
IsSearchable | boolean | Is Searchable | *=
IsTriggerable | boolean | Is Triggerable | *=
IsIdEnabled | boolean | Is ID Enabled | *=
IsEverCreatable | boolean | Is Ever Createable | *=
IsEverUpdatable | boolean | Is Ever Updatable | *=
IsEverDeletable | boolean | Is Ever Deletable | *=
IsFeedEnabled | boolean | Is Feed Enabled | *=
IsQueryable | boolean | Is Queryable | *=
IsMruEnabled | boolean | Is MRU Enabled | *=
IsLayoutable | boolean | Is Layoutable | *=
IsApexTriggerable | boolean | Is Apex Triggerable | *=
IsCustomizable | boolean | Is Customizable | *=
InternalSharingModel | picklist 40 | Internal Sharing Model
ExternalSharingModel | picklist 40 | External Sharing Model
HasSubtypes | boolean | Has Subtypes | *=
IsSubtype | boolean | Is Subtype | *=
PublisherId | string 255 | Publisher ID
RecordTypesSupported | textarea 32000 | Record Types Supported""",
    f"""FieldDefinition | 4fe | Field Definition | Field Definitions |
Id | string 255 | Field Definition ID | *=
DurableId | string 255 | Durable ID | *= | lookup
LastModifiedDate | datetime | Last Modified Date
QualifiedApiName | string 70 | Qualified API Name
{OWNER} children=Fields
NamespacePrefix | string 15 | Namespace Prefix
DeveloperName | string 80 | Developer Name
MasterLabel | string 80 | Master Label
Label | string 80 | Label
Length | int 9 | Length
DataType | string 4000 | Data Type
ValueTypeId | string 80 | Value Type
ExtraTypeInfo | string 80 | Extra Type Info
IsCalculated | boolean | Is Calculated | *=
IsHighScaleNumber | boolean | Is High Scale Number | *=
IsHtmlFormatted | boolean | Is HTML Formatted | *=
IsNameField | boolean | Is Name Field | *=
IsNillable | boolean | Is Nillable | *=
IsWorkflowFilterable | boolean | Is Workflow Filterable | *=
IsCompactLayoutable | boolean | Is Compact Layoutable | *=
Precision | int 9 | Precision
Scale | int 9 | Scale
IsFieldHistoryTracked | boolean | Is Field History Tracked | *=
IsIndexed | boolean | Is Indexed | *=
IsApiFilterable | boolean | Is API Filterable | *=
IsApiSortable | boolean | Is API Sortable | *=
IsApiGroupable | boolean | Is API Groupable | *=
IsListVisible | boolean | Is List Visible | *=
IsPolymorphicForeignKey | boolean | Is Polymorphic Foreign Key | *=
IsCompound | boolean | Is Compound | *=
ControllingFieldDefinitionId | string 255 | Controlling Field Definition ID
PublisherId | string 255 | Publisher ID
RelationshipName | string 80 | Relationship Name
ReferenceTo | textarea 32000 | Reference To
ReferenceTargetField | string 80 | Reference Target Field
Description | textarea 255 | Description
BusinessStatus | picklist 40 | Business Status
SecurityClassification | picklist 40 | Security Classification
ComplianceGroup | picklist 40 | Compliance Group""",
    f"""EntityParticle | 0Nv | Entity Particle | Entity Particles |
Id | string 255 | Entity Particle ID | *=
DurableId | string 255 | Durable ID | *= | lookup
QualifiedApiName | string 70 | Qualified API Name
{OWNER} children=Particles
{_FIELD} children=Particles
NamespacePrefix | string 15 | Namespace Prefix
DeveloperName | string 80 | Developer Name
MasterLabel | string 80 | Master Label
Label | string 80 | Label
Name | string 80 | Name
Length | int 9 | Length
DataType | string 40 | Data Type
ValueTypeId | string 80 | Value Type
ExtraTypeInfo | string 80 | Extra Type Info
IsAutonumber | boolean | Is Autonumber | *=
ByteLength | int 9 | Byte Length
IsCaseSensitive | boolean | Is Case Sensitive | *=
IsUnique | boolean | Is Unique | *=
IsCreatable | boolean | Is Creatable | *=
IsUpdatable | boolean | Is Updatable | *=
IsDefaultedOnCreate | boolean | Is Defaulted On Create | *=
IsWriteRequiresMasterRead | boolean | Is Write Requires Master Read | *=
IsCalculated | boolean | Is Calculated | *=
IsHighScaleNumber | boolean | Is High Scale Number | *=
IsHtmlFormatted | boolean | Is HTML Formatted | *=
IsNameField | boolean | Is Name Field | *=
IsNillable | boolean | Is Nillable | *=
IsPermissionable | boolean | Is Permissionable | *=
IsEncrypted | boolean | Is Encrypted | *=
Digits | int 9 | Digits
InlineHelpText | string 255 | Inline Help Text
RelationshipName | string 80 | Relationship Name
ReferenceTo | textarea 32000 | Reference To
ReferenceTargetField | string 80 | Reference Target Field
RelationshipOrder | int 9 | Relationship Order
IsCascadeDelete | boolean | Is Cascade Delete | *=
IsNamePointing | boolean | Is Name Pointing | *=
IsDependentPicklist | boolean | Is Dependent Picklist | *=
IsIdLookup | boolean | Is ID Lookup | *=
IsAggregatable | boolean | Is Aggregatable | *=
IsCompound | boolean | Is Compound | *=
IsComponent | boolean | Is Component | *=
IsApiFilterable | boolean | Is API Filterable | *=
IsApiSortable | boolean | Is API Sortable | *=
IsApiGroupable | boolean | Is API Groupable | *=
IsDeprecatedAndHidden | boolean | Is Deprecated And Hidden | *=
DefaultValueFormula | string 255 | Default Value Formula
Precision | int 9 | Precision
Scale | int 9 | Scale""",
    """PicklistValueInfo | 4pv | Picklist Value Info | Picklist Value Info |
Id | string 255 | Picklist Value Info ID | *=
DurableId | string 255 | Durable ID | *= | lookup
Value | string 255 | Value
Label | string 255 | Label
IsDefaultValue | boolean | Is Default Value | *=
IsActive | boolean | Is Active | *=
ValidFor | string 255 | Valid For
EntityParticleId | string 255 | Entity Particle ID | - | to=EntityParticle as=EntityParticle children=PicklistValues""",
    """ListView | 00B | List View | List Views |
Id | id | List View ID | *= | lookup
Name | string 255 | View Name | *= | name
DeveloperName | string 80 | API Name | *=
NamespacePrefix | string 15 | Namespace Prefix
SobjectType | string 40 | Sobject Type | *=
IsSoqlCompatible | boolean | List View is SOQL Compatible | *=""",
)

FILTERS: Final = {
    "FieldDefinition": ("EntityDefinitionId", "DurableId"),
    "EntityParticle": ("EntityDefinitionId", "FieldDefinitionId", "DurableId"),
    "PicklistValueInfo": ("EntityParticleId", "DurableId"),
}
"""Where a statement has to say whose rows it wants, and the fields it may say so by (answers quoted in public
backup tools)."""

COMPUTED: Final = frozenset({"EntityDefinition", *FILTERS})
"""What has no id of its own and takes few operators."""

NAMES: Final = COMPUTED | {"ListView"}
