"""The request log's figures at a million entries and a million row changes, beside one pass over the numbers alone."""

from array import array
from collections import Counter
from datetime import UTC, datetime

from bench.measure import Result, each, over, rounds_of
from prm_harness.crm.history import History, Load
from prm_harness.crm.usage import Columns, Kind

ENTRIES = 1_000_000
ROUNDS = 3


def measurements():
    columns, history = Columns(), History()
    kinds = [Kind(f"u{n % 3}", "client", "POST", f"write.row.{n}", 200, "", "") for n in range(6)]
    for number in range(ENTRIES):
        columns.add(number * 0.5, kinds[number % 6], (number % 200, 1))
    now = datetime(2026, 3, 2, tzinfo=UTC)
    fields = [{"Name": (None, "A"), "Phone": (None, "1")}] * (ENTRIES // 2)
    history.extend(Load(now, "u1", "Account", ["1"] * len(fields), "create", fields))
    for number in range(ENTRIES // 2):
        history.append(now, "u2", "Lead", str(number), "update", {"Status": ("a", "b")})
    numbers = array("l", range(ENTRIES))

    def ours():
        columns.usage(0, ENTRIES, None, history.runs(0, len(history)))

    def raw():
        Counter(numbers[: ENTRIES // 2])
        sorted(map(float, numbers))

    rounds = rounds_of(ROUNDS, ours, raw)
    yield Result(
        "log figures at a million",
        over(rounds),
        "x the time",
        20,
        at_least=False,
        definition=(
            "calls per 1,000 changes, batch sizes, gaps, writes by user and field of a million requests and as many row "
            "changes / counting half a million numbers and sorting a million"
        ),
        figures=f"sandbox {each(rounds, 0)}, raw {each(rounds, 1)}",
    )
