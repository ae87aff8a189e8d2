"""Container engines of this machine: what actors and jobs share.

    errors.py   what can go wrong with one
    names.py    what an image may be called
    link.py     the way to it, over the Docker SDK

The SDK takes a while to load, so only what is for an engine imports `link`.
"""
