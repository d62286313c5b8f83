"""What admins do to the integration user's access while everything is running."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING

from prm_harness.crm.salesforce.sessions import Sessions

if TYPE_CHECKING:
    from prm_harness.crm.org.org import Org


class SandboxLogins:
    """Implements :class:`~prm_harness.crm.backend.Logins`."""

    def __init__(self, org: Org, sessions: Sessions, lock: RLock) -> None:
        self._org = org
        self._sessions = sessions
        self._lock = lock

    def expire(self) -> None:
        """End every open session: the next request of each gets 401 ``INVALID_SESSION_ID``."""
        with self._lock:
            self._sessions.expire_all()

    def revoke(self) -> None:
        """Revoke the connected app's tokens: a refresh gets ``invalid_grant``; passwords and keys stay good."""
        with self._lock:
            self._sessions.revoke_all()

    def lock(self) -> None:
        """Deactivate the integration user: ``IsActive`` is false, sessions end, and nothing opens another."""
        with self._lock:
            self._sessions.revoke_all()
            self._sessions.locked = True
            self._activate(active=False)

    def restore(self) -> None:
        """Undo ``revoke`` and ``lock``; sessions have to be opened anew."""
        with self._lock:
            if self._sessions.locked:
                self._activate(active=True)
            self._sessions.restore()

    def _activate(self, *, active: bool) -> None:
        self._org.update("User", self._org.integration_id, {"IsActive": active}, user=self._org.admin_id)
