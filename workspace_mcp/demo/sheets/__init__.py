"""Google Sheets in memory."""
