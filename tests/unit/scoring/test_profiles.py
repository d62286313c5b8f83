"""The shipped profiles, a buyer's overlay, and every way in which a profile file can be wrong."""

import math
from importlib.resources import files
from itertools import pairwise

import pytest
import yaml

from prm_harness.record.model import Profile
from prm_harness.scoring import ProfileError, load_profile, shipped_profiles

QUESTIONS = [f"Q{part}.{n}" for part, last in ((1, 5), (2, 4), (3, 7), (4, 4)) for n in range(1, last + 1)]


@pytest.fixture
def load(tmp_path):
    def from_text(text, **options):
        path = tmp_path / "acme.yaml"
        path.write_text(text, encoding="utf-8")
        return load_profile(path, **options)

    return from_text


@pytest.fixture
def problem(load):
    def of(text, **options):
        with pytest.raises(ProfileError) as caught:
            load(text, **options)
        message = str(caught.value)
        assert "\n" not in message
        before, after = message.split("acme.yaml: ", 1)
        assert before.endswith("/")
        return after

    return of


@pytest.mark.parametrize("name", shipped_profiles())
def test_shipped_profiles_are_complete(name):
    profile = load_profile(name)
    assert profile.name == name
    assert not profile.customised
    assert list(profile.weights) == QUESTIONS
    assert math.fsum(profile.weights.values()) == 100
    assert all(weight > 0 for weight in profile.weights.values())
    assert profile.knock_outs == (("V4", "V5"), ("E1",), ("A6",), ("X3",), ("X7",), ("R5",), ("U8",), ("L1",))
    assert profile.not_needed == {}


def test_shipped_profiles_speak_of_the_same_limits_and_amounts():
    profiles = [load_profile(name) for name in shipped_profiles()]
    assert len({tuple(profile.thresholds) for profile in profiles}) == 1
    assert len({tuple(profile.data) for profile in profiles}) == 1
    for smaller, larger in pairwise(profiles):
        assert all(smaller.data[key] <= larger.data[key] for key in smaller.data)
        assert smaller.data["history_accounts"] < larger.data["history_accounts"]


def test_an_enterprise_history_does_not_fit_one_page_of_the_crms_answers():
    data = load_profile("enterprise").data
    assert min(data[f"history_{kind}"] for kind in ("accounts", "contacts", "opportunities")) > 2000
    assert data["volume_rows"] == 100_000


def test_an_overlay_changes_what_it_names_and_keeps_the_rest(load):
    base = load_profile("mid-market")
    profile = load(
        """
        extends: mid-market
        buyer: Acme
        weights: {Q3.2: 10, Q2.3: 6}
        knock_outs: [E1, [V4, V5]]
        thresholds: {alert_minutes: 30}
        data: {history_accounts: 500}
        not_needed: {T6: one currency only}
        """
    )
    assert profile == base.model_copy(
        update={
            "buyer": "Acme",
            "weights": {**base.weights, "Q3.2": 10.0, "Q2.3": 6.0},
            "knock_outs": (("E1",), ("V4", "V5")),
            "thresholds": {**base.thresholds, "alert_minutes": 30.0},
            "data": {**base.data, "history_accounts": 500},
            "not_needed": {"T6": "one currency only"},
            "customised": True,
        }
    )
    assert Profile.model_validate_json(profile.model_dump_json()) == profile


@pytest.mark.parametrize(
    "text",
    [
        "extends: smb",
        "extends: smb\nbuyer: Acme",
        "extends: smb\nweights:\nthresholds:\ndata:\nnot_needed:\n",
        "extends: smb\nweights: {Q1.1: 7}",
    ],
)
def test_saying_nothing_new_is_not_customised(load, text):
    assert not load(text).customised


def test_a_shipped_file_can_be_copied_and_edited(load):
    path = files("prm_harness.scoring.profiles") / "smb.yaml"
    assert load("extends: smb\n" + path.read_text(encoding="utf-8")) == load_profile("smb")


