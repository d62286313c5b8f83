"""What headers say about saves: duplicate rules and assignment rules (contract §2, §6.2).

REST lets the active assignment rule choose owners unless ``Sforce-Auto-Assign`` says FALSE or names something else;
SOAP only when its AssignmentRuleHeader asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prm_harness.crm.org.core import SaveOptions
from prm_harness.crm.salesforce.http import Request

if TYPE_CHECKING:
    from prm_harness.crm.salesforce.call import Call
    from prm_harness.crm.salesforce.soap.envelope import Envelope

_TRUE: Final = frozenset({"true", "1"})


def save_options(call: Call) -> SaveOptions:
    """The options of a REST or bulk request."""
    return _of_headers(call.request)


def _of_headers(request: Request) -> SaveOptions:
    assign = request.header("sforce-auto-assign").strip().lower() != "false"
    given = request.header("sforce-duplicate-rule-header")
    if not given:
        return _ASSIGNING if assign else _PLAIN
    parts = (part.partition("=") for part in given.replace(",", ";").split(";"))
    said = {name.strip().lower(): value.strip().lower() in _TRUE for name, _, value in parts}
    return SaveOptions(said.get("allowsave", False), said.get("includerecorddetails", False), assign)


def soap_options(asked: Envelope) -> SaveOptions:
    """The options of a SOAP call."""

    def flag(header: str, part: str) -> bool:
        return asked.header(header, part).strip().lower() in _TRUE

    named = bool(asked.header("AssignmentRuleHeader", "assignmentRuleId").strip())
    return SaveOptions(
        flag("DuplicateRuleHeader", "allowSave"),
        flag("DuplicateRuleHeader", "includeRecordDetails"),
        named or flag("AssignmentRuleHeader", "useDefaultRule"),
    )


_PLAIN: Final = SaveOptions()
_ASSIGNING: Final = SaveOptions(assign=True)
