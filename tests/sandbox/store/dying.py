"""Writes into an org's file and dies at the n-th SQL statement, once for each n: run by test_killed.py in a process.

``python dying.py FOLDER`` leaves ``n.db`` and ``n.acks``, a line for each acknowledged write, for every n up to the end.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from prm_harness.crm.salesforce.http import Request
from prm_harness.crm.sandbox import Sandbox

ROUNDS = 1


def write(sandbox: Sandbox, acknowledge: Any) -> None:
    """What a portal and the CRM's people do, each with its answer."""
    token = sandbox.open_session()

    def post(path: str, body: Any) -> Any:
        headers = {"host": "x", "authorization": f"Bearer {token}"}
        request = Request("POST", f"/services/data/v60.0/{path}", "", headers, json.dumps(body).encode())
        return json.loads(sandbox.handle(request).body)

    for n in range(ROUNDS):
        acknowledge("account", post("sobjects/Account", {"Name": f"A{n}"})["id"])
        rows = [{"attributes": {"type": "Contact"}, "LastName": f"C{n}.{i}"} for i in range(3)]
        answer = post("composite/sobjects", {"allOrNone": True, "records": rows})
        acknowledge("contacts", [row["id"] for row in answer])
        data = base64.b64encode(b"content").decode()
        file = {"Title": f"F{n}", "PathOnClient": "f.txt", "VersionData": data}
        acknowledge("file", post("sobjects/ContentVersion", file)["id"])
        sandbox.schema.add_field("Account", f"Field{n}__c", "string")
        acknowledge("field", f"Field{n}__c")
        acknowledge("case", post("sobjects/Case", {"Subject": f"S{n}"})["id"])
        (lead,) = sandbox.create("Lead", [{"LastName": f"L{n}", "Company": f"L{n}"}])
        acknowledge("conversion", sandbox.convert_lead(lead))


def child(path: Path, statement: int) -> None:
    """Write until the statement comes."""
    acks = os.open(path.with_suffix(".acks"), os.O_WRONLY | os.O_CREAT)
    sandbox = Sandbox.reopen(str(path))
    seen = 0

    def traced(_: str) -> None:
        nonlocal seen
        seen += 1
        if seen == statement:
            os._exit(9)  # as kill -9: no destructor, no flush, no rollback

    sandbox._org.connection.set_trace_callback(traced)
    write(sandbox, lambda *line: os.write(acks, json.dumps(line).encode() + b"\n"))
    os._exit(0)


def main(folder: Path) -> None:
    """One death after another, until a child lives to the end."""
    base = folder / "base.db"
    Sandbox(seed=7, path=str(base)).close()
    statement = 0
    while True:
        statement += 1
        path = folder / f"{statement}.db"
        shutil.copy(base, path)
        if not (process := os.fork()):
            child(path, statement)
        if os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
