"""Verifying: is the parallel program right, and is it faster?

building     both programs, with the compiler that is installed
supervisor   one run under limits, nothing left behind; a process of its own
running      a program in a fresh folder
folders      what goes into such a folder, and what comes out
comparing    text exactly, numbers with tolerance, lines in order or not
races        Clang's race detector with Archer, where they are installed
checking     the whole of it
"""

from __future__ import annotations

from ipt.verify.checking import Request, verify
from ipt.verify.comparing import Comparison, Difference
from ipt.verify.races import Race, RaceCheck, RaceState
from ipt.verify.running import Limits
from ipt.verify.verification import Status, ThreadResult, Verification

__all__ = [
    "Comparison",
    "Difference",
    "Limits",
    "Race",
    "RaceCheck",
    "RaceState",
    "Request",
    "Status",
    "ThreadResult",
    "Verification",
    "verify",
]
