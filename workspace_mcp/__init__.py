"""Google Workspace as MCP tools, over stdio. Importing this package imports nothing else."""

__version__ = "3.0.0.dev0"
