"""What the tenant remembers of a job's container, in the job's control folder.

It is written before the container is started: without it, nothing has run.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

NOTE = "container.json"


@dataclass(frozen=True)
class Note:
    """A container that was made for a job.

    Attributes:
        id: the engine's name for it.
        engine: the engine's address.
        wanted: why it has to end, as in `Exit.reason`; empty while it need not.
    """

    id: str
    engine: str
    wanted: str = ""


def write_note(control: Path, note: Note) -> None:
    """Remember a container.

    Raises:
        OSError: it can't be written.
    """
    draft = control / f".{NOTE}"
    draft.write_text(json.dumps(asdict(note)), encoding="utf-8")
    draft.replace(control / NOTE)


def read_note(control: Path) -> Note | None:
    """Return what is remembered; None where nothing was started."""
    try:
        return Note(**json.loads((control / NOTE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        # Damaged by a power cut, which no container has outlived.
        return Note("", "")


def forget_note(control: Path) -> None:
    """Forget a container that never ran."""
    (control / NOTE).unlink(missing_ok=True)
