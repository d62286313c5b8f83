"""Keeps tap-salesforce ready to run. It is started with the interpreter of the engine's own environment.

One line of JSON in is one run; one line of JSON out says how it ended. A run is a fork, so that the engine's imports
are paid once and not every time. Nothing of the engine is changed. An audit in driven time moves the clock that the
engine looks at, and lets its pauses between two attempts cost nothing.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from datetime import datetime
from typing import Any

import singer.utils
from tap_salesforce import main


def _run(order: dict[str, Any]) -> int:
    for number, path in ((1, order["stdout"]), (2, order["stderr"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    if order.get("now"):
        now = datetime.fromisoformat(order["now"])
        singer.utils.now = lambda: now
        time.sleep = lambda _seconds: None
    sys.argv = ["tap-salesforce", *order["arguments"]]
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001 - whatever it was, it was this run's
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


for line in sys.stdin:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = _run(json.loads(line))
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)
