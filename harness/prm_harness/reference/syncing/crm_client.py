"""The CRM as the product sees it: login, paged reads, batched writes, and one kind of problem for all that can fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceError

from prm_harness.adapter import CrmConnection

from .meter import Meter
from .problems import CrmProblem
from .soap import undelete
from .transport import session_for

Row = dict[str, Any]

_PARTS: Final = 25
"""Requests in one composite/batch."""

READ_ATTEMPTS: Final = 3
"""Tries of a read that meets a passing trouble, before the sync is put off."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one record of a batch."""

    id: str | None
    problem: CrmProblem | None


class CrmClient:
    """One login, through the unmodified simple-salesforce client.

    Args:
        connection: address and credentials.
        pause: waits that many seconds between two attempts of a read.
        meter: counts the calls, and may forbid them.
    """

    def __init__(self, connection: CrmConnection, pause: Callable[[float], None], meter: Meter) -> None:
        self._connection = connection
        self._meter = meter
        self._pause = pause
        self._salesforce: Salesforce | None = None

    def login(self) -> None:
        """Log in now, so that wrong credentials are seen at once.

        Raises:
            CrmProblem: refused, or no answer.
        """
        session, domain = session_for(self._connection.login_url)
        self._salesforce = self._asked(
            lambda: Salesforce(
                username=self._connection.username,
                password=self._connection.password,
                security_token=self._connection.security_token,
                client_id=self._connection.client_id,
                version=self._connection.api_version,
                domain=domain,
                session=session,
                object_pairs_hook=None,  # its ordered dictionaries double the time that an answer takes
            )
        )

    def describe(self, kind: str) -> Row:
        """The sObject's describe."""
        answer: Row = self._read(lambda sf: sf.restful(f"sobjects/{kind}/describe"))
        return answer

    def describes(self, kinds: Sequence[str]) -> dict[str, Row | CrmProblem]:
        """Describes of several sObjects, 25 in one API call (composite/batch); for each that fails, why."""
        found: dict[str, Row | CrmProblem] = {}
        for start in range(0, len(kinds), _PARTS):
            chunk = kinds[start : start + _PARTS]
            version = f"v{self._connection.api_version}"
            parts = [{"method": "GET", "url": f"{version}/sobjects/{kind}/describe"} for kind in chunk]
            answer = self._read(partial(_batch, {"batchRequests": parts}))
            for kind, part in zip(chunk, answer["results"], strict=True):
                status, result = part["statusCode"], part["result"]
                found[kind] = result if status == 200 else _refusal(status, result)
        return found

    def values_of_type(self, kind: str, record_type_id: str, field: str) -> list[str]:
        """The values that a record type offers of a picklist (UI API).

        Raises:
            CrmProblem: the CRM does not say.
        """
        path = f"ui-api/object-info/{kind}/picklist-values/{record_type_id}/{field}"
        return [str(value["value"]) for value in self._read(lambda sf: sf.restful(path))["values"]]

    def make_text_field(self, kind: str, name: str) -> None:
        """Create a custom field through the Tooling API.

        Raises:
            CrmProblem: the CRM refused.
        """
        body = {
            "FullName": f"{kind}.{name}",
            "Metadata": {"type": "Text", "label": name.removesuffix("__c"), "length": 80},
        }
        self._call(lambda sf: sf.toolingexecute("sobjects/CustomField", "POST", body))

    def objects(self) -> list[str]:
        """Names of all sObjects that the user reaches."""
        answer = self._read(lambda sf: sf.describe())
        return [str(entry["name"]) for entry in answer["sobjects"]]

    def pages(self, soql: str, *, deleted: bool = False) -> Iterator[list[Row]]:
        """The rows of a query, page by page (2,000 rows each, in Salesforce).

        Args:
            soql: the query.
            deleted: also rows in the recycle bin (queryAll).
        """
        answer = self._read(lambda sf: sf.query(soql, include_deleted=deleted))
        yield answer["records"]
        while not answer["done"]:
            following = str(answer["nextRecordsUrl"])
            answer = self._read(partial(_next_page, following))
            yield answer["records"]

    def retrieve(self, kind: str, record_id: str) -> Row:
        """One record with all its fields."""
        answer: Row = self._read(lambda sf: sf.restful(f"sobjects/{kind}/{record_id}"))
        return answer

    def upsert(self, kind: str, key: str, rows: Sequence[Row], *, all_or_none: bool = False) -> list[Written]:
        """Create or update by external ID ``key``: sending the same rows twice makes them once."""
        return self._collection("PATCH", f"composite/sobjects/{kind}/{key}", kind, rows, all_or_none)

    def insert(self, kind: str, rows: Sequence[Row], *, all_or_none: bool = False) -> list[Written]:
        """Create."""
        return self._collection("POST", "composite/sobjects", kind, rows, all_or_none)

    def update(self, kind: str, rows: Sequence[Row], *, all_or_none: bool = False) -> list[Written]:
        """Change the given fields of records that carry their ``id``."""
        return self._collection("PATCH", "composite/sobjects", kind, rows, all_or_none)

    def delete(self, ids: Sequence[str]) -> list[Written]:
        """Delete."""
        params = {"ids": ",".join(ids), "allOrNone": "false"}
        return _written(
            self._call(lambda sf: sf.restful("composite/sobjects", method="DELETE", params=params))
        )

    def undelete(self, ids: Sequence[str]) -> list[Written]:
        """Bring back from the recycle bin."""
        return [Written(*found) for found in self._call(lambda sf: undelete(sf, ids))]

    def create(self, kind: str, row: Row) -> str:
        """Create one record by itself, which may be larger than a batch allows; returns its id."""
        answer = self._call(lambda sf: sf.restful(f"sobjects/{kind}", method="POST", json=row))
        return str(answer["id"])

    def content(self, path: str) -> bytes:
        """A file's bytes."""

        def get(salesforce: Salesforce) -> bytes:
            answer = salesforce._call_salesforce("GET", f"{salesforce.base_url}{path}")  # noqa: SLF001 - restful() reads JSON only
            return bytes(answer.content)

        content: bytes = self._read(get)
        return content

    def _collection(
        self, method: str, path: str, kind: str, rows: Sequence[Row], all_or_none: bool
    ) -> list[Written]:
        records = [{"attributes": {"type": kind}, **row} for row in rows]
        body = {"allOrNone": all_or_none, "records": records}
        return _written(self._call(lambda sf: sf.restful(path, method=method, json=body)))

    def _read(self, call: Callable[[Salesforce], Any]) -> Any:
        for attempt in range(1, READ_ATTEMPTS):
            try:
                return self._call(call)
            except CrmProblem as problem:
                if not problem.passing or problem.concurrency:
                    raise
                self._pause(float(attempt))
        return self._call(call)

    def _call(self, call: Callable[[Salesforce], Any]) -> Any:
        if self._salesforce is None:
            self.login()
        assert self._salesforce is not None
        self._meter.before()
        try:
            return self._asked(partial(call, self._salesforce))
        finally:
            if (usage := self._salesforce.api_usage.get("api-usage")) is not None:
                self._meter.after(usage.used, usage.total)

    @staticmethod
    def _asked(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except SalesforceAuthenticationFailed as error:
            raise CrmProblem(_login_code(error), str(error)) from error
        except SalesforceError as error:
            raise _problem(error) from error
        except requests.RequestException as error:
            raise CrmProblem("CONNECTION", f"no answer: {type(error).__name__}") from error
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise CrmProblem("UNKNOWN_EXCEPTION", f"an answer that cannot be read: {error!r}") from error


def _login_code(error: SalesforceAuthenticationFailed) -> str:
    """A login answered by 5xx carries the status in place of a code; that is no refusal."""
    return "SERVER_UNAVAILABLE" if not isinstance(error.code, str) else error.code.removeprefix("sf:")


def _next_page(url: str, salesforce: Salesforce) -> Any:
    return salesforce.query_more(url, identifier_is_url=True)


def _batch(body: Row, salesforce: Salesforce) -> Any:
    return salesforce.restful("composite/batch", method="POST", json=body)


def _problem(error: SalesforceError) -> CrmProblem:
    return _refusal(error.status, error.content)


def _refusal(status: int, content: Any) -> CrmProblem:
    first: Any = content[0] if isinstance(content, list) and content else {}
    if not isinstance(first, dict) or "errorCode" not in first:
        code = "SERVER_UNAVAILABLE" if status >= 500 else "UNKNOWN_EXCEPTION"
        return CrmProblem(code, f"HTTP {status}: {str(content)[:200]}", status=status)
    return CrmProblem(first["errorCode"], str(first.get("message", "")), first.get("fields") or (), status)


def _written(answer: Any) -> list[Written]:
    results = []
    for item in answer or []:
        errors = item.get("errors") or []
        problem = None
        if not item.get("success"):
            first = errors[0] if errors else {}
            code = first.get("statusCode") or first.get("errorCode") or "UNKNOWN_EXCEPTION"
            problem = CrmProblem(code, str(first.get("message", "")), first.get("fields") or ())
        results.append(Written(item.get("id"), problem))
    return results
