"""The OAuth flow for installed applications."""
