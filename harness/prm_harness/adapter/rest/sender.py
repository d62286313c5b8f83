"""Sending requests to the product: paced, patient when it says "not so fast", bounded in time and size."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests

from prm_harness.adapter.bounded import Bounds, parsed
from prm_harness.adapter.faults import AdapterFault, described, excerpt

from .auth import Authenticator, LoginRefusedError
from .spec import Request, RestFile
from .templates import UnknownPlaceholderError, filled

_CHUNK: Final = 65536


@dataclass(frozen=True, slots=True)
class Answer:
    """What the product answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def payload(self, operation: str) -> Any:
        """The body as JSON; None when it is empty.

        Raises:
            AdapterFault: it is neither; the message shows its first bytes.
        """
        return parsed(operation, self.body) if self.body.strip() else None


class Sender:
    """One conversation with the product.

    Args:
        file: what the product's file says.
        sleep: how it waits.
        now: seconds, for pacing and time limits.
    """

    def __init__(
        self,
        file: RestFile,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = file
        self._sleep = sleep
        self._now = now
        self._http = requests.Session()
        self._host = urlsplit(file.base_url).netloc
        # A proxy of the environment must not get between us and a service on this machine.
        self._http.trust_env = urlsplit(file.base_url).hostname not in {"127.0.0.1", "localhost", "::1"}
        self._next = float("-inf")
        self.auth = Authenticator(file.auth, self._login, now)
        self.throttled = 0
        """Times that the product said "not so fast"."""

    def send(self, operation: str, request: Request, values: Mapping[str, Any]) -> Answer:
        """Send one request, again as often as the product asks for patience.

        Raises:
            AdapterFault: no answer, too slow, too big, still throttled, or not let in.
        """
        try:
            made = self._made(request, values)
        except UnknownPlaceholderError as error:
            raise AdapterFault(operation, f"{request.method} {request.path}: {error}") from None
        answer = self._patiently(operation, made, anonymous=False)
        if answer.status == 401 and self.auth.renews:
            self.auth.forget()
            answer = self._patiently(operation, made, anonymous=False)
        if answer.status in {401, 403} and not answer.body:
            raise AdapterFault(
                operation, f"{request.method} {_bare(answer.url)}: HTTP {answer.status}, not let in"
            )
        return answer

    def _login(self, request: Request) -> Any:
        answer = self._patiently("login", self._made(request, {}), anonymous=True)
        if not 200 <= answer.status < 300:
            raise LoginRefusedError(
                f"the login was answered with HTTP {answer.status}: {excerpt(answer.body)}"
            )
        return answer.payload("login")

    def _made(self, request: Request, values: Mapping[str, Any]) -> requests.Request:
        path = filled(request.path, values, quoted=True) if "{" in request.path else request.path
        url = path if "://" in path else urljoin(self._file.base_url.rstrip("/") + "/", path.lstrip("/"))
        query = {
            key: value
            for key, value in filled(request.query, values).items()
            if value is not None and value != ""
        }
        body = None if request.json_ is None else json.dumps(filled(request.json_, values), default=str)
        headers = {"Accept": "application/json", **self._file.headers, **filled(request.headers, values)}
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        form = None if request.form is None else filled(request.form, values)
        data = body.encode() if body is not None else form
        return requests.Request(request.method, url, headers=headers, params=query, data=data)

    def _patiently(self, operation: str, made: requests.Request, *, anonymous: bool) -> Answer:
        rules = self._file.throttling
        wait = rules.wait_seconds
        for attempt in range(1, rules.attempts + 1):
            answer = self._once(operation, made, anonymous=anonymous)
            if answer.status not in rules.codes:
                return answer
            self.throttled += 1
            if attempt < rules.attempts:
                self._sleep(min(self._asked_for(answer) or wait, rules.longest_wait_seconds))
                wait *= 2
        raise AdapterFault(
            operation,
            f"{made.method} {_bare(made.url)}: still throttled (HTTP {answer.status}) after {rules.attempts} tries",
        )

    def _once(self, operation: str, made: requests.Request, *, anonymous: bool) -> Answer:
        self._pace()
        where = f"{made.method} {_bare(made.url)}"
        request = requests.Request(
            made.method, made.url, headers=dict(made.headers), params=dict(made.params), data=made.data
        )
        try:
            if not anonymous:
                self.auth.on(request)
            return self._answer(operation, self._http.prepare_request(request))
        except LoginRefusedError as error:
            raise AdapterFault(operation, f"{where}: {error}") from None
        except requests.RequestException as error:
            raise AdapterFault(operation, f"{where}: no answer: {described(error)}") from None

    def _answer(self, operation: str, prepared: requests.PreparedRequest) -> Answer:
        limit = self._file.timeout_seconds
        bounds = Bounds(operation, limit, self._now)
        # Redirects are not followed: credentials would go along to wherever they lead.
        with self._http.send(prepared, timeout=limit, stream=True, allow_redirects=False) as response:
            body = bounds.whole(response.iter_content(_CHUNK))
            return Answer(response.status_code, response.headers, body, str(prepared.url))

    def same_host(self, url: str) -> bool:
        """Whether credentials may be sent there."""
        host = urlsplit(url).netloc
        return host in {"", self._host}

    def _pace(self) -> None:
        if self._file.throttling.requests_per_minute:
            gap = 60 / self._file.throttling.requests_per_minute
            now = self._now()
            if now < self._next:
                self._sleep(self._next - now)
                now = self._next
            self._next = now + gap

    def _asked_for(self, answer: Answer) -> float | None:
        text = answer.headers.get(self._file.throttling.retry_after, "")
        try:
            return max(float(text), 0.0)
        except ValueError:
            pass
        try:
            return max((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds(), 0.0)
        except (ValueError, TypeError):
            return None


def _bare(url: str) -> str:
    """The address without its query, in which a key may stand."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"
