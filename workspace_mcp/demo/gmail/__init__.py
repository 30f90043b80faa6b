"""A fake of the Gmail API."""
