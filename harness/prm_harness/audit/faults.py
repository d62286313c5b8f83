"""How a check ends early, and whose fault it is."""

from __future__ import annotations


class Inconclusive(Exception):  # noqa: N818 - a statement about what could be learnt
    """Nothing can be said about the product, for a reason on our side; counts as open, never against the vendor."""


class NotApplicable(Exception):  # noqa: N818
    """The run itself showed that the question does not arise; must not be used for a capability that is missing."""


class HarnessMisuse(Exception):  # noqa: N818
    """A check went outside what it declared (an operation, a power). The harness's own fault."""
