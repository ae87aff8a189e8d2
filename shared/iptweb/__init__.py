"""The shared library of IPT on the Web's functions."""
