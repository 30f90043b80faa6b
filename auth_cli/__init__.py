"""`workspace-auth`: signing in, in a terminal."""
