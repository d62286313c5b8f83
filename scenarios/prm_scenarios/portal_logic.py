"""Q2.4: can the portal act on custom fields?"""

from __future__ import annotations

from prm_harness import Course, Crm, Data, Evidence, Portal, Rule, Workflow, check, settled


@check(
    "G1",
    question="Q2.4",
    title="A segment follows a custom field",
    needs=("logic",),
    kinds=("Account",),
    effects={"segment with members", "value changed in the CRM"},
    catches=("segments-ignore-custom-fields",),
    passed="A segment on a custom field had the right members, before and after the value changed in the CRM.",
    failed="A segment on a custom field was wrong for {wrong} of {cases} accounts: content and programmes go to the wrong "
    "partners.",
)
def segment_follows_a_custom_field(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A segment of accounts with a Tier_Score__c above a line is made; later two accounts cross the line in the CRM.

    A custom field that is only displayed cannot drive a partner programme. Judged: membership by record, before and
    after the change. Source: catalogue G1, guide Q2.4.
    """
    line = data.apart("scores").randrange(40, 81)
    scores = [line + 15, line + 10, line + 1, line, line - 20, line - 30]
    accounts = crm.create_all("Account", [data.account("Scored", Tier_Score__c=score) for score in scores])
    yield settled
    rule = prm.create_rule(Rule(kind="Account", field="Tier_Score__c", op="gt", value=line))
    try:
        before = {member[:15] for member in prm.rule_members(rule)}
        for account, score in zip(accounts, scores, strict=True):
            _expect(evidence, f"score {score}", inside=score > line, seen=account.id[:15] in before)
        if before:
            evidence.exercised("segment with members")
        crm.update(accounts[0], {"Tier_Score__c": line - 10})
        crm.update(accounts[5], {"Tier_Score__c": line + 18})
        yield settled
        after = {member[:15] for member in prm.rule_members(rule)}
        _expect(
            evidence,
            f"score {scores[0]} lowered to {line - 10}",
            inside=False,
            seen=accounts[0].id[:15] in after,
        )
        _expect(
            evidence,
            f"score {scores[5]} raised to {line + 18}",
            inside=True,
            seen=accounts[5].id[:15] in after,
        )
        evidence.exercised("value changed in the CRM")
    finally:
        prm.delete_rule(rule)
    evidence.fact(cases=len(evidence.diffs), wrong=sum(not diff.ok for diff in evidence.diffs))


def _expect(evidence: Evidence, what: str, *, inside: bool, seen: bool) -> None:
    words = {True: "member", False: "not a member"}
    evidence.expect(what, words[inside], words[seen])


@check(
    "G2",
    question="Q2.4",
    title="A workflow acts once",
    needs=("logic",),
    kinds=("Account",),
    effects={"workflow with an effect", "record edited while it matches"},
    catches=("workflow-fires-at-each-edit",),
    passed="A workflow on a custom field acted once for each of {records} accounts that came to match, and not again when "
    "they were edited.",
    failed="A workflow on a custom field acted {times} times for {records} accounts that came to match once: partners get the "
    "same task twice, or none.",
)
def workflow_acts_once(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A workflow waits for a Tier_Score__c above a line; accounts cross that line in the CRM, and are edited afterwards.

    Onboarding tasks and approvals hang on such rules. Judged: one effect for each account that came to match, none for one
    that did not, and none more when another field of a matching account is edited. Source: catalogue G2 (D9), guide Q2.4.
    """
    line = data.apart("scores").randrange(40, 91)
    accounts = crm.create_all("Account", [data.account("Watched", Tier_Score__c=line - 30) for _ in range(3)])
    yield settled
    when = Rule(kind="Account", field="Tier_Score__c", op="gt", value=line)
    workflow = prm.create_workflow(Workflow(when=when, action="task", text=data.label("text of a task")))
    try:
        for account in accounts[:2]:
            crm.update(account, {"Tier_Score__c": line + 5})
        yield settled
        first = _acted(prm, workflow)
        for account in accounts[:2]:
            crm.update(account, {"Phone": data.phone("edited")})
        evidence.exercised("record edited while it matches")
        yield settled
        effects = _acted(prm, workflow)
    finally:
        prm.delete_workflow(workflow)
    if first:
        evidence.exercised("workflow with an effect")
    for account, due in zip(accounts, (1, 1, 0), strict=True):
        times = effects.count(account.id[:15])
        evidence.expect(f"effects of {account.name}", due, times)
    evidence.fact(records=2, times=len(effects))


def _acted(prm: Portal, workflow: str) -> list[str]:
    return [(effect.crm_id or "")[:15] for effect in prm.workflow_effects(workflow)]
