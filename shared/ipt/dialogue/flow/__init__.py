"""The generator of questions, a stage a file.

It knows nothing of terminals or files; whoever drives it answers.

run           the order of the stages, from the model to the outcome
functions     which function, which one next
making        what to make in a function
loops         its loops, outer ones first
decisions     what a person must vouch for
details       every clause of a parallel loop
"""

from __future__ import annotations

from ipt.dialogue.flow.run import dialogue

__all__ = ["dialogue"]
