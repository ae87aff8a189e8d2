"""The user's files: list, make folders, rename, delete, upload, download.

Works with the user's own token, and only inside their home.  Bytes don't pass through
here: the browser is told where to send or fetch them with its own token.
"""
