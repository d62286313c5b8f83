"""Orgs from elsewhere: saved describes, a Metadata API source tree, or a live org; each with a report of what is lost."""
