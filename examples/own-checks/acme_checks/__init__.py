"""Acme's own checks. prm-harness finds them in every module of this package."""
