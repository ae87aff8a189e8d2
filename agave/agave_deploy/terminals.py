"""Ends the terminals that a local stack leaves behind.

Each terminal's folder holds a file `pid` that says which process it is (architecture
section 4); whatever cannot be told apart for certain is left alone.
"""

import json
from pathlib import Path

from agave_deploy.processes import Process, stop_process

__all__ = ["stop_terminals"]

_PATIENCE_S = 3


def stop_terminals(folder: Path) -> list[str]:
    """End every terminal below a folder; return the names of those that lived."""
    return [
        file.parent.name
        for file in sorted(folder.glob("*/pid"))
        if (process := _read(file)) and stop_process(process, _PATIENCE_S)
    ]


def _read(file: Path) -> Process | None:
    try:
        kept = json.loads(file.read_text("utf-8"))["process"]
        return Process(int(kept["pid"]), str(kept["start"]), str(kept["boot"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
