"""How the sandbox asks its org for something: one at a time, kept whatever happens, refusals in the backend's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock

from prm_harness.crm.backend import CrmRefusal
from prm_harness.crm.org.errors import OrgError, SandboxGapError


@contextmanager
def asking(lock: RLock, keep: Callable[[], None], what: str) -> Iterator[None]:
    """Do ``what`` under the lock and let ``keep`` write down the org afterwards.

    Raises:
        CrmRefusal: the org refused it, or cannot do it.
    """
    with lock:
        try:
            yield
        except (OrgError, SandboxGapError) as error:
            raise CrmRefusal(f"{what}: {error}") from error
        finally:
            keep()
