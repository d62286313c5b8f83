"""Q1.2 and Q3.2: the portal's own access to the CRM is small, and is taken away."""

from __future__ import annotations

from typing import Final

from prm_harness import Course, Crm, Data, Evidence, Portal, check, settled

from .shared.carried import as_field
from .shared.fates import arrived_once, fate_of, in_crm

_TOO_MUCH: Final = frozenset({
    "ModifyAllData", "ViewAllData", "CustomizeApplication", "AuthorApex", "ManageUsers", "ModifyMetadata",
})  # fmt: skip
"""Permissions with which an integration user can see, change or rebuild everything. Source: research D27."""


@check(
    "S4",
    question="Q1.2",
    title="Few rights are enough, and a missing one is named",
    uses=("errors", "notify", "schema"),
    powers=("schema_change",),
    stage="alone",
    effects={"deal with a closed field submitted", "sound deal arrived"},
    catches=("demands-full-admin", "drops-values-it-may-not-write"),
    passed="The portal works with {asked}; a value for a field that is closed to it was {fate}.",
    failed="The portal asks for {asked}, and a value for a field that is closed to it {fate}: either it may do everything "
    "in your CRM, or it loses data where it may not.",
)
def few_rights_are_enough(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """A field is closed to the integration user by field-level security; a partner fills it all the same.

    Security teams grant what is needed, and find out later what was missing. Judged: no permission is demanded that opens
    the whole org; the deal with the closed field is refused, or arrives and the missing field is named somewhere; others
    arrive. Source: catalogue S4 (D27), guide Q1.2.
    """
    asked = prm.prerequisites.permissions
    excess = sorted(_TOO_MUCH & set(asked))
    evidence.expect("permissions that open the whole org", "none", ", ".join(excess) or "none")
    kind, value = prm.deal, data.label("value of a closed field")
    closed = data.api_name("closed to the user")
    crm.schema.add_field(kind, closed, "string", length=30)
    try:
        if prm.offers("schema"):
            prm.add_field(kind, as_field(crm, kind, closed))
        yield settled
        crm.schema.close_field(kind, closed)
        deal = prm.submit(data.deal("Closed field", **{closed: value}), as_partner=data.partner)
        evidence.exercised("deal with a closed field submitted")
        sound = prm.submit(data.deal("Sound"), as_partner=data.partner)
        yield settled
        if in_crm(crm, sound):
            evidence.exercised("sound deal arrived")
        fate = fate_of(crm, prm, deal)
        written = bool(fate.rows) and fate.rows[0].get(closed) == value
        named = closed in fate.said or _named(prm, closed)
        told: str = fate.state
        if fate.rows and not written:
            told = "dropped, and the field is named" if named else "dropped without a word"
        evidence.expect(
            "value for a closed field", "refused, or the field named", told,
            ok=fate.honest and not written and (not fate.rows or named), note="lost",
        )  # fmt: skip
    finally:
        crm.schema.open_field(kind, closed)
        crm.schema.drop_field(kind, closed)
    evidence.fact(asked=", ".join(asked) or "no permission", fate=told)


def _named(prm: Portal, closed: str) -> bool:
    said = [f"{e.field} {e.message}" for e in prm.list_errors()] if prm.offers("errors") else []
    if prm.offers("notify"):
        said += [f"{note.subject} {note.body}" for note in prm.notifications()]
    return any(closed in text for text in said)


@check(
    "E6",
    question="Q3.2",
    title="A lost login is told, and nothing is lost with it",
    uses=("notify", "errors"),
    powers=("logins",),
    stage="alone",
    effects={"login refused", "deals submitted meanwhile"},
    revision=2,
    catches=("silent-after-lockout",),
    passed="The portal told of its lost login {how}[[, and once it was back {sent:~all deal} arrived once]].",
    failed="The portal told {who} of its lost login[[; afterwards {lost} of {sent} deals were missing]][[; {copies} were there "
    "twice]]: the sync stands still for days before a partner asks.",
)
def lost_login_is_told(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The integration user is locked while deals are submitted and changed; later its access comes back.

    Passwords run out and users are locked, and the sync stops without an error in any record. Judged: somebody is told
    within the profile's limit, by a message or by the refusal of each entry with a reason; after the access
    is back and the connection authorised again, every deal is in the CRM once and changes made there are shown. Source:
    catalogue E6 (D26), guide Q3.2.
    """
    own, limit = {prm.info.partner_field: data.partner}, data.limits["connection_alert_minutes"]
    yield settled
    began = crm.clock.now()
    before = prm.notifications() if prm.offers("notify") else []
    crm.logins.lock()
    told, waited = "", 0.0
    try:
        deals = [prm.submit(data.deal("Locked out"), as_partner=data.partner) for _ in range(4)]
        changed = crm.create(prm.deal, data.deal("Locked out") | own)
        evidence.exercised("deals submitted meanwhile")
        for _ in range(4):
            yield settled
            waited = (crm.clock.now() - began).total_seconds() / 60
            notes = prm.notifications() if prm.offers("notify") else []
            notes = [note for note in notes if note.at >= began and note not in before]
            if notes:
                told = f"by a message ({notes[0].subject})"
                waited = (min(note.at for note in notes) - began).total_seconds() / 60
            if told or waited > limit:
                break
        refused = [deal for deal in deals if not deal.taken]
        if not told and len(refused) == len(deals) and all(deal.outcome.messages for deal in refused):
            told, waited = "at each entry", 0.0
        if not any(in_crm(crm, deal) for deal in deals):
            evidence.exercised("login refused")
        evidence.expect(
            "somebody is told", f"within {limit:g} min", told or "nobody", ok=bool(told), note="missing"
        )
        if told:
            evidence.metric(
                "time until somebody was told", waited, "min", limit=max(limit, data.cycle_seconds / 60)
            )
    finally:
        crm.logins.restore()
    prm.authorise_again()
    taken = [deal for deal in deals if deal.taken]
    for _ in range(4):
        yield settled
        if not arrived_once(crm, taken)[1] and prm.read(changed) is not None:
            break
    _, lost, copies = arrived_once(crm, taken)
    evidence.expect("deals in the CRM afterwards", len(taken), len(taken) - lost)
    evidence.expect("extra copies", 0, copies)
    evidence.expect("change made in the CRM meanwhile", "shown", "shown" if prm.read(changed) else "missing")
    evidence.fact(
        how=told or "nobody",
        who=f"somebody {told}" if told else "nobody",
        sent=len(taken),
        lost=lost,
        copies=copies,
    )
