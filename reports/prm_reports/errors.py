"""What can go wrong while rendering, in words that say what to do."""

from __future__ import annotations

_HOW = (
    "Debian or Ubuntu: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 · "
    "macOS: brew install pango"
)


class PdfUnavailable(Exception):  # noqa: N818 - a state of the machine; the other formats were written
    """The PDF engine's system libraries are missing. Every other format has been written."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(f"No PDF was written: the PDF engine cannot load ({_first_line(cause)}). {_HOW}")


def _first_line(cause: BaseException) -> str:
    return next(iter(str(cause).splitlines()), "") or type(cause).__name__
