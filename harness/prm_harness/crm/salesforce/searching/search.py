"""``search`` (SOSL) and ``parameterizedSearch`` (contract §7.2): which rows hold the words, then SOQL for their fields.

A word of the term matches a whole word of a field's text, without regard to case; ``*`` stands for any letters and
``?`` for one. Words side by side must all occur; ``AND``, ``OR``, ``AND NOT``, brackets and quoted phrases are
understood. What was just saved is found at once: the delay of the live index is not imitated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl

from prm_harness.crm.org.errors import QueryError
from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import WireError, gap, request_error
from prm_harness.crm.salesforce.http import Response, json_response
from prm_harness.crm.salesforce.searching.rows import matching_ids, searchable
from prm_harness.crm.salesforce.searching.term import Term, TermError, read_term
from prm_harness.crm.salesforce.searching.with_clauses import (
    With,
    labels_of,
    labels_wanted,
    mark,
    price_book,
    read_with,
    refuse_snippets,
)

ENVELOPE_SINCE: Final = 37.0
"""From v37 an object with ``searchRecords``; before, a bare array (contract §7.2)."""
MOST_RECORDS: Final = 2000
"""Records of one search (vendor documentation, SOSL limits)."""

NO_TERM: Final = "No search term found. The search term must be enclosed in braces."

_FIND: Final = re.compile(r"\s*FIND\s*\{(?P<term>(?:[^\\{}]|\\.)*)\}", re.IGNORECASE | re.DOTALL)
_GROUP: Final = re.compile(r"\s+IN\s+(ALL|NAME|EMAIL|PHONE|SIDEBAR)\s+FIELDS\b", re.IGNORECASE)
_RETURNING: Final = re.compile(r"\s+RETURNING\s+", re.IGNORECASE)
_OBJECT: Final = re.compile(r"\s*([A-Za-z_]\w*)\s*")
_LIMIT: Final = re.compile(r"\s+LIMIT\s+(\d+)", re.IGNORECASE)
_UPDATE: Final = re.compile(
    r"\s+UPDATE\s+(?:TRACKING|VIEWSTAT)(?:\s*,\s*(?:TRACKING|VIEWSTAT))?", re.IGNORECASE
)
_CLAUSE: Final = re.compile(
    r"'(?:[^'\\]|\\.)*'|[()]|\b(?:USING|WHERE|ORDER\s+BY|LIMIT|OFFSET)\b", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object of RETURNING: its fields (none: the Id), its condition, and its ORDER BY, LIMIT and OFFSET."""

    sobject: str
    fields: str = "Id"
    where: str = ""
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """A whole search."""

    term: Term
    group: str
    wanted: tuple[Wanted, ...]
    limit: int
    asked: With


def search(call: Call) -> Response:
    """``GET /search?q=FIND {…} …``."""
    statement = call.params.get("q", "")
    call.tally.soql.append(statement)
    return _answer(call, read_sosl(statement))


def parameterized(call: Call) -> Response:
    """``GET /parameterizedSearch?q=…&sobject=…`` and its ``POST`` with the same words in JSON."""
    given = call.json_object() if call.request.method == "POST" else _from_query(call.request.query)
    text = given.get("q")
    if not isinstance(text, str) or not text.strip():
        raise _malformed("A search term is required.")
    fields = _names(given.get("fields"))
    entries = given.get("sobjects") or ()
    if given.get("offset") and len(entries) != 1:
        raise _malformed("offset is possible with one sobject only.")
    wanted = tuple(
        _from_json(entry, fields, given.get("defaultLimit"), given.get("offset")) for entry in entries
    )
    limit = _whole(given.get("overallLimit"), "overallLimit") or MOST_RECORDS
    group = str(given.get("in") or "ALL").upper()
    if group not in {"ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR"}:
        raise _malformed(f"unexpected token: {group}")
    call.tally.soql.append(text)
    return _answer(call, Search(_term(text), group, wanted, limit, _asked(given)))


