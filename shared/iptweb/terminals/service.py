"""Start, stop and look after a user's terminal.

Messages may come twice and two tabs may press Start at once.  Every operation
therefore looks at what is there and brings it to what was asked for; the host makes
sure that one name never has two terminals.
"""

import contextlib
import functools
from collections.abc import Callable
from typing import Final

from iptweb.errors import HostUnreachable
from iptweb.settings import Settings

from .host.base import Host
from .host.overview import end_launch
from .record import TerminalRecord
from .settle import Settler
from .start import Starter
from .states import Status
from .store import Stored, TerminalStore
from .sweep import Sweeper, Swept

__all__ = ["Hold", "TerminalService"]

Hold = Callable[[str], contextlib.AbstractContextManager[object]]
_UNDER_WAY: Final = (Status.PENDING, Status.SUBMITTED)


class TerminalService:
    """What the functions `terminal` and `webterm` do.

    Args:
        store: The records.
        host: Gives the place where terminals run; asked only where it is needed, once.
        settings: Of the instance.
        clock: Seconds since the epoch.
        new_id: Makes the id of a launch.
        hold: Keeps other launches of a name away, where the host itself can't.
    """

    def __init__(
        self,
        store: TerminalStore,
        host: Callable[[], Host],
        settings: Settings,
        *,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        hold: Hold = contextlib.nullcontext,
    ) -> None:
        self._store = store
        self._host = functools.cache(host)
        self._settings = settings
        self._clock = clock
        self._hold = hold
        self._settler = Settler(store, self._host, settings.terminals, clock)
        self._starter = Starter(
            store, self._host, settings, self._settler, clock=clock, new_id=new_id
        )

    def show(self, user: str) -> TerminalRecord:
        """Return the record as it is to be read now; changes nothing."""
        record = self._store.read(user).record.as_of(self._clock())
        return self._starter.with_position(record)

    def start(self, user: str) -> TerminalRecord:
        """Bring the user's terminal up, or return the one that is up or coming up.

        Where all hosts are full, the user has a place in line afterwards.

        Raises:
            TerminalError: It does not start; the record says so, too.
        """
        return self._start(user)

    def stop(self, user: str, *, launch: str = "") -> TerminalRecord:
        """End the user's terminal; none running is fine.

        Args:
            user: Whose terminal it is.
            launch: End this launch only, and not a later one.

        Raises:
            TerminalError: The host can't be asked.
        """
        stored = self._store.read(user)
        record = stored.record
        if launch and launch != record.launch:
            if self._settings.call_actor:
                end_launch(self._host(), record.name, launch)
            return record
        return self._stop(stored, launch)[0]

    def restart(self, user: str, *, launch: str = "") -> TerminalRecord:
        """End the user's terminal, if there is one, and start a new one.

        A terminal on a host that does not answer is given up, where there are others.

        Args:
            user: Whose terminal it is.
            launch: The one to be replaced; where it is another one by now, that one
                stays, so that a message that comes twice restarts once.

        Raises:
            TerminalError: It does not end, or does not start.
        """
        stored = self._store.read(user)
        is_other = launch not in {"", stored.record.launch}
        if is_other or stored.record.is_waiting:
            return self._start(user)
        try:
            _, has_ended = self._stop(stored)
        except HostUnreachable:
            if not self._has_several():
                raise
            return self._start(user, reason=self._give_up(user))
        # The place of the one that ended is still its user's.
        return self._start(user, has_place=has_ended)

    def sync(self, user: str) -> TerminalRecord:
        """Make the record say what is true on the host, and the other way round.

        Raises:
            TerminalError: The host can't be asked.
        """
        stored = self._store.read(user)
        if not self._settings.call_actor:
            return stored.record
        census = self._settler.look(stored.record.name)
        if not stored.uuid:
            if not census.of(stored.record.name):
                return stored.record
            stored = self._store.ensure(user)
        record = self._settler.settle(stored, census).record
        return self._starter.with_position(record)

    def sweep(self, *, after: str = "") -> Swept:
        """Do for all records what `sync` does for one, and serve the line."""
        sweeper = Sweeper(
            self._store,
            self._host,
            self._settings,
            self._settler,
            self._starter,
            clock=self._clock,
            hold=self._hold,
        )
        return sweeper.sweep(after=after)

    def _start(
        self, user: str, *, reason: str = "", has_place: bool = False
    ) -> TerminalRecord:
        stored = self._store.ensure(user)
        found = self._find_up(stored)
        if found is not None:
            return found
        launch = self._starter.launch if has_place else self._starter.take_turn
        if not self._has_several():
            return launch(stored, reason=reason)
        with self._hold(stored.record.name):
            # Whoever held it before may have started one.
            stored = self._store.ensure(user)
            return self._find_up(stored) or launch(stored, reason=reason)

    def _stop(self, stored: Stored, launch: str = "") -> tuple[TerminalRecord, bool]:
        """Return the record, and whether a terminal was ended."""
        record, has_ended = stored.record, False
        if record.status in _UNDER_WAY and stored.uuid:
            return self._call_off(stored), False
        if self._settings.call_actor:
            has_ended = self._end(record, launch)
        current = self._store.read(record.user)
        is_later = current.record.launch != record.launch
        if not current.uuid or current.record.status is Status.STOPPED or is_later:
            return current.record, has_ended
        return self._write_stopped(current), has_ended

    def _find_up(self, stored: Stored) -> TerminalRecord | None:
        """Return the record of a terminal that is up or coming up."""
        record, now = stored.record, self._clock()
        if record.status is Status.SUBMITTED and not record.is_overdue(now):
            return record
        if not self._settings.call_actor:
            return self._starter.submit(stored).record
        if record.status is not Status.READY:
            return None
        try:
            living = self._host().inspect(record.name)
        except HostUnreachable:
            if not self._has_several():
                raise
            # The launch knows whether it is the record's own host that is silent.
            return None
        return None if living is None else self._settler.adopt(stored, living).record

    def _has_several(self) -> bool:
        return len(self._settings.terminals.hosts) > 1

    def _call_off(self, stored: Stored) -> TerminalRecord:
        """Stop what is being started, or leave the line.

        The record comes first: whoever is starting it reads it after the launch.
        """
        record = self._write_stopped(stored)
        if self._settings.call_actor:
            # One that a silent host started after all is ended by a later sweep.
            with contextlib.suppress(HostUnreachable):
                self._host().stop(record.name)
        return record

    def _end(self, record: TerminalRecord, launch: str) -> bool:
        host = self._host()
        try:
            if launch:
                return end_launch(host, record.name, launch)
            return host.stop(record.name)
        except HostUnreachable:
            # Another host's silence is no reason, where the record's own has answered.
            if not record.host:
                raise
            census = self._settler.look(record.name)
            if not self._settler.is_gone(record, census):
                raise
            return False

    def _write_stopped(self, stored: Stored) -> TerminalRecord:
        record = stored.record
        stopped = record.move(Status.STOPPED, self._clock(), launch=record.launch)
        return self._store.write(stored, stopped).record

    def _give_up(self, user: str) -> str:
        """Forget a terminal whose host does not answer; return what to say of it."""
        stored = self._store.ensure(user)
        record = stored.record
        self._store.write(stored, record.move(Status.STOPPED, self._clock()))
        where = f" on {record.host}" if record.host else ""
        return (
            f"The terminal{where} was given up, since its host does not answer; "
            "what ran in it is lost."
        )
