"""Q2.3: values that the CRM has no room for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from prm_harness import Course, Crm, Data, Evidence, Portal, Submission, check, settled

from .shared.fates import fate_of

_MOST: Final = 4
"""Fields that are tried; each costs the portal a refusal."""


@check(
    "T9",
    question="Q2.3",
    title="What does not fit is refused, not cut",
    uses=("errors", "notify"),
    stage="alone",
    effects={"over the limit submitted", "at the limit arrived"},
    catches=("cuts-what-is-too-long",),
    passed="{over} texts longer than their field in the CRM were {fate}, and none was cut; a text of the full length arrived.",
    failed="Of {over} texts longer than their field in the CRM [[{cut} arrived cut ;; {lost} are lost without a word]] "
    "({which}): the partner believes that the seller has read it all.",
)
def too_long_is_not_cut(crm: Crm, prm: Portal, evidence: Evidence, data: Data) -> Course:
    """Deals are submitted with texts that are longer than their field, by one character or by a hundred, and one that just fits.

    A text that loses its end loses it unseen. Judged: a text over the limit is refused, held or shown as failed, and the CRM
    holds no part of it; the one at the limit arrives whole. Source: catalogue, generated records (D31), guide Q2.3.
    """
    describe = crm.describe(prm.deal)
    lengths = _lengths(describe)
    longer: list[tuple[str, Submission]] = []
    for name in data.random.sample(sorted(lengths), min(_MOST, len(lengths))):
        text = _text(data, lengths[name] + data.random.choice((1, 2, 16, 99)))
        longer.append((name, prm.submit(data.deal("Long", **{name: text}), as_partner=data.partner)))
        evidence.exercised("over the limit submitted")
    whole = {"Summary__c": _text(data, lengths["Summary__c"])}
    fits = prm.submit(data.deal("Fits", **whole), as_partner=data.partner)
    yield settled
    cut: list[str] = []
    lost: list[str] = []
    fates: list[str] = []
    for name, deal in longer:
        fate = fate_of(crm, prm, deal)
        kept = next((str(row[name]) for row in fate.rows if row.get(name)), "")
        seen = f"arrived cut to {len(kept)} characters" if kept else fate.state
        right = fate.honest and fate.state != "arrived"
        evidence.expect(
            f"{name} of {len(deal.values[name])} characters",
            "refused, held or shown as failed",
            seen,
            ok=right,
        )
        (cut if fate.state == "arrived" else lost if not right else fates).append(
            name if not right else fate.state
        )
    rows = fate_of(crm, prm, fits).rows
    if rows:
        evidence.exercised("at the limit arrived")
    evidence.compare(rows[0] if rows else None, whole, describe, label="at the limit:")
    evidence.fact(
        over=len(longer), cut=len(cut), lost=len(lost), which=", ".join(cut + lost) or "none",
        fate=" or ".join(dict.fromkeys(fates)) or "nowhere",
    )  # fmt: skip


def _lengths(describe: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Text fields of the deal that people fill, with the characters that they take."""
    return {
        name: int(field["length"])
        for name, field in describe.items()
        if field["type"] in {"string", "textarea"} and field.get("createable") and name in _FILLED
    }


_FILLED: Final = frozenset({"NextStep", "Summary__c", "Description", "Notes__c"})


def _text(data: Data, length: int) -> str:
    words = f"{data.text('a long report')}. "
    return (words * (length // len(words) + 1))[: length - 1] + "e"
