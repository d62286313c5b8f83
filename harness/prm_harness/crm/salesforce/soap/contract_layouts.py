"""The part of the partner API's table that describes pages: layouts, compact layouts, and what they are made of."""

from __future__ import annotations

from typing import Final

LAYOUT_TYPES: Final = {
    "DescribeLayoutResult": """layouts DescribeLayout*, recordTypeMappings RecordTypeMapping*,
        recordTypeSelectorRequired boolean""",
    "DescribeLayout": """buttonLayoutSection DescribeLayoutButtonSection?, detailLayoutSections DescribeLayoutSection*,
        editLayoutSections DescribeLayoutSection*, highlightsPanelLayoutSection DescribeLayoutSection?, id ID~,
        relatedLists RelatedList*, saveOptions DescribeLayoutSaveOption*""",
    "DescribeLayoutButtonSection": "detailButtons DescribeLayoutButton*",
    "DescribeLayoutButton": "custom boolean, label string~, name string~, overridden boolean",
    "DescribeLayoutSection": """collapsed boolean, columns int, heading string~, layoutRows DescribeLayoutRow*,
        layoutSectionId ID~, parentLayoutId ID, rows int, tabOrder string, useCollapsibleSection boolean,
        useHeading boolean""",
    "DescribeLayoutRow": "layoutItems DescribeLayoutItem*, numItems int",
    "DescribeLayoutItem": """editableForNew boolean, editableForUpdate boolean, label string~,
        layoutComponents DescribeLayoutComponent*, placeholder boolean, required boolean""",
    "DescribeLayoutComponent": "displayLines int, tabOrder int, type string, value string~",
    "RelatedList": """accessLevelRequiredForCreate string~, buttons DescribeLayoutButton*, columns RelatedListColumn*,
        custom boolean, field string~, label string, limitRows int, name string, sobject string~,
        sort RelatedListSort*""",
    "RelatedListColumn": """field string~, fieldApiName string, format string~, label string, lookupId string?,
        name string, sortable boolean""",
    "RelatedListSort": "ascending boolean, column string",
    "DescribeLayoutSaveOption": """defaultValue boolean, isDisplayed boolean, label string, name string,
        restHeaderName string, soapHeaderName string""",
    "RecordTypeMapping": """active boolean, available boolean, defaultRecordTypeMapping boolean, developerName string,
        layoutId ID, master boolean, name string, picklistsForRecordType PicklistForRecordType*, recordTypeId ID~""",
    "PicklistForRecordType": "picklistName string, picklistValues PicklistEntry*",
    "DescribeCompactLayoutsResult": """compactLayouts DescribeCompactLayout*, defaultCompactLayoutId ID~,
        recordTypeCompactLayoutMappings RecordTypeCompactLayoutMapping*""",
    "DescribeCompactLayout": """actions DescribeLayoutButton*, fieldItems DescribeLayoutItem*, id ID~,
        imageItems DescribeLayoutItem*, label string, name string, objectType string""",
    "RecordTypeCompactLayoutMapping": """available boolean, compactLayoutId ID~, compactLayoutName string,
        recordTypeId ID, recordTypeName string""",
}

LAYOUT_OPERATIONS: Final = {
    "describeLayout": ("sObjectType string, layoutName string~, recordTypeIds ID*", "DescribeLayoutResult~"),
    "describeCompactLayouts": ("sObjectType string, recordTypeIds ID*", "DescribeCompactLayoutsResult~"),
    "describePrimaryCompactLayouts": ("sObjectTypes string*", "DescribeCompactLayout*"),
}
"""What each takes, and what its answer's ``result`` is."""
