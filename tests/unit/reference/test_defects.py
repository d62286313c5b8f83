"""The registry of defects, and options of the reference PRMs' connect strings."""

from __future__ import annotations

from dataclasses import fields

import pytest

from prm_harness.adapter import ConnectError, open_adapter
from prm_harness.reference.defects import DEFECTS, policy_with
from prm_harness.reference.policy import Policy

FACTORIES = {
    "mirror": "mirror", "native_mapping": "mapper", "ipaas": "ipaas", "batch_etl": "etl", "passthrough": "passthrough",
}  # fmt: skip
PLANTED = [(name, style) for name, defect in DEFECTS.items() for style in defect.styles]


@pytest.mark.parametrize(("name", "style"), PLANTED)
def test_every_defect_changes_a_decision_of_each_of_its_styles(name, style):
    sound, planted = Policy(), policy_with(name, style)
    changed = {f.name for f in fields(Policy) if getattr(sound, f.name) != getattr(planted, f.name)}
    assert changed == set(DEFECTS[name].changes)
    info = open_adapter(f"python:prm_harness.reference.{FACTORIES[style]}:create?defect={name}").info()
    assert (info.style, info.sample) == (style, True)
    assert info.version.endswith(f"+{name}")


def test_a_defect_comes_on_top_of_what_its_style_does_otherwise():
    habits = {"tells": {"held"}.__contains__, "follows_schema": False}
    policy = policy_with("no-alerts", "mirror", **habits)
    assert not policy.tells("held")
    assert not policy.follows_schema
    assert policy_with(None, "mirror", **habits).tells("held")


def test_every_defect_says_what_it_does_and_who_must_catch_it():
    for name, defect in DEFECTS.items():
        assert name == defect.name == name.lower()
        assert defect.sentence.endswith(".")
        assert defect.checks
        assert all(mode[0] == "D" and 1 <= int(mode[1:]) <= 38 for mode in defect.failure_modes)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("mirror:create?defect=firstpage-only", "did you mean 'first-page-only'"),
        ("mirror:create?defect=zzz", "known: added-fields-take-text-only"),
        ("mapper:create?defect=no-custom-objects", "is one of mirror and batch_etl, not of native_mapping"),
        (
            "passthrough:create?defect=ignores-deletes",
            "is one of mirror and native_mapping and ipaas and batch_etl",
        ),
        ("etl:create?defect=firstpage-only", "did you mean 'first-page-only'"),
        ("ipaas:create?defect=keeps-pages-for-a-day", "is one of passthrough, not of ipaas"),
        ("mirror:create?clock=atomic", "it is virtual or real"),
        ("mirror:create?cycle=-1", "a number of seconds above zero"),
        ("mapper:create?cycle=soon", "a number of seconds above zero"),
        ("mapper:create?cycles=5", "did you mean 'cycle'"),
    ],
)
def test_wrong_options_are_explained(query, says):
    with pytest.raises(ConnectError) as caught:
        open_adapter(f"python:prm_harness.reference.{query}")
    assert says in str(caught.value)
