"""Submitting, reading and listing: is it all there, is it what the product holds, and does reading only read?"""

from __future__ import annotations

from typing import Any, Final

from prm_harness.adapter import AdapterFault, Capability, NotSupported, Record, Ref

from .bench import NOBODY, Bench
from .report import Kind

HOW_MANY: Final = 30
"""Records that are submitted: more than the default page of most APIs."""

LATE: Final = 2.0
"""Seconds after which a call is called slow."""


def submitting(bench: Bench) -> None:
    """Plain deals, and something that no portal knows."""
    kind = bench.info.deal_target
    for number in range(HOW_MANY):
        values = _values(bench, number)
        outcome = bench.tried("submit", kind, values, as_partner=bench.partner, core=True)
        if outcome is None:
            return
        if outcome.state == "rejected":
            said = "; ".join(outcome.messages) or "without a reason"
            bench.report.add(
                Kind.WRONG, "submit", f"a plain {kind} was rejected: {said}",
                "the portal must take a deal with name, stage, amount and close date; say in the messages what it wants",
            )  # fmt: skip
            return
        if outcome.prm_id is None:
            bench.report.add(
                Kind.WRONG, "submit", f"{outcome.state}, but without a prm_id",
                "hand out the id that the portal gave the record; without it, it is looked for by name",
            )  # fmt: skip
            return
        bench.made[outcome.prm_id] = values
    if len(bench.made) < HOW_MANY:
        bench.report.add(
            Kind.WRONG, "submit", f"{HOW_MANY} records were accepted and only {len(bench.made)} ids given out",
            "every record needs an id of its own",
        )  # fmt: skip
    try:
        strange = bench.call("submit", "No_Such_Object__c", {"Name": "x"})
    except NotSupported:
        return
    except AdapterFault as fault:
        bench.report.add(
            Kind.WRONG, "submit", f"an object that the portal does not have: {fault.what}",
            "refuse it: return an Outcome `rejected` with a message, or raise NotSupported",
        )  # fmt: skip
        return
    if strange.state == "accepted":
        bench.report.add(
            Kind.DISHONEST, "submit", "a record of an object that does not exist was accepted",
            "hand on what the product says; do not answer `accepted` by yourself",
        )  # fmt: skip


def reading(bench: Bench) -> None:
    """What was submitted can be read by every kind of name; what was not is not there."""
    kind = bench.info.deal_target
    for prm_id, values in list(bench.made.items())[:3]:
        record = bench.tried("read", kind, Ref(by="prm_id", value=prm_id), core=True)
        if record is None:
            if not bench.report.of("read"):
                bench.report.add(
                    Kind.WRONG, "read", f"{prm_id!r} was accepted, and is not there when read by its prm_id",
                    "show a record from the moment it was accepted, as the portal's own screens do",
                )  # fmt: skip
            return
        by_name = bench.tried("read", kind, Ref(by="name", value=values["Name"]), core=True)
        if by_name is None or by_name.prm_id != prm_id:
            bench.report.add(
                Kind.WRONG, "read", f"by its exact name {values['Name']!r}, {prm_id!r} is not found",
                "look records up by the exact value of Name, too",
            )  # fmt: skip
        _traceable(bench, record)
    if bench.tried("read", kind, NOBODY, core=True) is not None:
        bench.report.add(
            Kind.DISHONEST, "read", "a record that does not exist was shown",
            "return None for what is not there; do not trust a filter that the product may ignore",
        )  # fmt: skip


def listing(bench: Bench) -> None:
    """Everything that can be read is listed."""
    kind = bench.info.deal_target
    records = bench.tried("list", kind, core=True)
    if records is None:
        return
    listed = {record.prm_id for record in records}
    crm_ids = {record.crm_id for record in records if record.crm_id}
    hidden = [prm_id for prm_id in bench.made if prm_id not in listed]
    unseen = [crm_id for crm_id in bench.seeded if crm_id not in crm_ids][:5]
    hidden += [one for one in unseen if bench.call("read", kind, Ref(by="crm_id", value=one)) is not None]
    if hidden:
        bench.report.add(
            Kind.DISHONEST, "list",
            f"{len(records)} records were listed; {len(hidden)} more can be read and are not among them, e.g. {hidden[0]!r}",
            "follow the product's paging to its last page; a page that is short is not the last one",
        )  # fmt: skip


