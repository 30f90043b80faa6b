"""What lies on disk about accounts; the server and `workspace-auth` share it."""
