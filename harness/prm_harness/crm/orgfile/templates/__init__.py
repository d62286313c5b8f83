"""Orgs to start from that are described as org files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from typing import Final

from prm_harness.crm.org.org import Org
from prm_harness.crm.orgfile.building import OrgBuilder
from prm_harness.crm.orgfile.reading import OrgFileError, parse_org_file

DESCRIBED: Final = ("enterprise-complex",)
"""Their names."""


def described_org(name: str) -> Callable[..., Org]:
    """What makes the org of that name."""

    def make(*, seed: int, now: Callable[[], datetime], path: str) -> Org:
        text = (files(__package__) / f"{name}.yaml").read_bytes()
        builder = OrgBuilder(parse_org_file(text, name), name)
        org = builder.make(seed=seed, now=now, path=path)
        if builder.notes:
            raise OrgFileError(f"template {name}: {builder.notes[0]}")
        return org

    return make
