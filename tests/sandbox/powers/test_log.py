"""What the request log answers when asked for figures, and that it stays small and quick when it is long."""

from datetime import UTC, datetime
from time import perf_counter

import pytest

from prm_harness.crm import entries
from prm_harness.crm.backend import Exchange, RowChange
from prm_harness.crm.history import History, Load
from prm_harness.crm.log import ExchangeLog
from prm_harness.crm.salesforce.entry import refusals
from prm_harness.crm.usage import Kind


def test_figures_of_a_sync(sandbox, sf):
    sandbox.create("Account", [{"Name": "before"}])
    mark = sandbox.log.mark()
    me = sandbox.facts.integration_user
    for size in (2, 2, 5):
        records = [{"attributes": {"type": "Account"}, "Name": "A", "Phone": "1"} for _ in range(size)]
        sf.restful("composite/sobjects", method="POST", json={"records": records})
        sandbox.clock.advance(60)
    sf.query("SELECT Id FROM Account")
    sandbox.create("Lead", [{"LastName": "L", "Company": "C"}])
    mine, all_of_it = sandbox.log.usage(since=mark, user=me), sandbox.log.usage(since=mark)

    assert (mine.calls, mine.rows_in, mine.rows_out, mine.changes) == (4, 9, 10, 9)
    assert mine.calls_per_1000_changes == pytest.approx(4000 / 9)
    assert mine.batch_sizes == {2: 2, 5: 1}
    assert (mine.gaps.count, mine.gaps.median, mine.gaps.longest) == (3, 60, 60)
    assert mine.by_route == {"write.collection.create": 3, "read.query": 1}
    assert mine.writes[me]["Account.Phone"] == 9
    assert set(all_of_it.writes) == {me, sandbox.query("SELECT Id FROM User WHERE Alias = 'ssales'")[0]["Id"]}
    assert all_of_it.changes == 10


def test_a_refused_row_is_known_however_far_down_it_stands(sandbox, sf):
    mark = sandbox.log.mark()
    records = [{"attributes": {"type": "Account"}, "Name": f"A {number}"} for number in range(40)]
    sf.restful(
        "composite/sobjects", method="POST", json={"records": [*records, {"attributes": {"type": "Account"}}]}
    )
    (exchange,) = sandbox.log.exchanges(since=mark[0], route="write")
    assert exchange.refusals == ("REQUIRED_FIELD_MISSING",)
    assert "REQUIRED_FIELD_MISSING" not in exchange.response_excerpt


def test_refusals_of_loads_and_of_the_soap_api_are_read_too():
    table = b'"sf__Id","sf__Error","Name"\n"","FIELD_CUSTOM_VALIDATION_EXCEPTION:no, not so:--","A"\n'
    assert refusals("read.bulk.results", table) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION",)
    assert refusals("read.query", table) == ()
    soap = b"<errors><message>no</message><statusCode>ENTITY_IS_DELETED</statusCode></errors>"
    assert refusals("write.soap.update", soap) == ("ENTITY_IS_DELETED",)


def test_nothing_asked_is_no_division_by_zero(sandbox):
    usage = sandbox.log.usage()

    assert (usage.calls, usage.calls_per_1000_changes, usage.gaps.longest) == (0, None, 0.0)


def entry(number):
    return Exchange(
        number, datetime(2026, 3, 2, tzinfo=UTC), "u", "c", "GET", f"/p/{number}", "read.query", 200, "", 0, 1, 2, 3, 0.5,
        soql="SELECT", response_excerpt="ü" * 50, refusals=("ENTITY_IS_DELETED",) * (number % 2),
    )  # fmt: skip


def test_old_entries_are_packed_and_read_as_they_were(monkeypatch):
    monkeypatch.setattr(entries, "LIVE", 500)
    kept = entries.Entries()
    for number in range(4000):
        kept.append(lambda number=number: entry(number))

    assert len(kept) == 4000
    assert kept._packed, "some are packed"
    assert list(kept.read(iter([0, 1500, 2, 3999]))) == [entry(n) for n in (0, 1500, 2, 3999)]


def test_a_million_entries_are_counted_quickly():
    """The figure of the page on performance is measured by `make bench`; here it only has to be no minute."""
    log, history = ExchangeLog(), History()
    log.follow(history)
    kinds = [Kind(f"u{n % 3}", "c", "POST", f"write.row.{n}", 200, "", "") for n in range(6)]
    for number in range(1_000_000):
        log._columns.add(number * 0.5, kinds[number % 6], (number % 7, 1))
    log._exchanges._packed = [b""] * 1000
    fields = [{"Name": (None, "A"), "Phone": (None, "1")}] * 500_000
    history.extend(Load(datetime.now(UTC), "u1", "Account", ["1"] * 500_000, "create", fields))
    for number in range(1000):
        history.append(datetime.now(UTC), "u2", "Lead", str(number), "update", {"Status": ("a", "b")})
    started = perf_counter()
    usage = log.usage()
    seconds = perf_counter() - started

    assert (usage.calls, usage.changes, usage.batch_sizes[6]) == (1_000_000, 501_000, 142_857)
    assert usage.writes == {
        "u1": {"Account.Name": 500_000, "Account.Phone": 500_000},
        "u2": {"Lead.Status": 1000},
    }
    assert usage.gaps.longest == 0.5
    assert seconds < 20


def test_a_change_of_the_history_is_what_it_was():
    history = History()
    history.append(datetime(2026, 1, 1, tzinfo=UTC), "u", "Lead", "1", "update", {"A": (1, 2)})

    assert list(history) == [
        RowChange(1, datetime(2026, 1, 1, tzinfo=UTC), "u", "Lead", "1", "update", {"A": (1, 2)})
    ]