def read_sosl(text: str) -> Search:
    """A SOSL statement.

    Raises:
        WireError: 400 MALFORMED_SEARCH.
        SandboxGapError: a clause of a feature that the sandbox has not.
    """
    find = _FIND.match(text)
    if find is None:
        raise _malformed(NO_TERM)
    at = find.end()
    group, wanted, limit = "ALL", [], MOST_RECORDS
    if found := _GROUP.match(text, at):
        group, at = found[1].upper(), found.end()
    if found := _RETURNING.match(text, at):
        at = found.end()
        while True:
            one, at = _read_object(text, at)
            wanted.append(one)
            if text[at : at + 1] != ",":
                break
            at += 1
    try:
        asked, at = read_with(text, at)
    except TermError as error:
        raise _malformed(str(error)) from None
    if found := _LIMIT.match(text, at):
        limit, at = min(int(found[1][:9]), MOST_RECORDS), found.end()
    if found := _UPDATE.match(text, at):
        at = found.end()
    if text[at:].strip():
        raise _malformed(f"unexpected token: {text[at:].split(maxsplit=1)[0]}")
    return Search(_term(find["term"]), group, tuple(wanted), limit, asked)


def _read_object(text: str, at: int) -> tuple[Wanted, int]:
    name = _OBJECT.match(text, at)
    if name is None:
        raise _malformed("unexpected token: " + (text[at:].split() or ["<EOF>"])[0])
    at = name.end()
    if text[at : at + 1] != "(":
        # The blank before the next clause belongs to that clause.
        return Wanted(name[1]), name.end(1) if text[at : at + 1] != "," else at
    end = _closing(text, at)
    after = end + 1
    while text[after : after + 1].isspace() and text[after:].lstrip()[:1] == ",":
        after += 1
    return _specified(name[1], text[at + 1 : end]), after


def _closing(text: str, at: int) -> int:
    """Where the bracket that opens at ``at`` is closed; brackets in quoted text do not count."""
    depth, quoted, i = 0, False, at
    while i < len(text):
        sign = text[i]
        if sign == "\\" and quoted:
            i += 1
        elif sign == "'":
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
            if depth == 0:
                return i
        i += 1
    raise _malformed("unexpected token: <EOF>")


def _specified(sobject: str, inside: str) -> Wanted:
    """What stands in the brackets: fields, then the clauses of SOQL."""
    depth, starts = 0, []
    for found in _CLAUSE.finditer(inside):
        if found[0] in {"(", ")"}:
            depth += 1 if found[0] == "(" else -1
        elif not depth and found[0][0] != "'":
            starts.append((found.start(), found[0].upper()))
    fields = inside[: starts[0][0]] if starts else inside
    where = ""
    if starts and starts[0][1] == "USING":
        raise gap("SOSL: USING in RETURNING")
    if starts and starts[0][1] == "WHERE":
        begin = starts.pop(0)[0] + len("WHERE")
        where = inside[begin : starts[0][0] if starts else None].strip()
    rest = f" {inside[starts[0][0] :]}" if starts else ""
    return Wanted(sobject, fields.strip() or "Id", where, rest)


def _from_query(query: str) -> dict[str, Any]:
    """GET's parameters as the JSON of POST; ``Account.fields`` and the like belong to their object."""
    given: dict[str, Any] = {"sobjects": []}
    own: dict[str, dict[str, Any]] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        name, _, option = key.rpartition(".")
        if key.lower() == "sobject":
            entry: dict[str, Any] = {"name": value}
            given["sobjects"].append(entry)
            own[value.lower()] = entry
        elif name:
            own.setdefault(name.lower(), {})[option] = value
        else:
            given.setdefault(key, value)
    for entry in given["sobjects"]:
        entry |= {**own[entry["name"].lower()], "name": entry["name"]}
    return given


def _asked(given: dict[str, Any]) -> With:
    """What the parameters ask for beside records."""
    for name in ("division", "dataCategory", "dataCategories", "netWorkIds"):
        if given.get(name):
            raise gap(f"parameterizedSearch: {name}")
    try:
        return With(
            highlight=_is_true(given.get("highlight")),
            snippet=bool(given.get("snippet")),
            labels=labels_wanted(given["metadata"]) if given.get("metadata") else False,
            price_book=price_book(given["pricebookId"]) if given.get("pricebookId") else "",
        )
    except TermError as error:
        raise _malformed(str(error)) from None


