"""Runs the actor."""

from echo.app import main

main()
