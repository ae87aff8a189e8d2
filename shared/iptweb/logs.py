"""The execution log: JSON lines on standard output.

Whoever may send a message to an actor may read the logs of its executions, so a line
holds what happened and nothing of what was said: no body, no query, no message of an
exception, and no secret.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import Final, TextIO

from iptweb.secret import MASK, Secret

__all__ = ["Log", "Redactor", "describe_place"]

_TOKEN: Final = re.compile(
    r"(?i)\b((?:bearer|basic)\s+|\w*token[\"']?\s*[=:]\s*[\"']?)[A-Za-z0-9._~+/=-]{6,}"
)
_SHORTEST: Final = 6


class Redactor:
    """Takes secrets out of texts: those it was told of, and what looks like one."""

    def __init__(self, secrets: Iterable[Secret | None] = ()) -> None:
        self._values: list[str] = []
        self.add(*secrets)

    def add(self, *secrets: Secret | None) -> None:
        """Learn more secrets; very short ones would only garble the log."""
        known = set(self._values)
        for secret in filter(None, secrets):
            # A line of the log is JSON, where a key's line breaks are escaped.
            known |= {secret.reveal(), json.dumps(secret.reveal())[1:-1]}
        self._values = sorted((v for v in known if len(v) >= _SHORTEST), key=len)[::-1]

    def clean(self, text: str) -> str:
        """Return the text with every secret masked."""
        for value in self._values:
            text = text.replace(value, MASK)
        return _TOKEN.sub(lambda match: match.group(1) + MASK, text)


class Log:
    """Writes one JSON object a line.

    Args:
        stream: Where to; standard output is the execution log.
        redactor: What must not appear.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        stream: TextIO,
        redactor: Redactor | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._stream = stream
        self._clock = clock
        self.redactor = redactor or Redactor()

    def write(self, event: str, **fields: object) -> None:
        """Write one event; fields that JSON can't say are written as their text."""
        entry: dict[str, object] = {"event": event, **fields}
        if self._clock is not None:
            entry["time"] = round(self._clock(), 3)
        line = json.dumps(entry, default=str)
        self._stream.write(self.redactor.clean(line) + "\n")
        self._stream.flush()

    def take_over(self) -> None:
        """Send the warnings of every library here, and nothing below a warning."""
        root = logging.getLogger()
        root.handlers = [_Handler(self)]
        root.setLevel(logging.WARNING)


class _Handler(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        # Not the message: a library may have put a URL or a header into it.
        self._log.write("library", level=record.levelname, logger=record.name)


def describe_place(error: BaseException) -> str:
    """Return where an exception was raised as `module:line`, without any values."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return ""
    last = frames[-1]
    return f"{last.filename.rpartition('/')[2]}:{last.lineno} in {last.name}"


def standard_log(clock: Callable[[], float]) -> Log:
    """Return the log of a function that runs as a process."""
    return Log(sys.stdout, Redactor(), clock)
