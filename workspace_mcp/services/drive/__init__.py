"""Tools for Google Drive: files of every kind, who sees them, what is said about them.

Tools that read name no permission: `drive`, `drive.readonly` or `drive.file` alone will do (with the last
Google shows this app's own files), and Google says when none was granted.
"""
