"""The addresses of the SOAP APIs."""

from __future__ import annotations

from typing import Final

from prm_harness.crm.salesforce.metadata import service
from prm_harness.crm.salesforce.router import Route
from prm_harness.crm.salesforce.soap.partner import classify, partner, wsdl

_GET: Final = ("GET",)
_POST: Final = ("POST",)
_PARTLY: Final = "mail, themes, list views and approval processes are missing"

SOAP_ROUTES: Final = (
    *(
        Route("login.soap", _POST, template, partner, "partly", _PARTLY, public=True, classify=classify)
        for template in ("/services/Soap/u/{version}", "/services/Soap/u/{version}/{org}")
    ),
    Route(
        "schema.metadata.soap",
        _POST,
        "/services/Soap/m/{version}/{*}",
        service.metadata,
        "partly",
        "objects, fields, record types, validation rules, permission sets, profiles, event channels",
        public=True,
        classify=service.classify,
    ),
    Route("schema.soap.wsdl", _GET, "/services/Soap/u/{version}", wsdl, public=True),
    Route("schema.soap.wsdl", _GET, "/services/wsdl/partner", wsdl, public=True),
    Route(
        "login.soap",
        ("*",),
        "/services/Soap/{*}",
        None,
        "no",
        "enterprise, tooling and Apex SOAP",
        public=True,
    ),
)
"""``*`` catches what Salesforce has besides."""
