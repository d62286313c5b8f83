"""A PRM's REST API as vendors write them: a reference PRM behind it, and the habits that one can choose."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from prm_harness.adapter import CrmConnection, NotSupported, PrmAdapter, Ref

Answer = tuple[int, Any, Mapping[str, str]]


@dataclass
class Habits:
    """How the API behaves."""

    paging: str = "offset"
    page_size: int = 3
    auth: str = "none"
    throttle: list[tuple[int, str]] = field(default_factory=list)
    """Answers "not so fast" with these codes and Retry-After values first, one a request."""
    break_with: Callable[[str, str], bytes | Answer | None] = lambda method, path: None
    errors_in_200: bool = False


class Api:
    """Routes; everything else is the PRM's."""

    def __init__(self, prm: PrmAdapter, habits: Habits) -> None:
        self.prm = prm
        self.habits = habits
        self.requests: list[tuple[str, str]] = []
        self.tokens: list[str] = []
        self.lock = threading.Lock()

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> bytes | Answer:
        path, query = urlsplit(url).path, {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
        with self.lock:
            self.requests.append((method, url))
            if path == "/token":
                return self._token(parse_qs(body.decode()), headers)
            if not self._let_in(headers, query):
                return 401, {"message": "who are you?"}, {}
            if self.habits.throttle:
                code, after = self.habits.throttle.pop(0)
                return code, {"message": "not so fast"}, {"Retry-After": after} if after else {}
            broken = self.habits.break_with(method, path)
            if broken is not None:
                return broken
            return self._route(method, path, query, json.loads(body) if body else None)

    def _token(self, form: Mapping[str, list[str]], headers: Mapping[str, str]) -> Answer:
        basic = "Basic " + base64.b64encode(b"the-client:the-secret").decode()
        if form.get("client_secret") != ["the-secret"] and headers.get("Authorization") != basic:
            return 400, {"error": "invalid_client"}, {}
        self.tokens.append(f"granted-{len(self.tokens) + 1}")
        return 200, {"access_token": self.tokens[-1], "expires_in": 3600}, {}

    def _let_in(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        given = headers.get("Authorization", "")
        wanted = {
            "none": given,
            "basic": "Basic " + base64.b64encode(b"someone:pa55word").decode(),
            "bearer": "Bearer the-token",
            "oauth2": f"Bearer {self.tokens[-1] if self.tokens else ''}",
        }
        if self.habits.auth == "tenant":
            return given == "prm-key the-key" and headers.get("X-PRM-TenantId") == "7"
        if self.habits.auth == "query":
            return query.get("key") == "the-key"
        return given == wanted[self.habits.auth]

    def _route(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Answer:
        match method, *path.strip("/").split("/"):
            case "POST", "crm":
                self.prm.connect(CrmConnection.model_validate(body))
                if body["run_id"]:
                    for step in self._steps():
                        self.prm.run_step(step)
                return 204, None, {}
            case "DELETE", "crm":
                self.prm.disconnect()
                return 204, None, {}
            case "POST", "clock":
                self.prm.elapse(body["seconds"], datetime.fromisoformat(body["now"]))
                return 204, None, {}
            case "GET", "errors":
                found = [entry.model_dump(mode="json") for entry in self.prm.list_errors()]
                return (
                    200,
                    {
                        "items": [
                            {"key": e["id"], "when": e["at"], "what": e["message"], "rec": e} for e in found
                        ]
                    },
                    {},
                )
            case "PUT", "objects", kind:
                return self._saved(self.prm.submit(kind, body["record"], as_partner=body.get("partnerId")))
            case "PATCH", "objects", kind, key:
                return self._saved(self.prm.update(kind, Ref(by="prm_id", value=key), body["record"]))
            case "DELETE", "objects", kind, key:
                return self._saved(self.prm.delete(kind, Ref(by="prm_id", value=key)))
            case "GET", "objects", kind, key:
                record = self.prm.read(kind, Ref(by="prm_id", value=key))
                return (200, self._shown(record), {}) if record else (404, {"message": "no such record"}, {})
            case "GET", "objects", kind:
                by = next((name for name in ("crm_id", "name") if name in query), None)
                if by:
                    one = self.prm.read(kind, Ref(by=by, value=query[by])) or self._named(
                        kind, query.get("name")
                    )
                    return self._page(path, query, [self._shown(one)] if one else [])
                return self._page(path, query, [self._shown(record) for record in self.prm.list(kind)])
        return 404, {"message": f"no route {method} {path}"}, {}

    def _named(self, kind: str, name: str | None) -> Any:
        return next(
            (record for record in self.prm.list(kind) if name and record.fields.get("Name") == name), None
        )

    def _steps(self) -> list[str]:
        try:
            return [step.id for step in self.prm.setup_steps()]
        except NotSupported:
            return []

    @staticmethod
    def _shown(record: Any) -> dict[str, Any]:
        return {"id": record.prm_id, "crmId": record.crm_id, "record": record.fields}

    def _saved(self, outcome: Any) -> Answer:
        if outcome.state == "rejected":
            errors = [{"message": message} for message in outcome.messages]
            return (200 if self.habits.errors_in_200 else 422), {"success": False, "errors": errors}, {}
        return 200, {"success": True, "data": {"id": outcome.prm_id}, "status": outcome.state}, {}

    def _page(self, path: str, query: Mapping[str, str], rows: list[Any]) -> Answer:
        size = self.habits.page_size
        if self.habits.paging == "offset":
            skip = int(query.get("skip", 0))
            return 200, {"data": {"count": len(rows), "results": rows[skip : skip + size]}}, {}
        if self.habits.paging == "page":
            number = int(query.get("page", 1))
            return 200, {"data": {"results": rows[(number - 1) * size : number * size]}}, {}
        if self.habits.paging == "cursor":
            ids = [row["id"] for row in rows]
            start = ids.index(query["starting_after"]) + 1 if "starting_after" in query else 0
            return (
                200,
                {"data": {"results": rows[start : start + size]}, "has_more": start + size < len(rows)},
                {},
            )
        start = int(query.get("at", 0))
        more = {"Link": f'<{path}?at={start + size}>; rel="next"'} if start + size < len(rows) else {}
        return 200, {"data": {"results": rows[start : start + size]}}, more


@contextmanager
def rest_double(prm: PrmAdapter, **habits: Any) -> Iterator[tuple[str, Api]]:
    """Serve the PRM's API on loopback; yields its address and what it saw."""
    api = Api(prm, Habits(**habits))
    with http_double(api.answer) as url:
        yield url, api


@contextmanager
def http_double(answer: Callable[[str, str, Mapping[str, str], bytes], bytes | Answer]) -> Iterator[str]:
    """Serve ``answer(method, url, headers, body)`` on loopback; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answered = answer(self.command, self.path, self.headers, body)
            if isinstance(answered, bytes):
                self.wfile.write(answered)
                self.close_connection = True
                return
            status, content, headers = answered
            sent = (
                b""
                if content is None
                else content
                if isinstance(content, bytes)
                else json.dumps(content).encode()
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
