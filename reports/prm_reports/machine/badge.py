"""The badge: an SVG for web pages and the JSON that shields-style servers draw one from.

A badge is read without its scorecard. So it never shows a score or a letter, and never a count without the profile and
the month that it was made under; what is not certified says so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from markupsafe import escape

from prm_harness.record.run import Run
from prm_harness.scoring.model import Scorecard
from prm_reports import numbers
from prm_reports.svg import FONT, PALETTE
from prm_reports.text import clip, readable

Standing = Literal["valid", "measured", "missed", "open", "expired", "revoked"]

HEIGHT: Final = 26
_CHARACTER: Final = 5.4
"""Average width of a character at 10.5 units; ``textLength`` then makes any font fit exactly."""

_MARKS: Final = {
    "valid": f'<path d="M0 4.4L3.2 7.6L9.2 .8" fill="none" stroke="{PALETTE["blue"]}" stroke-width="2.1"/>',
    "measured": f'<circle cx="4.6" cy="4.5" r="3.6" fill="{PALETTE["ink"]}"/>',
    "missed": (
        f'<rect width="9" height="9" fill="{PALETTE["red"]}"/>'
        '<path d="M2.3 2.3L6.7 6.7M6.7 2.3L2.3 6.7" stroke="#FFFFFF" stroke-width="1.6"/>'
    ),
    "open": f'<path d="M4.6 .4L9.2 8.6H0Z" fill="none" stroke="{PALETTE["ink"]}" stroke-width="1.3"/>',
    "expired": f'<path d="M0 4.5H9.2" stroke="{PALETTE["muted"]}" stroke-width="1.8"/>',
    "revoked": f'<path d="M.5 .5L8.7 8.7M8.7 .5L.5 8.7" stroke="{PALETTE["red"]}" stroke-width="2"/>',
}
_SHIELD_COLOURS: Final = {
    "valid": PALETTE["blue"],
    "measured": PALETTE["second"],
    "missed": PALETTE["red"],
    "open": PALETTE["muted"],
    "expired": PALETTE["muted"],
    "revoked": PALETTE["red"],
}


@dataclass(frozen=True)
class Badge:
    """What a badge says: ``label`` on the dark left, ``message`` on the light right, ``words`` to a screen reader."""

    label: str
    message: str
    words: str
    standing: Standing


def of_run(run: Run, card: Scorecard) -> Badge:
    """The badge of a single run: measured, and not certified."""
    wanted = [c for c in card.checks() if c.result.verdict.wanted]
    passed = sum(c.result.verdict == "passed" for c in wanted)
    on = run.header.started_at.date()
    standing, note = _standing(run, card)
    under = profile_words(card)
    return Badge(
        label="PRM integration · audit",
        message=f"{passed}/{len(wanted)} {note}· {under} · {month(on)}",
        words=(
            f"PRM integration, measured and not certified: {card.contestant.product} passed {passed} of "
            f"{numbers.count(len(wanted), 'check')} {note}under profile {under} on {numbers.day(run.header.started_at)}"
        ),
        standing=standing,
    )


def profile_words(card: Scorecard) -> str:
    """The profile's name; one that the buyer changed is never shown under the published name alone."""
    return f"{clip(card.profile, 24)}{' (changed)' if card.customised_profile else ''}"


def month(on: date) -> str:
    """``Nov 2026``."""
    return f"{numbers.MONTHS[on.month - 1][:3]} {on.year}"


def svg(badge: Badge) -> str:
    """The badge as a picture, 26 units high; its ``<title>`` says everything in words."""
    label, message = readable(badge.label), readable(badge.message)
    left = len(label) * _CHARACTER
    right = len(message) * _CHARACTER
    split, width = left + 16, left + right + 48
    border = PALETTE["muted"] if badge.standing == "expired" else PALETTE["ink"]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{HEIGHT}" '
        f'viewBox="0 0 {width:.0f} {HEIGHT}" role="img"><title>{escape(readable(badge.words))}</title>'
        f'<rect x=".75" y=".75" width="{width - 1.5:.1f}" height="{HEIGHT - 1.5}" rx="3" fill="#FFFFFF" '
        f'stroke="{border}" stroke-width="1.5"/>'
        f'<path d="M{split:.1f} .75H3.75a3 3 0 0 0-3 3v18.5a3 3 0 0 0 3 3H{split:.1f}Z" fill="{border}"/>'
        f'<g transform="translate({split + 8:.1f} 8.5)">{_MARKS[badge.standing]}</g>'
        f'<g font-family="{FONT},Verdana,Geneva,sans-serif" font-size="10.5" font-weight="600">'
        f'<text x="8" y="16.8" textLength="{left:.1f}" fill="#FFFFFF">{escape(label)}</text>'
        f'<text x="{split + 23:.1f}" y="16.8" textLength="{right:.1f}" fill="{PALETTE["ink"]}">{escape(message)}</text>'
        "</g></svg>\n"
    )


def shield(badge: Badge) -> bytes:
    """The badge as an endpoint's answer (shields.io, "Endpoint Badge": schemaVersion, label, message, color)."""
    told = {
        "schemaVersion": 1,
        "label": badge.label,
        "message": badge.message,
        "color": _SHIELD_COLOURS[badge.standing],
        "isError": badge.standing in {"missed", "revoked"},
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")


def _standing(run: Run, card: Scorecard) -> tuple[Standing, str]:
    if not run.complete:
        return "open", "in a partial run "
    if any(k.judged and not k.passed for k in card.knock_outs):
        return "missed", "with a knock-out failed "
    if not card.knock_outs_passed or not card.coverage:
        return "open", "not settled "
    return "measured", ""
