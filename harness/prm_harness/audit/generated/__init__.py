"""Records and fields that nobody wrote down, drawn by Hypothesis, records from an object's schema; what fails is made smaller.

Every field has a stream of its own, which follows from the seed and the field's name: a vendor whose setup adds fields to
an object gets the same values in all the others. Hypothesis is imported only when something is drawn.
"""

from .records import draw_records
from .schemas import DrawnField, draw_choices, draw_fields, draw_subsets
from .simpler import field_weight, simpler_fields
from .smaller import smaller, weight, worded

__all__ = [
    "DrawnField", "draw_choices", "draw_fields", "draw_records", "draw_subsets", "field_weight", "simpler_fields", "smaller",
    "weight", "worded",
]  # fmt: skip
