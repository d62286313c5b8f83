"""The product's own half: what it asked of the CRM between the adapter's requests, recorded and asked again."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any, Final

from prm_harness.adapter import CrmConnection
from prm_harness.crm.salesforce.http import Request, Response

from .cleaning import Cleaner
from .model import Traffic, TrafficError

Handle = Callable[[Request], Response]
_KEPT: Final = (
    "content-type",
    "accept",
    "soapaction",
    "sforce-query-options",
    "x-prettyprint",
    "sforce-duplicate-rule-header",
)
_LOGIN: Final = ("/services/oauth2/token", "/services/oauth2/authorize", "/services/oauth2/revoke")


class ProductTape:
    """Requests of the product to the CRM, each with the number of the adapter's exchanges that were over by then.

    A product that syncs by itself is not there in a replay. Its requests are made in its place, with a session of the
    replay's own, before the adapter gets the answer that follows them.
    """

    def __init__(self, traffic: Traffic, cleaner: Cleaner) -> None:
        self._traffic = traffic
        self._cleaner = cleaner
        self._kept: list[dict[str, Any]] = []
        self._next = 0
        self._token = ""
        self._handle: Handle | None = None
        self._connection: CrmConnection | None = None
        self.exchanges: Callable[[], int] = lambda: 0
        if traffic.mode == "replay":
            self._kept = _read(traffic)

    def watched(self, handle: Handle) -> Handle:
        """The CRM, with an ear at its door while recording."""

        def heard(request: Request) -> Response:
            if self._traffic.mode == "record" and not request.path.startswith(_LOGIN):
                self._kept.append({
                    "after": self.exchanges(),
                    "method": request.method,
                    "path": self._cleaner.text(request.path),
                    "query": self._cleaner.text(request.query),
                    "headers": {name: request.headers[name] for name in _KEPT if name in request.headers},
                    **self._body(request.body),
                })  # fmt: skip
            return handle(request)

        return heard

    def stage(self, handle: Handle, connection: CrmConnection) -> None:
        """Where the requests go in a replay, and with which credentials."""
        self._handle, self._connection = handle, connection

    def catch_up(self, exchanges: int) -> None:
        """Make every request that had been made by the end of so many exchanges."""
        while self._next < len(self._kept) and self._kept[self._next]["after"] <= exchanges:
            entry = self._kept[self._next]
            self._next += 1
            if self._handle is not None:
                self._handle(self._request(entry))

    def save(self) -> None:
        """Write what was heard, unless a secret is in it.

        Raises:
            TrafficError: there is.
        """
        content = "".join(json.dumps(entry, sort_keys=True) + "\n" for entry in self._kept)
        bodies = b"".join(base64.b64decode(entry.get("base64", "")) for entry in self._kept)
        if self._cleaner.found_in(content.encode() + bodies):
            raise TrafficError(f"{self._traffic.product}: a secret would stand in it; it was not written")
        self._traffic.product.write_text(content, encoding="utf-8")

    def _body(self, body: bytes) -> dict[str, str]:
        if not body:
            return {}
        try:
            return {"body": self._cleaner.text(body.decode("utf-8"))}
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(body).decode()}

    def _request(self, entry: dict[str, Any]) -> Request:
        token = self._session()
        body = base64.b64decode(entry["base64"]) if "base64" in entry else entry.get("body", "").encode()
        body = self._cleaner.restored(body).replace(b"[secret]", token.encode())
        headers = {**entry["headers"], "authorization": f"Bearer {token}"}
        return Request(entry["method"], entry["path"], entry["query"], headers, body)

    def _session(self) -> str:
        if not self._token and self._handle is not None and self._connection is not None:
            crm = self._connection
            form = {
                "grant_type": "password", "client_id": crm.client_id, "client_secret": crm.client_secret,
                "username": crm.username, "password": crm.password + crm.security_token,
            }  # fmt: skip
            answer = self._handle(_form("/services/oauth2/token", form))
            self._token = json.loads(answer.body).get("access_token", "")
        return self._token


def _form(path: str, fields: dict[str, str]) -> Request:
    from urllib.parse import urlencode

    headers = {"content-type": "application/x-www-form-urlencoded"}
    return Request("POST", path, "", headers, urlencode(fields).encode())


def _read(traffic: Traffic) -> list[dict[str, Any]]:
    if not traffic.product.is_file():
        return []
    try:
        entries = [json.loads(line) for line in traffic.product.read_text(encoding="utf-8").splitlines()]
        return [{"headers": {}, "query": "", **entry, "after": int(entry["after"])} for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrafficError(f"{traffic.product} cannot be read ({error}); record again") from None
