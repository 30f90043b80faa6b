"""A Google Workspace in memory: `workspace-mcp --demo`, and every test."""
