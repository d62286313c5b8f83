"""Business flows of the portal: leads are passed to partners, funds asked for and claimed, registrations approved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from prm_harness.adapter import Outcome, Ref
from prm_harness.reference.entry import refused
from prm_harness.reference.installation import Installation
from prm_harness.reference.portal import Portal
from prm_harness.reference.shape.fields import PARTNER_FIELD

STATUS: Final = ("Status__c", "Approval_Status__c")
"""Fields of a CRM object that a decision is written to, the first that it has."""

ACCEPTED: Final = {"Status": "Working - Contacted"}
"""What a partner writes into a lead by taking it."""


def passed_to(partner: str) -> dict[str, Any]:
    """What is written into a lead that a partner is given."""
    return {PARTNER_FIELD: partner, "Status": "Open - Not Contacted"}


def turned_down(lead: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """What is written into a lead that goes back to the channel manager: nobody's, with the reason below its text."""
    said = f"Turned down by the partner: {reason or 'no reason given'}"
    before = lead.get("Description")
    return {PARTNER_FIELD: None, "Description": f"{before}\n{said}" if before else said}


class HasFlows(Installation):
    """The operations on leads and decisions. What is decided here goes to the CRM like any other edit."""

    def assign_lead(self, ref: Ref, partner: str) -> Outcome:
        """See the contract; the partner sees it at once."""
        with self._lock:
            core = self._connected("assign_lead")
            if PARTNER_FIELD not in core.types["Lead"].spec.fields:
                return refused("the portal has no field that says whose a lead is")
            return Portal(core).update("Lead", ref, passed_to(partner), None)

    def answer_lead(self, ref: Ref, accepted: bool, *, as_partner: str, reason: str = "") -> Outcome:
        """See the contract; a lead that is turned down goes back to the channel manager, with the reason."""
        with self._lock:
            portal = Portal(self._connected("answer_lead"))
            lead = portal.read("Lead", ref, as_partner)
            if lead is None:
                return refused("there is no such Lead")
            if accepted:
                return portal.update("Lead", ref, ACCEPTED, as_partner)
            return portal.update("Lead", ref, turned_down(lead.fields, reason), None)

    def submit_mdf(self, values: Mapping[str, Any], *, as_partner: str) -> Outcome:
        """See the contract; a request for funds is a record of its own object."""
        with self._lock:
            portal = Portal(self._connected("submit_mdf"))
            return portal.submit(self.info().fund_target, values, as_partner)

    def claim_mdf(self, ref: Ref, values: Mapping[str, Any], *, as_partner: str) -> Outcome:
        """See the contract."""
        with self._lock:
            portal = Portal(self._connected("claim_mdf"))
            return portal.update(self.info().fund_target, ref, values, as_partner)

    def approve(self, kind: str, ref: Ref, approved: bool, *, comment: str = "") -> Outcome:
        """See the contract; the decision goes into the object's status field."""
        with self._lock:
            core = self._connected("approve")
            carried = core.types.get(kind)
            status = next((n for n in STATUS if carried is not None and n in carried.spec.fields), None)
            if status is None:
                return refused(f"{kind} needs no approval in this portal")
            decision: dict[str, Any] = {status: "Approved" if approved else "Rejected"}
            if comment and carried is not None and "Approval_Comment__c" in carried.spec.fields:
                decision["Approval_Comment__c"] = comment
            return Portal(core).update(kind, ref, decision, None)