def _is_true(given: Any) -> bool:
    return str(given).lower() == "true"


def _from_json(entry: Any, fields: str, default_limit: Any, offset: Any) -> Wanted:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise _malformed("Each of sobjects needs a name.")
    order, limit = entry.get("orderBy"), _whole(entry.get("limit") or default_limit, "limit")
    rest = (f" ORDER BY {order}" if order else "") + (f" LIMIT {limit}" if limit else "")
    skipped = _whole(offset, "offset")
    rest += f" OFFSET {skipped}" if skipped else ""
    own = _names(entry.get("fields")) or fields or "Id"
    return Wanted(entry["name"], own, str(entry.get("where") or ""), rest)


def _names(given: Any) -> str:
    return ", ".join(map(str, given)) if isinstance(given, list) else str(given or "")


def _whole(given: Any, name: str) -> int | None:
    if given in {None, ""}:
        return None
    if not str(given).isdigit():
        raise _malformed(f"{name} is not a number: {given}")
    return min(int(str(given)[:9]), MOST_RECORDS)


def _answer(call: Call, wanted: Search) -> Response:
    records = hits(call, wanted)
    schema = call.org.seen_by(call.user).schema
    if wanted.asked.highlight:
        mark(records, wanted.term, schema)
    if float(call.version) < ENVELOPE_SINCE:
        return json_response(records)
    body: dict[str, Any] = {"searchRecords": records}
    if wanted.asked.labels:
        body["metadata"] = labels_of(records, schema)
    return json_response(body)


def hits(call: Call, wanted: Search) -> list[dict[str, Any]]:
    """The records that a search finds, object by object.

    Raises:
        WireError: 400 for an unknown object, or a field or condition that its SOQL refuses.
    """
    schema = call.org.seen_by(call.user).schema
    objects = wanted.wanted or tuple(Wanted(name) for name in searchable(schema))
    records: list[dict[str, Any]] = []
    for one in objects:
        obj = schema.get(one.sobject)
        if obj is None or not obj.queryable:
            raise request_error(
                400,
                "INVALID_TYPE",
                f"sObject type '{one.sobject}' is not supported. If you are attempting to use a custom object, be sure "
                "to append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
                "appropriate names.",
            )
        ids = matching_ids(call.org.connection, obj, wanted.term, wanted.group)
        room = wanted.limit - len(records)
        if ids and room > 0:
            chosen = replace(one, sobject=obj.name, where=_within(one.where, obj.name, wanted.asked))
            records += _rows(call, chosen, ids[:MOST_RECORDS])[:room]
    call.tally.rows_out += len(records)
    refuse_snippets(wanted.asked, records)
    return records


def _within(where: str, sobject: str, asked: With) -> str:
    """The condition, and for products that they are in the price book that is named."""
    bracketed = f"({where})" if where else ""
    if not asked.price_book or sobject != "Product2":
        return bracketed
    sold = f"Id IN (SELECT Product2Id FROM PricebookEntry WHERE Pricebook2Id = '{asked.price_book}')"
    return f"{sold} AND {bracketed}" if where else sold


def _rows(call: Call, one: Wanted, ids: list[str]) -> list[dict[str, Any]]:
    listed = ", ".join(f"'{record_id}'" for record_id in ids)
    also = f" AND {one.where}" if one.where else ""
    soql = f"SELECT {one.fields} FROM {one.sobject} WHERE Id IN ({listed}){also}{one.rest}"
    try:
        return call.org.query(soql, user=call.user, url_for=call.record_url).records
    except QueryError as error:
        fault = error.faults[0]
        # The place that the message points at is in our SOQL, not in the caller's SOSL.
        raise request_error(400, fault.code, fault.message.rpartition("\n")[2]) from None


def _term(text: str) -> Term:
    try:
        return read_term(text)
    except TermError as error:
        raise _malformed(str(error)) from None


def _malformed(message: str) -> WireError:
    return request_error(400, "MALFORMED_SEARCH", message)
