"""An adapter without code: a YAML file says how the product's REST API is asked. ``rest:FILE.yaml``."""
