"""The Interactive Parallelization Tool.

source            the user's text: places, excerpts, edits
findings, errors  what the analysis says, and what ipt raises
model             the program as an immutable tree
reading           from the text to the model tree, through libclang
analysis          which loops can run in parallel, and what each variable becomes;
                  `arrays`, `regions` and `sync` for more than single loops
transform         from a verdict to edits of the text, one directive a file
restructure       loops written anew, so that one of them can run in parallel
outcome           the new files, checked by the compiler, and what was changed
listing           numbered lines of a function, and answers that name them
dialogue          one generator of questions, several front ends
automatic         what to parallelize where nobody is asked
verify            the parallel program against the serial one: output, races, speed
report            what was done, for people
api               the engine as a pure function
service           the engine for programs, in a process of its own
cli, commands     the engine as a command
headers           the C library, where no compiler is installed
samples           small programs to try it on
testing           for tests of what is built on ipt

Each stage knows only those before it; a contract in pyproject.toml holds them.
"""

from __future__ import annotations

from ipt.errors import (
    AnswersError,
    DialogueInterrupted,
    InternalError,
    IptError,
    SourceError,
    TransformRefused,
)
from ipt.findings import CODES, Finding, Severity

__all__ = [
    "CODES",
    "AnswersError",
    "DialogueInterrupted",
    "Finding",
    "InternalError",
    "IptError",
    "Severity",
    "SourceError",
    "TransformRefused",
]
