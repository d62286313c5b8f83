"""Each of D1 to D38 is provoked by the lines that the documentation shows, which are run here as they stand."""

import ast
import re
from pathlib import Path

import pytest
from simple_salesforce import Salesforce

from prm_harness.crm.backend import FaultSpec, RequestMatch
from prm_harness.crm.orgfile.building import OrgBuilder
from prm_harness.crm.orgfile.reading import parse_org_file
from prm_harness.crm.sandbox import Sandbox

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "how-to" / "provoke-failure-modes.md").read_text()
SECTIONS = re.findall(r"^## (D\d+) ([^\n]+)\n\n```python\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)
MODES = re.findall(r"^\| (D\d+) \|", (DOCS / "reference" / "failure-modes.md").read_text(), re.MULTILINE)


def code(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except Exception as error:  # noqa: BLE001 - whatever an unmodified client raises
        content = getattr(error, "content", None)
        return content[0]["errorCode"] if isinstance(content, list) else type(error).__name__
    return "done"


class Stage:
    """A sandbox and the portal's clients of it; another org takes its place."""

    def __init__(self, stack, sandbox):
        self.stack = stack
        self.start(sandbox)

    def start(self, sandbox):
        self.crm = self.stack.enter_context(sandbox)
        self.stack.enter_context(sandbox.in_process())

    def log_in(self):
        own = self.crm.credentials()
        return Salesforce(
            username=own.username, password=own.password, security_token=own.security_token, version="60.0"
        )

    def org(self, text):
        builder = OrgBuilder(parse_org_file(text.encode(), "page"), "page")
        self.start(Sandbox(seed=8, template="page", make=builder.make))
        assert builder.notes == []
        return self.crm


class Portal:
    """simple-salesforce, logged in when it is first used: an arrangement may change the org before."""

    def __init__(self, stage):
        self._stage = stage
        self._client = None

    def __getattr__(self, name):
        if self._client is None or self._org is not self._stage.crm:
            self._client, self._org = self._stage.log_in(), self._stage.crm
        return getattr(self._client, name)


@pytest.mark.parametrize(("mode", "lines"), [(mode, lines) for mode, _, lines in SECTIONS])
def test_the_lines_provoke_it(mode, lines):
    from contextlib import ExitStack

    with ExitStack() as stack:
        stage = Stage(stack, Sandbox(seed=7))
        session = Salesforce(
            instance_url=stage.crm.instance_url, session_id=stage.crm.open_session(), version="60.0"
        )
        known = {
            "crm": stage.crm, "sf": Portal(stage), "session": session, "log_in": stage.log_in, "org": stage.org,
            "code": code, "FaultSpec": FaultSpec, "RequestMatch": RequestMatch,
        }  # fmt: skip
        exec(compile(lines, f"{mode} of provoke-failure-modes.md", "exec"), known)


def test_none_is_missing_and_every_one_is_checked_and_short():
    assert [mode for mode, _, _ in SECTIONS] == MODES
    for mode, _, lines in SECTIONS:
        assert "assert" in lines, mode
        assert len(ast.parse(lines).body) <= 10, f"{mode} is more than a few lines"


def test_the_table_names_all_of_them():
    table = PAGE.partition("<!-- table -->")[2].partition("## D1 ")[0]

    assert re.findall(r"^\| \[(D\d+)\]", table, re.MULTILINE) == MODES
