"""A drawing: the few SVG shapes that the charts need, with escaping and colour names in one place.

Shapes carry their colour twice. Presentation attributes are what paper shows (inline SVG does not see a page's
style sheet in the PDF engine); classes let the screen's style sheet repaint them in a dark room.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from .text import clip, printable

PALETTE = {
    "ink": "#16202B",
    "muted": "#4A5866",
    "blue": "#1F4E8C",
    "red": "#B3310F",
    "amber": "#8A5A00",
    "second": "#5B6875",
    "paper": "#FFFFFF",
    "rule": "#B9C3CD",
    "hair": "#D5DCE2",
    "band-f": "#FFFFFF",
    "band-d": "#EEF1F4",
    "band-c": "#DFE5EA",
    "band-b": "#CDD6DE",
    "band-a": "#B8C4CF",
}
"""Colour name -> what it is on paper (scorecard design, section 2)."""

FONT = "IBM Plex Sans"

_WIDE = frozenset("WMmw@%—…ЖШЩЮжшщюФ")
_NARROW = frozenset("iIjlftr.,:;!|'()[] ")


def fitted(words: str, room: float) -> str:
    """The words cut so that they take at most ``room`` (in type sizes), by rough widths of their letters."""
    line = clip(words, 400)
    limit = max(4, int(room / 0.3))
    while width(shown := clip(line, limit)) > room and limit > 4:
        limit -= 1
    return shown


def width(words: str) -> float:
    """About how wide the words are, in type sizes; what the fonts lack counts as it is written out."""
    return sum(
        0.33 if c in _NARROW else 0.88 if c in _WIDE else 0.66 if c.isupper() else 0.56
        for c in printable(words)
    )


class Drawing:
    """One SVG. A user unit is a point on paper; ``title`` says in words what the drawing shows, numbers included."""

    def __init__(self, width: float, height: float, title: str, *, css: str = "chart") -> None:
        self.width = width
        self.height = height
        self._parts = [
            Markup(
                '<svg class="{}" role="img" xmlns="http://www.w3.org/2000/svg" width="{}pt" height="{}pt" '
                'viewBox="0 0 {} {}"><title>{}</title>'
            ).format(css, _n(width), _n(height), _n(width), _n(height), title)
        ]

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "",
        stroke: str = "",
        line: float = 0.75,
    ) -> None:
        """An upright box; a stroke is drawn inside the given edges."""
        inset = line / 2 if stroke else 0
        self._add(
            f'<rect x="{_n(x + inset)}" y="{_n(y + inset)}" width="{_n(max(width - 2 * inset, 0))}" '
            f'height="{_n(max(height - 2 * inset, 0))}"{_paint(fill, stroke, line)}/>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, *, stroke: str, width: float = 0.75) -> None:
        """A straight line."""
        self._add(
            f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"{_paint("", stroke, width)}/>'
        )

    def circle(
        self, x: float, y: float, r: float, *, fill: str = "", stroke: str = "", line: float = 1
    ) -> None:
        """A circle."""
        self._add(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}"{_paint(fill, stroke, line)}/>')

    def path(self, d: str, *, fill: str = "", stroke: str = "", line: float = 1, extra: str = "") -> None:
        """A path of the caller's own making; ``d`` and ``extra`` are trusted."""
        self._add(f'<path d="{d}"{_paint(fill, stroke, line)}{extra}/>')

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 8.2,
        weight: int = 400,
        fill: str = "ink",
        at: str = "start",
        room: float = 0,
    ) -> None:
        """A line of text from its baseline; ``room`` (points) cuts what would run into its neighbour."""
        if room:
            words = fitted(words, room / (size * (1 if weight < 600 else 1.06)))
        self._add(
            f'<text x="{_n(x)}" y="{_n(y)}" font-family="{FONT}" font-size="{_n(size)}" font-weight="{weight}" '
            f'text-anchor="{at}"{_paint(fill, "", 0)}>{escape(words)}</text>'
        )

    def whisker(self, low: float, high: float, y: float, *, stroke: str = "blue", cap: float = 3.2) -> None:
        """What the score can still become: a line from the mark that ends in a bar."""
        if high - low < 0.5:
            return
        self.line(low, y, high, y, stroke=stroke, width=1.3)
        self.line(high, y - cap, high, y + cap, stroke=stroke, width=1.3)

    def markup(self) -> Markup:
        """The finished SVG."""
        return Markup("").join([*self._parts, Markup("</svg>")])

    def _add(self, element: str) -> None:
        self._parts.append(Markup(element))  # noqa: S704 - numbers and names of our own; texts were escaped


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _paint(fill: str, stroke: str, line: float) -> str:
    classes = [f"f-{fill}"] if fill else ["f-none"]
    paint = f' fill="{PALETTE[fill]}"' if fill else ' fill="none"'
    if stroke:
        classes.append(f"s-{stroke}")
        paint += f' stroke="{PALETTE[stroke]}" stroke-width="{_n(line)}"'
    return f' class="{" ".join(classes)}"{paint}'
