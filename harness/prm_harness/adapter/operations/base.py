"""What an optional operation does until somebody implements it: it refuses, cleanly."""

from __future__ import annotations


class NotSupported(Exception):  # noqa: N818 - a statement about the product, not an error
    """The product does not do this. Clean refusal of an operation outside what was declared."""

    def __init__(self, operation: str, note: str = "") -> None:
        self.operation = operation
        self.note = note
        super().__init__(f"{operation} is not supported" + (f": {note}" if note else ""))


class NotReached(NotSupported):
    """The adapter does not reach this, whatever the product can: nothing is said about the product.

    For one operation what ``Level.NOT_IMPLEMENTED`` is for a whole capability.
    """
