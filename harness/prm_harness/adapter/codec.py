"""Arguments and results of every operation, to and from JSON, by the contract's own type hints.

One table for the HTTP client, the HTTP server and the validation of Python adapters: whatever :class:`PrmAdapter`
says is what all three check.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from .contract import CORE_OPERATIONS, OPERATIONS, PrmAdapter

ALL_OPERATIONS: Final = (*CORE_OPERATIONS, *OPERATIONS)

STREAMING: Final = frozenset({"list", "list_as"})
"""Operations whose result is an iterable of records, sent one a line."""

READING: Final = STREAMING | {
    "info", "prerequisites", "read", "list_files", "fetch_file", "read_as", "sync_status", "get_schedule", "list_types",
    "describe_type", "offered_values", "get_mapping", "source_of_truth", "get_filter", "backfill_status", "list_errors",
    "notifications", "list_sync_history", "rule_members", "workflow_effects", "api_usage", "setup_steps", "export_config",
}  # fmt: skip
"""Operations that change nothing; every other one carries an idempotency key over HTTP."""


class CodecError(Exception):
    """A value that is not what the contract says. The message names the first place that is wrong."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What goes into an operation and what comes out of it."""

    signature: inspect.Signature
    arguments: Mapping[str, TypeAdapter[Any]]
    result: TypeAdapter[Any] | None
    """None: nothing comes back. Of a streaming operation: the type of one item."""


@cache
def shape(operation: str) -> Shape:
    """The operation's shape, read off the contract once.

    Raises:
        KeyError: no such operation.
    """
    if operation not in ALL_OPERATIONS:
        raise KeyError(operation)
    function = getattr(PrmAdapter, operation)
    hints = get_type_hints(function)
    returned = hints.pop("return")
    if operation in STREAMING:
        (returned,) = get_args(returned)
    signature = inspect.signature(function)
    signature = signature.replace(parameters=list(signature.parameters.values())[1:])
    return Shape(
        signature=signature,
        arguments={name: TypeAdapter(hint) for name, hint in hints.items()},
        result=None if returned is type(None) else TypeAdapter(returned),
    )


def bind(operation: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Positional and keyword arguments as one mapping by name; TypeError as Python itself would raise."""
    return dict(shape(operation).signature.bind(*args, **kwargs).arguments)


def encode_arguments(operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as JSON values."""
    types = shape(operation).arguments
    return {name: types[name].dump_python(value, mode="json") for name, value in arguments.items()}


def decode_arguments(operation: str, payload: Any) -> dict[str, Any]:
    """JSON values as arguments.

    Raises:
        CodecError: an argument is missing, unknown or of the wrong type.
    """
    known = shape(operation)
    if not isinstance(payload, Mapping):
        raise CodecError("args must be an object")
    try:
        known.signature.bind(**payload)
    except TypeError as error:
        raise CodecError(f"args: {error}") from None
    return {
        name: _validated(known.arguments[name], value, f"args.{name}", json=True)
        for name, value in payload.items()
    }


def encode_result(operation: str, value: Any) -> Any:
    """A result (of a streaming operation: one item) as JSON values."""
    kind = shape(operation).result
    return None if kind is None else kind.dump_python(value, mode="json")


def decode_result(operation: str, payload: Any) -> Any:
    """JSON values as a result (of a streaming operation: one item).

    Raises:
        CodecError: it is not what the contract says.
    """
    kind = shape(operation).result
    return None if kind is None else _validated(kind, payload, "result", json=True)


def checked_result(operation: str, value: Any) -> Any:
    """A Python adapter's result, validated; a mapping that fits a model becomes that model.

    Raises:
        CodecError: it is not what the contract says.
    """
    kind = shape(operation).result
    if kind is None:
        return None
    return _validated(kind, value, "result", json=False)


def _validated(kind: TypeAdapter[Any], value: Any, where: str, *, json: bool) -> Any:
    try:
        # JSON has no dates nor tuples, so what came over the wire is read leniently, as text that must parse.
        return kind.validate_python(value, strict=False) if json else kind.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        path = ".".join([where, *(str(part) for part in first["loc"])])
        raise CodecError(f"{path}: {first['msg']}, got {type(first['input']).__name__}") from None
