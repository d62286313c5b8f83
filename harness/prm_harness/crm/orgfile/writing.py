"""An org file as YAML: only what was said, in the order in which people read it."""

from __future__ import annotations

from typing import Any

import yaml

from prm_harness.crm.orgfile.model import FORMAT, OrgFile


def as_yaml(file: OrgFile) -> str:
    """The file's text; reading it gives the same file again."""
    plain = file.model_dump(mode="json", exclude_unset=True, exclude={"format"})
    return yaml.dump(
        {"format": FORMAT, **_short(plain)}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110
    )


def _short(value: Any) -> Any:
    """Picklist values that are nothing but a text become one."""
    if isinstance(value, dict):
        if value.keys() == {"value"}:
            return value["value"]
        return {key: _short(item) for key, item in value.items()}
    return [_short(item) for item in value] if isinstance(value, list) else value


class _Dumper(yaml.SafeDumper):
    """Lists of short texts stay on one line."""


def _sequence(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    plain = all(isinstance(item, str | int | float) for item in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=plain)


_Dumper.add_representer(list, _sequence)
