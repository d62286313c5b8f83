"""What can go wrong between the product and the CRM, and what that calls for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_PASSING: Final = frozenset({
    "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG",
    "CANNOT_UPDATE_CONVERTED_LEAD",
})  # fmt: skip
"""Codes that may be gone at the next attempt. A lead that was just converted is: the next read follows it."""


class CrmProblem(Exception):  # noqa: N818 - carries on as a value too
    """Something that the CRM, or the way to it, refused.

    Attributes:
        code: the CRM's error code, or CONNECTION when there was no answer.
        fields: API names of the fields that it is about.
        status: HTTP status, None when there was no answer or the row of a batch is meant.
    """

    def __init__(
        self, code: str, message: str, fields: Sequence[str] = (), status: int | None = None
    ) -> None:
        self.code = code
        self.message = message
        self.fields = tuple(fields)
        self.status = status
        super().__init__(f"{code}: {message}")

    @property
    def lost(self) -> bool:
        """No answer came: what was sent may have been done."""
        return self.code == "CONNECTION"

    @property
    def concurrency(self) -> bool:
        """Too many long requests at once: passes by itself, unlike the daily allowance."""
        return self.code == "REQUEST_LIMIT_EXCEEDED" and "Concurrent" in self.message

    @property
    def daily_limit(self) -> bool:
        """The org's API calls of the day are used up."""
        return self.code == "REQUEST_LIMIT_EXCEEDED" and not self.concurrency

    @property
    def login_refused(self) -> bool:
        """The user is locked or the password has changed: a person must act."""
        return self.code.startswith(
            ("INVALID_LOGIN", "LOGIN_", "PASSWORD_", "invalid_grant", "INVALID_SESSION_ID")
        )

    @property
    def stops_all(self) -> bool:
        """No call will do better: a person must act, or our own ceiling is reached."""
        return self.login_refused or self.code == "API_CEILING"

    @property
    def passing(self) -> bool:
        """Worth another attempt without anybody doing anything."""
        server = (
            self.status is not None and self.status >= 500 and self.code not in {"SANDBOX_GAP", "SANDBOX_BUG"}
        )
        return self.lost or server or self.concurrency or self.code in _PASSING
