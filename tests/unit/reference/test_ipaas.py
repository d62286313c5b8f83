"""Habits of polling tasks: what fires, what does not, when a task is tried again and when somebody is told."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from prm_harness.adapter import ConnectError, Filter, NotSupported, Ref, open_adapter
from prm_harness.reference.platforms import PLATFORMS

RULE = "CONTAINS(Name, 'Refused')"


def aged(lab, days):
    stamp = (lab.crm.clock.now() - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    audit = {"CreatedDate": stamp, "LastModifiedDate": stamp, "SystemModstamp": stamp}
    lab.crm.create("Opportunity", [lab.deal(f"Aged {days}")], audit=audit)


def test_the_tasks_pick_up_two_years_back(lab):
    made = lab("ipaas", before=lambda new: [aged(new, days) for days in (400, 800)])
    assert made.in_prm("Aged 400")
    assert made.prm.read("Opportunity", Ref(by="name", value="Aged 800")) is None


def test_without_a_date_nothing_comes_that_is_not_touched_after_the_first_poll(lab):
    made = lab("ipaas", options="since=0", before=lambda new: aged(new, 1))
    made.wait()
    assert [*made.prm.list("Opportunity")] == []
    (row,) = made.rows("Aged 1")
    made.crm.update("Opportunity", row["Id"], {"NextStep": "touched"})
    made.wait(cycles=3)
    assert made.in_prm("Aged 1").fields["NextStep"] == "touched"
    with pytest.raises(NotSupported):
        made.prm.backfill("Opportunity", ["Name"])


@pytest.mark.parametrize("since", ["-1", "731", "soon"])
def test_a_date_that_makes_no_sense_is_refused(lab, since):
    with pytest.raises(ConnectError, match="from 0 to 730"):
        lab("ipaas", options=f"since={since}", connect=False)


def test_every_version_fires_and_a_silent_change_only_when_the_task_starts_again(lab):
    made = lab("ipaas")
    made.submit("Deal A")
    made.wait(cycles=2)
    crm_id = made.in_crm("Deal A")["Id"]
    for step in ("one", "two"):
        made.crm.update("Opportunity", crm_id, {"NextStep": step})
        made.wait()
        assert made.in_prm("Deal A").fields["NextStep"] == step
    made.crm.update("Opportunity", crm_id, {"NextStep": "silent"}, quietly=True)
    made.wait(cycles=2)
    assert made.in_prm("Deal A").fields["NextStep"] == "two"
    assert made.prm.backfill("Opportunity", ["NextStep"]).done
    assert made.in_prm("Deal A").fields["NextStep"] == "silent"


def test_replays_come_at_growing_gaps_and_a_mail_only_when_the_task_is_held(lab):
    made = lab("ipaas")
    made.crm.schema.add_validation_rule("Opportunity", "No", RULE, "not this one")
    made.submit("Refused deal")
    attempts = []
    for _ in range(150):
        before = len(made.crm.log.exchanges(route="write"))
        made.wait(300)
        attempts += [len(made.crm.log.exchanges(route="write")) > before]
        if not made.prm.notifications() and sum(attempts):
            (entry,) = made.prm.list_errors()
            assert entry.name == "Refused deal"
    when = [number for number, tried in enumerate(attempts) if tried]
    minutes = [5 * (later - earlier) for earlier, later in pairwise(when)]
    assert minutes == [5, 30, 60, 180, 360]
    (mail,) = made.prm.notifications()
    assert "held" in mail.subject
    made.crm.schema.drop_validation_rule("Opportunity", "No")
    (entry,) = made.prm.list_errors()
    assert made.prm.retry(entry.id).state == "accepted"
    assert made.rows("Refused deal")


def test_a_filter_decides_what_comes_next_and_takes_nothing_away(lab):
    made = lab("ipaas")
    rule = Filter(kind="Account", field="Name", op="ne", value="Customer")
    assert made.prm.set_filter("Account", rule).done
    made.wait()
    assert made.prm.read("Account", Ref(by="name", value="Customer")) is not None


def test_the_run_log_knows_nothing_of_the_value_before(lab):
    made = lab("ipaas")
    prm_id = made.submit("Deal A", NextStep="one")
    made.wait(cycles=2)
    made.prm.update("Opportunity", Ref(by="prm_id", value=prm_id), {"NextStep": "two"})
    made.wait()
    (entry,) = [e for e in made.prm.list_sync_history() if e.field == "NextStep" and e.new == "two"]
    assert entry.old is None


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_platform_is_its_documented_habits_and_is_marked_as_not_verified(platform):
    habits = PLATFORMS[platform]
    info = open_adapter(f"python:prm_harness.reference.ipaas:create?platform={platform}").info()
    assert info.sample
    assert info.unverified
    assert info.vendor == "Reference", "a reference PRM with a platform's habits is no platform"
    assert habits.name in info.product
    assert info.cycle_seconds == habits.cycle_seconds
    assert {f"not documented by {habits.name}: {what}" for what in habits.unknown} <= set(
        info.unsupported_notes
    )
    assert all(source.startswith(("https://", "http://help.boomi")) for source in habits.sources)


def test_what_a_platform_writes_goes_in_its_own_batches_and_is_tried_as_often(lab):
    made = lab("ipaas", options="platform=zapier")
    for number in range(3):
        made.submit(f"Deal {number}")
    mark, _ = made.crm.log.mark()
    made.wait()
    writes = [one for one in made.crm.log.exchanges(since=mark) if one.route.startswith("write")]
    assert [one.rows_in for one in writes] == [1, 1, 1]

    made = lab("ipaas", options="platform=workato")
    made.crm.schema.add_validation_rule("Opportunity", "No", 'NextStep = "no"', "Not so", "NextStep")
    made.submit("Deal", NextStep="no")
    mark, _ = made.crm.log.mark()
    made.wait(cycles=12)
    assert len([one for one in made.crm.log.exchanges(since=mark) if one.route.startswith("write")]) == 1, (
        "no replays"
    )
    assert any("held" in mail.subject for mail in made.prm.notifications())


def test_a_platform_that_nobody_knows_is_refused_with_those_there_are():
    with pytest.raises(
        ConnectError, match="platform='zappier': it is one of zapier, workato, boomi, syncari, tray"
    ):
        open_adapter("python:prm_harness.reference.ipaas:create?platform=zappier")


def test_the_page_has_every_platform():
    page = (Path(__file__).parents[3] / "docs" / "explanation" / "integration-styles.md").read_text()
    for word, habits in PLATFORMS.items():
        assert f"| {habits.name} | `{word}` | {habits.cycle_seconds / 60:g} min | {habits.batch} |" in page
        assert all(source in page for source in habits.sources)
