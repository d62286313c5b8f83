"""Places in a JSON payload: ``data.results``, ``items[0].id``, ``errors[].message``, ``custom[key=region].value``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

MISSING: Final = object()
"""What is found where nothing is: not the same as null."""

_STEP: Final = re.compile(
    r"\.?(?:(?P<name>[^.\[\]]+)|\[(?P<index>\d+)\]|(?P<every>\[\])|\[(?P<key>[^=\[\]]+)=(?P<value>[^\[\]]*)\])"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step down: into a member, an element, every element, or the element whose ``key`` has a value."""

    name: str | None = None
    index: int | None = None
    every: bool = False
    key: str = ""
    value: str = ""


def parsed(path: str) -> tuple[Step, ...]:
    """The steps of a path; empty for the whole payload.

    Raises:
        ValueError: it is not a path.
    """
    steps, at = [], 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None or (at == 0 and path.startswith(".")):
            raise ValueError(f"{path!r} is not a path; write it like data.items[0].name or errors[].message")
        steps.append(
            Step(
                name=match["name"],
                index=int(match["index"]) if match["index"] else None,
                every=bool(match["every"]),
                key=match["key"] or "",
                value=match["value"] or "",
            )
        )
        at = match.end()
    return tuple(steps)


def found(payload: Any, path: str) -> Any:
    """The value at the path, or MISSING; where the path has ``[]``, the first of them."""
    return next(every(payload, path), MISSING)


def every(payload: Any, path: str) -> Iterator[Any]:
    """All values at the path: more than one only where it has ``[]``."""
    yield from _walk(payload, parsed(path))


def put(payload: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at the path, making objects and lists on the way.

    Raises:
        ValueError: the path goes through a value that is neither, or through ``[]``.
    """
    steps = parsed(path)
    here: Any = payload
    for at, step in enumerate(steps):
        last = at == len(steps) - 1
        fresh: Any = [] if not last and steps[at + 1].name is None else {}
        if step.name is not None and isinstance(here, dict):
            here = _member(here, step.name, value if last else fresh, last)
        elif step.key and isinstance(here, list):
            element = next(
                (e for e in here if isinstance(e, dict) and str(e.get(step.key)) == step.value), None
            )
            if element is None:
                element = {step.key: step.value}
                here.append(element)
            here = element
        elif step.index is not None and isinstance(here, list):
            while len(here) <= step.index:
                here.append(fresh)
            if last:
                here[step.index] = value
            here = here[step.index]
        else:
            raise ValueError(f"{path!r} cannot be set: a step of it leads nowhere")


def _member(here: dict[str, Any], name: str, value: Any, last: bool) -> Any:
    if last:
        here[name] = value
        return value
    return here.setdefault(name, value)


def _walk(here: Any, steps: tuple[Step, ...]) -> Iterator[Any]:
    if not steps:
        yield here
        return
    step, rest = steps[0], steps[1:]
    if step.name is not None:
        if isinstance(here, dict) and step.name in here:
            yield from _walk(here[step.name], rest)
    elif isinstance(here, list):
        if step.every:
            for element in here:
                yield from _walk(element, rest)
        elif step.index is not None:
            if step.index < len(here):
                yield from _walk(here[step.index], rest)
        else:
            for element in here:
                if isinstance(element, dict) and str(element.get(step.key)) == step.value:
                    yield from _walk(element, rest)
