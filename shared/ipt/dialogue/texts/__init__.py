"""The explanations behind `?`, by topic; lines with four blanks are code.

program   which model, which function, what to make in it
loops     a loop, and what a person may be asked to vouch for
clauses   the details of a parallel loop
regions   regions, sections, tasks, the device
output    one thread at a time, printing, timing
"""

from __future__ import annotations

from ipt.dialogue.texts.clauses import CLAUSES
from ipt.dialogue.texts.loops import LOOPS
from ipt.dialogue.texts.output import OUTPUT
from ipt.dialogue.texts.program import PROGRAM
from ipt.dialogue.texts.regions import REGIONS

__all__ = ["HELP"]

HELP = {**PROGRAM, **LOOPS, **CLAUSES, **REGIONS, **OUTPUT}
