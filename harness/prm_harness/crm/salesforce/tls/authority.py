"""A certificate authority that lives as long as the front: made at the start, trusted by whoever is given its file."""

from __future__ import annotations

import ssl
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import trustme

_KEPT: Final = 256
"""Certificates kept at once; a client that asks for ever new hosts costs bounded memory."""


class Authority:
    """Makes a server's TLS context for any host name. Its key exists only in this process."""

    def __init__(self) -> None:
        # trustme brings the whole of a cryptography library with it: only a front pays for that.
        import trustme

        self._ca: trustme.CA = trustme.CA(organization_name="Internal Services")
        self._contexts: dict[str, ssl.SSLContext] = {}

    @property
    def pem(self) -> bytes:
        """The authority's own certificate, which clients have to trust."""
        return self._ca.cert_pem.bytes()

    def context(self, host: str) -> ssl.SSLContext:
        """A server context with a certificate for ``host``, a name or an IP address.

        Raises:
            ValueError: no certificate can be made for such a name.
        """
        host = host.strip("[]").lower()
        known = self._contexts.get(host)
        if known is not None:
            return known
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._ca.issue_cert(_identity(host)).configure_cert(context)
        if len(self._contexts) >= _KEPT:
            self._contexts.clear()
        self._contexts[host] = context
        return context

    def by_server_name(self, host: str) -> ssl.SSLContext:
        """A context for ``host`` that takes another certificate when the client names another server (SNI)."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._ca.issue_cert(_identity(host), "localhost").configure_cert(context)

        def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
            if name is None or name == "localhost":
                return None
            try:
                connection.context = self.context(name)
            except ValueError:
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            return None

        context.sni_callback = choose
        return context


def _identity(host: str) -> str:
    """What goes into the certificate: an address in its normal form, or a host name that is one."""
    try:
        return str(ip_address(host))
    except ValueError:
        labels = host.split(".")
        if not host.isascii() or len(host) > 253 or not all(_is_label(label) for label in labels):
            raise ValueError(f"{host!r} is not a host name") from None
        return host


def _is_label(label: str) -> bool:
    return 0 < len(label) <= 63 and label.replace("-", "").replace("_", "").isalnum()
