"""Messages that no honest client sends."""

import pytest

from prm_harness.crm.salesforce.http import Request
from prm_harness.crm.salesforce.soap.xml import XmlError, parse
from prm_harness.crm.sandbox import Sandbox

BOMB = '<!DOCTYPE a [<!ENTITY b "boom">]><a>&b;</a>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_are_refused_in_any_encoding(encoding):
    with pytest.raises(XmlError, match="DOCTYPE is disallowed"):
        parse(BOMB.encode(encoding))


@pytest.mark.parametrize(
    "text", ["", "<a>", "<a></b>", "<a>&nbsp;</a>", "<a" * 5, "<a>" * 300 + "</a>" * 300, "\x00"]
)
def test_what_is_not_well_formed_or_too_deep_is_an_error_of_its_own(text):
    with pytest.raises(XmlError):
        parse(text.encode())


@pytest.mark.parametrize(
    "path", ["/services/Soap/u/60.0", "/services/Soap/m/60.0", "/services/Soap/m/60.0/deployRequest"]
)
@pytest.mark.parametrize(
    "text", ["", "<x/>", BOMB, '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"/>']
)
def test_every_soap_address_answers_nonsense_with_a_fault(path, text):
    with Sandbox(seed=7) as sandbox:
        answer = sandbox.handle(Request("POST", path, "", {"host": "x"}, text.encode()))

    assert answer.status == 500
    assert b"<soapenv:Fault>" in answer.body


def test_an_unknown_operation_and_one_that_is_not_answered_are_told_apart():
    shell = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"><e:Header>'
        "<SessionHeader><sessionId>{}</sessionId></SessionHeader></e:Header><e:Body><{}/></e:Body></e:Envelope>"
    )
    with Sandbox(seed=7) as sandbox:
        session = sandbox._sessions.open()
        answers = {
            name: sandbox.handle(
                Request(
                    "POST", "/services/Soap/u/60.0", "", {"host": "x"}, shell.format(session, name).encode()
                )
            )
            for name in ("describeTheme", "conjure")
        }

    assert (answers["describeTheme"].status, answers["describeTheme"].error_code) == (501, "SANDBOX_GAP")
    assert b"No operation available for request" in answers["conjure"].body
