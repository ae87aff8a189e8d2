"""What the tenant and a job's supervisor tell each other, through a private folder.

control/launch.json      tenant → supervisor: what to run, within which limits
control/supervisor.json  supervisor: who it is, made once and never replaced
control/exit.json        supervisor → tenant: how it ended, whole or not there
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LAUNCH, SUPERVISOR, EXIT = "launch.json", "supervisor.json", "exit.json"
_LOST = {"reason": "lost", "code": None}
_NO_PROCESS = {"pid": 0, "started": ""}
REASONS = frozenset(
    {"exited", "time", "ended", "bytes", "processes", "memory", "start", "lost"}
)


@dataclass(frozen=True)
class Order:
    """What to run, within which limits.

    Attributes:
        work: the job's folder, the only one that it may change.
        argv: the program and its arguments, as they are in the work folder.
        slug: start of the names of the output files.
        user: whose job it is.
        seconds: of run time.
        memory_bytes: of the whole job; of address space of each process, where no
            control group can be made.
        processors: that it may use, where a control group can be made.
        processes: at once.
        total_bytes: in the work folder.
        confined: whether it runs in a sandbox.
    """

    work: str
    argv: tuple[str, ...]
    slug: str
    user: str
    seconds: int
    memory_bytes: int
    processors: int = 1
    processes: int = 512
    total_bytes: int = 4 << 30
    confined: bool = True


@dataclass(frozen=True)
class Exit:
    """How a job's program ended.

    Attributes:
        reason: `exited`, `time`, `ended` (asked to), `bytes`, `processes`, `memory`,
            `start` (it could not be started) or `lost` (its supervisor is gone).
        code: exit status of the program, where it had one.
    """

    reason: str
    code: int | None = None


def write_order(control: Path, order: Order) -> None:
    """Leave the order for the supervisor."""
    _write(control / LAUNCH, asdict(order))


def read_order(control: Path) -> Order:
    """Read the order that the tenant left."""
    found = json.loads((control / LAUNCH).read_text(encoding="utf-8"))
    return Order(**{**found, "argv": tuple(found["argv"])})


def write_exit(control: Path, ended: Exit) -> None:
    """Tell the tenant how the program ended."""
    _write(control / EXIT, asdict(ended))


def read_exit(control: Path) -> Exit | None:
    """Return how the program ended; None while it runs."""
    found = _read(control / EXIT, _LOST)
    return None if found is None else Exit(**found)


def register(control: Path, identity: dict[str, Any]) -> bool:
    """Become the job's supervisor, unless there is or was one; tell whether."""
    mine = control / f"{SUPERVISOR}.{os.getpid()}"
    mine.write_text(json.dumps(identity), encoding="utf-8")
    try:
        os.link(mine, control / SUPERVISOR)
    except FileExistsError:
        return False
    finally:
        mine.unlink()
    return True


def read_supervisor(control: Path) -> dict[str, Any] | None:
    """Return who supervises the job; None where nobody has begun."""
    return _read(control / SUPERVISOR, _NO_PROCESS)


def _read(path: Path, fields: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read a file that is whole or not there.

    Args:
        path: of the file.
        fields: that it has; these stand for one that a power cut has damaged.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        return dict(fields)
    is_whole = isinstance(found, dict) and found.keys() == fields.keys()
    return found if is_whole else dict(fields)


def _write(path: Path, body: dict[str, Any]) -> None:
    draft = path.with_name(f".{path.name}")
    draft.write_text(json.dumps(body), encoding="utf-8")
    draft.replace(path)
