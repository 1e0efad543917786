"""The REST API under /api/v1/: what every app's api.py shares, and the list of its addresses."""
