"""Rewrites loops so that one of them can run in parallel.

layout, header_text  the text of a loop, statement by statement
study, exact         what is known of a loop and its expressions
loop_rewrite         what the rewrites below have in common
ordering             which accesses must stay in order
distribution         a loop is cut into several (`crossing`: its variables)
interchange          two loops change places
peeling              one iteration is done apart (`carried`: what it hands on)
positions            an extreme value and its place are searched in two loops
induction            a formula takes the place of a variable (`formula`: its text)
privatization        temporaries are declared inside (`sharing`, `coverage`: the proof)
rereading            the program as it is after a rewrite
search               which rewrites are right and worth it
"""

from __future__ import annotations

from ipt.restructure.rereading import restructured
from ipt.restructure.restructuring import Restructuring, RestructuringKind
from ipt.restructure.search import find_restructurings

__all__ = [
    "Restructuring",
    "RestructuringKind",
    "find_restructurings",
    "restructured",
]
