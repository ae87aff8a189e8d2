"""Random loop nests, and what running them shows.

model      what a nest is: its text in C, and a run of it as a list of accesses
generator  nests drawn from a source of randomness
oracle     whether the roles of a verdict are right for the accesses of some runs
"""

from __future__ import annotations

from ipt.testing.nests.generator import make_nest
from ipt.testing.nests.model import Nest
from ipt.testing.nests.oracle import LoopObservation, Roles, observe, roles_of

__all__ = ["LoopObservation", "Nest", "Roles", "make_nest", "observe", "roles_of"]
