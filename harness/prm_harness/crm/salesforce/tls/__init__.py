"""The TLS front: clients with hard-coded Salesforce hosts reach the sandbox through it, and nothing else."""

from prm_harness.crm.salesforce.tls.front import TlsFront

__all__ = ["TlsFront"]
