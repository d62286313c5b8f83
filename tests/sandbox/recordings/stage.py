"""Recorded requests, asked of a sandbox of ours: recorded ids are those of records made for the occasion."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from prm_harness.crm.salesforce.http import Request, Response
from prm_harness.crm.sandbox import Sandbox

_ID = re.compile(r"\b(001|003|006|00Q|500|701)[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?\b")
_USER = re.compile(r"\b005[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?\b|<USER>")
_ORG = re.compile(r"\b00D[0-9A-Za-z]{9,15}\b|\bORGID\b|<ORG>")
_JOB = re.compile(r"(?<=/job/)\w+")
_BATCH = re.compile(r"(?<=/batch/)\w+")
_RESULT = re.compile(r"(?<=/result/)\w+")
_REQUIRED: dict[str, dict[str, Any]] = {
    "Account": {"Name": "A"},
    "Contact": {"LastName": "C", "Email": "c@example.com"},
    "Opportunity": {"Name": "O", "StageName": "Prospecting", "CloseDate": "2026-05-01"},
    "Lead": {"LastName": "L", "Company": "C"},
    "Case": {"Subject": "S"},
    "Campaign": {"Name": "C"},
}
_PREFIXES = {"001": "Account", "003": "Contact", "006": "Opportunity", "00Q": "Lead", "500": "Case", "701": "Campaign"}  # fmt: skip
_NULL_ID = re.compile(r"^...0{12,15}$|^...xx")


class NotAskableError(Exception):
    """The recording does not say what was asked."""


class Stage:
    """One sandbox for one recording."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.case = case
        self.sandbox = Sandbox(seed=7)
        self.token = self.sandbox.open_session()
        self.ids: dict[str, str] = {}

    def ask(self) -> Response:
        """The sandbox's answer to what was recorded.

        Raises:
            NotAskableError: the request was not kept with its answer.
        """
        asked = self.case["request"]
        method, path, body = asked["method"], asked["path"], asked.get("body")
        if method == "EVENT" or "<X>" in path or "<CUSTOM>" in path:
            raise NotAskableError("what was asked is not recorded")
        if method in {"POST", "PATCH", "PUT"} and body is None:
            raise NotAskableError("the request's body is not recorded")
        if path.endswith(("/query", "/search")) and not asked.get("query"):
            raise NotAskableError("the statement is not recorded")
        query = {name: self._ours(str(value)) for name, value in (asked.get("query") or {}).items()}
        headers = {"host": "acme.my.salesforce.com", "authorization": f"Bearer {self.token}"}
        headers["x-sfdc-session"] = self.token
        path = self._path(path, self.case.get("api_version") or "60.0")
        path, _, inline = path.partition("?")
        query |= dict(parse_qsl(inline))
        raw = self._body(body, headers)
        return self.sandbox.handle(Request(method, path, urlencode(query), headers, raw))

    def _path(self, path: str, version: str) -> str:
        path = urlsplit(path)._replace(scheme="", netloc="").geturl()
        path = re.sub("v?XX.X", version if "/async/" in path else f"v{version}", path, flags=re.IGNORECASE)
        if "<ID>" in path:
            kind = path.split("/sobjects/")[1].split("/")[0]
            path = path.replace("<ID>", self._made(kind, "<ID>"))
        if "/job/" in path:
            return self._bulk_path(path)
        if "/jobs/ingest/" in path:
            return self._ingest_path(path)
        if re.search("/query/0r8", path):
            self.sandbox.create("Account", [{"Name": str(n)} for n in range(201)])
            page = self._data("GET", "query?q=SELECT+Id,Name+FROM+Account", None, "batchSize=200")
            return str(page["nextRecordsUrl"])
        path = self._ours(path)
        if self.case["request"]["method"] == "DELETE" and self.case["response"]["status"] == 404:
            self._data("DELETE", path.partition("/sobjects/")[1][1:] + path.partition("/sobjects/")[2], None)
        return path

    def _ours(self, text: str) -> str:
        text = re.sub(r"vxx\.[x0]", "v60.0", text, flags=re.IGNORECASE)
        facts = self.sandbox.facts
        text = _ORG.sub(facts.id, _USER.sub(facts.integration_user, text))
        return _ID.sub(lambda hit: self._made(_PREFIXES[hit[1]], hit[0]), text)

    def _made(self, kind: str, recorded: str) -> str:
        """A record of ours in the place of a recorded one; ids that are visibly made up stay."""
        if kind == "Organization":
            return self.sandbox.facts.id
        if _NULL_ID.match(recorded) or kind not in _REQUIRED:
            return recorded
        if recorded[:15] not in self.ids:
            row = _REQUIRED[kind] | ({"Email": f"c{len(self.ids)}@example.com"} if kind == "Contact" else {})
            (self.ids[recorded[:15]],) = self.sandbox.create(kind, [row])
        return self.ids[recorded[:15]]

    def _body(self, body: Any, headers: dict[str, str]) -> bytes:
        if isinstance(body, dict) and "_form" in body:
            return urlencode(body["_form"]).encode()
        if body is None:
            return b""
        if isinstance(body, str) and not body.startswith("{"):
            headers["content-type"] = "text/xml" if body.lstrip().startswith("<") else "text/csv"
            if "asyncProcessId" in body:
                body = re.sub(r"(asyncProcessId[^>]*>)\w+", rf"\g<1>{self._retrieval()}", body)
            return body.replace("REDACTED", self.token).encode()
        headers["content-type"] = "application/json"
        return self._ours(body if isinstance(body, str) else json.dumps(body)).encode()

    def _data(self, method: str, path: str, body: Any, options: str = "") -> Any:
        headers = {"host": "a.my.salesforce.com", "authorization": f"Bearer {self.token}"}
        headers["sforce-query-options"] = options
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.sandbox.handle(
            Request(method, *f"/services/data/v60.0/{path}".partition("?")[::2], headers, raw)
        )
        return json.loads(answer.body) if answer.body else None

    def _ingest_path(self, path: str) -> str:
        """A job of Bulk API 2.0 with a row that failed."""
        job = self._data("POST", "jobs/ingest", {"object": "Account", "operation": "insert"})["id"]
        self._data("PUT", f"jobs/ingest/{job}/batches", b"Name,Phone\nA,1\n,2\n")
        if self.case["request"]["method"] == "GET":
            self._data("PATCH", f"jobs/ingest/{job}", {"state": "UploadComplete"})
        return re.sub(r"(?<=/jobs/ingest/)\w+", job, path)

    def _retrieval(self) -> str:
        """The id of a retrieval that was begun."""
        body = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns="http://soap.sforce.com/2006/04/metadata"><e:Header><SessionHeader><sessionId>'
            f"{self.token}</sessionId></SessionHeader></e:Header><e:Body><retrieve><retrieveRequest>"
            "<apiVersion>60.0</apiVersion><unpackaged><version>60.0</version></unpackaged></retrieveRequest>"
            "</retrieve></e:Body></e:Envelope>"
        )
        answer = self.sandbox.handle(
            Request("POST", "/services/Soap/m/60.0", "", {"host": "a"}, body.encode())
        )
        found = re.search(r"<id>(\w+)</id>", answer.body.decode())
        assert found, answer.body
        return found[1]

    # -- Bulk API 1.0: a job of the recorded kind, as far along as the recorded request needs it ---------------------

    def _bulk_path(self, path: str) -> str:
        wants_json = "json" in str(self.case["response"]["headers"].get("content-type"))
        reading = "/result/" in path or (wants_json and "/batch" in path)
        wish = {"operation": "query" if reading else "insert", "object": "Account"}
        if "externalIdFieldName" in str(self.case["response"]["body"]):
            wish |= {"operation": "upsert", "externalIdFieldName": "Id"}
        job = self._bulk("", wish | {"contentType": "JSON" if wants_json else "CSV"})
        path = _JOB.sub(job, path)
        if "/batch" in path and self.case["request"]["method"] == "GET":
            self.sandbox.create("Account", [{"Name": "A"}])
            batch = self._bulk(f"/{job}/batch", "SELECT Id FROM Account" if reading else "Name\nA\n")
            path = _BATCH.sub(batch, path)
            if reading and "/result/" in path:
                found = self._send("GET", f"/{job}/batch/{batch}/result").body.decode()
                path = _RESULT.sub(re.findall(r"\b752\w+", found)[0], path)
        return path

    def _bulk(self, path: str, body: Any) -> str:
        kind = "application/json" if isinstance(body, dict) else "text/csv"
        raw = json.dumps(body) if isinstance(body, dict) else body
        found = re.search(r"\b75[01]\w{15}\b", self._send("POST", path, raw.encode(), kind).body.decode())
        assert found
        return found[0]

    def _send(self, method: str, path: str, body: bytes = b"", kind: str = "text/csv") -> Response:
        headers = {"host": "a.my.salesforce.com", "x-sfdc-session": self.token, "content-type": kind}
        return self.sandbox.handle(Request(method, f"/services/async/60.0/job{path}", "", headers, body))
