"""Q2.3: records whose ids differ by case only."""

from __future__ import annotations

from prm_harness import Course, Crm, Data, Evidence, Inconclusive, Portal, Ref, check, settled


@check(
    "T8",
    question="Q2.3",
    title="Ids that differ by case are two records",
    powers=("record_ids",),
    stage="alone",
    effects={"twins in the CRM", "one of them changed"},
    catches=("compares-ids-without-case",),
    passed="Two deals whose ids differ by case only stayed two; a change of one left the other alone, and ids of 15 and 18 "
    "characters led to the same record.",
    failed="Two deals whose ids differ by case only were mixed up {wrong} times: one customer's deal shows another one's "
    "values.",
)
def ids_keep_their_case(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Two deals are made whose ids have the same letters and differ by case only; one is changed.

    Ids of 15 characters are case-sensitive, and databases and spreadsheets often are not. Judged: the portal shows both,
    each with its own name; after a change of one the other is as it was; by 15 and by 18 characters the same record is
    found. Source: catalogue T8 (D18), guide Q2.3.
    """
    own = {prm.info.partner_field: data.partner}
    steps = [data.text(f"{which} twin") for which in ("first", "second", "changed")]
    first = crm.create(prm.deal, data.deal("Twin", NextStep=steps[0]) | own)
    planned = crm.plan_twin(first.id)
    second = crm.create(prm.deal, data.deal("Twin", NextStep=steps[1]) | own)
    if second.id[:15] != planned[:15] or first.id[:15].lower() != second.id[:15].lower():
        raise Inconclusive("the CRM could not be made to give out a twin id")
    evidence.exercised("twins in the CRM")
    yield settled
    describe = crm.describe(prm.deal)
    for deal, step in ((first, steps[0]), (second, steps[1])):
        due = {"Name": deal.name, "NextStep": step}
        evidence.compare(prm.read(deal), due, describe, label=f"twin {deal.id}:")
    crm.update(second, {"NextStep": steps[2]})
    evidence.exercised("one of them changed")
    yield settled
    for deal, step in ((first, steps[0]), (second, steps[2])):
        due = {"Name": deal.name, "NextStep": step}
        evidence.compare(prm.read(deal), due, describe, label=f"twin {deal.id}, afterwards:")
        short = prm.read(Ref(by="crm_id", value=deal.id[:15]), prm.deal)
        seen = short.fields.get("Name") if short else "not found"
        evidence.expect(f"{deal.name} by 15 characters", deal.name, seen)
    evidence.fact(wrong=sum(not diff.ok for diff in evidence.diffs))
