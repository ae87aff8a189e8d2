"""What the double of the tenant knows between two messages."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .frames import Frame
from .samples import SYSTEM


@dataclass
class State:
    """What the double knows; tests set and read it."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=lambda: {"token-1"})
    can_refresh: bool = True
    terminal: dict[str, Any] = field(default_factory=lambda: {"status": "STOPPED"})
    started: dict[str, Any] = field(default_factory=lambda: {"status": "READY"})
    found: dict[str, Any] = field(default_factory=dict)
    make_ticket: Callable[[], str] = lambda: "a-ticket"
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    diagnostics: dict[str, Any] = field(
        default_factory=lambda: {"diagnostics": [], "truncated": False}
    )
    comparison: dict[str, Any] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    refusals: dict[tuple[str, str], Frame] = field(default_factory=dict)
    systems: list[dict[str, Any]] = field(default_factory=lambda: [SYSTEM])
    warnings: list[dict[str, str]] = field(default_factory=list)
    origin: str = ""
    # What administrators see of others.
    others: list[dict[str, Any]] = field(default_factory=list)
    hosts: list[dict[str, Any]] = field(default_factory=list)
    all_jobs: list[dict[str, Any]] = field(default_factory=list)
    audit: list[dict[str, Any]] = field(default_factory=list)
