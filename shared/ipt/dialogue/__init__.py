"""The dialogue: one generator of questions, several front ends.

questions  what a question is, and what counts as an answer to it
texts      the explanations behind `?`
flow       the generator: yields questions, receives answers, returns the outcome
session    drives the generator; can go back
console    leads a person through it; `screen` is what the person sees
answers    the answers file
"""

from __future__ import annotations

from ipt.dialogue.flow import dialogue
from ipt.dialogue.questions import BadAnswer, Choice, Question
from ipt.dialogue.session import Session

__all__ = [
    "BadAnswer",
    "Choice",
    "Question",
    "Session",
    "dialogue",
]
