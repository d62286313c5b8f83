"""The addresses of the Tooling API."""

from __future__ import annotations

from typing import Final

from prm_harness.crm.salesforce.router import Route
from prm_harness.crm.salesforce.tooling import handlers

_TOOLING: Final = "/services/data/{version}/tooling"
_X: Final = f"{_TOOLING}/sobjects/{{sobject}}"
_KINDS: Final = (
    "CustomField, CustomObject, RecordType, ValidationRule, PlatformEventChannel, PlatformEventChannelMember; "
    "EntityDefinition, FieldDefinition, EntityParticle, PicklistValueInfo by query only"
)

TOOLING_ROUTES: Final = (
    Route("read.tooling.query", ("GET",), f"{_TOOLING}/query", handlers.query, "partly", _KINDS),
    Route(
        "schema.tooling.global", ("GET",), f"{_TOOLING}/sobjects", handlers.global_describe, "partly", _KINDS
    ),
    Route("schema.tooling.describe", ("GET",), f"{_X}/describe", handlers.describe, "partly", _KINDS),
    Route("write.tooling.create", ("POST",), _X, handlers.create, "partly", _KINDS),
    Route("read.tooling.row", ("GET",), f"{_X}/{{id}}", handlers.read, "partly", _KINDS),
    Route("write.tooling.update", ("PATCH",), f"{_X}/{{id}}", handlers.update, "partly", _KINDS),
    Route("write.tooling.delete", ("DELETE",), f"{_X}/{{id}}", handlers.delete, "partly", _KINDS),
    Route("meta.tooling", ("*",), f"{_TOOLING}/{{*}}", None, "no", "Apex, tests, logs and other tooling"),
)
