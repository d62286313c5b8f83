"""What a reader gives back, and what it refuses: every way in which a run file can be cut, edited or pieced together."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prm_harness.record.digests import canonical_json, sha256
from prm_harness.record.model import Footer
from prm_harness.record.reader import RunFileError, read_run
from prm_harness.record.verdicts import Verdict
from prm_harness.record.writer import footer_digest

from .runs import CHECKS, NOON, header, result, write


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "run.ndjson")


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return write(tmp_path_factory.mktemp("original") / "run.ndjson").read_bytes()


def refused(path, content, *, partial=False):
    path.write_bytes(content)
    with pytest.raises(RunFileError) as caught:
        read_run(path, partial=partial)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


def rechained(events):
    """What somebody who knows the format would write after editing: every digest right again."""
    lines, prev = [], "0" * 64
    for seq, event in enumerate(events, start=1):
        changed = {**event, "seq": seq, "prev": prev}
        if changed["kind"] == "footer":
            changed["data"] = {**changed["data"], "digest": footer_digest(changed)}
        lines.append(canonical_json(changed))
        prev = sha256(lines[-1])
    return b"".join(line + b"\n" for line in lines)


def events_of(content):
    return [json.loads(line) for line in content.splitlines()]


def test_a_run_comes_back_as_it_was_written(path):
    run = read_run(path)
    assert run.header == header()
    assert list(run.results) == list(CHECKS)
    assert run.results["T3"].share == 0.25
    assert [fact.value for fact in run.facts] == [12.5]
    assert run.style is not None
    assert (run.style.words, run.style.agrees) == ("mirror", True)
    assert [step.id for step in run.setup] == ["s1"]
    assert [barrier.to_crm_seconds for barrier in run.barriers] == [1.5]
    assert run.notes == ({"text": "works although declared absent"},)
    assert run.probes == ({"capability": "rollback", "refused": True},)
    assert run.footer is not None
    assert run.footer.counts == {"passed": 1, "partial": 1, "failed": 1}
    assert run.complete
    assert run.digest == sha256(path.read_bytes())


def test_results_come_in_the_checklists_order_whatever_order_they_ended_in(tmp_path):
    run = read_run(write(tmp_path / "run.ndjson", results=[result("T3"), result("T1"), result("T2")]))
    assert list(run.results) == ["T1", "T2", "T3"]


def test_of_several_attempts_the_worst_counts_and_all_are_kept(tmp_path):
    attempts = [
        result("T1", attempt=1),
        result("T1", Verdict.FAILED, attempt=2, finding="lost"),
        result("T1", attempt=3),
        result("T2", Verdict.PARTIAL, share=0.9, attempt=1),
        result("T2", Verdict.PARTIAL, share=0.2, attempt=2),
    ]
    run = read_run(write(tmp_path / "run.ndjson", results=attempts))
    assert run.results["T1"].finding == "lost"
    assert run.results["T2"].share == 0.2
    assert [one.attempt for one in run.attempts["T1"]] == [1, 2, 3]
    assert run.flaky == {"T1"}
    assert run.footer is not None
    assert run.footer.counts == {"partial": 1, "failed": 1}


def test_an_interrupted_run_reads_but_is_not_complete(tmp_path):
    run = read_run(write(tmp_path / "run.ndjson", interrupted=True))
    assert run.footer is not None
    assert not run.complete


def test_a_killed_run_needs_partial_and_keeps_what_it_had(tmp_path):
    path = write(tmp_path / "run.ndjson", footer=False)
    assert "incomplete" in refused(path, path.read_bytes())
    assert "--partial" in refused(path, path.read_bytes())
    run = read_run(path, partial=True)
    assert not run.complete
    assert run.footer is None
    assert list(run.results) == list(CHECKS)


@pytest.mark.parametrize("cut", range(1, 40, 7))
def test_a_cut_off_last_line_needs_partial_and_is_dropped(path, original, cut):
    assert "cut off" in refused(path, original[:-cut])
    run = read_run(path, partial=True)
    assert not run.complete
    assert run.footer is None
    assert len(run.results) == 3


def test_every_cut_leaves_a_file_that_is_read_in_part_or_refused_in_one_line(path, original):
    header_end = original.index(b"\n") + 1
    for length in range(0, len(original), 13):
        content = original[:length]
        if length < header_end:
            refused(path, content, partial=True)
        else:
            path.write_bytes(content)
            assert not read_run(path, partial=True).complete
        refused(path, content)


def test_no_byte_can_be_flipped(path, original):
    for at in range(len(original)):
        # A flip that stays printable where it can: the case of a letter, a digit beside the digit.
        for mask in (0x01, 0x20):
            changed = bytearray(original)
            changed[at] ^= mask
            refused(path, bytes(changed))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_bytes_can_be_replaced_inserted_or_removed(path, original, data):
    start = data.draw(st.integers(0, len(original)), "from")
    end = data.draw(st.integers(start, min(start + 6, len(original))), "to")
    new = data.draw(
        st.binary(max_size=6) | st.sampled_from([b" ", b"\n", b"0", b".0", b"e0", b"\\u0020"]), "new"
    )
    changed = original[:start] + new + original[end:]
    if changed != original:
        refused(path, changed)


def test_no_line_can_be_dropped_repeated_or_moved(path, original):
    lines = original.splitlines(keepends=True)
    for at in range(len(lines)):
        refused(path, b"".join(lines[:at] + lines[at + 1 :]))
        refused(path, b"".join(lines[: at + 1] + lines[at:]))
        for other in range(at):
            swapped = list(lines)
            swapped[at], swapped[other] = swapped[other], swapped[at]
            refused(path, b"".join(swapped))


def test_an_edited_file_is_refused_in_partial_reading_too(path, original):
    changed = original.replace(b'"verdict":"failed"', b'"verdict":"passed"')
    assert changed != original
    for partial in (False, True):
        message = refused(path, changed, partial=partial)
        assert "the chain is broken at line 9" in message
        assert "edited after it was written" in message


def test_lines_of_another_run_do_not_fit(path, tmp_path, original):
    other = (
        write(tmp_path / "other.ndjson", head=header(run_id="run-2")).read_bytes().splitlines(keepends=True)
    )
    lines = original.splitlines(keepends=True)
    assert "chain is broken at line 2" in refused(path, b"".join(other[:1] + lines[1:]))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"hello\n", "not a run file"),
        (b'{"a": 1}\n', "not a run file"),
        (b"\xff\xfe\x00", "not a run file"),
        (b"%PDF-1.7\n...", "not a run file"),
    ],
)
def test_what_is_no_run_file(path, content, words):
    assert words in refused(path, content)
    assert words in refused(path, content, partial=True)


def test_changed_line_ends_are_called_that(path, original):
    assert "CRLF" in refused(path, original.replace(b"\n", b"\r\n"))


def test_a_header_alone_and_half_a_header(path, original):
    first = original.splitlines(keepends=True)[0]
    assert "incomplete" in refused(path, first)
    path.write_bytes(first)
    assert read_run(path, partial=True).results == {}
    assert "header, is cut off" in refused(path, first[:-1], partial=True)


class TestWhoKnowsTheFormatStillCannot:
    """Edits with every digest put right again: what the chain cannot see, consistency does."""

    @pytest.fixture
    def events(self, original):
        return events_of(original)

    def test_the_control_an_unchanged_file_put_together_again_reads(self, path, original, events):
        assert rechained(events) == original

    def test_drop_a_result(self, path, events):
        dropped = [event for event in events if event["data"].get("check") != "T2"]
        assert "footer counts" in refused(path, rechained(dropped))

    def test_drop_another_event(self, path, events):
        assert f"footer counts {len(events)} events" in refused(path, rechained(events[:1] + events[2:]))

    def test_change_a_verdict(self, path, events):
        for event in events:
            if event["data"].get("verdict") == "failed":
                event["data"]["verdict"] = "passed"
        message = refused(path, rechained(events))
        assert (
            f"footer counts {len(events)} events and 1 failed, 1 partial, 1 passed, the file holds {len(events)} and 1 partial, 2 passed"
            in message
        )

    def test_name_a_check_that_does_not_exist(self, path, events):
        events[6]["data"]["check"] = "T9"
        assert "line 7 is the result of an unknown check, 'T9'" in refused(path, rechained(events))

    def test_give_a_result_twice(self, path, events):
        assert "line 8 is a second result of T1, attempt 1" in refused(
            path, rechained(events[:7] + events[6:])
        )

    def test_go_on_after_the_footer(self, path, events):
        assert f"line {len(events)} is a footer in the middle" in refused(
            path, rechained([*events, events[-2]])
        )

    def test_begin_twice(self, path, events):
        assert "line 3 is a header in the middle" in refused(
            path, rechained([*events[:2], events[0], *events[2:]])
        )

    def test_use_an_unknown_kind(self, path, events):
        events[2]["kind"] = "verdict"
        assert "line 3 is of the unknown kind 'verdict'" in refused(path, rechained(events))

    def test_use_a_newer_format(self, path, events):
        events[0]["data"]["format"] = "prm-harness-run/2"
        assert "written by a newer prm-harness (format 2, this one reads 1)" in refused(
            path, rechained(events)
        )

    def test_add_a_key(self, path, events):
        events[6]["data"]["bonus"] = 1
        assert "line 7, result bonus: Extra inputs" in refused(path, rechained(events))

    def test_plan_a_check_that_is_not_in_the_checklist(self, path, events):
        events[0]["data"]["plan"].append("T9")
        assert "plan names checks that are not in the checklist: T9" in refused(path, rechained(events))

    def test_list_a_check_twice_or_without_a_question(self, path, events):
        checks = events[0]["data"]["checklist"]["checks"]
        checks[0]["question"] = "Q1.1"
        assert "without a question: T1" in refused(path, rechained(events))
        checks[0] = checks[1]
        assert "names a check twice" in refused(path, rechained(events))


def test_every_message_about_a_line_names_it(path, original):
    lines = original.splitlines(keepends=True)
    for at in range(1, len(lines) - 1):
        message = refused(path, b"".join([*lines[:at], b"{}\n", *lines[at + 1 :]]))
        assert re.search(rf"\bline {at + 1}\b", message)


def test_a_footer_made_elsewhere_has_no_digest_and_is_refused(path, original):
    lines = original.splitlines(keepends=True)
    last = json.loads(lines[-1])
    last["data"] = Footer(ended_at=NOON, counts=last["data"]["counts"], events=12).model_dump(mode="json")
    assert "its own digest" in refused(path, b"".join(lines[:-1]) + canonical_json(last) + b"\n")
