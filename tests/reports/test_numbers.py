from __future__ import annotations

import pytest

from prm_harness.record.model import Fact
from prm_reports import numbers


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "n/a"),
        (0, "0"),
        (0.2, "1"),
        (64.5, "65"),
        (64.49, "64"),
        (99.7, "99"),
        (100, "100"),
        (12.5, "13"),
    ],
)
def test_whole_rounds_half_up_and_keeps_the_ends_honest(value, shown):
    assert numbers.whole(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0, "0"), (0.04, "0"), (3.14, "3.1"), (-0.6, "−0.6"), (2.25, "2.3")]
)
def test_points(value, shown):
    assert numbers.points(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(3.1, "+3.1"), (-3.1, "−3.1"), (0.01, "0")])
def test_signed(value, shown):
    assert numbers.signed(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(12.5, "12.5 s"), (119, "119 s"), (600, "10 min"), (90000, "25 h"), (None, "–"), (0.25, "0.2 s")],
)
def test_seconds(value, shown):
    assert numbers.seconds(value) == shown


@pytest.mark.parametrize(
    ("fact", "shown"),
    [
        (Fact(name="x", value=None, unit="s"), "–"),
        (Fact(name="x", value=1, unit="steps"), "1 step"),
        (Fact(name="x", value=1930, unit="calls"), "1,930 calls"),
        (Fact(name="x", value=99.95, unit="%"), "99.9%"),
        (Fact(name="x", value="mirror"), "mirror"),
        (Fact(name="x", value=644, unit="min"), "10.7 h"),
        (Fact(name="x", value=float("inf"), unit="calls"), "– calls"),
        (None, "–"),
    ],
)
def test_facts(fact, shown):
    assert numbers.fact(fact) == shown
