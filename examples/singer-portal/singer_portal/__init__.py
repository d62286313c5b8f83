"""A small portal whose copy of the CRM is filled by tap-salesforce, the Singer reader, as it comes from PyPI."""

from .portal import create

__all__ = ["create"]
