"""Q1.2 and Q1.3: who sets the integration up, and how long it takes."""

from __future__ import annotations

from typing import Final

from prm_harness import Course, Crm, CrmRefusal, Data, Evidence, Portal, check, connected, settled


@check(
    "S1",
    question="Q1.3",
    title="The setup takes the time that was promised",
    needs=("setup",),
    effects={"setup steps listed", "data flows after the setup"},
    catches=("setup-needs-many-manual-steps",),
    passed="{by_hand:~step} by hand, {minutes:~minute} of somebody's time, and data flowed.",
    failed="{by_hand} of {steps} setup steps are done by hand and take {minutes:~minute}, where {limit:g} were allowed: "
    "the go-live date moves, and so does every later change of the org.",
)
def setup_takes_the_promised_time(prm: Portal, evidence: Evidence, data: Data) -> Course:
    """The steps that led from nothing to a portal in which data flows are counted and their minutes added up.

    A setup that takes weeks in an org like yours is a project, not a product. Judged: hands-on minutes against the
    profile's limit, and against the vendor's own figure plus the profile's tolerance where it gave one; waiting for
    the vendor is judged by S2. Source: catalogue S1, guide Q1.3.
    """
    barrier = yield settled
    steps = list(prm.setup_steps())
    by_hand = [step for step in steps if step.actor != "automatic"]
    minutes = sum(step.hands_on_minutes for step in by_hand)
    limits = [data.limits["setup_hands_on_minutes"]]
    if prm.info.declared_setup_minutes is not None:
        limits.append(
            prm.info.declared_setup_minutes * (1 + data.limits["setup_over_declared_percent"] / 100)
        )
    for step in steps:
        evidence.saw(f"{step.actor}: {step.title} ({step.hands_on_minutes:g} min hands on)")
    evidence.grade = "C" if by_hand else evidence.grade
    evidence.exercised("setup steps listed")
    if barrier.passed:
        evidence.exercised("data flows after the setup")
    evidence.metric("hands-on setup", minutes, "min", limit=min(limits))
    evidence.fact(steps=len(steps), by_hand=len(by_hand), minutes=minutes, limit=min(limits))


@check(
    "S2",
    question="Q1.2",
    title="The buyer's own people can set it up",
    needs=("setup",),
    effects={"setup steps listed", "data flows after the setup"},
    catches=("vendor-only-setup-step",),
    passed="None of the {steps} setup steps needs the vendor: {admin} are the admin's, the rest happen by themselves.",
    failed="{vendor} of {steps} setup steps can only be done by the vendor, with {hours:g} hours of waiting: every "
    "sandbox, every re-connection and every change queues behind a ticket.",
)
def own_people_can_set_it_up(prm: Portal, evidence: Evidence) -> Course:
    """Each setup step is written down with who does it: the product, the buyer's admin, or the vendor.

    Who owns the setup also owns its repair. Judged: no step that only the vendor can do; the list is the RACI that a
    buyer should ask for. Source: catalogue S2, guide Q1.2.
    """
    barrier = yield settled
    steps = list(prm.setup_steps())
    for step in steps:
        evidence.expect(
            step.title, "the admin or the product", step.actor, ok=step.actor != "vendor", note="vendor only"
        )
    vendor = [step for step in steps if step.actor == "vendor"]
    evidence.exercised("setup steps listed")
    if barrier.passed:
        evidence.exercised("data flows after the setup")
    evidence.fact(
        steps=len(steps),
        vendor=len(vendor),
        admin=sum(step.actor == "admin" for step in steps),
        hours=sum(step.waiting_minutes for step in vendor) / 60,
    )


_SCHEMA_WRITES: Final = ("write.tooling.", "write.soap.metadata", "write.metadata")


@check(
    "S3",
    question="Q1.2",
    title="It changes in the CRM what it said it would",
    powers=("request_log", "schema_change"),
    stage="before_connect",
    effects={"portal connected"},
    catches=("makes-fields-it-never-declared",),
    passed="The portal added {fields} fields to the CRM, all of them declared beforehand, and asked for {permissions}.",
    failed="The portal changed {undeclared} things in the CRM that it had not declared ({which}): your admins find fields "
    "and rules that nobody ordered, and cannot tell what may be removed.",
)
def changes_what_it_declared(crm: Crm, prm: Portal, evidence: Evidence) -> Course:
    """The fields of every object that the portal works with are listed before and after it is connected.

    What a product leaves in an org outlives the contract with it. Judged: no field appeared, vanished or changed its type
    besides those that the product declares, no schema was written through the metadata or tooling API besides them, and
    what was declared is there. Packages, permissions and objects asked for are listed. Source: catalogue S3, guide Q1.2.
    """
    wanted = prm.prerequisites
    kinds = sorted({*prm.info.kinds, *wanted.objects, prm.deal})
    declared = {(field.sobject, field.name) for field in wanted.fields}
    before = {kind: _fields(crm, kind) for kind in kinds}
    since = crm.log.mark()[0]
    barrier = yield connected
    if barrier.passed or crm.log.exchanges(since=since, user=crm.integration_user, route="read"):
        evidence.exercised("portal connected")
    strange: list[str] = []
    for kind in kinds:
        after = _fields(crm, kind)
        changed = {name for name in {*before[kind], *after} if before[kind].get(name) != after.get(name)}
        strange += [f"{kind}.{name}" for name in sorted(changed) if (kind, name) not in declared]
    for kind, name in sorted(declared):
        there = name in _fields(crm, kind)
        evidence.expect(f"declared field {kind}.{name}", "there", "there" if there else "missing")
    log = crm.log.exchanges(since=since, user=crm.integration_user)
    writes = [e for e in log if e.route.startswith(_SCHEMA_WRITES) and e.status < 300]
    strange += [f"{e.method} {e.path.rsplit('/tooling/', 1)[-1]}" for e in writes if not strange]
    evidence.expect("changes that were not declared", "none", ", ".join(strange) or "none")
    for what, listed in (
        ("packages", wanted.packages),
        ("permissions", wanted.permissions),
        ("objects", wanted.objects),
    ):
        evidence.saw(f"{what} asked for: {', '.join(listed) or 'none'}")
    evidence.fact(
        fields=len(declared),
        permissions=", ".join(wanted.permissions) or "no permission",
        undeclared=len(strange),
        which=", ".join(strange[:6]),
    )


def _fields(crm: Crm, kind: str) -> dict[str, str]:
    """Field → type; the harness's own install of what was declared is part of connecting."""
    try:
        return {name: str(field["type"]) for name, field in crm.describe(kind).items()}
    except CrmRefusal:
        return {}
