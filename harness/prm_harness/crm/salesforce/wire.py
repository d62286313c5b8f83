"""The wire's core: one synchronous ``handle`` from request to answer, the same for every transport."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from prm_harness.crm.backend import Clock, FaultSpec
from prm_harness.crm.faults import FaultBox
from prm_harness.crm.hooks import HookBox
from prm_harness.crm.log import ExchangeLog
from prm_harness.crm.org.errors import MultipleMatchesError, OrgError, SandboxGapError
from prm_harness.crm.org.standard.elsewhere import lacking_in
from prm_harness.crm.quota import LONG, DailyQuota
from prm_harness.crm.salesforce import entry, troubled
from prm_harness.crm.salesforce.bulk.jobs import BulkState
from prm_harness.crm.salesforce.call import Call, Tally
from prm_harness.crm.salesforce.cursors import Cursors
from prm_harness.crm.salesforce.dates import http_date
from prm_harness.crm.salesforce.errors import WireError, crashed, gap, of_org, request_error, session_invalid
from prm_harness.crm.salesforce.http import Request, Response, json_response
from prm_harness.crm.salesforce.json_faults import placed
from prm_harness.crm.salesforce.oauth.keys import Keys
from prm_harness.crm.salesforce.router import Route
from prm_harness.crm.salesforce.routes import ROUTER
from prm_harness.crm.salesforce.save_headers import save_options
from prm_harness.crm.salesforce.sessions import Sessions, my_domain, token_of
from prm_harness.crm.salesforce.streaming.bayeux import Bayeux
from prm_harness.crm.salesforce.streaming.streams import Streams
from prm_harness.crm.usage import Kind

if TYPE_CHECKING:
    from prm_harness.crm.org.org import Org

LOGIN_HOSTS: Final = frozenset({"login.salesforce.com", "test.salesforce.com"})
NO_CACHE: Final = "no-cache,must-revalidate,max-age=0,no-store,private"


class Wire:
    """The sandbox's HTTP face. Thread-safe: one lock is held while a request is handled."""

    def __init__(
        self,
        *,
        org: Org,
        seed: int,
        clock: Clock,
        lock: RLock,
        log: ExchangeLog,
        faults: FaultBox,
        hooks: HookBox | None = None,
        quota: DailyQuota,
        sessions: Sessions,
        keep: Callable[[], None] | None = None,
    ) -> None:
        self.org = org
        self.domain = my_domain(seed)
        self.clock = clock
        self.quota = quota
        self.sessions = sessions
        self.keys = Keys()
        self.cursors = Cursors(seed, clock)
        self.bulk = BulkState(seed, clock)
        self.streams = Streams(org, lock=lock, now=clock.now, faults=faults, exchange=lambda: log.current)
        self.bayeux = Bayeux(self.streams, user_of=sessions.user_of, seed=seed)
        self.describes: dict[Any, Any] = {}
        self._lock = lock
        self._request_log = log
        self._keep = keep
        self.faults = faults
        self.hooks = hooks or HookBox()

    # -- addresses ----------------------------------------------------------------------------------------------

    def is_login_host(self, host: str) -> bool:
        """Whether it is one of Salesforce's shared login hosts."""
        return host.lower() in LOGIN_HOSTS

    def instance_url(self, request: Request) -> str:
        """Where the org answers: the host that was asked, unless that only logs in."""
        if self.is_login_host(request.host) or not request.host:
            return f"https://{self.domain}"
        return request.origin

    def login_origin(self, request: Request) -> str:
        """Where identity addresses point: Salesforce's login host, or the sandbox's own when reached by another."""
        host = request.host.lower()
        if self.is_login_host(host):
            return f"https://{host}"
        return "https://login.salesforce.com" if host in {"", self.domain} else request.origin

    @property
    def exchange_number(self) -> int | None:
        """Number of the request that is being handled now."""
        return self._request_log.current

    # -- one request --------------------------------------------------------------------------------------------

    def handle(self, request: Request) -> Response:
        """Answer one request, whatever it is; never raises.

        A ``dropped`` answer and a ``delay`` are for the transport to carry out.
        """
        with self._lock:
            started = perf_counter()
            number = self._request_log.open()
            packed = len(request.body)
            handling = _Handling(self, request)
            self.streams.request = request
            with self.org.acting(f"request {number}"):
                answer = handling.run()
            if self.faults.armed or self.hooks.waiting:
                handling.afterwards(answer)
            self.streams.request = None
            if self._keep is not None:
                self._keep()
            kind, at, tally = handling.kind(answer), self.clock.now(), handling.call.tally
            sizes = packed, len(answer.body)
            self._request_log.close(
                entry.of(number, at, kind, request, answer, tally, sizes, perf_counter() - started),
                at=at,
                kind=kind,
                rows=(tally.rows_in, tally.rows_out),
            )
            return answer

    def route_part(self, request: Request, *, user: str, tally: Tally) -> Response:
        """Answer one part of a composite request: routed and handled, but not counted, logged or hit by faults."""
        try:
            route, args = ROUTER.find(request.method, request.segments)
            call = Call(self, request, args, user=user, tally=tally)
        except WireError as error:
            return error.response()
        return self.guarded(route, call)

    def guarded(self, route: Route, call: Call) -> Response:
        """Run a handler; every refusal becomes the answer that belongs to it, and so does the sandbox's own failure."""
        try:
            handle = route.handle_or_gap(call)
            if call.request.method == "GET":
                return handle(call)  # reading saves nothing, and is what clients do most
            with self.org.saving_with(save_options(call)):
                return handle(call)
        except WireError as error:
            return (self._elsewhere(error) or error).response()
        except MultipleMatchesError as error:
            sobject = call.sobject().name
            answer = json_response([call.record_url(sobject, record_id) for record_id in error.ids], 300)
            answer.error_code = error.faults[0].code
            return answer
        except OrgError as error:
            base = call.base if "version" in call.args else "/services/data/v60.0"
            refusal = of_org(placed(error, call.request.body), base)
            return (self._elsewhere(refusal) or refusal).response()
        except SandboxGapError as error:
            return gap(str(error)).response()
        except Exception as error:  # noqa: BLE001 - our own failure must not look like the CRM refusing
            return crashed(call.request, error).response()

    def _elsewhere(self, error: WireError) -> WireError | None:
        """An object that every org has and the sandbox has not is the sandbox's gap, not the client's mistake."""
        if error.code != "INVALID_TYPE":
            return None
        name = lacking_in(str(error.body), self.org.schema)
        return gap(name) if name else None

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What is done inside is the work of the CRM's own people, although a request is under way."""
        request, self.streams.request = self.streams.request, None
        try:
            with self._request_log.aside(), self.org.acting(""):
                yield
        finally:
            self.streams.request = request


