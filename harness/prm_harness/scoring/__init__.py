"""Verdicts to numbers: checklist, buyer profile, score, ranking."""

from .exit_code import ExitCode, outcome
from .model import (
    Bakeoff,
    Cap,
    CheckScore,
    KnockOut,
    PartScore,
    QuestionScore,
    Scorecard,
    Standing,
)
from .profiles import ProfileError, load_profile, shipped_profiles
from .ranking import NotComparableError, bakeoff
from .score import score

__all__ = [  # noqa: RUF022 - grouped by what they are for
    # the buyer's weights and limits
    "load_profile",
    "shipped_profiles",
    "ProfileError",
    # one vendor
    "score",
    "Scorecard",
    "PartScore",
    "QuestionScore",
    "CheckScore",
    "KnockOut",
    "Cap",
    # several vendors
    "bakeoff",
    "Bakeoff",
    "Standing",
    "NotComparableError",
    # how a command ends
    "outcome",
    "ExitCode",
]
