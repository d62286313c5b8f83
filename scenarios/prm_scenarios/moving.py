"""Q1.2: taking what was set up to another org."""

from __future__ import annotations

import re
from typing import Final

from prm_harness import Course, Crm, Data, Evidence, Filter, Portal, check, settled

_ID: Final = re.compile(r"(?<![0-9A-Za-z])[0-9a-zA-Z]{15}(?:[0-9A-Z]{3})?(?![0-9A-Za-z])")
_KIND, _STATUS = "Account", "Partner_Status__c"


@check(
    "S5",
    question="Q1.2",
    title="A configuration can be moved to another org",
    needs=("config", "filters"),
    kinds=(_KIND,),
    stage="alone",
    effects={"configuration exported", "settings changed afterwards"},
    catches=("exports-ids-of-its-org",),
    passed="The exported configuration holds no id of this org, and an import put back what had been changed since.",
    failed="A configuration is not moved by an export and an import: {troubles}. What was set up and tested in a sandbox "
    "costs work once more in production.",
)
def configuration_can_be_moved(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A filter is set and the configuration exported; the filter is removed, and the export imported again.

    Every change is made in a sandbox first, and record types, users and profiles have other ids in production. Judged: the
    export names no id that exists in this org and no credential; the import restores the filter, without a step of the
    vendor. A second org is not connected in this check. Source: catalogue S5, guide Q1.2.
    """
    rule = Filter(kind=_KIND, field=_STATUS, op="ne", value=data.label("a status that nobody has"))
    prm.set_filter(_KIND, rule)
    try:
        exported = prm.export_config()
        evidence.exercised("configuration exported")
        evidence.saw(f"{exported.format}, {len(exported.content)} characters")
        found = {word[:15] for word in _ID.findall(exported.content)}
        known = {
            row["Id"][:15]
            for kind in ("RecordType", "User", "Profile")
            for row in crm.query(f"SELECT Id FROM {kind}")
        }
        known |= {value[:15] for value in (data.partner, data.other_partner, data.customer)}
        stale = sorted(found & known)
        evidence.expect("ids of this org in the export", "none", ", ".join(stale) or "none")
        prm.set_filter(_KIND, None)
        if prm.get_filter(_KIND) is None:
            evidence.exercised("settings changed afterwards")
        log = prm.import_config(exported)
        vendor = [step.title for step in log.steps if step.actor == "vendor"]
        evidence.expect("import", "done", "done" if log.done else log.message or "not done")
        evidence.expect("steps only the vendor can do", "none", ", ".join(vendor) or "none")
        back = prm.get_filter(_KIND)
        restored = back is not None and (back.field, back.op, back.value) == (rule.field, rule.op, rule.value)
        evidence.expect("filter after the import", "as exported", "as exported" if restored else str(back))
        yield settled
    finally:
        prm.set_filter(_KIND, None)
    troubles = {
        f"the export holds {len(stale)} ids of this org": stale,
        "the import was not done": not log.done,
        "only the vendor can import it": vendor,
        "the filter did not come back": not restored,
    }
    evidence.fact(troubles=", ".join(said for said, holds in troubles.items() if holds))
