"""The user's jobs: history, detail, what they printed, cancel, delete.

Everything is read with the user's own token and nothing is kept here, so the answer
is as fresh as the platform's.
"""
