"""Google Docs: the API's JSON as values, Markdown both ways, positions. No I/O."""
