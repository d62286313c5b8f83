"""Q3.1: fields that become something else while records hold values in them."""

from __future__ import annotations

from typing import Any, Final

from prm_harness import Course, Crm, Data, Evidence, Portal, check, settled

from .carried import as_field
from .fates import in_crm

_GRADE, _UNITS, _CODE, _RENAMED = "Grade__c", "Units__c", "Old_Code__c", "Order_Code__c"
_OLD: Final[dict[str, Any]] = {_GRADE: "Gold", _UNITS: 12}
_CYCLES_UNTIL_OLD: Final = 3
_NEW: Final[dict[str, Any]] = {_GRADE: "Silver", _UNITS: 12.75}


@check(
    "N3",
    question="Q3.1",
    title="A field that changes its type keeps its values",
    needs=("schema",),
    uses=("errors", "notify"),
    powers=("schema_change",),
    stage="alone",
    effects={"old values in the portal before", "fields changed in the CRM"},
    catches=("empties-retyped-fields",),
    passed="After a text became a picklist, a number got decimals and a field another name, old values and new ones were "
    "right on both sides.",
    failed="After fields changed their type or name in the CRM, {wrong} of {cells} values were missing or wrong ({which}): a "
    "change that takes an admin a minute quietly spoils the data.",
)
def retyped_field_keeps_its_values(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A text field becomes a picklist, a number gets decimals, a field is renamed, while deals hold values in them.

    Admins tidy up: free text becomes a choice, whole numbers need cents, names are put right. Judged: old deals show
    what they held, new ones on each side arrive, and what the renamed field held is shown under its new name, or its
    loss is reported. Source: catalogue N3 (D21), guide Q3.1.
    """
    kind, own = prm.deal, {prm.info.partner_field: data.partner}
    crm.schema.add_field(kind, _GRADE, "string", length=40)
    crm.schema.add_field(kind, _UNITS, "double", precision=8, scale=0)
    crm.schema.add_field(kind, _CODE, "string", length=40)
    present = [_GRADE, _UNITS, _CODE]
    try:
        for name in (_GRADE, _UNITS, _CODE):
            prm.add_field(kind, as_field(crm, kind, name))
        code = {_CODE: f"OC-{data.nonce}"}
        old = crm.create(kind, data.deal("Retyped", **_OLD, **code) | own)
        yield settled
        shown = prm.read(old)
        if shown is not None and shown.fields.get(_GRADE) == "Gold":
            evidence.exercised("old values in the portal before")
        for _ in range(_CYCLES_UNTIL_OLD):
            yield settled
        crm.schema.change_field(kind, _GRADE, type="picklist", values=["Gold", "Silver", "Bronze"])
        crm.schema.change_field(kind, _UNITS, scale=2)
        yield settled
        entered = crm.create(kind, data.deal("Retyped", **_NEW) | own)
        submitted = prm.submit(data.deal("Retyped", **_NEW), as_partner=data.partner)
        yield settled
        describe = crm.describe(kind)
        evidence.compare(prm.read(old), _OLD, describe, label="old deal:")
        evidence.compare(prm.read(entered), _NEW, describe, label="new in the CRM:")
        rows = in_crm(crm, submitted) if submitted.taken else []
        evidence.compare(rows[0] if rows else None, _NEW, describe, label="new in the portal:")
        crm.schema.add_field(kind, _RENAMED, "string", length=40)
        present.append(_RENAMED)
        crm.update(old, {_RENAMED: code[_CODE]}, quietly=True)
        crm.schema.drop_field(kind, _CODE)
        present.remove(_CODE)
        evidence.exercised("fields changed in the CRM")
        yield settled
        shown = prm.read(old)
        carried = shown is not None and shown.fields.get(_RENAMED) == code[_CODE]
        told = carried or _reported(prm, _CODE, _RENAMED)
        seen = "shown" if carried else ("reported" if told else "neither")
        evidence.expect(f"{_RENAMED}, renamed", "shown under its new name, or reported", seen, ok=told)
    finally:
        for name in present:
            crm.schema.drop_field(kind, name)
    wrong = [diff.field for diff in evidence.diffs if not diff.ok]
    evidence.fact(cells=len(evidence.diffs), wrong=len(wrong), which=", ".join(wrong[:5]))


def _reported(prm: Portal, *fields: str) -> bool:
    said = [f"{e.field} {e.message}" for e in prm.list_errors()] if prm.offers("errors") else []
    if prm.offers("notify"):
        said += [f"{note.subject} {note.body}" for note in prm.notifications()]
    return any(field in text for text in said for field in fields)
