"""Reading a YAML file that declares an adapter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from prm_harness.adapter.faults import ConnectError, shortened


class _Loader(yaml.SafeLoader):
    """The safe loader, with a key that is written twice as an error instead of a silent loss."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen = set()
    for key, _ in node.value:
        if key.value in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key.value!r} is written twice", key.start_mark
            )
        seen.add(key.value)
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_file(path: Path) -> dict[str, Any]:
    """The file's content.

    Raises:
        ConnectError: it cannot be read, or is no YAML mapping; one line, with the place.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ConnectError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise ConnectError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from None
    try:
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ConnectError(shortened(f"{path}: {place}{error.problem or error.context}")) from None
    except yaml.YAMLError as error:
        raise ConnectError(shortened(f"{path}: {error}")) from None
    if not isinstance(content, dict):
        raise ConnectError(f"{path}: holds no keys; start it with `vendor:` and `product:`")
    return content
