"""Start, stop, restart and sync a user's terminal.

The only function that reaches the execution host and holds its key.  One message, one
command, and the terminal as it is afterwards; the same command twice does no harm.
An administrator may name somebody else in `user_name`.
"""
