"""Mistakes in a file that declares an adapter: one line that says where, what, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from prm_harness.adapter.faults import ConnectError

M = TypeVar("M", bound=BaseModel)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The known name that is closest, or all of them, as the end of a sentence."""
    names = list(known)
    close = get_close_matches(name, names, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f" (known: {', '.join(sorted(names)[:16])})" if names else ""


def checked(model: type[M], content: Any, file: str) -> M:
    """The content as the model.

    Raises:
        ConnectError: the first mistake, in a line.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ConnectError(f"{file}: {_first(error, model)}") from None


def _first(error: ValidationError, model: type[BaseModel]) -> str:
    mistakes = error.errors(include_url=False, include_context=False)
    # A key that is missing is most often one that is misspelt: the wrong word says more.
    found = next((one for one in mistakes if one["type"] == "extra_forbidden"), mistakes[0])
    where = ".".join(str(part) for part in found["loc"])
    if found["type"] == "extra_forbidden":
        return f"unknown key {where!r}{did_you_mean(str(found['loc'][-1]), sorted(_keys(model)))}"
    if found["type"] == "missing":
        return f"{where!r} is missing"
    message = found["msg"].removeprefix("Value error, ")
    return f"{where!r}: {message[0].lower()}{message[1:]}" if where else message


def _keys(model: type[BaseModel]) -> set[str]:
    """Every key that the model or a model inside it knows."""
    schema = model.model_json_schema()
    known = set(schema.get("properties", ()))
    for inner in schema.get("$defs", {}).values():
        known |= set(inner.get("properties", ()))
    return known