def reading_only_reads(bench: Bench) -> None:
    """Reading must not ask the CRM: it would show what the CRM has, not what the portal has."""
    if bench.info.style == "passthrough":
        bench.report.not_looked_at.append(
            "reading through: it is what this style does, by its own declaration"
        )
        return
    kind = bench.info.deal_target
    ref = Ref(by="prm_id", value=next(iter(bench.made), NOBODY.value))
    for operation, arguments in (("read", (kind, ref)), ("list", (kind,))):
        # Without a driven clock a sync may fall into the same moment; three times in a row it does not.
        seen = [bench.calls_seen(lambda o=operation, a=arguments: bench.call(o, *a)) for _ in range(3)]  # type: ignore[misc]
        if all(seen):
            bench.report.add(
                Kind.DISHONEST, operation, f"each time, the CRM was asked ({seen[0]} requests)",
                "show what the portal holds now; never read through to the CRM, never sync first (style `passthrough` may)",
            )  # fmt: skip


def changing(bench: Bench) -> None:
    """What is changed shows; what is deleted is gone."""
    if not bench.info.offers(Capability.WRITE) or not bench.made:
        return
    kind, prm_id = bench.info.deal_target, next(iter(bench.made))
    ref = Ref(by="prm_id", value=prm_id)
    outcome = bench.tried("update", kind, ref, {"Amount": 4321.5})
    if outcome is not None and outcome.state == "accepted":
        record = bench.tried("read", kind, ref)
        if (
            record is not None
            and "Amount" in record.fields
            and str(record.fields["Amount"]) not in {"4321.5", "4321.50"}
        ):
            bench.report.add(
                Kind.WRONG, "update", f"accepted, and the portal still shows {record.fields['Amount']!r}",
                "answer `held` when the change waits for somebody, `unknown` when the product does not say",
            )  # fmt: skip
    last = list(bench.made)[-1]
    gone = bench.tried("delete", kind, Ref(by="prm_id", value=last))
    if gone is not None and gone.state == "accepted":
        bench.made.pop(last)
        if bench.tried("read", kind, Ref(by="prm_id", value=last)) is not None:
            bench.report.add(
                Kind.WRONG,
                "delete",
                "accepted, and the record is still shown",
                "return None for what the portal deleted",
            )


def slowness(bench: Bench) -> None:
    """Calls that an audit makes by the thousand."""
    for operation in ("read", "submit", "update", "list_errors", "sync_status"):
        stats = bench.report.stats.get(operation)
        if stats is not None and stats.calls and stats.seconds / stats.calls > LATE:
            bench.report.add(
                Kind.SLOW, operation, f"{stats.seconds / stats.calls:.1f} s a call on average",
                f"an audit makes thousands of these; stay under {LATE:g} s: keep one connection open, ask by id, not by list",
            )  # fmt: skip


def _values(bench: Bench, number: int) -> dict[str, Any]:
    year = bench.time.now().year + 1
    return {
        "Name": f"Kit {bench.connection.run_id[-6:]} {number:02d}",
        "StageName": "Prospecting",
        "CloseDate": f"{year}-02-{number % 28 + 1:02d}",
        "Amount": 1000.25 + number,
        "Description": "Café & O'Brien <ok> 🚀",
    }


def _traceable(bench: Bench, record: Record) -> None:
    """Every value must be what the product handed out: it stands in ``raw``, or was made up or repaired on the way."""
    if not record.raw:
        bench.report.add(
            Kind.NOTE, "read", "records come without `raw`, the product's own payload",
            "put the payload there, untouched: it is the evidence that no value was repaired on the way",
        )  # fmt: skip
        return
    leaves = set(_leaves(record.raw))
    for name, value in record.fields.items():
        if value is None or isinstance(value, (bool, dict, list)) or _spelling(value) in leaves:
            continue
        bench.report.add(
            Kind.DISHONEST, "read", f"{name} is {str(value)[:60]!r} in `fields`, and stands nowhere in `raw`",
            "never repair a value: hand over what the product holds, however wrong it is; the harness compares",
        )  # fmt: skip
        return


def _leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, (list, tuple)):
        return [leaf for item in value for leaf in _leaves(item)]
    return [_spelling(value)]


def _spelling(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
