"""Two runs held against each other: what got worse, what got better, and whether they can be compared at all."""

from .compare import compare
from .ending import comparison_outcome
from .expected import ExpectedError, load_expected
from .junit import junit
from .model import Change, Comparison, Expected, Move
from .text import as_json, counters, markdown, standing, text

__all__ = [
    "Change",
    "Comparison",
    "Expected",
    "ExpectedError",
    "Move",
    "as_json",
    "compare",
    "comparison_outcome",
    "counters",
    "junit",
    "load_expected",
    "markdown",
    "standing",
    "text",
]
