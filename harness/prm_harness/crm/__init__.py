"""What a check may ask of a CRM (backend.py), and the sandbox CRM that answers it."""
