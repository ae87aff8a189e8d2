"""The Interactive Parallelization Tool.

source     the user's text: places, excerpts, edits
reading    from the text to the model tree, through libclang
model      the program as an immutable tree
analysis   which loops can run in parallel, and what each variable becomes
transform  from a verdict to insertions in the text
dialogue   one generator of questions, several front ends
automatic  what to parallelize where nobody is asked
verify     the parallel program against the serial one: output, races, speed
api, cli   the engine as a pure function, and as a command
commands   the commands of `ipt`
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
