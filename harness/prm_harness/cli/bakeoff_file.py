"""bakeoff.yaml: who competes, and by whose weights. Every mistake in it is one line that says where."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from prm_harness.delivery import slug
from prm_harness.scoring.enclosures import twice
from prm_harness.scoring.profiles.source import Source, read_yaml

from . import options
from .ending import Trouble

FEWEST, MOST = 2, 8


class Vendor(BaseModel):
    """One contestant."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connect: str = Field(min_length=1, description="connect string of its adapter")
    name: str = Field(default="", description="what its folder is called; default: its product's name")
    out: Path | None = Field(default=None, description="its folder, if not a subfolder of the bake-off's")
    attestations: Path | None = Field(
        default=None, description="what it answered in writing, as written by `init attestations`"
    )
    comment: Path | None = Field(
        default=None, description="its own words about its run, as for `report --comment`"
    )
    waivers: Path | None = Field(
        default=None, description="checks that the buyer accepts of it as they are, as for `report --waivers`"
    )


class BakeoffFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = ""
    buyer: str = ""
    profile: str = Field(default=options.DEFAULT_PROFILE, description="a shipped profile's name, or a file")
    seed: int = Field(default=options.DEFAULT_SEED, ge=0)
    repeats: int = Field(
        default=1, ge=1, le=options.MOST_REPEATS, description="how often each vendor is audited"
    )
    vendors: tuple[Vendor, ...]


_FILES: Final = ("attestations", "comment", "waivers")
_KEYS: Final = tuple(sorted({*BakeoffFile.model_fields, *Vendor.model_fields}))


def load_bakeoff(path: Path) -> BakeoffFile:
    """Read and check the file; the paths in it count from its own folder.

    Raises:
        ProfileError: it is no YAML, or a key is written twice.
        Trouble: one line: which file, what is wrong, what to write instead.
        OSError: it cannot be read.
    """
    content = read_yaml(Source(str(path)), path.read_bytes(), start="vendors:")
    try:
        file = BakeoffFile.model_validate(content)
    except ValidationError as error:
        raise Trouble(f"{path}: {_first(error)}") from error
    _check_vendors(path, file.vendors)
    vendors = tuple(
        v.model_copy(update={key: path.parent / named for key in _FILES if (named := getattr(v, key))})
        for v in file.vendors
    )
    file = file.model_copy(update={"vendors": vendors})
    beside = path.parent / file.profile
    return file.model_copy(update={"profile": str(beside)}) if beside.is_file() else file


def _first(error: ValidationError) -> str:
    """The first mistake, in a line."""
    found = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in found["loc"])
    key = str(found["loc"][-1]) if found["loc"] else ""
    if found["type"] == "extra_forbidden":
        close = get_close_matches(key, _KEYS, n=1)
        return f"unknown key {where!r}" + (
            f"; did you mean {close[0]!r}?" if close else f" (known: {', '.join(_KEYS)})"
        )
    if found["type"] == "missing":
        return f"{where!r} is missing"
    return f"{where!r}: {found['msg'][0].lower()}{found['msg'][1:]}, not {_shown(found['input'])}"


def _check_vendors(path: Path, vendors: tuple[Vendor, ...]) -> None:
    if not FEWEST <= len(vendors) <= MOST:
        raise Trouble(f"{path}: a bake-off takes {FEWEST} to {MOST} vendors, this file names {len(vendors)}")
    for what, values in (
        ("connect string", [v.connect for v in vendors]),
        ("name", [slug(v.name) for v in vendors if v.name]),
        ("out folder", [str(v.out) for v in vendors if v.out]),
    ):
        if again := twice(values):
            raise Trouble(f"{path}: a vendor is listed twice: {what} {again!r}; every vendor competes once")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
