"""Buyer profiles: what each question weighs, what must pass, which limits apply. Three ship; a buyer's YAML overlays one."""

from .load import KNOCK_OUT_LIMIT, load_profile, shipped_profiles
from .source import ProfileError

__all__ = ["KNOCK_OUT_LIMIT", "ProfileError", "load_profile", "shipped_profiles"]
