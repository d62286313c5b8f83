"""Starting, filling, connecting to and steering one sandbox CRM."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta, tzinfo
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prm_harness._version import __version__
from prm_harness.crm.backend import (
    Clock,
    Faults,
    Hooks,
    Logins,
    OrgFacts,
    People,
    Power,
    Quota,
    RequestLog,
    Row,
    SchemaChanges,
)
from prm_harness.crm.clock import VirtualClock
from prm_harness.crm.faults import FaultBox
from prm_harness.crm.hooks import HookBox
from prm_harness.crm.log import ExchangeLog
from prm_harness.crm.org.errors import NotFoundError, OrgError
from prm_harness.crm.org.keeping import Keeper, open_org, read_file
from prm_harness.crm.org.org import Org
from prm_harness.crm.org.templates import standard_org
from prm_harness.crm.orgfile.templates import DESCRIBED, described_org
from prm_harness.crm.quota import DailyQuota
from prm_harness.crm.salesforce.http import Request, Response
from prm_harness.crm.salesforce.sessions import Credentials, Sessions, credentials_for, my_domain
from prm_harness.crm.salesforce.wire import Wire
from prm_harness.crm.sandbox.asking import asking
from prm_harness.crm.sandbox.logins import SandboxLogins
from prm_harness.crm.sandbox.people import SandboxPeople
from prm_harness.crm.sandbox.schema import SandboxSchema

if TYPE_CHECKING:
    from prm_harness.crm.salesforce.streaming.outbound import Outbox
    from prm_harness.crm.salesforce.transport.server import Server

_Saved = TypeVar("_Saved")


class MakeOrg(Protocol):
    """Makes an org in a database file, or in memory."""

    def __call__(self, *, seed: int, now: Callable[[], datetime], path: str) -> Org:
        """The org."""
        ...


TEMPLATES: Final[dict[str, MakeOrg]] = {
    "standard": standard_org,
    **{name: described_org(name) for name in DESCRIBED},
}
DAILY_CALLS: Final = 100_000
"""API calls a day at the start, an Enterprise org's base allowance."""


