"""The section "Hide things on purpose" of docs/how-to/use-the-sandbox.md, by the lines that stand there."""

import json
import re
from pathlib import Path

import requests

from prm_harness.crm.sandbox.serve import RunningSandbox

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "use-the-sandbox.md"


def test_the_lines_hide_what_they_say():
    section = PAGE.read_text().partition("## Hide things on purpose")[2].partition("\n## ")[0]
    lines = re.findall(r"^admin (\S+) '(.*?)'$", section, re.MULTILINE | re.DOTALL)
    assert len(lines) == 4
    with RunningSandbox(seed=5) as served:
        own = served.welcome
        served.sandbox.create(
            "Account", [{"Name": "Sun", "Industry": "Energy", "Phone": "1"}, {"Name": "Bank"}]
        )
        for path, body in lines:
            head = {"Authorization": f"Bearer {own['admin_token']}"}
            told = requests.post(
                f"{own['admin_url']}/{path}", headers=head, json=json.loads(body), timeout=30
            )
            assert told.status_code == 200, told.text
        answer = requests.get(
            f"{own['url']}/services/data/v60.0/query",
            params={"q": "SELECT FIELDS(ALL) FROM Account LIMIT 9"},
            headers={"Authorization": f"Bearer {own['access_token']}"},
            timeout=30,
        )
    (row,) = answer.json()["records"]
    assert (row["Name"], "Phone" in row) == ("Sun", False)
