"""Runs the actor."""

from .app import main

main()
