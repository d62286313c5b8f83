"""Records that nobody wrote down: drawn by Hypothesis from an object's own schema, and made smaller when one fails.

Every field has a stream of its own, which follows from the seed and the field's name: a vendor whose setup adds fields to
an object gets the same values in all the others. Hypothesis is imported only when something is drawn.
"""

from .records import draw_records
from .smaller import smaller, weight, worded

__all__ = ["draw_records", "smaller", "weight", "worded"]