def test_no_knock_outs_can_be_asked_for(load):
    assert load("extends: smb\nknock_outs: []").knock_outs == ()
    assert load("extends: smb\nknock_outs:").customised


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("extends: smb\nwieghts: {}", "has 'wieghts', which is none of the keys; did you mean 'weights'?"),
        (
            "extends: smb\nzzz: {}",
            "the keys are extends, buyer, weights, knock_outs, thresholds, data, not_needed",
        ),
        (
            "buyer: Acme",
            "extends is missing; say which profile this one changes: smb, mid-market, enterprise",
        ),
        (
            "extends: midmarket",
            "extends has 'midmarket', which is none of the shipped profiles; did you mean 'mid-market'?",
        ),
        ("extends: [smb]", "extends is a list; write a text"),
        (
            "extends: smb\nweights: {Q3.9: 5}",
            "weights has 'Q3.9', which is none of the questions; did you mean 'Q3.",
        ),
        ("extends: smb\nweights: {xyz: 5}", "the questions go from Q1.1 to Q4.4"),
        (
            "extends: smb\nweights: {Q1.1: 17}",
            "weights add up to 110 over all 20 questions, not to 100; take off 10",
        ),
        (
            "extends: smb\nweights: {Q1.1: 6.5}",
            "weights add up to 99.5 over all 20 questions, not to 100; add 0.5",
        ),
        ("extends: smb\nweights: {Q1.1: -1, Q1.2: 13}", "weights.Q1.1 is -1; it cannot be negative"),
        ("extends: smb\nweights: {Q1.1: high}", "weights.Q1.1 is the text 'high'; write a number"),
        ("extends: smb\nweights: {Q1.1: yes}", "weights.Q1.1 is True; write a number"),
        ("extends: smb\nweights: {Q1.1: .nan}", "weights.Q1.1 is nan; write a number"),
        ("extends: smb\nweights: {Q1.1: .inf}", "weights.Q1.1 is inf; write a number"),
        ("extends: smb\nweights: {Q1.1: }", "weights.Q1.1 is empty; write a number"),
        ("extends: smb\nweights: [1, 2]", "weights is a list; write it as lines of 'name: value'"),
        (
            "extends: smb\nweights: {1.1: 5}",
            "weights has the name 1.1, which YAML read as 1.1; put it in quotes",
        ),
        ("extends: smb\nthresholds: {alert_minute: 5}", "did you mean 'alert_minutes'?"),
        (
            "extends: smb\nthresholds: {alert_minutes: soon}",
            "thresholds.alert_minutes is the text 'soon'; write a number",
        ),
        (
            "extends: smb\nthresholds: {alert_minutes: -5}",
            "thresholds.alert_minutes is -5; it cannot be negative",
        ),
        ("extends: smb\ndata: {history_account: 5}", "did you mean 'history_accounts'?"),
        ("extends: smb\ndata: {history_accounts: 5.5}", "data.history_accounts is 5.5; write a whole number"),
        ("extends: smb\ndata: {history_accounts: -5}", "data.history_accounts is -5; it cannot be negative"),
        ("extends: smb\nknock_outs: E1", "knock_outs is the text 'E1'; write it as a list"),
        ("extends: smb\nknock_outs: [[]]", "knock_outs[0] is an empty group"),
        ("extends: smb\nknock_outs: [E1, '']", "knock_outs[1] names no check"),
        ("extends: smb\nknock_outs: [E1, 7]", "knock_outs[1] is 7; write a text"),
        ("extends: smb\nknock_outs: [E1, [A6, E1]]", "knock_outs name E1 twice; keep one"),
        ("extends: smb\nknock_outs: [A, B, C, D, E, F, G, H, I]", "knock_outs are 9, at most 8 are allowed"),
        ("extends: smb\nnot_needed: [T6]", "not_needed is a list"),
        ("extends: smb\nnot_needed: {T6: ' '}", "not_needed.T6 gives no reason; say why"),
        ("extends: smb\nnot_needed: {T6: true}", "not_needed.T6 is True; write a text"),
        ("extends: smb\nnot_needed: {E1: why not}", "not_needed.E1 is a knock-out of this profile as well"),
        ("extends: smb\nbuyer: 7", "buyer is 7; write a text"),
        ("extends: smb\nbuyer: 2026-01-01", "buyer is a date; write a text"),
        ("extends: smb\nweights: {Q1.1: 5, Q1.1: 9}", "line 2: 'Q1.1' is written twice; keep one"),
        ("extends: smb\nextends: enterprise", "line 2: 'extends' is written twice; keep one"),
        ("extends: [", "line 1: "),
        ("extends: smb\n\tweights: {}", "line 2: "),
        ("a: &a [*b]", "undefined alias 'b'"),
        ("", "holds empty; start with 'extends: mid-market'"),
        ("- smb", "holds a list; start with 'extends: mid-market'"),
        ("\x00", "cannot be read as YAML"),
    ],
)
def test_one_line_says_where_what_and_what_to_do(problem, text, words):
    assert words in problem(text)


def test_check_ids_are_compared_with_the_catalogue_when_it_is_at_hand(load, problem):
    checks = ["E1", "A6", "T6"]
    assert load("extends: smb\nknock_outs: [E1]\nnot_needed: {T6: unused}", checks=checks).knock_outs == (
        ("E1",),
    )
    assert "has 'E11', which is none of the checks; did you mean 'E1'?" in problem(
        "extends: smb\nknock_outs: [E11]", checks=checks
    )
    assert "not_needed has 'T66'" in problem(
        "extends: smb\nknock_outs: []\nnot_needed: {T66: unused}", checks=checks
    )


def test_a_shipped_knock_out_that_is_not_built_yet_is_no_mistake_of_the_buyers(load):
    assert load("extends: smb", checks=["E1"]).knock_outs == load_profile("smb").knock_outs


def test_names_that_are_neither_shipped_nor_files(tmp_path):
    with pytest.raises(ProfileError, match="enterprize: no such profile or file; did you mean 'enterprise'"):
        load_profile("enterprize")
    with pytest.raises(ProfileError, match="the shipped profiles are smb, mid-market, enterprise"):
        load_profile(tmp_path)


def test_files_that_are_not_text(tmp_path):
    path = tmp_path / "acme.yaml"
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ProfileError, match=r"acme\.yaml: cannot be read as YAML"):
        load_profile(path)


def test_a_profile_file_holds_data_only(tmp_path):
    path = tmp_path / "acme.yaml"
    path.write_text(yaml.dump({"extends": "smb", "buyer": yaml.YAMLError}), encoding="utf-8")
    with pytest.raises(ProfileError, match="could not determine a constructor"):
        load_profile(path)
