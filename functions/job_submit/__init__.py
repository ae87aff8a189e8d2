"""Submit a job with the user's own token: compile, run, both in one, or compare.

Every field is checked against the registry of systems first, and the line that will
run is shown before anything is sent.  The same `request_id` twice is one job.
"""
