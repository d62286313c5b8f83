"""Days and instants at which calendars and time zones go wrong."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

OFFSETS: Final = (
    "Z", "-11:00", "-09:30", "-08:00", "-03:30", "+00:00", "+01:00", "+05:30", "+05:45", "+08:00", "+10:30", "+12:45", "+13:00", "+14:00",
)  # fmt: skip
"""From UTC−11 to UTC+14, half and quarter hours among them."""

_EDGES: Final = ("01-01", "12-31", "02-28", "03-01", "06-30", "07-01", "01-31", "11-30", "04-05", "10-31")
_LEAP: Final = ("2020-02-29", "2024-02-29", "2028-02-29", "2032-02-29", "2000-02-29", "2036-02-29")
_FAR: Final = (
    "1970-01-01",
    "1969-12-31",
    "1900-03-01",
    "1999-12-31",
    "2038-01-19",
    "2038-01-20",
    "2099-12-31",
    "2100-02-28",
)
_YEARS: Final = range(2015, 2040)
_TIMES: Final = (
    "00:00:00",
    "00:00:01",
    "23:59:59",
    "12:00:00",
    "11:59:59",
    "00:59:59",
    "01:30:00",
    "02:30:00",
    "03:00:00",
    "08:05:09",
)


def dates() -> list[SearchStrategy[Any]]:
    """Ends of years and months, leap days, the Sundays on which clocks change, the ends of what some systems can hold."""
    from hypothesis import strategies as st

    years = st.sampled_from(_YEARS)
    return [
        st.tuples(years, st.sampled_from(_EDGES)).map(lambda p: f"{p[0]}-{p[1]}"),
        st.sampled_from(_LEAP),
        st.tuples(years, st.sampled_from(range(len(_CHANGES)))).map(
            lambda p: _CHANGES[p[1]](p[0]).isoformat()
        ),
        st.sampled_from(_FAR),
    ]


def instants() -> list[SearchStrategy[Any]]:
    """The same days at hard times of day, written down in zones from UTC−11 to UTC+14."""
    from hypothesis import strategies as st

    times_, zones = st.sampled_from(_TIMES), st.sampled_from(OFFSETS)
    return [st.tuples(days, times_, zones).map(lambda p: f"{p[0]}T{p[1]}{p[2]}") for days in dates()]


def times() -> list[SearchStrategy[Any]]:
    """Times of day."""
    from hypothesis import strategies as st

    return [st.sampled_from(_TIMES).map(lambda text: f"{text}.000Z")]


def nth_sunday(year: int, month: int, number: int) -> date:
    """The Sunday of that number in the month, the last one for -1."""
    if number < 0:
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() + 1) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (number - 1))


# Europe: last Sundays of March and October (directive 2000/84/EC). United States: second Sunday of March, first of November
# (Energy Policy Act of 2005). New South Wales: first Sundays of April and October.
_CHANGES: Final = (
    lambda year: nth_sunday(year, 3, -1), lambda year: nth_sunday(year, 10, -1), lambda year: nth_sunday(year, 3, 2),
    lambda year: nth_sunday(year, 11, 1), lambda year: nth_sunday(year, 4, 1), lambda year: nth_sunday(year, 10, 1),
)  # fmt: skip
