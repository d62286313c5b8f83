"""What clients ask for although no Salesforce org, or none without code of its own, has it."""

from __future__ import annotations

from typing import NoReturn

from prm_harness.crm.salesforce.call import Call
from prm_harness.crm.salesforce.errors import routing_error


def apex(_call: Call) -> NoReturn:
    """``/services/apexrest/…``: the answer of an org in which no class has that address."""
    raise routing_error(404, "NOT_FOUND", "Could not find a match for URL")


def convert_lead(_call: Call) -> NoReturn:
    """``POST actions/standard/convertLead``: named in many tools, and on no live org an action (contract §12)."""
    raise routing_error(404, "NOT_FOUND", "Invalid Action Type")
