"""What strangers can write, planted everywhere, and every tool called on it."""
