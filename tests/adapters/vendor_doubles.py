"""Doubles of vendors' APIs, as their public documentation (or customers' public code) shows them. None is the product."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, Any, Mapping[str, str]]


@dataclass
class Double:
    """Records by collection, and a diary of what was asked."""

    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    made: int = 0

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((method, url))
        return self.route(method, parts.path, query, headers, json.loads(body) if body else None)

    def route(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: Any
    ) -> Answer:
        raise NotImplementedError

    def new_id(self, prefix: str) -> str:
        self.made += 1
        return f"{prefix}{self.made:05}"

    def find(self, collection: str, key: str, value: str) -> dict[str, Any] | None:
        return next((one for one in self.records[collection] if str(one.get(key)) == value), None)


class Magentrix(Double):
    """An API key gives a session that ends; errors come inside a 200; entities carry the prefix Force__."""

    session = "S-1"
    sessions_given = 0

    def route(self, method, path, query, headers, body) -> Answer:
        if path == "/rest/2.0/token":
            good = body == {"grant_type": "refresh_token", "refresh_token": "the-key"}
            self.sessions_given += good
            self.session = f"S-{self.sessions_given}"
            failed = {"SessionId": None, "IsSuccess": False, "Errors": [{"Message": "Login failed."}]}
            return 200, {"SessionId": self.session, "IsSuccess": True, "Errors": []} if good else failed, {}
        if headers.get("Authorization") != f"Bearer {self.session}":
            return 401, {"message": "session is not valid"}, {}
        if (method, path) == ("GET", "/rest/2.0/query"):
            return 200, self._rows(query["q"]), {}
        rows = self.records[query["e"]]
        if (method, path) == ("POST", "/rest/2.0/create"):
            if not body.get("Name"):
                wrong = [{"Code": None, "PropertyName": "Name", "Message": "Name is required."}]
                return 200, {"Id": None, "Errors": wrong, "HasError": True}, {}
            rows.append({"Id": self.new_id("0060000000"), "IsDeleted": False} | body)
            return 200, {"Id": rows[-1]["Id"], "Errors": [], "HasError": False}, {}
        if (method, path) == ("POST", "/rest/2.0/edit"):
            found = self.find(query["e"], "Id", str(body.get("Id")))
            if found is None:
                wrong = [{"Code": None, "PropertyName": "Id", "Message": "Id is required for an update."}]
                return 200, {"Id": None, "Errors": wrong, "HasError": True}, {}
            found.update(body)
            return 200, {"Id": found["Id"], "Errors": [], "HasError": False}, {}
        return 404, {"message": "no such resource"}, {}

    def _rows(self, meql: str) -> list[dict[str, Any]]:
        asked = re.fullmatch(r'FROM (\w+) WHERE (\w+) = (?:"(.*)"|false)( ORDER BY Id ASC)?', meql)
        assert asked is not None, meql
        entity, name, value, _ = asked.groups()
        return [row for row in self.records[entity] if row.get(name) == (False if value is None else value)]


class Impartner(Double):
    """A key and a tenant in headers; everything wrapped in data; PUT creates; filters as in OData."""

    def route(self, method, path, query, headers, body) -> Answer:
        if headers.get("Authorization") != "prm-key the-key" or headers.get("X-PRM-TenantId") != "7":
            return 401, {"success": False, "message": "who are you?"}, {}
        kind, _, key = path.removeprefix("/api/objects/v1/").partition("/")
        if kind not in self.records:
            return 404, {"success": False, "message": f"no object {kind}"}, {}
        match method, bool(key):
            case "PUT", False:
                if not body.get("Name"):
                    return 400, {"success": False, "message": "Name is required"}, {}
                self.records[kind].append({"Id": 1000 + len(self.records[kind]), "CrmId": None} | body)
                return 200, {"data": self.records[kind][-1], "success": True}, {}
            case "GET", False:
                rows = self._filtered(kind, query.get("filter"))
                skip, take = int(query.get("skip", 0)), int(query.get("take", 50))
                page = {"count": len(rows), "entity": kind, "results": rows[skip : skip + take]}
                return 200, {"data": page, "success": True}, {}
        found = self.find(kind, "Id", key)
        if found is None:
            return 404, {"success": False, "message": "not found"}, {}
        if method == "PATCH":
            found.update(body)
        if method == "DELETE":
            self.records[kind].remove(found)
        return 200, {"data": found, "success": True}, {}

    def _filtered(self, kind: str, condition: str | None) -> list[dict[str, Any]]:
        if condition is None:
            return self.records[kind]
        name, value = re.fullmatch(r"(\w+) eq '(.*)'", condition).groups()
        return [row for row in self.records[kind] if row.get(name) == value.replace("''", "'")]


class PartnerStack(Double):
    """Basic login; a cursor is the key of the last record; 429 once in a while."""

    throttles = 0

    def route(self, method, path, query, headers, body) -> Answer:
        if headers.get("Authorization") != "Basic " + base64.b64encode(b"public:secret").decode():
            return 401, {"message": "unauthorized", "status": 401}, {}
        if self.throttles:
            self.throttles -= 1
            return 429, {"message": "too many requests"}, {"Retry-After": "0"}
        collection, _, key = path.removeprefix("/api/v2/").partition("/")
        own = "partner_key" if collection == "partnerships" else "key"
        if method == "POST":
            if not body.get("name"):
                return 400, {"message": "name is required", "status": 400}, {}
            self.records[collection].append({"key": self.new_id("deal_"), "external_id": None} | body)
            return 201, {"data": self.records[collection][-1], "status": 201}, {}
        if not key:
            rows, size = self.records[collection], int(query.get("limit", 10))
            assert 1 <= size <= 250
            keys = [row[own] for row in rows]
            start = keys.index(query["starting_after"]) + 1 if "starting_after" in query else 0
            more = start + size < len(rows)
            return 200, {"data": {"items": rows[start : start + size], "has_more": more}, "status": 200}, {}
        found = self.find(collection, own, key)
        if found is None:
            return 404, {"message": "not found", "status": 404}, {}
        if method == "PATCH":
            found.update(body)
        return 200, {"data": found, "status": 200}, {}


class Allbound(Double):
    """A key; 20 requests a minute and then 406; pages by number."""

    allowance = 1_000

    def route(self, method, path, query, headers, body) -> Answer:
        if headers.get("X-API-Key") != "the-key":
            return 401, {"message": "unauthorized"}, {}
        self.allowance -= 1
        if self.allowance < 0:
            self.allowance = 3
            return 406, {"message": "rate limit exceeded"}, {}
        collection, _, key = path.removeprefix("/v1/").partition("/")
        if method == "POST":
            if not body.get("name"):
                return 422, {"errors": [{"message": "name can't be blank"}]}, {}
            self.records[collection].append(
                {"id": 500 + len(self.records[collection]), "crm_id": None} | body
            )
            return 201, {"data": self.records[collection][-1]}, {}
        if not key:
            number, size = int(query.get("page", 1)), int(query.get("limit", 25))
            rows = self.records[collection]
            return 200, {"data": rows[(number - 1) * size : number * size], "total": len(rows)}, {}
        found = self.find(collection, "id", key)
        if found is None:
            return 404, {"message": "not found"}, {}
        if method == "PUT":
            found.update(body)
        if method == "DELETE":
            self.records[collection].remove(found)
        return 200, {"data": found}, {}
