"""The sandbox CRM as the harness holds it: an org, its wire, and the powers over both."""

from prm_harness.crm.salesforce.sessions import Credentials
from prm_harness.crm.sandbox.sandbox import Sandbox

__all__ = ["Credentials", "Sandbox"]
