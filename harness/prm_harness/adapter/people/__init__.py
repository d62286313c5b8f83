"""Asking a person: on the terminal, with what was answered kept as evidence, and resumable after a break."""
