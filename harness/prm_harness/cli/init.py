"""``prm-harness init``: files to start from, each of which works as it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from .ending import MET, Ending, Trouble

SKELETONS: Final = {
    "adapter": ("my_prm_adapter.py", "my_prm_portal.py"),
    "adapter node": ("my-prm-adapter.mjs", "my-prm-portal.mjs"),
    "adapter yaml": ("portal.yaml", "my_prm_api.py", "my_prm_portal.py"),
    "bakeoff": ("bakeoff.yaml",),
    "profile": ("profile.yaml",),
    "attestations": ("attestations.yaml",),
    "product": ("product.yaml",),
}
NEXT: Final = {
    "adapter": "cd {folder} && prm-harness adapter check python:my_prm_adapter:create",
    "adapter node": "cd {folder} && node my-prm-adapter.mjs, then `prm-harness adapter check http://127.0.0.1:8765`",
    "adapter yaml": "cd {folder} && python my_prm_api.py, then `prm-harness adapter check rest:portal.yaml`",
    "bakeoff": "prm-harness bakeoff {folder}/bakeoff.yaml",
    "profile": "prm-harness audit CONNECT --profile {folder}/profile.yaml",
    "attestations": "prm-harness audit CONNECT --attestations {folder}/attestations.yaml",
    "product": "prm-harness certify RUN.ndjson RUN.ndjson RUN.ndjson --product {folder}/product.yaml --key KEY",
}


@click.command("init", short_help="Write an adapter, a bake-off file, a profile or a form to start from.")
@click.argument("what", type=click.Choice([name for name in SKELETONS if " " not in name]))
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--language",
    type=click.Choice(["python", "node", "yaml"]),
    default="python",
    show_default=True,
    help="What an adapter is written in; yaml declares a product's REST API without code.",
)
def command(what: str, folder: Path, language: str) -> Ending:
    """Write something to start from into DIR; a file that is there already is never overwritten.

    adapter: an adapter with a small portal behind it that stands in for the product, in Python, for plain Node without
    packages, or as a YAML file. bakeoff: a commented
    bakeoff.yaml of the reference PRMs. profile: a commented profile.yaml. attestations: a form for the vendor, who
    answers in writing what no audit can see. product: what a certificate is about, as its vendor states it.
    """
    if language != "python":
        if what != "adapter":
            raise Trouble(f"--language is for adapters; a {what} file is the same for every language")
        what = f"{what} {language}"
    names = SKELETONS[what]
    if taken := next((folder / name for name in names if (folder / name).exists()), None):
        raise Trouble(f"{taken} is there already; choose another folder, or move it away")
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text(_content(name), encoding="utf-8")
        click.echo(f"wrote {folder / name}")
    click.echo(f"next: {NEXT[what].format(folder=folder)}")
    return Ending(MET, f"{len(names)} file{'s' if len(names) > 1 else ''} written")


def _content(name: str) -> str:
    from importlib import resources

    if name == "attestations.yaml":
        from prm_harness.audit.attestations import form_text
        from prm_harness.audit.registry import load_catalogue

        return form_text(load_catalogue().checklist)
    return (resources.files(__package__) / "skeletons" / f"{name}.txt").read_text(encoding="utf-8")
