"""Google Drive in memory: files of every account, who may see them, what is said about them."""
