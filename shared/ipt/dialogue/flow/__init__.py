"""The generator of questions, a stage a file.

It knows nothing of terminals or files; whoever drives it answers.

run            the order of the stages, from the model to the outcome
functions      which function, which one next
making         what to make in a function
loops          its loops, outer ones first
restructuring  other ways to write a loop; the stages then start anew
decisions      what a person must vouch for
details        every clause of a parallel loop; `roles` and `arrays` are those of
               its variables
protection     lines for one thread at a time, in a `protection_place`; `printing`
               is the usual reason
regions, sections, tasks, target   what else can be made
timing         lines that take the time
lines          lines that a person names
trial          whether what was chosen compiles, while the question is still open
work           the state that the stages share
"""

from __future__ import annotations

from ipt.dialogue.flow.run import dialogue

__all__ = ["dialogue"]
