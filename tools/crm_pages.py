"""The pages of docs/reference about the sandbox's org files and its powers, written from the code."""

from __future__ import annotations

import types
from collections.abc import Iterator
from enum import Enum
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from prm_harness.crm.orgfile import model, rules
from prm_harness.crm.orgfile.entry import Entry
from prm_harness.crm.orgfile.model import OrgFile
from prm_harness.crm.sandbox.serve.openapi import document
from prm_harness.crm.sandbox.serve.operations import PARTS, operations
from prm_harness.crm.trouble import KINDS

GENERATED: Final = "<!-- Written by tools/write_reference.py; change the code and run `make docs`. -->"

_EXAMPLE: Final = """\
format: prm-harness.org/1
name: Acme EMEA
base: standard
objects:
  Opportunity:
    fields:
      Channel__c: {type: picklist, restricted: true, picklist: [Reseller, Referral, {value: Old, active: false}]}
      Won_At__c: {type: date}
    record_types:
      Partner_Deal: {default: true, picklists: {Channel__c: [Reseller]}}
    validation_rules:
      Budget_Positive: {formula: Amount < 0, message: The amount is not below zero, display_field: Amount}
  Deal_Split__c:
    label: Deal Split
    fields:
      Opportunity__c: {type: reference, reference_to: [Opportunity], master_detail: true}
      Share__c: {type: percent, precision: 5, scale: 2}
profiles:
  Integration User: {fields: {Opportunity.Won_At__c: read}}"""
"""tests/sandbox/orgfile loads it."""


def pages() -> dict[str, str]:
    """File name → content."""
    return {
        "org-file.md": "\n".join(_org_file()),
        "faults.md": "\n".join(_faults()),
        "control-api.md": "\n".join(_control_api()),
    }


def _org_file() -> Iterator[str]:
    yield from (GENERATED, "", "# The org file", "")
    yield "An org of your own for the sandbox: `prm-harness crm serve --org acme.yaml`. YAML, or JSON in a file named `.json`."
    yield "Everything is keyed by API name. What is left out keeps the value of the base template, or else the default of a new"
    yield "custom field, object or rule. A key that is not listed here is an error; what this version of the sandbox cannot"
    yield "represent is told when the file is loaded, and the rest is built."
    yield from ("", "```yaml", _EXAMPLE, "```", "")
    kinds = [
        OrgFile,
        *(
            k
            for k in (vars(model) | vars(rules)).values()
            if _is_entry(k) and k not in {Entry, OrgFile, model.Permissions}
        ),
    ]
    for kind in kinds:
        yield from (f"## {_title(kind)}", "", " ".join((kind.__doc__ or "").split()), "")
        yield from ("| key | what it takes | meaning |", "| --- | --- | --- |")
        for name, field in kind.model_fields.items():
            must = " (needed)" if field.is_required() else ""
            yield f"| `{name}` | {_shape(field.annotation)}{must} | {(field.description or '').replace('|', chr(92) + '|')} |"
        yield ""


def _is_entry(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Entry)


def _title(kind: type) -> str:
    if kind is OrgFile:
        return "The file"
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in kind.__name__.removesuffix("Entry"))
    return words.strip().capitalize()


def _shape(kind: Any) -> str:
    origin, args = get_origin(kind), [a for a in get_args(kind) if a not in {type(None), Ellipsis}]
    if origin is Annotated:
        return _shape(args[0])
    if origin is Literal:
        return (
            " or ".join(f"`{a}`" for a in args)
            if len(args) <= 2
            else "one of " + ", ".join(f"`{a}`" for a in args)
        )
    if origin in {Union, types.UnionType}:
        return _shape(args[0])
    if origin is dict:
        return f"map to {_shape(args[1])}"
    if origin is tuple:
        return f"list of {_shape(args[0])}"
    if _is_entry(kind):
        return f"[{_title(kind).lower()}](#{_title(kind).lower().replace(' ', '-')})"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "one of " + ", ".join(f"`{item.value}`" for item in kind)
    names = {str: "text", bool: "true or false", int: "whole number", float: "number", Any: "anything"}
    return names.get(kind, str(kind))


def _faults() -> Iterator[str]:
    yield from (GENERATED, "", "# Faults", "")
    yield "What the sandbox can be made to do wrong, for the portal's requests only. A check injects them"
    yield "(`crm.faults.inject(FaultSpec(...))`), a person or a script sends them to the [control API](control-api.md)."
    yield "Each hit is in the log of firings and, where a request met it, in the request log's entry."
    yield from ("", "| kind | what it does |", "| --- | --- |")
    for kind, meaning in KINDS.items():
        yield f"| `{kind}` | {meaning} |"
    yield ""
    yield "Which requests: `route` (any run of a [route class's](sandbox.md) words), `method`, `where` (a text in address or"
    yield "body; for events in their data) and `sobject` (events). When: after `after` matching requests, after `after_rows` rows"
    yield "went in or out with them, for a `share` of the matches, which is drawn from the run's seed. How often: `times`, null for"
    yield "without end. A list of faults is a package: it is sent, kept in a file and repeated as one. How it heals: by being healed, or by itself after `lasts` seconds of the org's clock."
    yield ""


def _control_api() -> Iterator[str]:
    told = document(operations())
    yield from (GENERATED, "", "# The control API", "")
    yield "What a check in Python can arrange and observe, a script in any language can, too: over HTTP, at the `admin_url` that"
    yield "`prm-harness crm serve` prints. It has a listener and a token of its own; the CRM's routes lead nowhere near it. Every"
    yield "request carries `Authorization: Bearer <admin_token>`; bodies and answers are JSON. A mistake is 400, what the org"
    yield 'refuses 409, with `{"error": "one sentence"}`. `GET /openapi.json` is this page for machines.'
    yield from ("", "```sh")
    yield 'curl -H "Authorization: Bearer $ADMIN_TOKEN" "$ADMIN_URL/records/create" \\'
    yield """  -d '{"sobject": "Account", "rows": [{"Name": "Acme"}], "late": 90}'"""
    yield from ("```", "")
    special = [
        (path, verb)
        for path, verbs in told["paths"].items()
        for verb in verbs
        if path.strip("/") not in operations()
    ]
    yield from ("| request | what it does |", "| --- | --- |")
    for path, verb in special:
        yield f"| `{verb.upper()} {path}` | {told['paths'][path][verb]['summary']} |"
    yield ""
    yield "A hook waits for a request of the portal and then sends requests to this very API:"
    yield from ("", "```json")
    yield '{"name": "drop it in the middle", "match": {"route": "query", "after": 3},'
    yield ' "do": [{"path": "/schema/drop_field", "body": {"sobject": "Account", "name": "Tier__c"}}]}'
    yield "```"
    for part in PARTS:
        yield from ("", f"## {part.capitalize()}", "", 'All are `POST`; the answer is `{"result": …}`.', "")
        yield from ("| address | what it does | body |", "| --- | --- | --- |")
        for name, operation in operations().items():
            if name.startswith(f"{part}/"):
                fields = [
                    f"`{key}`" + ("" if field.is_required() else "?")
                    for key, field in operation.model.model_fields.items()
                ]
                more = ["further properties"] if operation.model.model_config.get("extra") == "allow" else []
                body = ", ".join([*fields, *more]) or "nothing"
                yield f"| `/{name}` | {operation.summary.replace('|', chr(92) + '|')} | {body} |"
    yield from (
        "",
        "A key with a question mark may be left out. The operations and their words are those of `prm_harness.crm.backend`.",
        "",
    )
