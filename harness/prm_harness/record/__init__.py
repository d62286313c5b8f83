"""The run record: events, writer, reader, digests, redaction. Imports nothing of the running side."""
