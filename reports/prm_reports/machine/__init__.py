"""What a report says to machines: results.json with its schema, CSV, JUnit, CTRF, Markdown for a comment, the badge."""
