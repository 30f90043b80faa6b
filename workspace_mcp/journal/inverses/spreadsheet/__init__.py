"""A spreadsheet as the journal compares it, and the requests that make it what it was."""
