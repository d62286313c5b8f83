"""Which days a date word spans, seen from Thursday, 15 February 2024."""

from datetime import date, timedelta

import pytest

from prm_harness.crm.soql.calendar import is_date_word, span, takes_count

TODAY = date(2024, 2, 15)


@pytest.mark.parametrize(
    ("word", "count", "first", "last"),
    [
        ("YESTERDAY", 0, "2024-02-14", "2024-02-14"),
        ("TODAY", 0, "2024-02-15", "2024-02-15"),
        ("TOMORROW", 0, "2024-02-16", "2024-02-16"),
        ("LAST_WEEK", 0, "2024-02-04", "2024-02-10"),
        ("THIS_WEEK", 0, "2024-02-11", "2024-02-17"),
        ("NEXT_WEEK", 0, "2024-02-18", "2024-02-24"),
        ("LAST_MONTH", 0, "2024-01-01", "2024-01-31"),
        ("THIS_MONTH", 0, "2024-02-01", "2024-02-29"),
        ("NEXT_MONTH", 0, "2024-03-01", "2024-03-31"),
        ("LAST_90_DAYS", 0, "2023-11-17", "2024-02-15"),
        ("NEXT_90_DAYS", 0, "2024-02-16", "2024-05-15"),
        ("LAST_QUARTER", 0, "2023-10-01", "2023-12-31"),
        ("THIS_QUARTER", 0, "2024-01-01", "2024-03-31"),
        ("NEXT_QUARTER", 0, "2024-04-01", "2024-06-30"),
        ("LAST_YEAR", 0, "2023-01-01", "2023-12-31"),
        ("THIS_YEAR", 0, "2024-01-01", "2024-12-31"),
        ("NEXT_YEAR", 0, "2025-01-01", "2025-12-31"),
        ("THIS_FISCAL_QUARTER", 0, "2024-01-01", "2024-03-31"),
        ("LAST_FISCAL_YEAR", 0, "2023-01-01", "2023-12-31"),
        ("LAST_N_DAYS", 3, "2024-02-12", "2024-02-15"),
        ("NEXT_N_DAYS", 3, "2024-02-16", "2024-02-18"),
        ("N_DAYS_AGO", 3, "2024-02-12", "2024-02-12"),
        ("LAST_N_WEEKS", 2, "2024-01-28", "2024-02-10"),
        ("NEXT_N_WEEKS", 2, "2024-02-18", "2024-03-02"),
        ("N_WEEKS_AGO", 2, "2024-01-28", "2024-02-03"),
        ("LAST_N_MONTHS", 3, "2023-11-01", "2024-01-31"),
        ("NEXT_N_MONTHS", 11, "2024-03-01", "2025-01-31"),
        ("N_MONTHS_AGO", 14, "2022-12-01", "2022-12-31"),
        ("LAST_N_QUARTERS", 2, "2023-07-01", "2023-12-31"),
        ("N_QUARTERS_AGO", 1, "2023-10-01", "2023-12-31"),
        ("NEXT_N_YEARS", 2, "2025-01-01", "2026-12-31"),
        ("N_YEARS_AGO", 1, "2023-01-01", "2023-12-31"),
        ("LAST_N_FISCAL_QUARTERS", 1, "2023-10-01", "2023-12-31"),
        ("NEXT_N_FISCAL_YEARS", 1, "2025-01-01", "2025-12-31"),
        ("N_FISCAL_YEARS_AGO", 0, "2024-01-01", "2024-12-31"),
    ],
)
def test_span(word, count, first, last):
    assert is_date_word(word)
    assert takes_count(word) == word.startswith(("LAST_N_", "NEXT_N_", "N_"))
    begin, end = span(word, count, TODAY, monday=False)
    assert (begin.isoformat(), (end - timedelta(days=1)).isoformat()) == (first, last)


def test_a_week_may_begin_on_monday():
    assert span("THIS_WEEK", 0, TODAY, monday=True) == (date(2024, 2, 12), date(2024, 2, 19))
    assert span("THIS_WEEK", 0, date(2024, 2, 18), monday=True)[0] == date(2024, 2, 12)
    assert span("THIS_WEEK", 0, date(2024, 2, 18), monday=False)[0] == date(2024, 2, 18)


@pytest.mark.parametrize(
    "word", ["LAST_DAY", "LAST_N_DAY", "N_DAYS", "TODAYS", "THIS_N_DAYS", "LAST_FISCAL_MONTH"]
)
def test_no_date_word(word):
    assert not is_date_word(word)


def test_beyond_the_calendar():
    with pytest.raises(OverflowError):
        span("NEXT_N_YEARS", 9000, TODAY, monday=False)
