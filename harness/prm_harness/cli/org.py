"""``prm-harness org``: your own org as an org file for the sandbox."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .ending import MET, Ending, Trouble

if TYPE_CHECKING:
    from prm_harness.crm.orgfile.model import OrgFile

_OUT = click.option(
    "--out", "-o", type=click.Path(dir_okay=False, path_type=Path), default=Path("org.yaml"), show_default=True,
    metavar="FILE", help="Where to write the org file.",
)  # fmt: skip


@click.group("org", short_help="Your own org as an org file for the sandbox.")
def command() -> None:
    """Your own org as an org file, which `prm-harness crm serve --org FILE` serves.

    What an org file or this version of the sandbox cannot represent is printed, a line each.
    """


@command.command("import")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_OUT
def import_(folder: Path, out: Path) -> Ending:
    """Make an org file of saved describes (JSON) and of Metadata API source (an sfdx project) below DIR."""
    from prm_harness.crm.orgfile.importing.folder import read_folder
    from prm_harness.crm.orgfile.importing.report import Report

    report = Report()
    file = read_folder(folder, report)
    if not file.objects:
        raise Trouble(
            f"{folder}: there are neither describes (*.json) nor Metadata API source (*-meta.xml) in it"
        )
    return _write(file, out, report.lines)


@command.command("pull")
@_OUT
@click.option(
    "--instance-url", metavar="URL",
    help="Address of the org; a session of it comes from the environment variable SF_ACCESS_TOKEN.",
)  # fmt: skip
@click.option(
    "--ready-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="Take address and session from what `crm serve --ready-file` wrote, instead.",
)  # fmt: skip
@click.option(
    "--object", "objects", multiple=True, metavar="NAME", help="Read these objects only; repeatable."
)
@click.option("--api-version", default="60.0", show_default=True, metavar="N", help="API version to ask in.")
def pull(
    out: Path, instance_url: str | None, ready_file: Path | None, objects: Sequence[str], api_version: str
) -> Ending:
    """Make an org file of a live org: reads its describes, rules, picklists, roles and process settings, no record.

    The file shows the org as that user sees it. By default the objects of partner management and all custom ones are
    read. `sf org display --verbose` shows an address and an access token.
    """
    import requests
    from simple_salesforce.api import Salesforce
    from simple_salesforce.exceptions import SalesforceError

    from prm_harness.crm.orgfile.importing.pull import pull as pull_org
    from prm_harness.crm.orgfile.importing.pull import session_for
    from prm_harness.crm.orgfile.importing.report import Report

    url, token = _session(instance_url, ready_file)
    report = Report()
    try:
        client = Salesforce(instance_url=url, session_id=token, version=api_version, session=session_for(url))
        file = pull_org(client, report, objects=objects)
    except SalesforceError as error:
        raise Trouble(f"{url} refused: {str(error).splitlines()[0][:200]}") from None
    except requests.RequestException as error:
        raise Trouble(f"{url} cannot be reached: {type(error).__name__}") from None
    return _write(file, out, report.lines)


@command.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> Ending:
    """Make the org of FILE, and say what the sandbox cannot represent of it."""
    from prm_harness.crm.orgfile.reading import load_org_file

    notes = _notes(load_org_file(file), str(file))
    for note in notes:
        click.echo(f"not represented: {note}")
    return Ending(MET, f"{file} describes an org; {_count(notes, 'thing')} not represented")


def _session(instance_url: str | None, ready_file: Path | None) -> tuple[str, str]:
    if ready_file is not None:
        try:
            told = json.loads(ready_file.read_text(encoding="utf-8"))
            return str(told["url"]).rstrip("/"), str(told["access_token"])
        except (ValueError, KeyError, TypeError):
            raise Trouble(f"{ready_file}: it is not what `crm serve --ready-file` writes") from None
    token = os.environ.get("SF_ACCESS_TOKEN", "")
    if instance_url is None or not token:
        raise Trouble("name the org with --instance-url, and put a session of it into SF_ACCESS_TOKEN")
    if not instance_url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise Trouble(
            f"{instance_url!r} is no https address: a session is not sent over a network in the clear"
        )
    return instance_url.rstrip("/"), token


def _write(file: OrgFile, out: Path, lost: list[str]) -> Ending:
    from prm_harness.crm.orgfile.writing import as_yaml

    if out.exists():
        raise Trouble(f"{out} is there already; name another file with --out")
    if not out.parent.is_dir():
        raise Trouble(f"{out}: there is no folder {out.parent}")
    notes = [*lost, *_notes(file, str(out))]
    out.write_text(as_yaml(file), encoding="utf-8")
    for line in notes:
        click.echo(f"not represented: {line}")
    fields = sum(len(entry.fields) for entry in file.objects.values())
    click.echo(f"wrote {out}: {_count(file.objects, 'object')}, {fields} fields")
    click.echo(f"next: prm-harness crm serve --org {out}")
    return Ending(MET, f"{out} written; {_count(notes, 'thing')} not represented")


def _notes(file: OrgFile, name: str) -> list[str]:
    """What the sandbox makes of it, and cannot."""
    from datetime import UTC, datetime

    from prm_harness.crm.orgfile.building import OrgBuilder

    builder = OrgBuilder(file, name)
    builder.make(seed=1, now=lambda: datetime.now(UTC), path=":memory:").connection.close()
    return builder.notes


def _count(things: Sequence[object] | dict[str, object] | object, word: str) -> str:
    count = len(things)  # type: ignore[arg-type]
    return f"{count} {word}{'' if count == 1 else 's'}"
