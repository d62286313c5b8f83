"""The Bulk APIs: 2.0 below ``jobs/`` of the REST API, 1.0 below ``/services/async`` (contract §9)."""
