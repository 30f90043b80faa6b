"""Conversions without I/O."""
