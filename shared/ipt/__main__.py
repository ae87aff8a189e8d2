"""`python -m ipt`."""

import sys

from ipt.cli import main

sys.exit(main())
