"""What a PRM asks of the CRM, and all that it is told about it."""

from __future__ import annotations

from pydantic import Field

from .base import Model


class CrmField(Model):
    """A custom field that the PRM needs in the CRM."""

    sobject: str
    name: str
    type: str
    length: int | None = None
    external_id: bool = False
    values: tuple[str, ...] = ()
    label: str = ""


class Prerequisites(Model):
    """What the PRM needs inside the CRM before it can be connected: its footprint, installed by the harness."""

    fields: tuple[CrmField, ...] = ()
    packages: tuple[str, ...] = ()
    permissions: tuple[str, ...] = Field(
        default=(), description="user permissions asked for, e.g. 'ModifyAllData'"
    )
    objects: tuple[str, ...] = Field(default=(), description="sObjects that the integration user must reach")


class CrmConnection(Model):
    """All that a PRM is told about the CRM: an address and credentials."""

    login_url: str = Field(description="scheme and host for OAuth and SOAP login, no trailing slash")
    username: str
    password: str = Field(repr=False)
    security_token: str = Field(repr=False)
    client_id: str
    client_secret: str = Field(repr=False)
    refresh_token: str = Field(
        default="", repr=False, description="of the integration user, for clients that take nothing else"
    )
    api_version: str = "60.0"
    run_id: str = Field(description="marks everything that this run creates, for cleanup()")
    proxy_url: str = Field(
        default="",
        description="CONNECT proxy that leads every https host to the CRM, for clients with a hard-coded login host",
    )
    ca_file: str = Field(default="", description="PEM file of the authority to trust behind ``proxy_url``")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What may appear in no event, report, cassette or traceback."""
        return tuple(
            filter(None, (self.password, self.security_token, self.client_secret, self.refresh_token))
        )
