"""A request's entry in the log. It is written out when someone reads it: most never are."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from prm_harness.crm.backend import Exchange
from prm_harness.crm.log import EXCERPTED, excerpt, redact
from prm_harness.crm.salesforce.call import Tally
from prm_harness.crm.salesforce.http import Request, Response
from prm_harness.crm.usage import Kind


def of(
    number: int,
    at: datetime,
    kind: Kind,
    request: Request,
    answer: Response,
    tally: Tally,
    sizes: tuple[int, int],
    seconds: float,
) -> Callable[[], Exchange]:
    """What writes the entry out; it holds on to no whole body."""
    return partial(
        _entry,
        number,
        at,
        kind,
        (request.path, request.query),
        (tally.rows_in, tally.rows_out),
        sizes,
        seconds,
        tally.soql,
        (request.body[:EXCERPTED], answer.body[:EXCERPTED]),
        refusals(kind.route, answer.body),
    )


def refusals(route: str, body: bytes) -> tuple[str, ...]:
    """Error codes of single rows, each once, from the whole answer: an excerpt ends before most of them."""
    is_file = route == "read.bulk.results"
    if is_file and b"sf__Error" in body[:_HEADINGS]:
        found = _IN_A_TABLE.findall(body)
    elif (is_file or route.startswith("write")) and (b"statusCode" in body or b"errorCode" in body):
        found = _IN_AN_ANSWER.findall(body)
    else:
        return ()
    return tuple(dict.fromkeys(code.decode("ascii") for code in found))


_IN_AN_ANSWER: Final = re.compile(rb"(?:statusCode|errorCode)(?:\"\s*:\s*\"|>)([A-Z][A-Z_]+)")
_IN_A_TABLE: Final = re.compile(rb"^[^,;|^`\t\n]*[,;|^`\t]\"?([A-Z]+(?:_[A-Z]+)+):", re.MULTILINE)
_HEADINGS: Final = 32
"""Bytes in which a file of failed rows has named its column of errors; files of good rows are not searched at all."""


def _entry(
    number: int,
    at: datetime,
    kind: Kind,
    address: tuple[str, str],
    rows: tuple[int, int],
    sizes: tuple[int, int],
    seconds: float,
    soql: list[str],
    bodies: tuple[bytes, bytes],
    refused: tuple[str, ...],
) -> Exchange:
    return Exchange(
        number=number,
        at=at,
        user=kind.user,
        client=kind.client,
        method=kind.method,
        path=excerpt("?".join(address).rstrip("?").encode()),
        route=kind.route,
        status=kind.status,
        error_code=kind.error_code,
        rows_in=rows[0],
        rows_out=rows[1],
        bytes_in=sizes[0],
        bytes_out=sizes[1],
        seconds=seconds,
        fault=kind.fault,
        soql=redact(";\n".join(soql)),
        request_excerpt=excerpt(bodies[0]),
        response_excerpt=excerpt(bodies[1]),
        refusals=refused,
    )


def client_of(request: Request) -> str:
    """How a client calls itself: in the call options, or as user agent."""
    named = request.header("sforce-call-options")
    options = dict(part.strip().partition("=")[::2] for part in named.split(",")) if named else {}
    return options.get("client") or request.header("user-agent")
