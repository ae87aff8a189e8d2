"""Lets `python -m agave_deploy` be the command `agave-deploy`."""

import sys

from agave_deploy.cli import main

if __name__ == "__main__":
    sys.exit(main())
