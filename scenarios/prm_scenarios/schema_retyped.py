"""Q3.1: fields that become something else while records hold values in them."""

from __future__ import annotations

from typing import Any, Final

from prm_harness import Course, Crm, Data, Evidence, Portal, check, settled

from .shared.carried import as_field
from .shared.fates import in_crm

_CYCLES_UNTIL_OLD: Final = 3


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
    failed="After fields changed their type or name in the CRM, {wrong:~value was|values were} missing or wrong "
    "out of {cells} ({which}): a change that takes an admin a minute quietly spoils the data.",
)
def retyped_field_keeps_its_values(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A text field becomes a picklist, a number gets decimals, a field is renamed, while deals hold values in them.

    Admins tidy up: free text becomes a choice, whole numbers need cents, names are put right. Judged: old deals show
    what they held, new ones on each side arrive, and what the renamed field held is shown under its new name, or its
    loss is reported. Source: catalogue N3 (D21), guide Q3.1.
    """
    kind, own = prm.deal, {prm.info.partner_field: data.partner}
    grade, units = data.api_name("text, then choice"), data.api_name("whole, then with decimals")
    code, renamed = data.api_name("before it is renamed"), data.api_name("after it was renamed")
    count = data.apart("units").randrange(2, 90)
    was: dict[str, Any] = {grade: "Gold", units: count}
    new: dict[str, Any] = {grade: "Silver", units: count + 0.75}
    crm.schema.add_field(kind, grade, "string", length=40)
    crm.schema.add_field(kind, units, "double", precision=8, scale=0)
    crm.schema.add_field(kind, code, "string", length=40)
    present = [grade, units, code]
    try:
        for name in (grade, units, code):
            prm.add_field(kind, as_field(crm, kind, name))
        kept = data.label("an old code")
        old = crm.create(kind, data.deal("Retyped", **was, **{code: kept}) | own)
        yield settled
        shown = prm.read(old)
        if shown is not None and shown.fields.get(grade) == "Gold":
            evidence.exercised("old values in the portal before")
        for _ in range(_CYCLES_UNTIL_OLD):
            yield settled
        crm.schema.change_field(kind, grade, type="picklist", values=["Gold", "Silver", "Bronze"])
        crm.schema.change_field(kind, units, scale=2)
        yield settled
        entered = crm.create(kind, data.deal("Retyped", **new) | own)
        submitted = prm.submit(data.deal("Retyped", **new), as_partner=data.partner)
        yield settled
        describe = crm.describe(kind)
        evidence.compare(prm.read(old), was, describe, label="old deal:")
        evidence.compare(prm.read(entered), new, describe, label="new in the CRM:")
        rows = in_crm(crm, submitted) if submitted.taken else []
        evidence.compare(rows[0] if rows else None, new, describe, label="new in the portal:")
        crm.schema.add_field(kind, renamed, "string", length=40)
        present.append(renamed)
        crm.update(old, {renamed: kept}, quietly=True)
        crm.schema.drop_field(kind, code)
        present.remove(code)
        evidence.exercised("fields changed in the CRM")
        yield settled
        shown = prm.read(old)
        carried = shown is not None and shown.fields.get(renamed) == kept
        told = carried or _reported(prm, code, renamed)
        seen = "shown" if carried else ("reported" if told else "neither")
        evidence.expect(f"{renamed}, renamed", "shown under its new name, or reported", seen, ok=told)
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
