"""The caller's own terminal: its state, its address, and a ticket to open it.

Reads only, so anything but GET is refused.  The ticket is signed here, lives for a
minute, and is good for one launch, one user and one origin.
"""
