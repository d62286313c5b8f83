"""Business flows between a vendor and its partners that are more than a record crossing over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from prm_harness.adapter.records import Outcome, Ref

from .base import NotSupported


class Flows(Protocol):
    """Leads are passed on, funds are asked for, submissions are approved."""

    def assign_lead(self, ref: Ref, partner: str) -> Outcome:
        """The channel manager passes a lead to a partner (CRM id of its Account) in the portal."""
        raise NotSupported("assign_lead")

    def answer_lead(self, ref: Ref, accepted: bool, *, as_partner: str, reason: str = "") -> Outcome:
        """The partner accepts or rejects a lead that was passed to it."""
        raise NotSupported("answer_lead")

    def submit_mdf(self, values: Mapping[str, Any], *, as_partner: str) -> Outcome:
        """The partner asks for market development funds; values by field API name of ``info().fund_target``.

        Status and amounts are read with ``read(info().fund_target, ...)``.
        """
        raise NotSupported("submit_mdf")

    def claim_mdf(self, ref: Ref, values: Mapping[str, Any], *, as_partner: str) -> Outcome:
        """The partner claims what it spent of approved funds."""
        raise NotSupported("claim_mdf")

    def approve(self, kind: str, ref: Ref, approved: bool, *, comment: str = "") -> Outcome:
        """The channel manager approves or rejects what was submitted (a deal, a fund request) in the portal."""
        raise NotSupported("approve")
