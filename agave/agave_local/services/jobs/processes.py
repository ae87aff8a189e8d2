"""Telling processes apart: numbers are used again, a number and a start are not."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PROC = Path("/proc")
_BOOT = _PROC / "sys/kernel/random/boot_id"
# Fields of /proc/<pid>/stat after the name, which may itself hold spaces.
_STATE, _PARENT, _SESSION, _STARTED = 0, 1, 3, 19


def identify(pid: int) -> dict[str, Any] | None:
    """Return what tells a living process from any other; None where it is gone."""
    started = _started(pid)
    if started is None:
        return None
    return {"pid": pid, "started": started}


def is_alive(identity: Mapping[str, Any]) -> bool:
    """Tell whether the very process that was identified still lives."""
    return identify(int(identity["pid"])) == dict(identity)


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have."""
    children: dict[int, list[int]] = {}
    for child, parent in _parents():
        children.setdefault(parent, []).append(child)
    found: list[int] = []
    waiting = [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def orphans(leader: Mapping[str, Any]) -> list[int]:
    """Return what a dead leader of a session has left behind; nothing while it lives.

    The kernel gives the leader's number to nobody while the session has members.

    Args:
        leader: identity of the process that led the session.
    """
    boot, _, number = str(leader["started"]).partition("/")
    pid = int(leader["pid"])
    # Without /proc there is no sandbox either, and no job that could be lost.
    if not number or boot != _boot() or identify(pid) is not None:
        return []
    found = ((member, _stat(member)) for member, _ in _parents())
    return [
        member
        for member, fields in found
        if fields is not None
        and fields[_STATE] not in "ZX"
        and int(fields[_SESSION]) == pid
        and int(fields[_STARTED]) >= int(number)
    ]


def name_of(pid: int) -> str:
    """Return the name of a process's program; empty where it is gone."""
    try:
        return (_PROC / str(pid) / "comm").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _started(pid: int) -> str | None:
    if not _PROC.joinpath("self").exists():
        return _started_by_ps(pid)
    fields = _stat(pid)
    if fields is None or fields[_STATE] in "ZX":
        return None
    return f"{_boot()}/{fields[_STARTED]}"


def _boot() -> str:
    """Return what tells this run of the machine from any other."""
    return _BOOT.read_text(encoding="ascii").strip() if _BOOT.exists() else ""


def _started_by_ps(pid: int) -> str | None:
    """Ask ps, where there is no /proc (macOS)."""
    said = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return None if not said or said.startswith("Z") else said.partition(" ")[2].strip()


def _parents() -> list[tuple[int, int]]:
    if not _PROC.joinpath("self").exists():
        said = subprocess.run(
            ["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=False
        ).stdout
        return [
            (int(pid), int(parent))
            for pid, parent in (line.split() for line in said.splitlines())
        ]
    pids = [int(name) for name in os.listdir(_PROC) if name.isdigit()]  # noqa: PTH208 - names are wanted
    found = ((pid, _stat(pid)) for pid in pids)
    return [(pid, int(fields[_PARENT])) for pid, fields in found if fields is not None]


def _stat(pid: int) -> list[str] | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()
