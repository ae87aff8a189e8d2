"""Looks after everybody's terminals, hosts and jobs; for administrators alone.

It holds no key and reaches no execution host: to start, stop, restart or check a
terminal it sends a message to the function `terminal`.  Every action is on record
before it is done and after it, and is done once however often its message comes.
"""
