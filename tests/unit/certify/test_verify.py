"""Every way to make a bundle say something else than its runs: none verifies, and each is told why."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prm_harness.certify.archive import pack, unpack
from prm_harness.certify.envelope import canonical, signed
from prm_harness.certify.issue import ENVELOPE
from prm_harness.certify.keys import fingerprint
from prm_harness.certify.revocation import load_revocations
from prm_harness.certify.verify import Demands, Report, verify
from prm_harness.record.reader import read_run
from prm_harness.record.verdicts import Verdict

from .bundles import (
    TODAY,
    bundle,
    events,
    key,
    rechained,
    run_file,
    signed_again,
    three_runs,
    with_files,
)

DEMANDS = Demands(keys=[key().public_key()], today=TODAY)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return bundle(tmp_path_factory.mktemp("sound"))


def problems(content: bytes, **changes: Any) -> list[str]:
    report = verify(content, replace(DEMANDS, **changes))
    assert not report.verified, report.passed
    return report.problems


def test_a_sound_bundle_verifies(sound: bytes) -> None:
    report = verify(sound, DEMANDS)
    assert (report.problems, report.unchecked) == ([], [])
    assert report.assured is not None
    assert report.assured.level == "self-declared"
    assert "follows from the other runs" in report.assured.why
    assert len(report.passed) == 9


def test_the_same_runs_give_the_same_bundle(tmp_path: Path, sound: bytes) -> None:
    assert bundle(tmp_path) == sound


# -- bytes --------------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_no_bit_of_the_file_can_change(sound: bytes, place: float, bit: int) -> None:
    at = int(place * len(sound))
    told = problems(sound[:at] + bytes([sound[at] ^ (1 << bit)]) + sound[at + 1 :])
    assert told[0].startswith("the bundle: ")


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_bit_of_a_part_can_change_either_when_it_is_packed_again(
    sound: bytes, data: st.DataObject
) -> None:
    files = unpack(sound)
    name = data.draw(st.sampled_from(sorted(files)))
    at = data.draw(st.integers(0, len(files[name]) - 1))
    changed = bytearray(files[name])
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    told = problems(with_files(sound, **{name: bytes(changed)}))
    if name == ENVELOPE:
        assert told[0].startswith((f"{ENVELOPE}: ", "signature: "))
    else:
        assert f"{name} is not the file that was signed" in told


def test_nothing_can_be_put_around_it(sound: bytes) -> None:
    for content in (sound + b"more", b"more" + sound, sound[:-1], b"", b"PK"):
        assert problems(content)[0].startswith("the bundle: ")


def test_files_cannot_come_or_go(sound: bytes) -> None:
    assert problems(with_files(sound, **{"run-1/extra.html": b"x"})) == [
        "run-1/extra.html was added: nobody signed for it"
    ]
    assert "run-2/scorecard.html is signed for and missing" in problems(
        with_files(sound, **{"run-2/scorecard.html": None})
    )
    assert problems(with_files(sound, **{ENVELOPE: None})) == [
        f"the bundle holds no {ENVELOPE}: nobody signed it"
    ]


# -- events -------------------------------------------------------------------------------------------------------


def dropped(lines: list[Any], at: int, _: int) -> list[Any]:
    return lines[:at] + lines[at + 1 :]


def moved(lines: list[Any], at: int, to: int) -> list[Any]:
    rest = lines[:at] + lines[at + 1 :]
    return [*rest[:to], lines[at], *rest[to:]]


def doubled(lines: list[Any], at: int, to: int) -> list[Any]:
    return [*lines[:to], lines[at], *lines[to:]]


def inserted(lines: list[Any], at: int, _: int) -> list[Any]:
    return [*lines[:at], {"kind": "note", "data": {"text": "it went well"}}, *lines[at:]]


@settings(max_examples=25, deadline=None)
@given(change=st.sampled_from([dropped, moved, doubled, inserted]), data=st.data())
def test_no_event_can_be_dropped_moved_doubled_or_put_in(
    sound: bytes, change: Callable[[list[Any], int, int], list[Any]], data: st.DataObject
) -> None:
    """By somebody who rebuilds the chain and the footer, and even has a key that is trusted."""
    name = data.draw(st.sampled_from(["run-1/run.ndjson", "run-2/run.ndjson", "run-3/run.ndjson"]))
    lines = events(unpack(sound)[name])
    at, to = (data.draw(st.integers(1, len(lines) - 2)) for _ in range(2))
    forged = rechained(change(lines, at, to))
    if forged == unpack(sound)[name]:
        return
    assert f"{name} is not the file that was signed" in problems(with_files(sound, **{name: forged}))
    told = problems(signed_again(sound, **{name: forged}))
    assert not any("not the file that was signed" in problem for problem in told)
    assert any(
        word in problem
        for problem in told
        for word in (name, "statement does not follow", "catalogue is incomplete", "unknown beforehand")
    )


def test_a_line_that_is_edited_without_its_chain(sound: bytes) -> None:
    content = unpack(sound)["run-1/run.ndjson"].replace(b"Everything arrived.", b"Everything arrived!", 1)
    told = problems(signed_again(sound, **{"run-1/run.ndjson": content}))
    assert any(problem.startswith("run-1/run.ndjson: the chain is broken at line") for problem in told)


# -- a valid signature on what does not follow from the runs ------------------------------------------------------------


def test_swapped_scorecards(sound: bytes) -> None:
    files = unpack(sound)
    swapped = {
        f"run-{one}/{name}": files[f"run-{other}/{name}"]
        for one, other in ((1, 2), (2, 1))
        for name in ("scorecard.html", "results.json")
    }
    assert set(problems(with_files(sound, **swapped))) == {
        f"{name} is not the file that was signed" for name in swapped
    }
    assert set(problems(signed_again(sound, **swapped))) == {
        f"{name} is not what the runs give" for name in swapped
    }


def test_an_edited_profile(sound: bytes) -> None:
    profile = json.loads(unpack(sound)["profile.json"])
    profile["thresholds"] = {name: 10 * value for name, value in profile["thresholds"].items()}
    edited = {"profile.json": (json.dumps(profile, indent=1, sort_keys=True) + "\n").encode()}
    assert problems(with_files(sound, **edited)) == ["profile.json is not the file that was signed"]
    assert problems(signed_again(sound, **edited)) == ["profile.json is not what the runs give"]
    lines = events(unpack(sound)["run-1/run.ndjson"])
    lines[0]["data"]["profile"]["thresholds"] = profile["thresholds"]
    told = "\n".join(problems(signed_again(sound, **{"run-1/run.ndjson": rechained(lines)})))
    assert "the profile's thresholds differ from mid-market as published" in told
    assert "its plan is not the one that was laid down before it was run" in told


def test_a_page_of_nobody(sound: bytes) -> None:
    told = problems(signed_again(sound, **{"run-1/praise.html": b"best of all"}))
    assert "run-1/praise.html belongs to no run" in told


def test_a_certificate_that_says_more(sound: bytes) -> None:
    certificate = json.loads(unpack(sound)["certificate/certificate.json"])
    for name, value in (
        ("assurance", "reproduced"),
        ("waivers", 3),
        ("valid_until", "2036-01-01"),
        ("id", "PRM-1"),
    ):
        content = json.dumps({**certificate, name: value}).encode()
        told = "\n".join(problems(signed_again(sound, **{"certificate/certificate.json": content})))
        wanted = "it is valid for more than 366 days" if name == "valid_until" else f"its {name} is"
        assert f"certificate: {wanted}" in told


def test_a_product_that_was_not_run(sound: bytes) -> None:
    content = unpack(sound)["product.yaml"].replace(b"3.1", b"4.0")
    told = problems(signed_again(sound, **{"product.yaml": content}))
    assert any(
        "product.yaml is about Acme Acme PRM 4.0, the runs about Acme Acme PRM 3.1" in problem
        for problem in told
    )


def test_a_knock_out_that_failed_under_a_valid_signature(sound: bytes, tmp_path: Path) -> None:
    knock_out = read_run(run_file(tmp_path / "x.ndjson", 1)).header.profile.knock_outs[0][0]
    lost = run_file(tmp_path / "lost.ndjson", 11, verdicts={knock_out: Verdict.FAILED}).read_bytes()
    told = "\n".join(problems(signed_again(sound, **{"run-1/run.ndjson": lost})))
    assert "no certificate may be issued on these runs: seed 11: knock-out" in told
    assert f"disagree on {knock_out}" in told


# -- who signed -----------------------------------------------------------------------------------------------------


def test_a_wrong_key(sound: bytes) -> None:
    (told,) = problems(sound, keys=[key(1).public_key()])
    assert told.startswith("signature: none of the keys given signed these words")
    assert fingerprint(key().public_key()) in told


def test_a_key_that_claims_to_be_another(sound: bytes) -> None:
    envelope = json.loads(unpack(sound)[ENVELOPE])
    envelope["signatures"][0]["keyid"] = fingerprint(key(1).public_key())
    forged = with_files(sound, **{ENVELOPE: canonical(envelope) + b"\n"})
    assert problems(forged, keys=[key().public_key(), key(1).public_key()])[0].startswith("signature: none")


def test_a_threshold_that_is_not_met(sound: bytes) -> None:
    both = [key().public_key(), key(1).public_key()]
    (told,) = problems(sound, keys=both, threshold=2)
    assert told.startswith("threshold: 2 of the keys given have to have signed, 1 did")
    twice = pack({**unpack(sound), ENVELOPE: signed(unpack(sound)[ENVELOPE], key(1))})
    assert verify(twice, replace(DEMANDS, keys=both, threshold=2)).verified
    again = pack({**unpack(sound), ENVELOPE: signed(unpack(sound)[ENVELOPE], key())})
    assert problems(again, keys=[*both, key().public_key()], threshold=2)[0].startswith("threshold: ")


# -- when ----------------------------------------------------------------------------------------------------------


def test_an_old_bundle_that_is_shown_again(sound: bytes) -> None:
    assert problems(sound, today=TODAY + timedelta(days=366)) == [f"expired on {TODAY + timedelta(days=365)}"]
    assert problems(sound, release="3.2") == ["it is about release 3.1, and release 3.2 was asked for"]
    assert problems(sound, today=date(2025, 1, 1)) == [f"issued on {TODAY}, which is still to come"]


def test_a_bundle_that_was_revoked(sound: bytes, tmp_path: Path) -> None:
    number = json.loads(unpack(sound)["certificate/certificate.json"])["id"]
    mark = fingerprint(key().public_key())
    for entry, said in (
        (f"certificate: {number}", f"certificate {number}"),
        (f"key: '{mark}'", f"key {mark}"),
    ):
        (tmp_path / "r.yaml").write_text(
            f"revoked:\n  - {entry}\n    since: 2026-11-21\n    reason: the adapter cheated\n"
        )
        entries = load_revocations(tmp_path / "r.yaml")
        assert problems(sound, revocations=entries) == [
            f"{said} was revoked on 2026-11-21: the adapter cheated"
        ]


# -- what it is worth ----------------------------------------------------------------------------------------------


def assured(content: bytes, **changes: Any) -> Report:
    report = verify(content, replace(DEMANDS, **changes))
    assert report.assured is not None, report.problems
    return report


def test_witnessed_needs_a_buyers_seed_and_a_buyers_key(tmp_path: Path, sound: bytes) -> None:
    paths = [run_file(tmp_path / f"{seed}.ndjson", seed) for seed in (1, 2, 3)]
    content = bundle(tmp_path, paths, buyer_seed=3)
    alone = assured(content)
    assert alone.assured.level == "self-declared"
    assert "the vendor says that a buyer chose seed 3" in alone.assured.why
    witnessed = pack({**unpack(content), ENVELOPE: signed(unpack(content)[ENVELOPE], key(5))})
    assert assured(witnessed, buyers=[key(5).public_key()]).assured.level == "witnessed"
    assert assured(witnessed, buyers=[key(6).public_key()]).assured.level == "self-declared"
    no_seed = pack({**unpack(sound), ENVELOPE: signed(unpack(sound)[ENVELOPE], key(5))})
    assert "nothing was witnessed" in assured(no_seed, buyers=[key(5).public_key()]).assured.why


def test_reproduced_needs_the_verifiers_own_run(sound: bytes, tmp_path: Path) -> None:
    own = read_run(run_file(tmp_path / "own.ndjson", 4711))
    assert assured(sound, own_run=own).assured.level == "reproduced"
    check = own.header.plan[-1]
    other = read_run(run_file(tmp_path / "other.ndjson", 4712, verdicts={check: Verdict.FAILED}))
    assert problems(sound, own_run=other) == [
        f"your own run came to other verdicts: {check} passed, yours failed"
    ]
    newer = read_run(run_file(tmp_path / "newer.ndjson", 4713, who={"version": "3.2"}))
    assert problems(sound, own_run=newer)[0].startswith("your own run is of another product")


def test_a_changed_harness(tmp_path: Path) -> None:
    versions = {"harness": "0.0.9", "code": "0" * 64, "catalogue": "1", "sandbox": "1"}
    paths = three_runs(tmp_path, versions=versions)
    with pytest.raises(Exception, match=r"made by prm-harness 0\.0\.9; certify with that version"):
        bundle(tmp_path, paths)
