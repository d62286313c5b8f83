"""A sandbox on its own: listeners, the admin's door beside them, and what newcomers are told when it is ready."""

from prm_harness.crm.sandbox.serve.running import RunningSandbox

__all__ = ["RunningSandbox"]
