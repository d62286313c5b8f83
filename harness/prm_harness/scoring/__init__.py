"""Verdicts to numbers: checklist, buyer profile, score, ranking."""