class _Handling:
    """The steps that one request goes through, and what is known about it afterwards."""

    def __init__(self, wire: Wire, request: Request) -> None:
        self.wire = wire
        self.request = request
        self.call = Call(wire, request, {})
        self.route_class = "unknown"
        self.method = request.method.upper()
        self.fault: FaultSpec | None = None
        self._words: str | None = None

    def run(self) -> Response:
        try:
            answer = self._answer()
        except WireError as error:
            answer = error.response()
        except Exception as error:  # noqa: BLE001 - the same, before and after the handler
            answer = crashed(self.request, error).response()
        answer.headers.setdefault("Cache-Control", NO_CACHE)
        # The org's own time: a client that trusts this header must not meet another clock.
        answer.headers["Date"] = http_date(self.wire.clock.now())
        if self.method == "HEAD":
            answer.body = b""
        return self._apply_fault(answer)

    def _answer(self) -> Response:
        self._normalise()
        route, routing_refusal = self._find()
        is_data = _is_data(self.request)
        if not (route.public if route else not is_data):
            self.call.user = self._authenticate()
        limited = bool(self.call.user) and is_data
        self._meet_trouble()
        fault = self.fault
        if fault is not None and fault.kind in {"reset", "timeout"}:
            return Response(status=0, dropped=True)  # 0 in the log: there was no answer
        if fault is not None and fault.kind == "expire":
            self.wire.sessions.expire_all()
            if not (route.public if route else not is_data):
                raise session_invalid()
        if fault is not None and fault.kind == "status":
            answer = troubled.status_fault(fault, self.route_class, self.request)
        elif limited and self.wire.quota.crowded():
            words = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
            answer = request_error(403, "REQUEST_LIMIT_EXCEEDED", words).response()
        elif limited and not self.wire.quota.take():
            answer = request_error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.").response()
        elif routing_refusal is not None:
            answer = routing_refusal.response()
        else:
            assert route is not None
            answer = self.wire.guarded(route, self.call)
            self._spend(answer)
        if limited:
            answer.headers["Sforce-Limit-Info"] = (
                f"api-usage={self.wire.quota.used}/{self.wire.quota.maximum}"
            )
        return answer

    def _spend(self, answer: Response) -> None:
        """The time that saves waited for rows, and that their automation takes: what runs by itself delays no answer."""
        waited, busy = self.wire.org.time_taken()
        if self.call.tally.background:
            return
        if not self.wire.clock.virtual:
            answer.delay += waited + busy
        elif busy:
            self.wire.clock.advance(busy)

    def _normalise(self) -> None:
        if self.method == "POST":
            override = self.request.header("x-http-method-override") or self.request.header("x-http-method")
            self.method = (override or self.call.params.get("_HttpMethod", "POST")).upper()
        self.request.method = self.method
        if not self.request.body:
            return
        try:
            self.request.body = self.request.decoded_body()
        except ValueError as error:
            raise request_error(
                400, "INVALID_CONTENT_TYPE", f"The request body cannot be read: {error}"
            ) from None

    def _find(self) -> tuple[Route | None, WireError | None]:
        try:
            route, self.call.args = ROUTER.find(self.method, self.request.segments)
        except WireError as error:
            return None, error
        self.route_class = route.route_class(self.request)
        return route, None

    def _authenticate(self) -> str:
        user = self.wire.sessions.user_of(token_of(self.request))
        if user is None:
            raise session_invalid()
        return user

    def kind(self, answer: Response) -> Kind:
        """What this request has in common with others."""
        tally = self.call.tally
        return Kind(
            self.call.user,
            tally.client or entry.client_of(self.request),
            self.method,
            self.route_class,
            answer.status,
            answer.error_code or tally.error_code,
            self.fault.name if self.fault else "",
        )

    def _is_the_portal(self) -> bool:
        return self.call.user in {"", self.wire.org.integration_id}

    def _text(self) -> str:
        if self._words is None:
            body = self.request.body.decode("utf-8", "replace")
            self._words = f"{self.request.path}?{self.request.query}\n{body}"
        return self._words

    def _meet_trouble(self) -> None:
        """What waits for this request of the integration user (or of someone not logged in yet)."""
        wire = self.wire
        if not (wire.hooks.waiting or wire.faults.armed) or not self._is_the_portal():
            return
        self._run_hooks(answered=False)
        if wire.faults.armed:
            self.fault = wire.faults.hit(
                route=self.route_class, method=self.method, text=self._text(), exchange=wire.exchange_number
            )
        if self.fault is not None and self.fault.kind == "rows":
            self.call.tally.refusal = troubled.row_refusal(self.fault)

    def _run_hooks(self, *, answered: bool) -> None:
        hooks = self.wire.hooks
        if hooks.waiting:
            for act in hooks.due(
                answered=answered, route=self.route_class, method=self.method, text=self._text()
            ):
                with self.wire.aside():
                    act()

    def afterwards(self, answer: Response) -> None:
        """What was to happen once this request was handled, before anything else is."""
        if not self._is_the_portal():
            return
        self._run_hooks(answered=True)
        if self.fault is not None and self.fault.kind in {"late", "corrupt"}:
            with self.wire.aside():
                troubled.meddle(self.wire, self.fault)
        tally = self.call.tally
        if answer.status < 400:
            for waiting in (self.wire.faults, self.wire.hooks):
                waiting.passed(self.route_class, self.method, tally.rows_in + tally.rows_out)

    def _apply_fault(self, answer: Response) -> Response:
        fault = self.fault
        if fault is None:
            return answer
        if fault.kind == "lost":
            answer.dropped = True
        if fault.kind == "truncated":
            answer.cut = len(answer.body) // 2
        if fault.kind in {"slow", "timeout"}:
            answer.delay += fault.seconds
            if self.wire.clock.virtual:
                self.wire.clock.advance(fault.seconds)
            elif fault.seconds >= LONG and self.call.user:
                answer.done = self.wire.quota.begin()
        return answer


def _is_data(request: Request) -> bool:
    """Whether the address is below an API version: sessions are demanded and calls counted there."""
    segments = request.segments
    return len(segments) > 2 and segments[0].lower() == "services" and segments[1].lower() == "data"
