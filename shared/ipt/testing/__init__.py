"""For tests of ipt: a verdict from a snippet, and programs that are built and run.

Shipped, so that whoever builds on the engine can test in the same way.
"""

from __future__ import annotations

from ipt.testing.programs import (
    ProgramFailed,
    build,
    compilers_for,
    run_program,
    same_output,
    watch_for_races,
)
from ipt.testing.snippets import (
    NO_HEADERS,
    first_verdict,
    program_of,
    programs_of,
    verdicts_of,
)

__all__ = [
    "NO_HEADERS",
    "ProgramFailed",
    "build",
    "compilers_for",
    "first_verdict",
    "program_of",
    "programs_of",
    "run_program",
    "same_output",
    "verdicts_of",
    "watch_for_races",
]
