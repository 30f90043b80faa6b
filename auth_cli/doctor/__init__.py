"""`workspace-auth doctor`: what goes wrong in practice, looked at one thing a line."""
