"""The buyer's checklist (guide.yaml) and its checks, one module an area of the integration."""