class Sandbox:
    """A CRM under the harness's control; implements :class:`~prm_harness.crm.backend.Crm` with every power.

    Records are changed here as the org's sales user, never as the integration user. All of it, and the wire's
    handling of a request, happens under one lock, so a check and a PRM may work at the same time.
    """

    def __init__(
        self,
        *,
        seed: int,
        template: str = "standard",
        clock: Clock | None = None,
        path: str = ":memory:",
        make: MakeOrg | None = None,
    ) -> None:
        """Make the org. The same seed makes the same ids, credentials and addresses.

        ``make`` makes another org than the template's, which ``template`` then only names.

        Raises:
            ValueError: no such template.
        """
        if make is None and template not in TEMPLATES:
            raise ValueError(f"unknown org template {template!r}; known: {', '.join(TEMPLATES)}")
        self.clock: Clock = clock or VirtualClock()
        self._lock = RLock()
        self._org = (make or TEMPLATES[template])(seed=seed, now=self.clock.now, path=path)
        self._org.pass_time_with(self.clock.advance if self.clock.virtual else None)
        self._keep = Keeper(self._org, seed=seed, template=template).keep if path != ":memory:" else _nothing
        self._keep()
        log, quota = ExchangeLog(), DailyQuota(self.clock, maximum=DAILY_CALLS, zone=self._zone)
        faults, hooks = FaultBox(seed, self.clock.now), HookBox()
        log.follow(self._org.changes)
        self._org.watch_commits(log.committed)
        self.log: RequestLog = log
        self.faults: Faults = faults
        self.hooks: Hooks = hooks
        self.quota: Quota = quota
        self.schema: SchemaChanges = SandboxSchema(self._org, self._lock, self._keep)
        self.people: People = SandboxPeople(self._org, self._lock, self._keep)
        self.facts = OrgFacts(
            id=self._org.id,
            template=template,
            seed=seed,
            integration_user=self._org.integration_id,
            version=__version__,
            powers=frozenset(Power),
        )
        self._domain = my_domain(seed)
        username = str(self._org.get("User", self._org.integration_id)["Username"])
        self._sessions = Sessions(
            org_id=self._org.id,
            user_id=self._org.integration_id,
            credentials=credentials_for(seed, username, "https://login.salesforce.com"),
            clock=self.clock,
        )
        self.logins: Logins = SandboxLogins(self._org, self._sessions, self._lock)
        self._wire = Wire(
            org=self._org,
            seed=seed,
            clock=self.clock,
            lock=self._lock,
            log=log,
            faults=faults,
            hooks=hooks,
            quota=quota,
            sessions=self._sessions,
            keep=self._keep,
        )

    @classmethod
    def reopen(cls, path: str, *, clock: Clock | None = None) -> Self:
        """The org that a sandbox kept in a file, with its ids, credentials and address.

        Sessions, bulk jobs, cursors, the request log and the events of before are gone, as are faults and hooks. A
        virtual clock that is left out goes on from the latest SystemModstamp.

        Raises:
            NotAnOrgError: there is no org in the file.
            FileInUseError: another sandbox has it open.
        """
        known = read_file(path)
        return cls(
            seed=known["seed"],
            template=known["template"],
            clock=clock or VirtualClock(known["latest"]),
            path=path,
            make=open_org,
        )

    # -- records, as the CRM's own people -----------------------------------------------------------------------

    def create(
        self, sobject: str, rows: Iterable[Mapping[str, Any]], *, audit: Mapping[str, Any] | None = None
    ) -> list[str]:
        """Insert as the sales user, all or nothing; returns ids. ``audit`` backdates the system dates.

        Raises:
            CrmRefusal: the org refused a row.
        """
        with self._asking("create", sobject), self._org.transaction():
            given = list(rows)
            if audit or len(given) < 2:
                return [self._org.insert(sobject, row, user=self._org.sales_id, audit=audit) for row in given]
            return _all_of(self._org.insert_records(sobject, given, user=self._org.sales_id))

    def update(
        self, sobject: str, record_id: str, values: Mapping[str, Any], *, quietly: bool = False
    ) -> None:
        """Change as the sales user; ``quietly`` leaves the system dates alone.

        Raises:
            CrmRefusal: the org refused.
        """
        silence = self._wire.streams.silence() if quietly else nullcontext()
        with self._asking("update", sobject), silence:
            self._org.update(sobject, record_id, values, user=self._org.sales_id, quietly=quietly)

    def change(self, sobject: str, changes: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Change many records as the sales user, all or nothing, in one transaction.

        Raises:
            CrmRefusal: the org refused a row.
        """
        with self._asking("change", sobject), self._org.transaction():
            _all_of(self._org.update_many(sobject, list(changes), user=self._org.sales_id))

    def seed(self, profile: str) -> dict[str, int]:
        """Fill the org with ten years of records, by size profile; returns how many rows each object got.

        They are history: the change log and the events begin after them. The org's seed and clock decide about them.

        Raises:
            ValueError: no such profile, or an org without the fields that they have.
        """
        from prm_harness.crm.sandbox.seeding import add_history

        with self._asking("seed", profile):
            return add_history(self._org, profile, seed=self.facts.seed, now=self.clock.now())

    @contextmanager
    def late(self, seconds: float) -> Iterator[None]:
        """Stamp what is saved inside so many seconds ago, so that polls which already happened have missed it."""
        with self._lock, self._org.late(seconds):
            yield

    def delete(self, sobject: str, record_id: str) -> None:
        """Delete (into the recycle bin) as the sales user.

        Raises:
            CrmRefusal: the org refused.
        """
        with self._asking("delete", sobject):
            self._org.delete(sobject, record_id, user=self._org.sales_id)

    def merge(self, sobject: str, winner_id: str, loser_ids: Sequence[str]) -> None:
        """Merge one or two duplicates into a winner as the sales user.

        Raises:
            CrmRefusal: the org refused.
        """
        with self._asking("merge", sobject):
            self._org.merge(sobject, winner_id, loser_ids, {}, user=self._org.sales_id)

    def content(self, version_id: str) -> bytes:
        """The bytes of a ContentVersion; none where there is no such version."""
        with self._asking("content", version_id):
            found = self._org.blob("ContentVersion", version_id, "VersionData")
        return b64decode(found[0]) if found else b""

    def get(self, sobject: str, record_id: str) -> Row | None:
        """All fields of a live record, or None."""
        with self._asking("get", sobject):
            try:
                return dict(_plain(self._org.get(sobject, record_id)))
            except NotFoundError:
                return None

    def query(self, soql: str) -> list[Row]:
        """Run SOQL as an admin; all rows, without their ``attributes``.

        Raises:
            CrmRefusal: the org cannot run it.
        """
        with self._asking("query", soql):
            return [_plain(row) for row in self._org.query(soql, user=self._org.admin_id).records]

    def convert_lead(
        self,
        lead_id: str,
        *,
        account_id: str | None = None,
        contact_id: str | None = None,
        opportunity: bool = True,
    ) -> Row:
        """Convert as the sales user; returns accountId, contactId, opportunityId.

        Raises:
            CrmRefusal: the org refused.
        """
        with self._asking("convert", "Lead"):
            return dict(
                self._org.convert_lead(
                    lead_id,
                    user=self._org.sales_id,
                    account_id=account_id,
                    contact_id=contact_id,
                    opportunity=opportunity,
                )
            )

    def hold_rows(self, record_ids: Sequence[str], seconds: float) -> None:
        """Hold rows for so many seconds of the CRM's clock, as another user's transaction does; 0 lets go.

        Saves of these rows, and of rows that name them in a lookup, wait up to ten seconds, which pass on a virtual
        clock, and are refused with UNABLE_TO_LOCK_ROW when that is not enough.

        Raises:
            CrmRefusal: an id is none.
        """
        with self._asking("hold", "rows"):
            self._org.hold_rows(record_ids, seconds)

    def plan_twin(self, record_id: str) -> str:
        """Make the next new record of an object have the id of this one but for the case of a letter; returns it.

        Whoever creates that record: two such ids are one where a system compares 15 characters without case.

        Raises:
            CrmRefusal: no id, or every such id is in use.
        """
        with self._asking("plan a twin of", record_id):
            return self._org.plan_twin(record_id)

    def capture_changes(self, objects: Iterable[str]) -> None:
        """Switch Change Data Capture on for these objects and off for all others.

        A new org has it on for custom objects and for the standard ones that partners work with.
        """
        with self._lock:
            self._org.event_channels.capture(objects)

    def outbox(self) -> Outbox:
        """The org's outbound messages: ``define`` one, and ``deliver`` what is due by the org's clock.

        Nothing is sent by itself: whoever lets the time pass says when.
        """
        from prm_harness.crm.salesforce.streaming.outbound import Outbox

        with self._lock:
            if self._wire.streams.outbox is None:
                self._wire.streams.outbox = Outbox(
                    self._org,
                    self._lock,
                    self.clock.now,
                    origin=self.instance_url,
                    open_session=self._sessions.open,
                    seed=self.facts.seed,
                )
            return self._wire.streams.outbox

    # -- being connected to -------------------------------------------------------------------------------------

    @property
    def login_url(self) -> str:
        """Where an in-process client logs in."""
        return self._sessions.credentials.login_url

    @property
    def instance_url(self) -> str:
        """The org's My Domain address, as in-process clients see it."""
        return f"https://{self._domain}"

    def credentials(self) -> Credentials:
        """What the integration user logs in with; ``login_url`` is the in-process one."""
        return self._sessions.credentials

    def open_session(self, user: str = "") -> str:
        """A new session id of the integration user, or of the user with that id: an access token without a login."""
        with self._lock:
            return self._sessions.open(user=user)

    def app_private_key(self) -> str:
        """The key (PEM) whose signature on a JWT bearer assertion the connected app accepts."""
        with self._lock:
            return self._wire.keys.app_private_pem()

    def limit_refresh_tokens(self, unused_for: timedelta | None) -> None:
        """Refresh tokens that were not used for so long are dead; None: they live until revoked, as at the start."""
        with self._lock:
            self._sessions.refresh_lifetime = unused_for

    def objects(self) -> list[str]:
        """API names of the org's objects."""
        with self._lock:
            return list(self._org.schema.objects)

    def expire_sessions(self) -> None:
        """End every open session: the next request of each gets 401 ``INVALID_SESSION_ID``."""
        self.logins.expire()

    def handle(self, request: Request) -> Response:
        """Answer one request of the wire protocol; what every transport calls."""
        return self._wire.handle(request)

    def in_process(self) -> AbstractContextManager[None]:
        """While open, ``requests`` clients of this process reach the sandbox at Salesforce's own host names."""
        from prm_harness.crm.salesforce.transport.in_process import in_process

        return in_process(self.handle, self._domain, sleep_on_delay=not self.clock.virtual)

    def serve(self, port: int = 0) -> Server:
        """Serve on loopback in a background thread; ``.url`` is the address, ``.stop()`` or ``with`` ends it.

        Raises:
            OSError: the port is taken.
        """
        from prm_harness.crm.salesforce.transport.server import Server

        return Server(self.handle, port=port, sleep_on_delay=not self.clock.virtual)

    def close(self) -> None:
        """Close the org's database."""
        with self._lock:
            self._keep()
            self._org.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _zone(self) -> tzinfo:
        (name,) = self._org.connection.execute('SELECT "TimeZoneSidKey" FROM "Organization"').fetchone()
        try:
            return ZoneInfo(name or "UTC")
        except (ZoneInfoNotFoundError, ValueError):
            return UTC

    def _asking(self, what: str, subject: str) -> AbstractContextManager[None]:
        return asking(self._lock, self._keep, f"{what} {subject}")


def _nothing() -> None:
    """An org in memory has nothing to keep."""


def _all_of(outcomes: list[_Saved | OrgError]) -> list[_Saved]:
    """What was saved.

    Raises:
        OrgError: the first refusal among the outcomes.
    """
    for outcome in outcomes:
        if isinstance(outcome, OrgError):
            raise outcome
    return [outcome for outcome in outcomes if not isinstance(outcome, OrgError)]


def _plain(value: Any) -> Any:
    """Rows without ``attributes``, at every depth."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key != "attributes"}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
