"""Does one request; `child` starts it."""

from __future__ import annotations

import sys

from ipt.service.process import main

if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
