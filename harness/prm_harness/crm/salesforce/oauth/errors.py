"""What OAuth refuses."""

from __future__ import annotations

from prm_harness.crm.salesforce.errors import WireError


def oauth_error(error: str, description: str, status: int = 400) -> WireError:
    """An object, not an array: ``error`` then ``error_description`` (contract §1.1)."""
    return WireError(status, {"error": error, "error_description": description}, code=error)
