"""The files of one job, wherever they are now: beside the program, or archived."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final, Literal

from iptweb.agave import Agave, FileItem, Slice
from iptweb.errors import (
    AgaveRefused,
    AgaveUnavailable,
    SystemUnreachable,
    UpstreamError,
)

__all__ = ["MOST_OUTPUTS", "Outputs", "Stream"]

Stream = Literal["out", "err"]
MOST_OUTPUTS: Final = 200
_DIGITS: Final = 12
_NOT_REACHED: Final = frozenset(
    {
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_MOST_SLUG: Final = 64
_NOT_IN_SLUG: Final = re.compile("[^a-z0-9-]")


class Outputs:
    """Reads the files of one job.

    Args:
        agave: The tenant, with the user's token.
        job_id: Of the job.
        name: Of the job: what it prints is in files that are named so.
        away: What to say where the platform can't reach them; empty where they are
            not on another machine.
    """

    def __init__(self, agave: Agave, job_id: str, name: str, *, away: str = "") -> None:
        self._agave = agave
        self._job_id = job_id
        self._slug = _to_slug(name)
        self._away = away

    def files(self) -> list[FileItem]:
        """Return the files at the top; none while there is no folder yet.

        Raises:
            SystemUnreachable: The machine that has them does not answer.
        """
        try:
            with self._reaching():
                found = self._agave.list_outputs(self._job_id, limit=MOST_OUTPUTS + 1)
        except AgaveRefused:
            return []
        return [item for item in found if item.name != "."][:MOST_OUTPUTS]

    def note(self, name: str) -> bytes:
        """Return what the wrapper noted in a small file; nothing if it did not."""
        try:
            return self._agave.read_output(self._job_id, name, 0, _DIGITS).data
        except UpstreamError:
            return b""

    def stream_name(self, stream: Stream, files: list[FileItem] | None = None) -> str:
        """Return the file of what the program printed, empty where there is none.

        Args:
            stream: Which of the two.
            files: Of the job, where they are known already.
        """
        known = self.files() if files is None else files
        names = [item.name for item in known if item.name.endswith(f".{stream}")]
        return min(names, key=self._rank, default="")

    def read_stream(self, stream: Stream, offset: int, length: int) -> Slice | None:
        """Return a part of what the program printed, None where it printed nothing.

        Its file is named after the job, so it is asked for first and looked for only
        if it is not there: a page asks every second.
        """
        guess = f"{self._slug}.{stream}"
        part = self.read(guess, offset, length)
        if part is not None:
            return part
        name = self.stream_name(stream)
        return self.read(name, offset, length) if name not in {"", guess} else None

    def read(self, name: str, offset: int, length: int) -> Slice | None:
        """Return a part of a file, None where there is no such file.

        Beyond its end there is nothing, at the offset.

        Raises:
            SystemUnreachable: The machine that has it does not answer.
        """
        try:
            with self._reaching():
                return self._agave.read_output(self._job_id, name, offset, length)
        except AgaveRefused as error:
            if error.upstream_status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return Slice(b"", offset)
            if error.upstream_status == HTTPStatus.NOT_FOUND:
                return None
            raise

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except AgaveUnavailable as error:
            # The platform has just told of the job, so it is not away itself.
            if not self._away or error.upstream_status not in _NOT_REACHED:
                raise
            raise SystemUnreachable(
                self._away, service="jobs", upstream_status=error.upstream_status
            ) from error

    def _rank(self, name: str) -> tuple[bool, bool, str]:
        # A file that the program wrote itself may end in the same way.
        return (
            not name.startswith(self._slug),
            not name.startswith("ipt-"),
            name,
        )


def _to_slug(name: str) -> str:
    """Return how Agave names files after a job."""
    slug = _NOT_IN_SLUG.sub("", name.lower().replace(" ", "-"))
    return slug[:_MOST_SLUG].strip("-") or "job"
