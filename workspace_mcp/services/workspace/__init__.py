"""Tools that belong to no single Google service."""
