"""What was changed through this server, kept on this machine with what is needed to take it back."""
