"""The same five operations by five APIs: each road leads into an org of its own.

A row is a dict of field → value as REST has it; None clears a field. Every operation answers, for each row, the id (or
the empty text) and the error code (or the empty text).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from prm_harness.crm.salesforce.http import Request, Response
from prm_harness.crm.sandbox import Sandbox

Row = dict[str, Any]
Outcome = tuple[str, str]

_DATA = "/services/data/v60.0"
_ASYNC = "/services/async/60.0/job"
_CODE = re.compile(r"[A-Z_]+")
_ASYNC_NS = "http://www.force.com/2009/06/asyncapi/dataload"


class Road:
    """A client of one API in front of its own org."""

    def __init__(self, seed: int) -> None:
        self.sandbox = Sandbox(seed=seed)
        self.token = self.sandbox.open_session()

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        sent = {"host": "acme.my.salesforce.com", "authorization": f"Bearer {self.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.sandbox.handle(Request(method, *path.partition("?")[::2], sent, raw))

    def soap(self, operation: str, inner: str) -> list[ET.Element]:
        """The results of a partner API call."""
        envelope = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" '
            'xmlns:o="urn:sobject.partner.soap.sforce.com">'
            f"<e:Header><SessionHeader><sessionId>{self.token}</sessionId></SessionHeader></e:Header>"
            f"<e:Body><{operation}>{inner}</{operation}></e:Body></e:Envelope>"
        )
        answer = self.send(
            "POST", "/services/Soap/u/60.0", envelope.encode(), soapaction='""', content_type="text/xml"
        )
        assert answer.status == 200, answer.body
        return [e for e in ET.fromstring(answer.body).iter() if e.tag.endswith("}result")]

    def undelete(self, ids: list[str]) -> list[Outcome]:
        """Only the partner API can: the clients of the others ask it too."""
        return soap_outcomes(self.soap("undelete", "".join(f"<ids>{one}</ids>" for one in ids)))

    def everything(self, sobject: str, fields: Iterable[str]) -> list[Row]:
        """All rows with the deleted ones, in the order in which they were made."""
        soql = f"SELECT {', '.join(fields)} FROM {sobject} ORDER BY Id"
        answer = self.send("GET", f"{_DATA}/queryAll?q={quote(soql)}")
        assert answer.status == 200, answer.body
        return [
            {k: v for k, v in row.items() if k != "attributes"} for row in json.loads(answer.body)["records"]
        ]


class Rest(Road):
    """One request a row."""

    def create(self, sobject: str, rows: list[Row]) -> list[Outcome]:
        return [self._one("POST", sobject, row) for row in rows]

    def update(self, sobject: str, rows: list[Row]) -> list[Outcome]:
        return [self._one("PATCH", f"{sobject}/{row['Id']}", without(row, "Id"), row["Id"]) for row in rows]

    def upsert(self, sobject: str, key: str, rows: list[Row]) -> list[Outcome]:
        return [
            self._one("PATCH", f"{sobject}/{key}/{quote(row[key], safe='')}", without(row, key))
            for row in rows
        ]

    def delete(self, sobject: str, ids: list[str]) -> list[Outcome]:
        return [self._one("DELETE", f"{sobject}/{one}", None, one) for one in ids]

    def _one(self, method: str, path: str, body: Row | None, record_id: str = "") -> Outcome:
        answer = self.send(method, f"{_DATA}/sobjects/{path}", body)
        found = json.loads(answer.body) if answer.body else {"id": record_id}
        return ("", found[0]["errorCode"]) if answer.status >= 300 else (found["id"], "")


class Collections(Road):
    """All rows in one request, each with its own fate."""

    def create(self, sobject: str, rows: list[Row]) -> list[Outcome]:
        return self._write("POST", "", sobject, rows)

    def update(self, sobject: str, rows: list[Row]) -> list[Outcome]:
        return self._write("PATCH", "", sobject, rows)

    def upsert(self, sobject: str, key: str, rows: list[Row]) -> list[Outcome]:
        return self._write("PATCH", f"/{sobject}/{key}", sobject, rows)

    def delete(self, sobject: str, ids: list[str]) -> list[Outcome]:
        return self._outcomes(
            self.send("DELETE", f"{_DATA}/composite/sobjects?ids={','.join(ids)}&allOrNone=false")
        )

    def _write(self, method: str, path: str, sobject: str, rows: list[Row]) -> list[Outcome]:
        records = [{"attributes": {"type": sobject}, **row} for row in rows]
        body = {"allOrNone": False, "records": records}
        return self._outcomes(self.send(method, f"{_DATA}/composite/sobjects{path}", body))

    def _outcomes(self, answer: Response) -> list[Outcome]:
        assert answer.status == 200, answer.body
        return [
            (item["id"], "") if item["success"] else ("", item["errors"][0]["statusCode"])
            for item in json.loads(answer.body)
        ]


class Soap(Road):
    """The partner API."""

    def create(self, sobject: str, rows: list[Row]) -> list[Outcome]:
        return soap_outcomes(self.soap("create", sobjects(sobject, rows)))

    def update(self, sobject: str, rows: list[Row]) -> list[Outcome]:
        return soap_outcomes(self.soap("update", sobjects(sobject, rows)))

    def upsert(self, sobject: str, key: str, rows: list[Row]) -> list[Outcome]:
        inner = f"<externalIDFieldName>{key}</externalIDFieldName>{sobjects(sobject, rows)}"
        return soap_outcomes(self.soap("upsert", inner))

    def delete(self, sobject: str, ids: list[str]) -> list[Outcome]:
        return soap_outcomes(self.soap("delete", "".join(f"<ids>{one}</ids>" for one in ids)))


class BulkTwo(Road):
    """A job of Bulk API 2.0 for each operation; its two result files are put together by their rows."""

    def create(self, sobject: str, rows: list[Row]) -> list[Outcome]:
        return self._job("insert", sobject, rows)

    def update(self, sobject: str, rows: list[Row]) -> list[Outcome]:
        return self._job("update", sobject, rows)

    def upsert(self, sobject: str, key: str, rows: list[Row]) -> list[Outcome]:
        return self._job("upsert", sobject, rows, externalIdFieldName=key)

    def delete(self, sobject: str, ids: list[str]) -> list[Outcome]:
        return self._job("delete", sobject, [{"Id": one} for one in ids])

    def _job(self, operation: str, sobject: str, rows: list[Row], **more: str) -> list[Outcome]:
        made = self.send("POST", f"{_DATA}/jobs/ingest", {"object": sobject, "operation": operation, **more})
        job = f"{_DATA}/jobs/ingest/{json.loads(made.body)['id']}"
        assert self.send("PUT", f"{job}/batches", sheet(rows), content_type="text/csv").status == 201
        assert self.send("PATCH", job, {"state": "UploadComplete"}).status == 200
        end = json.loads(self.send("GET", job).body)
        assert end["state"] == "JobComplete", end
        good, bad = (self._results(job, name) for name in ("successfulResults", "failedResults"))
        assert len(good) + len(bad) == len(rows) == end["numberRecordsProcessed"]
        return [self._of(row, good, bad) for row in in_columns(rows)]

    def _results(self, job: str, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.send("GET", f"{job}/{name}").body.decode(), newline="")))

    def _of(self, row: dict[str, str], good: list[dict[str, str]], bad: list[dict[str, str]]) -> Outcome:
        """Each answered row is taken once: equal rows have equal fates but not equal ids."""
        for results in (good, bad):
            for result in results:
                if {k: v for k, v in result.items() if not k.startswith("sf__")} == row:
                    results.remove(result)
                    return (result["sf__Id"], "") if results is good else ("", code_of(result["sf__Error"]))
        raise AssertionError(f"no result for {row} in {good + bad}")


class BulkOne(Road):
    """A job of Bulk API 1.0 in XML with one CSV batch; results come in the order of the rows."""

    def create(self, sobject: str, rows: list[Row]) -> list[Outcome]:
        return self._job("insert", sobject, rows)

    def update(self, sobject: str, rows: list[Row]) -> list[Outcome]:
        return self._job("update", sobject, rows)

    def upsert(self, sobject: str, key: str, rows: list[Row]) -> list[Outcome]:
        return self._job("upsert", sobject, rows, f"<externalIdFieldName>{key}</externalIdFieldName>")

    def delete(self, sobject: str, ids: list[str]) -> list[Outcome]:
        return self._job("delete", sobject, [{"Id": one} for one in ids])

    def _job(self, operation: str, sobject: str, rows: list[Row], more: str = "") -> list[Outcome]:
        body = (
            f'<jobInfo xmlns="{_ASYNC_NS}"><operation>{operation}</operation><object>{sobject}</object>{more}'
            "<contentType>CSV</contentType></jobInfo>"
        )
        job = self._tag("POST", _ASYNC, body.encode(), "id", "application/xml")
        batch = self._tag("POST", f"{_ASYNC}/{job}/batch", sheet(rows), "id", "text/csv")
        assert (
            self._tag("GET", f"{_ASYNC}/{job}/batch/{batch}", None, "state", "application/xml") == "Completed"
        )
        answer = self.send("GET", f"{_ASYNC}/{job}/batch/{batch}/result", x_sfdc_session=self.token)
        results = list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))
        assert len(results) == len(rows)
        return [(r["Id"], "") if r["Success"] == "true" else ("", code_of(r["Error"])) for r in results]

    def _tag(self, method: str, path: str, body: bytes | None, name: str, kind: str) -> str:
        answer = self.send(method, path, body, x_sfdc_session=self.token, content_type=kind)
        assert answer.status in {200, 201}, answer.body
        return ET.fromstring(answer.body).findtext(f"{{{_ASYNC_NS}}}{name}") or ""


ROADS = (Rest, Soap, BulkTwo, BulkOne, Collections)


def without(row: Row, name: str) -> Row:
    return {key: value for key, value in row.items() if key != name}


def code_of(error: str) -> str:
    """The status code that a Bulk result's error text begins with."""
    found = _CODE.match(error)
    assert found, error
    return found[0]


