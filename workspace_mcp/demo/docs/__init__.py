"""Google Docs in memory."""
