"""Ends the terminals that a local stack leaves behind.

Each terminal's folder holds a file `pid` that says which process it is (architecture
section 4), and a file `group` with the folders of its control group if it has one;
whatever cannot be told apart for certain is left alone.
"""

import json
import shutil
from pathlib import Path

from agave_deploy.local_stack.processes import Process, stop_process
from sandbox import ControlGroup

__all__ = ["stop_terminals"]

_PATIENCE_S = 3
_GROUPS = "ipt-terminals"  # what every terminal's control group is below


def stop_terminals(folder: Path) -> list[str]:
    """End every terminal below a folder, and remove what is left of those that ended.

    Returns:
        The names of those that lived.
    """
    lived = []
    for file in sorted(folder.glob("*/pid")):
        process = _read(file)
        if process is None:
            continue
        if stop_process(process, _PATIENCE_S):
            lived.append(file.parent.name)
        # A group that does not end is tried again by the next `down`.
        if not process.is_alive() and _read_group(file.with_name("group")).end():
            shutil.rmtree(file.parent, ignore_errors=True)
    return lived


def _read(file: Path) -> Process | None:
    try:
        kept = json.loads(file.read_text("utf-8"))["process"]
        return Process(int(kept["pid"]), str(kept["start"]), str(kept["boot"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _read_group(file: Path) -> ControlGroup:
    """Return the group that a file names; one without folders if it names none."""
    try:
        places = tuple(Path(each) for each in json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return ControlGroup(())
    ours = all(each.is_absolute() and each.parent.name == _GROUPS for each in places)
    return ControlGroup(places if ours else ())