def lexical(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def in_columns(rows: list[Row]) -> list[dict[str, str]]:
    """Every row with every column: an empty cell leaves a field alone, ``#N/A`` clears it."""
    names = list(dict.fromkeys(name for row in rows for name in row))

    def cell(row: Row, name: str) -> str:
        return "" if name not in row else "#N/A" if row[name] is None else lexical(row[name])

    return [{name: cell(row, name) for name in names} for row in rows]


def sheet(rows: list[Row]) -> bytes:
    cells = in_columns(rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(cells[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(cells)
    return text.getvalue().encode()


def sobjects(sobject: str, rows: list[Row]) -> str:
    return "".join(f"<sObjects>{_fields(sobject, row)}</sObjects>" for row in rows)


def _fields(sobject: str, row: Row) -> str:
    nulls = "".join(f"<o:fieldsToNull>{name}</o:fieldsToNull>" for name, v in row.items() if v is None)
    record_id = f"<o:Id>{row['Id']}</o:Id>" if "Id" in row else ""
    values = "".join(
        f"<o:{name}>{escape(lexical(value))}</o:{name}>"
        for name, value in row.items()
        if value is not None and name != "Id"
    )
    return f"<o:type>{sobject}</o:type>{nulls}{record_id}{values}"


def soap_outcomes(results: list[ET.Element]) -> list[Outcome]:
    space = "{urn:partner.soap.sforce.com}"
    return [
        (r.findtext(f"{space}id") or "", "")
        if r.findtext(f"{space}success") == "true"
        else ("", r.findtext(f"{space}errors/{space}statusCode") or "?")
        for r in results
    ]
