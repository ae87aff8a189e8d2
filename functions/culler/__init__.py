"""Looks after all terminals, once an hour by the platform's schedule.

It holds no key and reaches no execution host: it sends `SWEEP` to the function
`terminal` and answers what that did.  An administrator may ask for it at any time; too
often does no harm.
"""
