"""What a client knows of its terminal, from the frames that came."""

import json
from dataclasses import dataclass
from typing import Any

from .protocol import NO_WARNING, BadFrame, EndWarning


@dataclass(frozen=True)
class Welcome:
    """The server's answer to a hello."""

    launch: str
    start: int
    skipped: int
    writer: bool
    viewers: int
    idle_s: int = 0
    max_age_s: int = 0


class Known:
    """A terminal as one of its clients knows it.

    Attributes:
        welcome: What the server said first.
        seen: Number of the next byte that is expected.
        skipped: Bytes that were lost to this client, all together.
        writer: Whether its typing counts.
        viewers: How many are connected.
        status: The shell's exit status, once it ended.
        reason: Why it ended: `exit`, `idle`, `age` or `stopped`.
        warning: The end that is near, if one is.
        errors: The error frames that came, codes only.
    """

    def __init__(self, seen: int = 0) -> None:
        self.welcome = Welcome("", 0, 0, writer=False, viewers=0)
        self.seen = seen
        self.skipped = 0
        self.writer = False
        self.viewers = 0
        self.status: int | None = None
        self.reason = ""
        self.warning = NO_WARNING
        self.errors: list[str] = []

    def count(self, position: int, data: bytes) -> None:
        """Take note of output.

        Raises:
            BadFrame: It is not what comes next.
        """
        if position != self.seen:
            raise BadFrame("Output is not in order.")
        self.seen += len(data)

    def note(self, frame: str) -> None:
        """Take note of a text frame; a newer server may say more."""
        values: dict[str, Any] = json.loads(frame)
        match values["type"]:
            case "welcome":
                self._note_welcome(values)
            case "writer":
                self.writer, self.viewers = values["writer"], values["viewers"]
            case "skipped":
                self.skipped += values["skipped"]
                self.seen = values["from"]
            case "exit":
                self.status = values["status"]
                self.reason = values.get("reason", "")
            case "warning":
                self.warning = EndWarning(values["reason"], values["seconds"])
            case "error":
                self.errors.append(values["code"])
            case _:
                pass

    def _note_welcome(self, values: dict[str, Any]) -> None:
        self.welcome = Welcome(
            launch=values["launch"],
            start=values["from"],
            skipped=values["skipped"],
            writer=values["writer"],
            viewers=values["viewers"],
            # An older server keeps no such limits.
            idle_s=values.get("idle_s", 0),
            max_age_s=values.get("max_age_s", 0),
        )
        self.writer, self.viewers = values["writer"], values["viewers"]
        self.skipped = values["skipped"]
        self.seen = values["from"]
