"""The backend's operations as addresses of the control API: one for each method, its arguments as a JSON object.

Addresses, arguments and explanations come from the protocols of :mod:`prm_harness.crm.backend`, so that whatever a check
can arrange, a script in another language can arrange as well.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import partial
from typing import Any, Final, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from prm_harness.crm import backend
from prm_harness.crm.sandbox.sandbox import Sandbox

PARTS: Final[dict[str, type]] = {
    "records": backend.Crm,
    "schema": backend.SchemaChanges,
    "people": backend.People,
    "clock": backend.Clock,
    "quota": backend.Quota,
    "faults": backend.Faults,
    "logins": backend.Logins,
    "log": backend.RequestLog,
}
"""First word of the address, and the protocol whose methods come after it."""

ELSEWHERE: Final = frozenset({"records/late", "log/mark"})
"""``late`` is an argument of the operations that save; ``mark`` is read at ``GET /log/mark``."""

_SAVING: Final = frozenset({"create", "update", "change", "delete"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One address: ``POST /<name>`` with a body as ``model`` says."""

    name: str
    summary: str
    model: type[BaseModel]
    call: Callable[[Sandbox, BaseModel], Any]


def operations() -> dict[str, Operation]:
    """Every operation by its name, such as ``schema/add_field``."""
    found = {}
    for part, protocol in PARTS.items():
        for name, method in inspect.getmembers(protocol, inspect.isfunction):
            key = f"{part}/{name}"
            if not name.startswith("_") and key not in ELSEWHERE:
                found[key] = _operation(key, part, name, method)
    return found


def _operation(key: str, part: str, name: str, method: Any) -> Operation:
    summary = inspect.cleandoc(method.__doc__ or "").split("\n\n")[0].replace("\n", " ").replace("``", "`")
    hints = get_type_hints(method, vars(backend))
    parameters = [p for p in inspect.signature(method).parameters.values() if p.name != "self"]
    flat = next((p.name for p in parameters if len(parameters) == 1 and is_dataclass(hints[p.name])), "")
    if flat:
        return Operation(
            key, summary, of_dataclass(hints[flat]), partial(_call, part, name, flat, hints[flat])
        )
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters)
    known: dict[str, Any] = {
        p.name: (_as_json(hints[p.name]), ... if p.default is p.empty else p.default)
        for p in parameters
        if p.kind is not p.VAR_KEYWORD
    }
    if part == "records" and name in _SAVING:
        known["late"] = (float, Field(default=0.0, ge=0, description="stamp it so many seconds ago"))
    config = ConfigDict(extra="allow" if open_ended else "forbid", strict=False)
    model = create_model(_title(key), __config__=config, **known)
    return Operation(key, summary, model, partial(_call, part, name, "", None))


def _call(part: str, name: str, flat: str, kind: Any, sandbox: Sandbox, body: BaseModel) -> Any:
    target = sandbox if part == "records" else getattr(sandbox, part)
    given = {key: getattr(body, key) for key in type(body).model_fields} | (body.model_extra or {})
    late = given.pop("late", 0) if part == "records" else 0
    with sandbox.late(late) if late else nullcontext():
        return getattr(target, name)(**({flat: kind(**given)} if flat else given))


def of_dataclass(kind: Any) -> type[BaseModel]:
    """A dataclass as the model of a JSON object."""
    hints = get_type_hints(kind)
    known: dict[str, Any] = {}
    for field in fields(kind):
        default = field.default
        if field.default_factory is not MISSING:
            default = field.default_factory()
        known[field.name] = (_as_json(hints[field.name]), ... if default is MISSING else default)
    return create_model(kind.__name__, __config__=ConfigDict(extra="forbid"), **known)


def _as_json(kind: Any) -> Any:
    """A type as JSON can say it: any iterable is a list."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in {Iterable, Sequence}:
        return list[_as_json(args[0])]  # type: ignore[misc]
    if origin is Mapping:
        return dict[args[0], _as_json(args[1])]  # type: ignore[valid-type,misc]
    if origin is tuple and Ellipsis not in args:
        return tuple[tuple(map(_as_json, args))]  # type: ignore[misc]
    return kind


def _title(key: str) -> str:
    return "".join(word.capitalize() for word in key.replace("/", "_").split("_"))
