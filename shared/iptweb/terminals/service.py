"""Start, stop and look after a user's terminal.

    functions/terminal ─▶ TerminalService ─┬─▶ Starter   its turn? launch it, or wait
                                           ├─▶ Stopper   end it, or give it up
                                           ├─▶ Settler   what does the record say now?
                                           └─▶ Sweeper   the same for everybody
                                    all of them ─▶ TerminalStore, HostPool ─▶ Host

Messages may come twice and two tabs may press Start at once.  Every operation
therefore looks at what is there and brings it to what was asked for; the host makes
sure that one name never has two terminals.
"""

import contextlib
import functools
from collections.abc import Callable, Collection
from typing import Final

from iptweb.errors import HostUnreachable, LaunchUnderWay, RecordMoved
from iptweb.settings import Settings
from iptweb.users import is_user_name

from .host.pool import HostPool
from .idle import ask_idle_times
from .record import TerminalRecord
from .settle import Settler
from .start import Starter
from .states import Status
from .stop import Stopper
from .store import Stored, TerminalStore
from .sweep import Sweeper, Swept

__all__ = ["Hold", "TerminalService"]

# Gets a name, and how many seconds it may wait for others.
Hold = Callable[[str, float], contextlib.AbstractContextManager[object]]
# A start that takes longer than this is told of as one that is under way.
_HOLD_SECONDS: Final = 30.0
# Only the first messages of a new user can make two records, so a second one settles.
_TRIES: Final = 3


class TerminalService:
    """What the functions `terminal` and `webterm` do.

    Args:
        store: The records.
        host: Gives the hosts where terminals run; asked only where it is needed, once.
        settings: Of the instance.
        clock: Seconds since the epoch.
        new_id: Makes the id of a launch.
        hold: Keeps other launches of a name away; None where there is one host, which
            sees to that by itself.
    """

    def __init__(
        self,
        store: TerminalStore,
        host: Callable[[], HostPool],
        settings: Settings,
        *,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        hold: Hold | None = None,
    ) -> None:
        self._store = store
        self._host = functools.cache(host)
        self._settings = settings
        self._clock = clock
        self._hold = hold
        self._settler = Settler(store, self._host, settings.terminals, clock)
        self._stopper = Stopper(store, self._host, settings, clock)
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
                self._host().stop(record.name, launch)
            return record
        return self._stopper.stop(stored, launch)[0]

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
            stopped, has_ended = self._stopper.stop(stored)
        except HostUnreachable:
            if not self._host().has_others(stored.record.host):
                raise
            return self._start(user, reason=self._stopper.give_up(user))
        if stopped.status is Status.STOPPED and stopped.host:
            # Its start was called off on a host that is silent.
            return self._start(user, reason=self._stopper.give_up(user))
        # The place of one that ended, or was being started, is still its user's.
        is_starting = self._is_starting(stored.record)
        return self._start(user, has_place=has_ended or is_starting)

    def sync(self, user: str) -> TerminalRecord:
        """Make the record say what is true on the host, and the other way round.

        Raises:
            TerminalError: The host can't be asked.
        """
        stored = self._store.read(user)
        if not self._settings.call_actor:
            return stored.record
        census = self._host().census()
        if not stored.uuid:
            if not census.of(stored.record.name):
                return stored.record
            stored = self._store.ensure(user)
        record = self._settler.settle(stored, census).record
        return self._starter.with_position(record)

    def idle(self, users: Collection[str]) -> dict[str, int]:
        """Return how many seconds ago terminals were used, as far as they tell.

        Args:
            users: Whose terminals.

        Raises:
            TerminalError: No host can be asked.
        """
        if not self._settings.call_actor:
            return {}
        instance = self._settings.instance
        names = {
            TerminalRecord.name_of(user, instance): user
            for user in users
            if is_user_name(user)
        }
        living = [one for one in self._host().census().living if one.name in names]
        times = ask_idle_times(living)
        return {names[name]: seconds for name, seconds in times.items()}

    def sweep(self, *, after: str = "") -> Swept:
        """Do for all records what `sync` does for one, and serve the line."""
        sweeper = Sweeper(
            self._store,
            self._host,
            self._settings,
            self._settler,
            self._starter,
            clock=self._clock,
            hold=lambda name: self._held(name, 0.0),
        )
        return sweeper.sweep(after=after)

    def _start(
        self, user: str, *, reason: str = "", has_place: bool = False
    ) -> TerminalRecord:
        for _ in range(_TRIES - 1):
            with contextlib.suppress(RecordMoved):
                return self._start_once(user, reason=reason, has_place=has_place)
        return self._start_once(user, reason=reason, has_place=has_place)

    def _start_once(self, user: str, *, reason: str, has_place: bool) -> TerminalRecord:
        stored = self._store.ensure(user)
        found = self._find_up(stored)
        if found is not None:
            return found
        launch = self._starter.launch if has_place else self._starter.take_turn
        if self._hold is None:
            return launch(stored, reason=reason)
        try:
            with self._held(stored.record.name, _HOLD_SECONDS):
                # Whoever held it before may have started one.
                stored = self._store.ensure(user)
                return self._find_up(stored) or launch(stored, reason=reason)
        except LaunchUnderWay:
            found = self._find_up(self._store.read(user))
            if found is None:
                raise
            return found

    def _held(
        self, name: str, wait_s: float
    ) -> contextlib.AbstractContextManager[object]:
        if self._hold is None:
            return contextlib.nullcontext()
        return self._hold(name, wait_s)

    def _find_up(self, stored: Stored) -> TerminalRecord | None:
        """Return the record of a terminal that is up or coming up.

        Raises:
            HostUnreachable: It may live on a host that does not answer.
        """
        record = stored.record
        if self._is_starting(record):
            return record
        if not self._settings.call_actor:
            # Whoever started it by hand knows whether it lives; we do not.
            is_ready = record.status is Status.READY
            return record if is_ready else self._starter.submit(stored).record
        if record.status is not Status.READY and not record.host:
            return None
        living = self._host().inspect(record.name, last_host=record.host)
        if living is None:
            return None
        told = self._settler.tell(record, living)
        return record if told is record else self._store.replace(stored, told).record

    def _is_starting(self, record: TerminalRecord) -> bool:
        is_overdue = record.is_overdue(self._clock())
        return record.status is Status.SUBMITTED and not is_overdue
