"""A folder of saved describes, of Metadata API source, or of both: source adds to what the describes say."""

from __future__ import annotations

from pathlib import Path

from prm_harness.crm.orgfile.importing.describes import objects_of, read_describes, switches_of
from prm_harness.crm.orgfile.importing.report import Report
from prm_harness.crm.orgfile.importing.source import add_source
from prm_harness.crm.orgfile.model import FORMAT, OrgFile


def read_folder(folder: Path, report: Report) -> OrgFile:
    """The org file of everything in the folder."""
    described = objects_of(read_describes(folder, report), report)
    file = OrgFile(format=FORMAT, base="bare", objects=described)
    switches = switches_of(described)
    if switches.model_fields_set:
        file = file.model_copy(update={"switches": switches})
        file.model_fields_set.add("switches")
    return add_source(file, folder, report)
