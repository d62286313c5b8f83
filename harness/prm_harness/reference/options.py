"""Options of the reference PRMs' connect strings."""

from __future__ import annotations


def clock_option(text: str) -> str:
    """The clock.

    Raises:
        ValueError: neither virtual nor real.
    """
    if text not in {"virtual", "real"}:
        raise ValueError(f"clock={text!r}: it is virtual or real")
    return text


def seconds_option(text: str | None, default: float) -> float:
    """A number of seconds above zero.

    Raises:
        ValueError: it is not.
    """
    if text is None:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e9:
        raise ValueError(f"cycle={text!r}: it is a number of seconds above zero")
    return seconds


def days_option(text: str | None, most: int) -> int:
    """A number of days, ``most`` unless said.

    Raises:
        ValueError: it is none from 0 to ``most``.
    """
    if text is None:
        return most
    if not text.isdecimal() or int(text) > most:
        raise ValueError(f"since={text!r}: it is a number of days from 0 to {most}")
    return int(text)
