"""``quickActions``: the global actions of a new org (recordings quick_actions-001, -002), their defaults, and doing them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.org.schema import FieldType, SObjectType
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import gap, not_found, request_error
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.metadata.components import component_id
from prm_harness.crm.salesforce.records.rows import insert


@dataclass(frozen=True, slots=True)
class Action:
    """A global action, and the fields that its form has."""

    name: str
    label: str
    type: str
    target: str
    fields: tuple[str, ...]

    @property
    def id(self) -> str:
        """Recorded ids of actions have 15 characters."""
        return component_id("09D", self.name)[:15]


_TASK: Final = ("Subject", "ActivityDate", "WhoId", "WhatId", "OwnerId", "Status")
_ACTIONS: Final = (
    Action("LogACall", "Log a Call", "LogACall", "Task", ("Subject", "Description", "WhoId", "WhatId")),
    Action("NewAccount", "New Account", "Create", "Account", ("Name", "Phone", "OwnerId")),
    Action("NewCase", "New Case", "Create", "Case", ("ContactId", "Status", "Subject", "Description", "OwnerId")),
    Action("NewContact", "New Contact", "Create", "Contact",
           ("FirstName", "LastName", "AccountId", "Title", "Phone", "Email")),
    Action("NewEvent", "New Event", "Create", "Event",
           ("Subject", "StartDateTime", "EndDateTime", "Location", "WhoId", "WhatId", "OwnerId")),
    Action("NewLead", "New Lead", "Create", "Lead", ("FirstName", "LastName", "Company", "Phone", "Email", "OwnerId")),
    Action("NewOpportunity", "New Opportunity", "Create", "Opportunity",
           ("Name", "AccountId", "CloseDate", "StageName", "Amount", "OwnerId")),
    Action("NewTask", "New Task", "Create", "Task", _TASK),
)  # fmt: skip
_ELSEWHERE: Final = frozenset({"NewGroup", "NewNote", "SendEmail"})


def quick_actions(call: Call) -> Response:
    """``GET quickActions`` and ``GET sobjects/X/quickActions``."""
    if "sobject" in call.args:
        call.sobject()
    return json_response([_entry(call, action) for action in _available(call)])


def quick_action(call: Call) -> Response:
    """``GET …/quickActions/<name>``."""
    return json_response(_entry(call, _action(call)))


def describe(call: Call) -> Response:
    """``GET …/quickActions/<name>/describe``; keys are those of the partner WSDL."""
    action = _action(call)
    absent = (
        *("canvasApplicationIconUrl", "canvasApplicationId", "canvasApplicationName", "contextSobjectType"),
        *("flowDevName", "flowRecordIdVar", "height", "layout", "lightningComponentBundleId"),
        *("lightningComponentBundleName", "lightningComponentQualifiedName", "mobileExtensionDisplayMode"),
        *("mobileExtensionId", "targetParentField", "targetRecordTypeId", "visualforcePageName"),
        *("visualforcePageUrl", "width"),
    )
    body: dict[str, Any] = {
        **dict.fromkeys(absent),
        "accessLevelRequired": None,
        "actionEnumOrId": action.id,
        "colors": [],
        "defaultValues": [],
        "iconName": None,
        "iconUrl": None,
        "icons": [],
        "label": action.label,
        "miniIconUrl": None,
        "name": action.name,
        "showQuickActionLcHeader": False,
        "showQuickActionVfHeader": False,
        "targetSobjectType": action.target,
        "type": action.type,
    }
    return json_response(dict(sorted(body.items())))


def default_values(call: Call) -> Response:
    """``GET …/quickActions/<name>/defaultValues[/<context id>]``."""
    action = _action(call)
    sobject = call.sobject(action.target)
    values = _defaults(call, action, sobject, call.args.get("context", ""))
    return json_response({"attributes": {"type": sobject.name}, **values})


def perform(call: Call) -> Response:
    """``POST …/quickActions/<name>``: ``{"contextId": …, "record": {…}}`` makes the record that the form would make."""
    action = _action(call)
    given = call.json_object()
    record = given.get("record")
    if not isinstance(record, dict):
        raise request_error(400, "MISSING_RECORD", "The record of a quick action is missing.")
    sobject = call.sobject(action.target)
    context = given.get("contextId") or ""
    if not isinstance(context, str):
        raise request_error(400, "MALFORMED_ID", f"malformed id {context}")
    values = {k: v for k, v in _defaults(call, action, sobject, context).items() if v is not None}
    if action.type == "LogACall":
        values |= {"Status": "Completed", "TaskSubtype": "Call"} if "TaskSubtype" in sobject.fields else {}
    fields = {name: value for name, value in record.items() if name != "attributes"}
    low = {name.lower() for name in fields}
    fields |= {name: value for name, value in values.items() if name.lower() not in low}
    record_id = insert(call, sobject, fields)
    return json_response(
        {
            "contextId": to18(context) if is_id(context) else None,
            "errors": [],
            "feedItemIds": None,
            "id": record_id,
            "success": True,
            "successMessage": None,
        },
        201,
    )


def _available(call: Call) -> Iterator[Action]:
    schema = call.org.schema
    return (action for action in _ACTIONS if schema.get(action.target) is not None)


def _action(call: Call) -> Action:
    asked = call.args["action"]
    for action in _available(call):
        if action.name.lower() == asked.lower():
            return action
    if asked in _ELSEWHERE or "." in asked:
        raise gap(f"the quick action {asked}")
    raise not_found()


def _entry(call: Call, action: Action) -> dict[str, Any]:
    place = f"sobjects/{call.sobject().name}/" if "sobject" in call.args else ""
    own = f"{call.base}/{place}quickActions/{action.name}"
    return {
        "actionEnumOrId": action.id,
        "label": action.label,
        "name": action.name,
        "type": action.type,
        "urls": {
            "defaultValues": f"{own}/defaultValues",
            "quickAction": own,
            "describe": f"{own}/describe",
            "defaultValuesTemplate": f"{own}/defaultValues/{{ID}}",
        },
    }


def _defaults(call: Call, action: Action, sobject: SObjectType, context: str) -> dict[str, Any]:
    """The form's fields: picklists' defaults, the caller as owner, and what the context's record fills in."""
    values: dict[str, Any] = {}
    for name in action.fields:
        field = sobject.fields.get(name)
        if field is not None:
            values[name] = call.user if name == "OwnerId" else field.default
    if not context:
        return values
    found = _context(call, context)
    for name in ("WhoId", "WhatId", "AccountId", "ContactId"):
        field = sobject.fields.get(name) if name in values else None
        if field is not None and field.type is FieldType.REFERENCE and found in field.reference_to:
            values[name] = to18(context)
            break
    return values


def _context(call: Call, record_id: str) -> str:
    """The object of the context's record."""
    if is_id(record_id):
        for obj in call.org.schema.objects.values():
            if obj.key_prefix == record_id[:3] and obj.layoutable:
                call.org.get(obj.name, record_id, fields=["Id"])
                return obj.name
    raise not_found()
