"""Starting a terminal, when it is its user's turn.

read the line ─▶ not first: wait ─▶ SUBMITTED ─▶ launch ─▶ read again ─▶ READY
                                                   └─▶ full: wait, at the same place

Whatever happens on the way, what is written afterwards looks first at what others
wrote meanwhile.
"""

from collections.abc import Callable

from iptweb.errors import HostsFull, HostUnreachable, IptwebError
from iptweb.settings import Settings

from .host.base import Launched, LaunchRequest
from .host.pool import HostPool
from .queue import position_of
from .record import TerminalRecord
from .settle import Settler
from .states import Status
from .store import Stored, TerminalStore

__all__ = ["Starter"]


class Starter:
    """Launches terminals, or gives their users a place in line.

    Args:
        store: The records.
        host: Gives the place where terminals run.
        settings: Of the instance.
        settler: Makes records tell of what lives.
        clock: Seconds since the epoch.
        new_id: Makes the id of a launch.
    """

    def __init__(
        self,
        store: TerminalStore,
        host: Callable[[], HostPool],
        settings: Settings,
        settler: Settler,
        *,
        clock: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._host = host
        self._settings = settings
        self._settler = settler
        self._clock = clock
        self._new_id = new_id

    def take_turn(self, stored: Stored, *, reason: str = "") -> TerminalRecord:
        """Launch a terminal if it is this user's turn, else let them wait.

        Args:
            stored: The record; nothing of it is known to live.
            reason: What the person is to read beside it.

        Raises:
            TerminalError: It does not start; the record says so, too.
        """
        record, now = stored.record.as_of(self._clock()), self._clock()
        if position_of(record, self._store.in_line(), now) > 1:
            return self.wait(Stored(stored.uuid, record))
        return self.launch(stored, reason=reason)

    def launch(
        self, stored: Stored, *, reason: str = "", asking: bool = True
    ) -> TerminalRecord:
        """Launch a terminal, whosever turn it is.

        Args:
            stored: The record.
            reason: What the person is to read beside it.
            asking: Whether the person asks for it now.

        Raises:
            TerminalError: It does not start; the record says so, too.
        """
        before = stored.record
        submitted = self.submit(stored, asking=asking).record
        try:
            launched = self._host().launch(self._to_request(submitted))
        except HostsFull as full:
            current = self._store.ensure(before.user)
            if not is_same_start(current.record, submitted):
                return current.record
            why = str(full.context.get("reason", ""))
            return self.wait(current, asking=asking, reason=why)
        except IptwebError as error:
            self._fail(before, submitted, error)
            raise
        return self._arrive(submitted, launched, reason)

    def submit(self, stored: Stored, *, asking: bool = True) -> Stored:
        """Write that a start is under way."""
        now = self._clock()
        record = stored.record.as_of(now)
        if asking and record.queued:
            record = record.ask(now)
        submitted = record.move(
            Status.SUBMITTED,
            now,
            host=record.host,
            launch=self._new_launch(),
            deadline_s=self._deadline_s(),
        )
        return self._store.write(stored, submitted)

    def wait(
        self, stored: Stored, *, asking: bool = True, reason: str = ""
    ) -> TerminalRecord:
        """Give the user a place in line; who has one keeps it."""
        waiting = stored.record.line_up(self._clock(), asking=asking, reason=reason)
        if waiting != stored.record:
            self._store.write(stored, waiting)
        return self.with_position(waiting)

    def with_position(self, record: TerminalRecord) -> TerminalRecord:
        """Return the record with its position, if it is in line."""
        if not record.is_waiting:
            return record
        return record.at(position_of(record, self._store.in_line(), self._clock()))

    def _new_launch(self) -> str:
        # What signs its tickets later is told by the launch (`tickets.sign_ticket`).
        launch, mark = self._new_id(), self._settings.ticket_mark
        return f"{launch}.{mark}" if mark else launch

    def _deadline_s(self) -> float:
        # Where the actor may not start anything, a person does, in their own time.
        return self._settings.terminals.deadline_s if self._settings.call_actor else 0

    def _to_request(self, record: TerminalRecord) -> LaunchRequest:
        terminals = self._settings.terminals
        return LaunchRequest(
            name=record.name,
            user=record.user,
            launch=record.launch,
            home=terminals.home_root / record.user,
            origins=self._settings.origins,
            ticket_public_key=self._settings.ticket_public_key,
            idle_s=terminals.idle_s,
            max_age_s=terminals.max_age_s,
            last_host=record.host,
        )

    def _fail(
        self, before: TerminalRecord, submitted: TerminalRecord, error: IptwebError
    ) -> None:
        """Write that a start failed, unless the record tells of something else now."""
        current = self._store.ensure(before.user)
        record, now, host = current.record, self._clock(), ""
        if isinstance(error, HostUnreachable):
            # It may have been started there after all.
            host = str(error.context.get("host", "")) or before.host
        if is_same_start(record, submitted):
            is_in_doubt = before.status is Status.READY and host == before.host != ""
            failed = record.move(
                Status.ERROR,
                now,
                reason=error.message,
                host=host,
                launch=submitted.launch,
            )
            # What is known of one that may live yet may be of use yet.
            self._store.write(current, before if is_in_doubt else failed)
        elif host and is_stopped(record, submitted.launch):
            stopped = record.move(Status.STOPPED, now, host=host, launch=record.launch)
            self._store.write(current, stopped)

    def _arrive(
        self, submitted: TerminalRecord, launched: Launched, reason: str
    ) -> TerminalRecord:
        """Write that a terminal lives, unless it is one too many by now."""
        current = self._store.ensure(submitted.user)
        record = current.record
        # Another start has won on another host.
        has_other = (
            record.status is Status.READY
            and record.launch != launched.launch
            and record.host != launched.host
        )
        # Stop was pressed while this was starting: the person's last word counts.
        if has_other or is_stopped(record, submitted.launch, launched.launch):
            self._host().stop(record.name, launched.launch, last_host=launched.host)
            return record
        told = self._settler.tell(record, launched, reason=reason)
        return record if told is record else self._store.write(current, told).record


def is_stopped(record: TerminalRecord, *launches: str) -> bool:
    """Return whether a person stopped one of these launches."""
    return record.status is Status.STOPPED and record.launch in {"", *launches}


def is_same_start(record: TerminalRecord, submitted: TerminalRecord) -> bool:
    """Return whether a record still tells of a start, and of no later one."""
    return (record.status, record.launch) == (Status.SUBMITTED, submitted.launch)
