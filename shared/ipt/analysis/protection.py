"""Statements that not all threads may run at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipt.model import Statement

__all__ = ["Protection", "ProtectionKind"]


class ProtectionKind(Enum):
    """How statements are protected; the value is the name of the directive."""

    CRITICAL = "critical"
    ATOMIC_READ = "atomic read"
    ATOMIC_WRITE = "atomic write"
    ATOMIC_UPDATE = "atomic update"
    ATOMIC_CAPTURE = "atomic capture"
    SINGLE = "single"
    MASTER = "master"
    ORDERED = "ordered"


@dataclass(frozen=True, slots=True)
class Protection:
    """Consecutive statements of one block under one directive.

    Attributes:
        name: Of a critical section; those without a name are all one.
    """

    kind: ProtectionKind
    statements: tuple[Statement, ...]
    name: str = ""

    @property
    def is_atomic(self) -> bool:
        """Whether it is one of the four forms of `atomic`."""
        return self.kind.value.startswith("atomic")
