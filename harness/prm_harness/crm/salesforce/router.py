"""From address and verb to a handler."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from prm_harness.crm.salesforce.call import Call, Handler
from prm_harness.crm.salesforce.errors import gap, not_found, routing_error
from prm_harness.crm.salesforce.http import Request
from prm_harness.crm.salesforce.versions import is_offered

Implemented = Literal["yes", "partly", "no"]


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the coverage table, and at the same time of the routing table.

    name: the route class in the request log, ``<purpose>.<resource>[.<verb>]`` with the purposes login, meta, schema,
    read and write. template: segments; ``{x}`` takes one, a last ``{*}`` any number. handler: None means gap.
    ``classify`` may name a request's class more closely from its body.
    """

    name: str
    methods: tuple[str, ...]
    template: str
    handler: Handler | None
    implemented: Implemented = "yes"
    note: str = ""
    public: bool = False
    classify: Callable[[Request], str] | None = None

    def route_class(self, request: Request) -> str:
        """The class that the request log and faults know this request by."""
        return self.classify(request) if self.classify else self.name

    def handle_or_gap(self, call: Call) -> Handler:
        """The handler.

        Raises:
            WireError: 501 ``SANDBOX_GAP``: there is none.
        """
        if self.handler is None:
            raise gap(f"{call.request.method} {self.template}" + (f" ({self.note})" if self.note else ""))
        return self.handler


class Router:
    """Finds routes by comparing segments; the number of routes is small and their first words differ."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = [(route, [s for s in route.template.split("/") if s]) for route in routes]

    def find(self, method: str, segments: Sequence[str]) -> tuple[Route, dict[str, str]]:
        """The route for a verb and decoded segments; HEAD is answered as GET.

        Raises:
            WireError: 404 for an unknown address, 405 for a verb that it does not take.
        """
        wanted = "GET" if method == "HEAD" else method
        allowed: list[str] = []
        for route, pattern in self._routes:
            args = _match(pattern, segments)
            if args is None or not _version_offered(pattern, args):
                continue
            if wanted in route.methods or "*" in route.methods:
                return route, args
            allowed += [m for verb in route.methods for m in (("HEAD", "GET") if verb == "GET" else (verb,))]
        if not allowed:
            raise not_found()
        verbs = ",".join(dict.fromkeys(allowed))
        raise routing_error(
            405, "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are {verbs}"
        )


def _version_offered(pattern: Sequence[str], args: dict[str, str]) -> bool:
    return pattern[1:2] != ["data"] or "version" not in args or is_offered(args["version"])


def _match(pattern: Sequence[str], segments: Sequence[str]) -> dict[str, str] | None:
    tail = bool(pattern) and pattern[-1] == "{*}"
    if len(segments) < len(pattern) - 1 if tail else len(segments) != len(pattern):
        return None
    args: dict[str, str] = {}
    for part, segment in zip(pattern[:-1] if tail else pattern, segments, strict=False):
        if part[0] == "{":
            args[part[1:-1]] = segment
        elif part.lower() != segment.lower():
            return None
    return args
