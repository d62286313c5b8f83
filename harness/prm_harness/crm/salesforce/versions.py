"""The list of API versions and the map of one version's resources (contract §2)."""

from __future__ import annotations

import re
from typing import Final

from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.http import Response, json_response

OLDEST: Final = 31
NEWEST: Final = 66
_SHAPE: Final = re.compile(r"[vV]([0-9]{2})\.0")
_CURLY: Final = 42
"""The one release whose label has a typographic apostrophe."""

_RESOURCES: Final = (
    "tooling", "metadata", "eclair", "folders", "chatter", "tabs", "theme", "actions", "support", "event",
    "query", "queryAll", "limits", "sobjects", "search", "parameterizedSearch", "composite", "jobs", "connect",
    "recent", "quickActions", "process", "licensing", "compactLayouts", "analytics", "wave", "ui-api", "async-queries",
)  # fmt: skip


def versions(_call: Call) -> Response:
    """``GET /services/data``: ascending, no session needed."""
    return json_response(
        [
            {"label": _label(v), "url": f"/services/data/v{v}.0", "version": f"{v}.0"}
            for v in range(OLDEST, NEWEST + 1)
        ]
    )


def resources(call: Call) -> Response:
    """``GET /services/data/vXX.0/``: name to path, and the caller's identity address."""
    paths = {name: f"{call.base}/{name}" for name in _RESOURCES}
    identity = f"{call.wire.login_origin(call.request)}/id/{call.org.id}/{call.user}"
    return json_response({**paths, "identity": identity})


def is_offered(version: str) -> bool:
    """Whether an address may begin with this version, ``v31.0`` to ``v66.0``."""
    shape = _SHAPE.fullmatch(version)
    return shape is not None and OLDEST <= int(shape[1]) <= NEWEST


def _label(version: int) -> str:
    season = ("Summer", "Winter", "Spring")[(version - OLDEST) % 3]
    year = 14 + (version - OLDEST + 2) // 3
    return f"{season} {'’' if version == _CURLY else chr(39)}{year}"
