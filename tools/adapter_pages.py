"""The pages of docs/reference about adapters: the contract, and the files that declare one."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from pydantic import BaseModel

from prm_harness.adapter.codec import shape
from prm_harness.adapter.contract import (
    CONTRACT_VERSION,
    CORE_OPERATIONS,
    OPERATIONS,
    PrmAdapter,
    too_new_for,
)
from prm_harness.adapter.manual.spec import ManualFile
from prm_harness.adapter.openapi import document
from prm_harness.adapter.operations import PROTOCOLS
from prm_harness.adapter.rest.spec import RestFile

_GENERATED: Final = "<!-- Written by tools/write_reference.py; change the code and run `make docs`. -->"


def pages() -> dict[str, str]:
    """File name → content."""
    return {
        "adapter-contract.md": "\n".join(_contract()),
        "adapter-openapi.json": json.dumps(document(), ensure_ascii=False, indent=1) + "\n",
        "adapter-rest.md": "\n".join(_file_of(RestFile, "rest", _REST)),
        "adapter-manual.md": "\n".join(_file_of(ManualFile, "manual", _MANUAL)),
    }


def _contract() -> Iterator[str]:
    yield from (_GENERATED, "", "# The adapter contract", "")
    yield f"Version {CONTRACT_VERSION}. The eight operations of the core are asked of every adapter; the others belong to a"
    yield "capability, which the adapter declares in `info` with a [level](../how-to/write-an-adapter.md#the-core). An adapter"
    yield "of the same major version and an older minor one is never asked for what came later. Values are keyed by CRM field"
    yield "API names. The records are `prm_harness.adapter.records`."
    yield from ("", "## The core", "", "Every adapter has these.", "")
    yield from _operations(CORE_OPERATIONS)
    for capability, protocol in PROTOCOLS.items():
        yield from ("", f"## `{capability.value}`", "", inspect.cleandoc(protocol.__doc__ or ""), "")
        yield from _operations(name for name, owner in OPERATIONS.items() if owner is capability)
    yield ""


def _operations(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        signature = str(shape(name).signature).replace("'", "")
        doc = inspect.cleandoc(getattr(PrmAdapter, name).__doc__ or "").split("\n\n")
        since = too_new_for("1.0", name)
        yield f"- `{name}{signature}`" + (f" *(since {since})*" if since else "") + "  "
        yield "  " + " ".join(" ".join(doc).split())


_REST: Final = """\
A product with a REST API needs no code: a YAML file says how it is asked. `prm-harness init adapter --language yaml`
writes one to start from. In texts, `{name}` is filled from what the harness asks for (`{id}`, `{value}`, `{fields}`,
`{crm.login_url}`), `${NAME}` from the environment or from the connect string's options; secrets come only from there.
`{value|doubled}` writes ' as '', `{value|backslashed}` as \\'. Places in a payload are written `data.items[0].name`,
`errors[].message` or `custom[key=region].value`. A request may be written in short: `GET /deals/{id}`.

What the file does not reach says nothing about the product. Requests are sent again only when the product says "not so
fast"; redirects are not followed; pages that repeat, answers over 64 MB and answers that are not JSON are faults.
Steps that the API does not offer are done by a person at the terminal, as in [a manual file](adapter-manual.md)."""

_MANUAL: Final = """\
A product without an API is operated by a person, who is told what to do and asked what happened; evidence is of grade C.
`manual:` alone works without a file. At every prompt: `note TEXT` and `file PATH` keep a remark or a screenshot with the
answer, `break` waits, `cannot WHY` says that the product cannot, `unreached WHY` that you cannot get at it, `?` explains.
Answers are kept in a folder (`?folder=DIR`); after a break, the same command offers them again. `?answers=FILE` takes
the answers from a file, one a line. Lists are exported from the portal as CSV (UTF-8 or UTF-16) and kept as evidence;
what is submitted is also written as a file to import."""


def _file_of(model: type[BaseModel], scheme: str, intro: str) -> Iterator[str]:
    yield from (_GENERATED, "", f"# The `{scheme}:` file", "", intro)
    schema = model.model_json_schema()
    parts = {"the file": schema, **schema.get("$defs", {})}
    for name, part in parts.items():
        if "properties" not in part:
            continue
        yield from ("", f"## {name}", "", " ".join((part.get("description") or "").split()), "")
        yield from ("| key | what | default |", "| --- | --- | --- |")
        required = part.get("required", ())
        for key, value in part["properties"].items():
            default = "must be given" if key in required else _default(value.get("default"))
            what = "; ".join(filter(None, (_kind_of(value), value.get("description", ""))))
            yield f"| `{key}` | {what.replace('|', '&#124;')} | {default} |"
    yield ""


def _default(value: object) -> str:
    return "" if value in (None, "", [], {}) or isinstance(value, dict) else f"`{value}`"


def _kind_of(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(
            filter(None, (_kind_of(one) for one in schema["anyOf"] if one.get("type") != "null"))
        )
    if schema.get("type") == "array":
        inner = schema.get("items") or (schema.get("prefixItems") or [{}])[0]
        return f"list of {_kind_of(inner) or 'values'}"
    if schema.get("type") == "object":
        inner = schema.get("additionalProperties")
        return f"name → {_kind_of(inner) or 'value'}" if isinstance(inner, dict) else "object"
    return {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}.get(
        str(schema.get("type")), ""
    )
