"""The readable files of a bundle, made from its runs: when it is issued, and again when it is verified."""

from __future__ import annotations

import json
import platform
import tempfile
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from prm_harness._version import __version__
from prm_harness.delivery import pdf_obstacle, write_certificate, write_scorecard
from prm_harness.record.certificate import Certificate
from prm_harness.record.installed import code_digest
from prm_harness.record.run import Run

from .envelope import canonical


def rendered(certificate: Certificate, runs: Sequence[Run], *, pdf: bool) -> dict[str, bytes]:
    """Name in the bundle → content, of everything that is printed from the runs."""
    files: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="prm-harness-") as folder:
        for number, run in enumerate(runs, start=1):
            out = Path(folder, f"run-{number}")
            for path in write_scorecard(run, out, pdf=pdf).files:
                files[f"run-{number}/{path.name}"] = path.read_bytes()
        out = Path(folder, "certificate")
        for path in write_certificate(certificate, runs, out, pdf=pdf).files:
            files[f"certificate/{path.name}"] = path.read_bytes()
    return files


def derived(runs: Sequence[Run]) -> dict[str, bytes]:
    """The profile and the catalogue by themselves, for readers without the harness."""
    header = runs[0].header
    return {
        "profile.json": _json(header.profile.model_dump(mode="json")),
        "catalogue.json": _json(header.checklist.model_dump(mode="json")),
    }


def environment() -> dict[str, Any]:
    """Where the bundle was made: what its PDFs depend on, and nothing about the machine or its user."""
    return {
        "prm-harness": __version__,
        "code": code_digest(),
        "python": platform.python_version(),
        "system": platform.system(),
        "pdf": pdf_engine(),
    }


def pdf_engine() -> str:
    """What the bytes of a PDF depend on besides the page; empty where none can be made."""
    if pdf_obstacle():
        return ""
    packages = [
        f"{name} {metadata.version(name)}"
        for name in ("weasyprint", "pydyf", "fonttools", "tinyhtml5", "tinycss2")
    ]
    try:
        from weasyprint.text.ffi import ffi, pango

        packages.append(f"pango {ffi.string(pango.pango_version_string()).decode()}")
    except (ImportError, AttributeError):
        packages.append("pango unknown")
    return ", ".join(packages)


def environment_file() -> bytes:
    """environment.json."""
    return canonical(environment()) + b"\n"


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()
