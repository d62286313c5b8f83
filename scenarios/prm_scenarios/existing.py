"""Q1.1: a portal that was in use before it was connected."""

from __future__ import annotations

from prm_harness import Course, Crm, CrmRecord, Data, Evidence, Portal, check, connected, settled


@check(
    "H3",
    question="Q1.1",
    title="What both sides have already stays one record",
    needs=("seed",),
    kinds=("Account", "Contact"),
    stage="before_connect",
    effects={"same records on both sides before"},
    catches=("first-sync-duplicates",),
    passed="All {records} accounts and contacts that both sides had before the connection are one record on each side.",
    failed="Of {records} accounts and contacts that both sides had before the connection, [[{twice_crm} are in the CRM "
    "twice ;; {twice_prm} are in the portal twice]]: the first day of the integration doubles your partners.",
)
def existing_records_stay_one(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The same accounts and contacts are in the CRM and in the portal before the two are connected.

    A portal that replaces another one is filled before it is integrated, and then both sides know the same companies.
    Judged: after the first load and one more cycle each of them is on both sides once, and the portal's record is linked to
    the CRM's. Source: catalogue H3 (D37), guide Q1.1.
    """
    accounts = [data.account() for _ in range(4)]
    people = [data.contact() for _ in range(4)]
    for number, person in enumerate(people):
        person["Email"] = f"both.{data.nonce}.{number}@example.com"
    records: list[CrmRecord] = [*crm.create_all("Account", accounts), *crm.create_all("Contact", people)]
    own = [{name: value for name, value in person.items() if name != "AccountId"} for person in people]
    outcomes = [*prm.seed("Account", accounts), *prm.seed("Contact", own)]
    if all(outcome.state != "rejected" for outcome in outcomes):
        evidence.exercised("same records on both sides before")
    yield connected
    yield settled
    twice_crm = twice_prm = 0
    for kind, field in (("Account", "Name"), ("Contact", "LastName")):
        shown = prm.list(kind)
        for record in [record for record in records if record.sobject == kind]:
            in_the_crm = len(crm.named(kind, record.name, field))
            there = [one for one in shown if one.fields.get(field) == record.name]
            twice_crm += not evidence.expect(f"{kind} {record.name} in the CRM", 1, in_the_crm)
            twice_prm += not evidence.expect(f"{kind} {record.name} in the portal", 1, len(there))
            linked = any((one.crm_id or "")[:15] == record.id[:15] for one in there)
            evidence.expect(f"{kind} {record.name}, linked", "yes", "yes" if linked else "no")
    evidence.fact(records=len(records), twice_crm=twice_crm, twice_prm=twice_prm)
