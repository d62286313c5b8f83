"""From address and verb to a handler."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
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
    """Finds routes in a tree of their segments; where several fit, the one listed first comes first."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._root = _Branch()
        for number, route in enumerate(routes):
            self._root.plant(number, route)
        self._known = lru_cache(maxsize=1024)(self._search)

    def find(self, method: str, segments: Sequence[str]) -> tuple[Route, dict[str, str]]:
        """The route for a verb and decoded segments; HEAD is answered as GET.

        Raises:
            WireError: 404 for an unknown address, 405 for a verb that it does not take.
        """
        route, args = self._known(method, tuple(segments))
        return route, args.copy()

    def _search(self, method: str, segments: Sequence[str]) -> tuple[Route, dict[str, str]]:
        wanted = "GET" if method == "HEAD" else method
        allowed: list[str] = []
        for _, route, places in sorted(self._root.fitting(segments, 0), key=_number):
            args = {name: segments[place] for name, place in places}
            if not _version_offered(segments, args):
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


_Places = tuple[tuple[str, int], ...]
"""Names of a template's variable segments, and where they stand."""
_Leaf = tuple[int, Route, _Places]


def _number(leaf: _Leaf) -> int:
    return leaf[0]


class _Branch:
    """What addresses that begin alike go on with."""

    __slots__ = ("any", "ends", "tails", "words")

    def __init__(self) -> None:
        self.words: dict[str, _Branch] = {}
        self.any: _Branch | None = None
        self.ends: list[_Leaf] = []
        self.tails: list[_Leaf] = []

    def plant(self, number: int, route: Route) -> None:
        parts = [part for part in route.template.split("/") if part]
        branch = self
        places: list[tuple[str, int]] = []
        for place, part in enumerate(parts):
            if part == "{*}" and place == len(parts) - 1:
                branch.tails.append((number, route, tuple(places)))
                return
            if part[0] == "{":
                places.append((part[1:-1], place))
                branch.any = branch = branch.any or _Branch()
            else:
                branch = branch.words.setdefault(part.lower(), _Branch())
        branch.ends.append((number, route, tuple(places)))

    def fitting(self, segments: Sequence[str], place: int) -> Iterator[_Leaf]:
        yield from self.tails
        if place == len(segments):
            yield from self.ends
            return
        word = self.words.get(segments[place].lower())
        if word is not None:
            yield from word.fitting(segments, place + 1)
        if self.any is not None:
            yield from self.any.fitting(segments, place + 1)


def _version_offered(segments: Sequence[str], args: dict[str, str]) -> bool:
    return (
        len(segments) < 2
        or segments[1].lower() != "data"
        or "version" not in args
        or is_offered(args["version"])
    )
