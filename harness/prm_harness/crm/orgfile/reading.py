"""An org file from YAML or JSON. Every mistake in it is one line that says where."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import orjson
import yaml
from pydantic import ValidationError

from prm_harness.crm.orgfile.entry import Entry
from prm_harness.crm.orgfile.model import FORMAT, OrgFile

_LARGEST: Final = 64 * 1024 * 1024
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class OrgFileError(Exception):
    """What is wrong with an org file, in one line: which file, where, what to do."""


def load_org_file(path: Path) -> OrgFile:
    """Read and check a file.

    Raises:
        OrgFileError: it is no org file, or something in it is wrong.
        OSError: it cannot be read.
    """
    if path.stat().st_size > _LARGEST:
        raise OrgFileError(f"{path}: an org file of more than 64 MB is not read")
    return parse_org_file(path.read_bytes(), str(path), is_json=path.suffix == ".json")


def parse_org_file(content: bytes, name: str, *, is_json: bool = False) -> OrgFile:
    """Check the content of a file that is called ``name``.

    Raises:
        OrgFileError: as above.
    """
    try:
        text = content.decode()
        data = orjson.loads(content) if is_json else yaml.load(text, _UniqueKeys)  # noqa: S506 - it is a safe loader
    except (UnicodeDecodeError, orjson.JSONDecodeError) as error:
        raise OrgFileError(f"{name}: it cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise OrgFileError(f"{name}: {_yaml_mistake(error)}") from None
    if not isinstance(data, dict) or "format" not in data:
        raise OrgFileError(f"{name}: an org file begins with `format: {FORMAT}`")
    try:
        return OrgFile.model_validate(data)
    except ValidationError as error:
        raise OrgFileError(f"{name}: {_first(error)}") from None


class _UniqueKeys(_Loader):  # type: ignore[misc]
    """Refuses a key that is written twice, which YAML itself takes silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str) and key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key!r} is written twice", key_node.start_mark
                )
            seen.add(key if isinstance(key, str) else repr(key))
        made: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return made


def _yaml_mistake(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it is no YAML"
    return f"line {mark.line + 1}: {problem}" if mark else problem


def _first(error: ValidationError) -> str:
    """The first mistake, in a line."""
    found = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in found["loc"])
    if found["type"] == "extra_forbidden":
        known = _known_keys(found["loc"])
        close = get_close_matches(str(found["loc"][-1]), known, n=1)
        return f"unknown key {where!r}" + (
            f"; did you mean {close[0]!r}?" if close else f" (known: {', '.join(known)})"
        )
    if found["type"] == "missing":
        return f"{where!r} is missing"
    shown = repr(found["input"])
    return f"{where!r}: {found['msg'][0].lower()}{found['msg'][1:]}, not {shown if len(shown) < 60 else shown[:57] + '...'}"


def _known_keys(place: tuple[int | str, ...]) -> list[str]:
    """The keys that are known where one is not."""
    kind: Any = OrgFile
    for part in place[:-1]:
        if isinstance(kind, type) and issubclass(kind, Entry):
            field = kind.model_fields.get(str(part))
            kind = field.annotation if field else None
        else:
            kind = ([a for a in getattr(kind, "__args__", ()) if a is not Ellipsis] or [None])[-1]
            kind = getattr(kind, "__origin__", kind) if hasattr(kind, "__metadata__") else kind
    return sorted(kind.model_fields) if isinstance(kind, type) and issubclass(kind, Entry) else []
