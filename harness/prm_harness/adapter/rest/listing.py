"""Lists, page after page: by offset, page number, cursor or link; pages that repeat are noticed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from prm_harness.adapter.faults import AdapterFault

from .answers import Answers
from .paths import MISSING, found
from .sender import Answer, Sender
from .spec import Listing, Paging, Request

MOST_PAGES: Final = 20_000
_NEXT_LINK: Final = re.compile(r"<([^>]*)>\s*;[^,]*\brel=\"?next\"?", re.IGNORECASE)


def records(
    operation: str,
    sender: Sender,
    answers: Answers,
    listing: Listing,
    default: Paging,
    values: Mapping[str, Any],
) -> Iterator[dict[str, Any]]:
    """Every record of a listing, as the product shows it.

    Raises:
        AdapterFault: a page is no list of objects, pages repeat or never end, or the next one is on another host.
    """
    paging = listing.paging or default
    query: dict[str, Any] = {paging.limit: paging.size} if paging.style != "none" and paging.limit else {}
    if paging.style == "page":
        query[paging.page] = paging.first
    if paging.style == "offset":
        query[paging.offset] = 0
    request = listing.request
    seen: set[bytes] = set()
    count = 0
    for number in range(1, MOST_PAGES + 1):
        asked = request.model_copy(update={"query": {**request.query, **query}})
        answer = sender.send(operation, asked, values)
        payload = answers.demand(operation, answer)
        rows = _rows(operation, payload, listing)
        mark = sha256(repr(rows).encode("utf-8", "replace")).digest()
        if rows and mark in seen:
            raise AdapterFault(
                operation,
                f"page {number} repeats an earlier one ({len(rows)} records); the pages have no end",
            )
        seen.add(mark)
        yield from rows
        count += len(rows)
        following = _next(operation, sender, paging, request, query, payload, answer, rows, count)
        if following is None:
            return
        request, query = following
    raise AdapterFault(operation, f"more than {MOST_PAGES} pages")


def _rows(operation: str, payload: Any, listing: Listing) -> list[dict[str, Any]]:
    rows = found(payload, listing.records)
    if rows is None:
        rows = []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        place = f"at {listing.records!r}" if listing.records else "in the answer"
        raise AdapterFault(operation, f"there is no list of records {place}, but {_kind(rows)}")
    return rows


def _next(
    operation: str,
    sender: Sender,
    paging: Paging,
    request: Request,
    query: dict[str, Any],
    payload: Any,
    answer: Answer,
    rows: list[dict[str, Any]],
    count: int,
) -> tuple[Request, dict[str, Any]] | None:
    """The request for the next page, or None after the last one."""
    if paging.style in {"offset", "page"}:
        # A short page is no end: a server may give fewer than it was asked for. An empty one is, and so is the total.
        total = found(payload, paging.total) if paging.total else MISSING
        if not rows or (isinstance(total, int) and count >= total):
            return None
        step = {paging.offset: count} if paging.style == "offset" else {paging.page: query[paging.page] + 1}
        return request, {**query, **step}
    if paging.style == "cursor":
        cursor = _cursor(operation, paging, payload, rows)
        return None if cursor is None else (request, {**query, paging.cursor: cursor})
    if paging.style == "link":
        url = found(payload, paging.next) if paging.next else _link(answer)
        if url in {None, "", MISSING} or not isinstance(url, str):
            return None
        if not sender.same_host(url):
            raise AdapterFault(
                operation, f"the next page is on another host, where no credentials are sent: {url[:120]}"
            )
        return request.model_copy(
            update={"path": url.replace("{", "%7B").replace("}", "%7D"), "query": {}}
        ), {}
    return None


def _cursor(operation: str, paging: Paging, payload: Any, rows: list[dict[str, Any]]) -> Any:
    if paging.more and found(payload, paging.more) is not True:
        return None
    cursor = (
        found(payload, paging.next) if paging.next else found(rows[-1] if rows else {}, paging.last or "")
    )
    if cursor in {None, "", MISSING}:
        if paging.more:
            raise AdapterFault(
                operation, "there is more, says the answer, but it has no cursor to go on with"
            )
        return None
    return cursor


def _link(answer: Answer) -> str | None:
    match = _NEXT_LINK.search(answer.headers.get("Link", ""))
    return match[1] if match else None


def _kind(value: Any) -> str:
    return "nothing" if value is MISSING else f"a {type(value).__name__}"
