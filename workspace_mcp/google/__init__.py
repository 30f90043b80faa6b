"""HTTPS to Google."""
