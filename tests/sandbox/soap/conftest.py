"""A sandbox, and zeep, unmodified, on the WSDL that the sandbox serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import requests
from lxml import etree
from zeep import Client, Transport, xsd

from prm_harness.crm.sandbox import Sandbox

TNS = "{urn:partner.soap.sforce.com}"
ENS = "{urn:sobject.partner.soap.sforce.com}"


@dataclass
class Partner:
    """The generated client, logged in; ``call`` adds the session and unwraps the result."""

    sandbox: Sandbox
    client: Client
    session_id: str
    service: Any

    def header(self, name: str, **parts: Any) -> Any:
        return self.client.get_element(f"{TNS}{name}")(**parts)

    def call(self, operation: str, *args: Any, headers: tuple[Any, ...] = (), **named: Any) -> Any:
        sent = [self.header("SessionHeader", sessionId=self.session_id), *headers]
        answer = getattr(self.service, operation)(*args, **named, _soapheaders=sent)
        return answer.body.result if answer.body is not None else None

    def sobject(
        self, kind: str, record_id: str | None = None, *, nulls: tuple[str, ...] = (), **fields: Any
    ) -> Any:
        items = [
            xsd.AnyObject(xsd.Element(f"{ENS}{name}", xsd.String()), value) for name, value in fields.items()
        ]
        return self.client.get_type(f"{ENS}sObject")(
            type=kind, fieldsToNull=list(nulls), Id=record_id or xsd.SkipValue, _value_1=items
        )


def values(record: Any) -> dict[str, str | None]:
    """An answered sObject's fields."""
    return {etree.QName(e).localname: e.text for e in record._value_1}


@pytest.fixture
def sandbox():
    with Sandbox(seed=7) as running:
        yield running


@pytest.fixture
def partner(sandbox):
    with sandbox.in_process(), requests.Session() as session:
        wsdl = f"{sandbox.instance_url}/services/wsdl/partner"
        client = Client(wsdl, transport=Transport(session=session))
        own = sandbox.credentials()
        result = client.service.login(own.username, own.password + own.security_token)
        service = client.create_service(f"{TNS}SoapBinding", result.serverUrl)
        yield Partner(sandbox, client, result.sessionId, service)
