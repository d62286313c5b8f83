"""The Metadata API: components as values, one by one over SOAP or many in a zip package."""
