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
