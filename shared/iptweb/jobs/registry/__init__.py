"""The systems that people choose from (docs/architecture.md §5.4)."""

from .entries import Compiler, Module, Preset, Queue, to_seconds
from .launchers import fill_launcher
from .systems import Registry, System

__all__ = [
    "Compiler",
    "Module",
    "Preset",
    "Queue",
    "Registry",
    "System",
    "fill_launcher",
    "to_seconds",
]
