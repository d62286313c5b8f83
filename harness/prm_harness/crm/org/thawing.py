"""Plain data back into the dataclasses that an org's schema is made of, by their own annotations."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

_T = TypeVar("_T")


def thawed(kind: type[_T], value: Any) -> _T:
    """An object of a dataclass from what ``orjson`` made of one. Fields that the class no longer has are left out."""
    return _thaw(kind, value)  # type: ignore[no-any-return]


def _thaw(kind: Any, value: Any) -> Any:
    if value is None or kind is Any or kind is object:
        return value
    origin, args = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return _thaw(next(a for a in args if a is not type(None)), value)
    if origin is not None:
        if issubclass(origin, Mapping):
            return {_thaw(args[0], key): _thaw(args[1], item) for key, item in value.items()}
        return origin(_thaw(args[0], item) for item in value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if is_dataclass(kind):
        hints = _hints(kind)  # type: ignore[arg-type]
        return kind(**{name: _thaw(hints[name], value[name]) for name in hints if name in value})  # type: ignore[operator]
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    # Modules that know each other only for the type checker name classes that are loaded by now.
    known = {
        name: item
        for key, module in list(sys.modules.items())
        if key.startswith("prm_harness.crm.org.")
        for name, item in list(vars(module).items())
        if isinstance(item, type)
    }
    names = {field.name for field in fields(kind) if field.init}
    return {name: hint for name, hint in get_type_hints(kind, localns=known).items() if name in names}
