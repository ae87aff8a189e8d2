"""Ending a terminal, a start that is under way, or a wait in line.

    under way or in line ─▶ STOPPED first ─▶ end what lives   (its start reads it, then)
    else                 ─▶ end what lives ─▶ read again ─▶ STOPPED

A terminal that could not be asked for is not called stopped; one whose start is called
off is, and its record keeps the host that it may run on.
"""

from collections.abc import Callable
from typing import Final

from iptweb.errors import HostUnreachable
from iptweb.settings import Settings

from .host.pool import HostPool
from .record import TerminalRecord
from .states import Status
from .store import Stored, TerminalStore

__all__ = ["Stopper"]

_UNDER_WAY: Final = (Status.PENDING, Status.SUBMITTED)


class Stopper:
    """Ends terminals.

    Args:
        store: The records.
        host: Gives the hosts where terminals run.
        settings: Of the instance.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        store: TerminalStore,
        host: Callable[[], HostPool],
        settings: Settings,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._host = host
        self._settings = settings
        self._clock = clock

    def stop(self, stored: Stored, launch: str = "") -> tuple[TerminalRecord, bool]:
        """Return the record afterwards, and whether a terminal was ended.

        Args:
            stored: The record.
            launch: End that launch only.

        Raises:
            HostUnreachable: It may live on a host that does not answer.
        """
        record, has_ended = stored.record, False
        if record.status in _UNDER_WAY and stored.uuid:
            return self._call_off(stored)
        if self._settings.call_actor:
            has_ended = self._end(record, launch)
        current = self._store.read(record.user)
        is_later = current.record.launch != record.launch
        is_stopped = current.record.status is Status.STOPPED
        if not current.uuid or is_later or (is_stopped and not current.record.host):
            return current.record, has_ended
        return self._write(current).record, has_ended

    def give_up(self, user: str) -> str:
        """Forget a terminal whose host does not answer; return what to say of it."""
        stored = self._store.ensure(user)
        record = stored.record
        self._store.write(stored, record.move(Status.STOPPED, self._clock()))
        where = f" on {record.host}" if record.host else ""
        return (
            f"The terminal{where} was given up, since its host does not answer; "
            "what ran in it is lost."
        )

    def _call_off(self, stored: Stored) -> tuple[TerminalRecord, bool]:
        """Stop what is being started, or leave the line.

        The record comes first: whoever is starting it reads it after the launch.
        """
        host = stored.record.host
        stopped = self._write(stored, host=host)
        if not self._settings.call_actor:
            return stopped.record, False
        try:
            has_ended = self._host().stop(stored.record.name, last_host=host)
        except HostUnreachable:
            # One that a silent host started after all is ended by a later sweep.
            return stopped.record, False
        if host:
            stopped = self._write(stopped)
        return stopped.record, has_ended

    def _end(self, record: TerminalRecord, launch: str) -> bool:
        try:
            return self._host().stop(record.name, launch, last_host=record.host)
        except HostUnreachable:
            # What was stopped before is stopped, whoever is silent now.
            if record.status is Status.STOPPED and not record.host:
                return False
            raise

    def _write(self, stored: Stored, *, host: str = "") -> Stored:
        record = stored.record
        stopped = record.move(
            Status.STOPPED, self._clock(), host=host, launch=record.launch
        )
        return self._store.write(stored, stopped)
