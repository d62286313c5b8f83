"""SOAP: the partner API and what it shares with the Metadata API."""

from prm_harness.crm.salesforce.soap.envelope import fault
from prm_harness.crm.salesforce.soap.partner import classify, partner, wsdl

__all__ = ["classify", "fault", "partner", "wsdl"]
