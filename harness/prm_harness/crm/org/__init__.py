"""The CRM itself: schema, records, rules, access, history, ids. Knows no HTTP."""
