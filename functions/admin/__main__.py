"""Runs the function as an actor's container does."""

from functions.admin.app import app
from iptweb.runtime import main

if __name__ == "__main__":
    main(app)
