"""A Google Doc as the journal compares it, and the requests that make it what it was."""
