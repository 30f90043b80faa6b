"""The tools: one package per Google service, one file per subject."""
