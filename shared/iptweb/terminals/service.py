"""Start, stop and look after a user's terminal.

Messages may come twice and two tabs may press Start at once.  Every operation
therefore looks at what is there and brings it to what was asked for; the host makes
sure that one name never has two terminals.
"""

from collections.abc import Callable

from iptweb.errors import TerminalError
from iptweb.settings import Settings

from .host.base import Host, Launched, LaunchRequest
from .record import TerminalRecord
from .states import Status
from .store import Stored, TerminalStore

__all__ = ["TerminalService"]


class TerminalService:
    """What the functions `terminal` and `webterm` do.

    Args:
        store: The records.
        host: Gives the place where terminals run; asked only where it is needed.
        settings: Of the instance.
        clock: Seconds since the epoch.
        new_id: Makes the id of a launch.
    """

    def __init__(
        self,
        store: TerminalStore,
        host: Callable[[], Host],
        settings: Settings,
        *,
        clock: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._host = host
        self._settings = settings
        self._clock = clock
        self._new_id = new_id

    def show(self, user: str) -> TerminalRecord:
        """Return the record as it is to be read now; changes nothing."""
        return self._store.read(user).record.as_of(self._clock())

    def start(self, user: str) -> TerminalRecord:
        """Bring the user's terminal up, or return the one that is up or coming up.

        Raises:
            TerminalError: It does not start; the record says so, too.
        """
        stored = self._store.ensure(user)
        record, now = stored.record, self._clock()
        if record.status is Status.SUBMITTED and not record.is_overdue(now):
            return record
        if not self._settings.call_actor:
            return self._submit(stored).record
        if record.status is Status.READY:
            living = self._host().inspect(record.name)
            if living is not None:
                return self._adopt(stored, living).record
        return self._launch(self._submit(stored))

    def stop(self, user: str) -> TerminalRecord:
        """End the user's terminal; none running is fine.

        Raises:
            TerminalError: The host can't be asked.
        """
        stored = self._store.read(user)
        if self._settings.call_actor:
            self._host().stop(stored.record.name)
        if not stored.uuid or stored.record.status is Status.STOPPED:
            return stored.record
        stopped = stored.record.move(Status.STOPPED, self._clock())
        return self._store.write(stored, stopped).record

    def restart(self, user: str) -> TerminalRecord:
        """End the user's terminal, if there is one, and start a new one.

        Raises:
            TerminalError: It does not end, or does not start.
        """
        self.stop(user)
        return self.start(user)

    def sync(self, user: str) -> TerminalRecord:
        """Make the record say what is true on the host.

        Raises:
            TerminalError: The host can't be asked.
        """
        stored = self._store.read(user)
        if not self._settings.call_actor:
            return stored.record
        living = self._host().inspect(stored.record.name)
        if living is not None:
            return self._adopt(self._store.ensure(user), living).record
        record, now = stored.record, self._clock()
        if record.status is Status.READY:
            ended = record.move(Status.STOPPED, now, reason="The terminal has ended.")
            return self._store.write(stored, ended).record
        if record.is_overdue(now):
            return self._store.write(stored, record.as_of(now)).record
        return record

    def _submit(self, stored: Stored) -> Stored:
        now = self._clock()
        record = stored.record.as_of(now)
        submitted = record.move(
            Status.SUBMITTED,
            now,
            launch=self._new_id(),
            deadline_s=self._deadline_s(),
        )
        return self._store.write(stored, submitted)

    def _deadline_s(self) -> float:
        # Where the actor may not start anything, a person does, in their own time.
        return self._settings.terminals.deadline_s if self._settings.call_actor else 0

    def _launch(self, stored: Stored) -> TerminalRecord:
        record = stored.record
        request = LaunchRequest(
            name=record.name,
            user=record.user,
            launch=record.launch,
            home=self._settings.terminals.home_root / record.user,
            origins=self._settings.origins,
            ticket_public_key=self._settings.ticket_public_key,
            idle_s=self._settings.terminals.idle_s,
            max_age_s=self._settings.terminals.max_age_s,
        )
        try:
            launched = self._host().launch(request)
        except TerminalError as error:
            failed = record.move(Status.ERROR, self._clock(), reason=error.message)
            self._store.write(stored, failed)
            raise
        current = self._store.ensure(record.user)
        if current.record.status is Status.STOPPED:
            # Stop was pressed while this was starting: the person's last word counts.
            self._host().stop(record.name)
            return current.record
        return self._adopt(current, launched).record

    def _adopt(self, stored: Stored, living: Launched) -> Stored:
        """Make the record tell of a terminal that is known to live."""
        record = stored.record
        # Where a proxy speaks TLS for the terminals, browsers must speak it, too.
        url = f"{self._settings.terminals.ws_scheme}:{living.url.partition(':')[2]}"
        told = (record.status, record.url, record.launch)
        if told == (Status.READY, url, living.launch):
            return stored
        now = self._clock()
        if record.status not in {Status.SUBMITTED, Status.READY}:
            record = record.move(Status.SUBMITTED, now)
        ready = record.move(
            Status.READY, now, url=url, host=living.host, launch=living.launch
        )
        return self._store.write(stored, ready)
