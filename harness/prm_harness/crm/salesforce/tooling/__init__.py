"""The Tooling API over REST: components as rows that can be queried, made, changed and deleted."""
