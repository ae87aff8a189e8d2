"""The trees of control groups that this machine shows, and where a process is in them.

Linux has two versions: one tree for each controller, or one tree for all of them; a
machine may have both, with each controller in one of them.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

SELF = Path("/proc/self")
MEMORY, PROCESSES, PROCESSORS = "memory", "pids", "cpu"
WANTED = (MEMORY, PROCESSES, PROCESSORS)
# Places of /proc/self/mountinfo, before and after its lonely dash.
ROOT_FIELD, POINT_FIELD, TYPE_FIELD, OPTIONS_FIELD = 3, 4, 0, 2


@dataclass(frozen=True)
class Hierarchy:
    """A tree of groups, and where in it a process is.

    Attributes:
        folder: The process's own group.
        top: The tree's root, as far as it can be seen.
        controllers: What is limited in it; of version 2 what may be.
        unified: Whether it is of version 2.
    """

    folder: Path
    top: Path
    controllers: frozenset[str]
    unified: bool


def read_hierarchies(process: Path = SELF) -> list[Hierarchy]:
    """Return the trees in which a process is and that can be seen.

    Args:
        process: Its folder in /proc; another one in tests.
    """
    try:
        mounts = (process / "mountinfo").read_text(encoding="utf-8").splitlines()
        groups = (process / "cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    own: dict[str, str] = {}
    for line in groups:
        _, controllers, path = line.split(":", 2)
        own.update(dict.fromkeys(controllers.split(","), path))
    found = [read_mount(line, own) for line in mounts]
    return list({tree.folder: tree for tree in found if tree is not None}.values())


def read_mount(line: str, own: dict[str, str]) -> Hierarchy | None:
    """Return the tree that a line of mountinfo shows, None if it shows none.

    Args:
        line: The line.
        own: The process's group for each controller of version 1, and for ""
            the one of version 2.
    """
    before, _, after = line.partition(" - ")
    place, kind = before.split(), after.split()
    if kind[TYPE_FIELD] not in {"cgroup", "cgroup2"}:
        return None
    top = Path(place[POINT_FIELD])
    unified = kind[TYPE_FIELD] == "cgroup2"
    controllers = frozenset(kind[OPTIONS_FIELD].split(",")) & set(WANTED)
    if unified:
        with contextlib.suppress(OSError):
            text = (top / "cgroup.controllers").read_text(encoding="ascii")
            controllers = frozenset(text.split()) & set(WANTED)
    names = {""} if unified else controllers
    path = next((own[name] for name in sorted(names) if name in own), None)
    if not controllers or path is None:
        return None
    # Where only a part of the tree is mounted, as in a container, paths begin at
    # that part.
    inner = os.path.relpath(path, place[ROOT_FIELD])
    folder = top if inner.startswith("..") else top / inner
    return Hierarchy(folder, top, controllers, unified)
