"""One served sandbox from start to end: the CRM's listener, the admin's, and the TLS front where it is wanted."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from prm_harness.crm.clock import RealClock
from prm_harness.crm.salesforce.transport.server import Server
from prm_harness.crm.sandbox.sandbox import MakeOrg, Sandbox
from prm_harness.crm.sandbox.serve.admin import AdminDoor
from prm_harness.crm.sandbox.serve.courier import Courier


class RunningSandbox:
    """Serves until closed. ``welcome`` is what whoever connects has to know.

    Attributes:
        sandbox: The CRM itself, on the wall clock.
        folder: A private folder with the files that ``welcome`` names; gone when closed.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        template: str = "standard",
        make: MakeOrg | None = None,
        store: str = ":memory:",
        tls: bool = False,
        proxy_port: int = 0,
        seed: int | None = None,
        reopen: bool = False,
    ) -> None:
        """Start listening; port 0 takes a free one. Without a seed, ids and credentials are new every time.

        ``make`` makes another org than the template's; ``reopen`` goes on with the one in ``store``.

        Raises:
            OSError: a port is taken, or the host is not one of this machine's.
            NotAnOrgError: ``store`` is to be opened again and holds no org.
            FileInUseError: another sandbox has ``store`` open.
            OrgFileError: what ``make`` was made of contradicts itself.
        """
        self._ending = ExitStack()
        self._servers: list[Server] = []
        try:
            self.folder = Path(tempfile.mkdtemp(prefix="prm-sandbox-"))
            self._ending.callback(shutil.rmtree, self.folder, ignore_errors=True)
            seed = secrets.randbits(48) if seed is None else seed
            self.sandbox = self._ending.enter_context(
                Sandbox.reopen(store, clock=RealClock())
                if reopen
                else Sandbox(seed=seed, template=template, clock=RealClock(), path=store, make=make)
            )
            self._crm = self._serve(self.sandbox.handle, host, port)
            outbox = self.sandbox.outbox()
            outbox.origin = self._crm.url
            self._ending.enter_context(Courier(outbox))
            self._admin_token = secrets.token_urlsafe(24)
            self._admin = self._serve(AdminDoor(self.sandbox, token=self._admin_token).handle, host, 0)
            self.welcome: dict[str, Any] = self._facts() | (self._front(host, proxy_port) if tls else {})
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop listening, close the org, remove the folder; may be called twice."""
        for server in self._servers:
            server.begin_stop()
        self._ending.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serve(self, handle: Any, host: str, port: int, *, behind_tls: bool = False) -> Server:
        server = self._ending.enter_context(Server(handle, host=host, port=port, behind_tls=behind_tls))
        self._servers.append(server)
        return server

    def _front(self, host: str, proxy_port: int) -> dict[str, Any]:
        from prm_harness.crm.salesforce.tls import TlsFront

        # A listener of its own, on loopback whatever the host: what comes through the front came by https.
        inner = self._serve(self.sandbox.handle, "127.0.0.1", 0, behind_tls=True)
        front = self._ending.enter_context(
            TlsFront(("127.0.0.1", inner.port), host=host, proxy_port=proxy_port)
        )
        ca_file = self.folder / "ca.pem"
        ca_file.write_bytes(front.ca_pem)
        return {"tls_url": front.tls_url, "ca_file": str(ca_file), "proxy_url": front.proxy_url}

    def _facts(self) -> dict[str, Any]:
        own, facts = self.sandbox.credentials(), self.sandbox.facts
        return {
            "url": self._crm.url,
            "admin_url": self._admin.url,
            "admin_token": self._admin_token,
            "username": own.username,
            "password": own.password,
            "security_token": own.security_token,
            "client_id": own.client_id,
            "client_secret": own.client_secret,
            "access_token": self.sandbox.open_session(),
            "refresh_token": own.refresh_token,
            "org_id": facts.id,
            "user_id": facts.integration_user,
            "api_version": own.api_version,
        }
