"""Tools for Google Drive: files of every kind, who sees them, what is said about them."""
