"""The CRM as a check sees it: every touch leaves a line of evidence, every power must have been declared."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, cast

from prm_harness.audit.canonical import shown
from prm_harness.audit.faults import HarnessMisuse
from prm_harness.audit.tape import Tape
from prm_harness.crm import backend
from prm_harness.crm.backend import Power, Row, RowChange

from .evidence import Evidence
from .powers import Noted, Seen, SetAndHeld
from .witness import Witness


@dataclass(frozen=True, slots=True)
class CrmRecord:
    """A record that the check made in the CRM; ``values`` are what was sent."""

    sobject: str
    id: str
    values: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its Name (for people: the last name, which carries the nonce)."""
        return str(self.values.get("Name") or self.values.get("LastName") or self.id)


class Crm:
    """Handed to each check as ``crm``. Acts as a person in the CRM, never as the PRM's integration user."""

    def __init__(
        self, crm: backend.Crm, evidence: Evidence, powers: frozenset[Power], tape: Tape | None = None
    ) -> None:
        self._crm = crm
        self._tape = tape or Tape(crm.clock.now)
        self._evidence = evidence
        self._powers = powers
        self._start = crm.log.mark()
        self._witness = Witness(crm)

    # -- records --------------------------------------------------------------------------------------------------

    def create(
        self, sobject: str, values: Mapping[str, Any], *, audit: Mapping[str, Any] | None = None
    ) -> CrmRecord:
        """Insert one record; ``audit`` sets CreatedDate, LastModifiedDate, SystemModstamp (history)."""
        return self.create_all(sobject, [values], audit=audit)[0]

    def create_all(
        self, sobject: str, rows: Sequence[Mapping[str, Any]], *, audit: Mapping[str, Any] | None = None
    ) -> list[CrmRecord]:
        """Insert several.

        Raises:
            CrmRefusal: the org refused; the check ends *inconclusive*, its arrangement did not come about.
            Inconclusive: nothing was written, as after any other change of a record here.
        """
        answered = self._tape.act(
            "crm", "create", sobject, values={"audit": audit} if audit else None, rows=rows
        )
        with self._witness.rows(f"{sobject}: {len(rows)} created", len(rows)):
            ids = self._crm.create(sobject, rows, audit=audit)
        answered(f"{len(ids)} made", ids)
        first = CrmRecord(sobject, ids[0], rows[0]).name if ids else ""
        self._evidence.did(
            f"{sobject}: {len(ids)} created, first {first!r}"
            if len(ids) > 1
            else f"{sobject} {first!r} created"
        )
        return [CrmRecord(sobject, id_, row) for id_, row in zip(ids, rows, strict=True)]

    def update(self, record: CrmRecord, values: Mapping[str, Any], *, quietly: bool = False) -> None:
        """Change a record; ``quietly`` leaves its timestamps alone."""
        how = "update quietly" if quietly else "update"
        answered = self._tape.act("crm", how, record.sobject, record.id, values)
        with self._witness.rows(f"{record.sobject} {record.name!r} changed"):
            self._crm.update(record.sobject, record.id, values, quietly=quietly)
        answered("done")
        changes = ", ".join(f"{k} := {shown(v)}" for k, v in values.items())
        self._evidence.did(f"{record.sobject} {record.name!r}: {changes}")

    def change_all(self, changes: Sequence[tuple[CrmRecord, Mapping[str, Any]]]) -> None:
        """Change many records of one object at once: bursts of thousands are cheap.

        Raises:
            CrmRefusal: the org refused; nothing was changed.
        """
        if not changes:
            return
        sobject = changes[0][0].sobject
        with self._witness.rows(f"{sobject}: {len(changes)} changed", len(changes)):
            self._crm.change(sobject, [(record.id, values) for record, values in changes])
        self._evidence.did(f"{sobject}: {len(changes)} changed, first {changes[0][0].name!r}")

    def late(self, seconds: float) -> AbstractContextManager[None]:
        """What is saved inside carries timestamps of so many seconds ago: polls that already happened missed it."""
        self._evidence.did(f"transactions that began {seconds:g} s ago commit only now")
        return self._crm.late(seconds)

    def delete(self, record: CrmRecord) -> None:
        """Delete a record (to the recycle bin)."""
        answered = self._tape.act("crm", "delete", record.sobject, record.id)
        with self._witness.rows(f"{record.sobject} {record.name!r} deleted"):
            self._crm.delete(record.sobject, record.id)
        answered("done")
        self._evidence.did(f"{record.sobject} {record.name!r} deleted")

    def merge(self, winner: CrmRecord, *losers: CrmRecord) -> None:
        """Merge duplicates into the winner as a salesperson would; their children move with them."""
        with self._witness.rows(f"{winner.sobject} {winner.name!r} merged", len(losers)):
            self._crm.merge(winner.sobject, winner.id, [loser.id for loser in losers])
        gone = ", ".join(repr(loser.name) for loser in losers)
        self._evidence.did(f"{winner.sobject} {gone} merged into {winner.name!r}")

    def convert(self, lead: CrmRecord, **options: Any) -> Row:
        """Convert a Lead as a salesperson would; returns accountId, contactId, opportunityId."""
        answered = self._tape.act("crm", "convert", "Lead", lead.id, options)
        with self._witness.rows(f"Lead {lead.name!r} converted"):
            result = self._crm.convert_lead(lead.id, **options)
        answered("done", [made for made in result.values() if isinstance(made, str)])
        self._evidence.did(f"Lead {lead.name!r} converted to Opportunity {result.get('opportunityId')}")
        return result

    def get(self, record: CrmRecord | str, sobject: str = "") -> Row | None:
        """All fields of a live record, or None."""
        return self._crm.get(sobject or _sobject_of(record), record if isinstance(record, str) else record.id)

    def named(self, sobject: str, name: str, field: str = "Name") -> list[Row]:
        """Live records of exactly that name: how a check finds what the PRM made of a submission."""
        text = name.replace("\\", "\\\\").replace("'", "\\'")
        hits = self._crm.query(f"SELECT Id FROM {sobject} WHERE {field} = '{text}'")
        rows = [row for hit in hits if (row := self._crm.get(sobject, hit["Id"])) is not None]
        for row in rows:
            self._tape.knows(row.get("Id"), name=name)
        self._evidence.did(f"{sobject} named {name!r}: {len(rows)} found")
        return rows

    def query(self, soql: str) -> list[Row]:
        """Run SOQL as an admin."""
        rows = self._crm.query(soql)
        for row in rows:
            self._tape.knows(row.get("Id"), name=str(row.get("Name") or ""))
        return rows

    def attach(self, record: CrmRecord, name: str, content: bytes) -> None:
        """Put a file on a record, as a salesperson would."""
        answered = self._tape.act(
            "crm", "attach", record.sobject, record.id, {"name": name, "bytes": len(content)}
        )
        row = {
            "Title": name.rsplit(".", 1)[0],
            "PathOnClient": name,
            "VersionData": b64encode(content).decode("ascii"),
            "FirstPublishLocationId": record.id,
        }
        with self._witness.rows(f"file {name!r} attached"):
            self._crm.create("ContentVersion", [row])
        answered("done")
        self._evidence.did(
            f"{record.sobject} {record.name!r}: file {name!r} of {len(content)} bytes attached"
        )

    def content(self, version_id: str) -> bytes:
        """The bytes of a file version."""
        return self._crm.content(version_id)

    def describe(self, sobject: str) -> Mapping[str, Mapping[str, Any]]:
        """Field API name → type, length, values and so on; what `evidence.compare` needs."""
        return self._crm.schema.describe(sobject)

    def plan_twin(self, record_id: str) -> str:
        """Make the next new record of that object have an id that differs from this one by case only; returns it."""
        self._need(Power.RECORD_IDS)
        twin = self._crm.plan_twin(record_id)
        self._evidence.did(
            f"the next record of that object will be {twin}, which differs from {record_id} by case only"
        )
        return twin

    # -- powers ---------------------------------------------------------------------------------------------------

    def written_by_prm(self, record_id: str | None = None, sobject: str | None = None) -> Sequence[RowChange]:
        """Row changes that the PRM made since this check began."""
        self._need(Power.REQUEST_LOG)
        return self._crm.log.changes(
            since=self._start[1], user=self._crm.facts.integration_user, sobject=sobject, record_id=record_id
        )

    @property
    def log(self) -> backend.RequestLog:
        """The CRM's request log."""
        self._need(Power.REQUEST_LOG)
        return self._crm.log

    @property
    def faults(self) -> backend.Faults:
        """Trouble to switch on and off."""
        self._need(Power.FAULTS)
        return cast("backend.Faults", Noted(self._crm.faults, self._tape, "faults", {"inject", "heal"}))

    @property
    def hooks(self) -> backend.Hooks:
        """Arrangements that wait for a request of the PRM."""
        self._need(Power.HOOKS)
        return self._crm.hooks

    @property
    def logins(self) -> backend.Logins:
        """What admins do to the integration user's access."""
        self._need(Power.LOGINS)
        return cast("backend.Logins", Seen(self._crm.logins, self._witness.rows, {"lock"}, "logins"))

    @property
    def quota(self) -> backend.Quota:
        """The daily API allowance."""
        self._need(Power.QUOTA)
        return cast(
            "backend.Quota", Noted(SetAndHeld(self._crm.quota, self._witness), self._tape, "quota", {"set"})
        )

    @property
    def people(self) -> backend.People:
        """Users, roles, permissions and sharing."""
        self._need(Power.SCHEMA_CHANGE)
        return cast("backend.People", Seen(self._crm.people, self._witness.rows, None, "people"))

    @property
    def schema(self) -> backend.SchemaChanges:
        """What an org admin changes while everything runs."""
        self._need(Power.SCHEMA_CHANGE)
        seen = Seen(self._crm.schema, self._witness.schema, None, "schema")
        return cast("backend.SchemaChanges", Noted(seen, self._tape, "schema"))

    @property
    def clock(self) -> backend.Clock:
        """The CRM's clock (reading it needs no power)."""
        return self._crm.clock

    @property
    def integration_user(self) -> str:
        """Id of the user as whom the PRM works."""
        return self._crm.facts.integration_user

    def _need(self, power: Power) -> None:
        if power not in self._powers:
            raise HarnessMisuse(f"the check used the CRM power {power.value!r} without declaring it")


def _sobject_of(record: CrmRecord | str) -> str:
    if isinstance(record, CrmRecord):
        return record.sobject
    raise HarnessMisuse("crm.get(id) needs the sObject name as well")
