"""One round over all records of an instance.

    read all records ─▶ ask the hosts ─▶ settle what disagrees ─▶ end orphans
                     ─▶ serve the line

In this order: what was started after the records were read is younger than any orphan
may be.  Everything is looked at again right before it is changed, so that rounds may
overlap each other and anything that people do.
"""

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from iptweb.errors import (
    HostUnreachable,
    IptwebError,
    LaunchUnderWay,
    TerminalError,
)
from iptweb.settings import Settings

from .answers import Sweep
from .host.base import Launched
from .host.census import Census
from .host.pool import HostPool
from .queue import in_order
from .record import TerminalRecord
from .settle import Change, Settler
from .start import Starter
from .states import Status
from .store import TerminalStore

__all__ = ["Sweeper", "Swept"]

# People's messages wait behind this one; what is left is for the next message.
MOST_SECONDS: Final = 15.0
MOST_CHANGES: Final = 200
MOST_ADMITTED: Final = 20


@dataclass
class Swept:
    """What one round did.

    Attributes:
        looked_at: Records that were read.
        stopped: Terminals that had ended, and now their records say so.
        failed: Starts that came to nothing.
        orphans_ended: Terminals that no record asks for.
        admitted: People in line who have a terminal now.
        skipped: Records and terminals that could not be brought in line this time.
        silent_hosts: Hosts that did not answer.
        next: Where the next message is to go on, empty where all was looked at.
    """

    looked_at: int = 0
    stopped: int = 0
    failed: int = 0
    orphans_ended: int = 0
    admitted: int = 0
    skipped: int = 0
    silent_hosts: tuple[str, ...] = ()
    next: str = ""

    def to_answer(self) -> Sweep:
        """Return what callers see."""
        return {
            "looked_at": self.looked_at,
            "stopped": self.stopped,
            "failed": self.failed,
            "orphans_ended": self.orphans_ended,
            "admitted": self.admitted,
            "skipped": self.skipped,
            "silent_hosts": list(self.silent_hosts),
            "next": self.next,
        }


class Sweeper:
    """Brings all records in line with what the hosts say.

    Args:
        store: The records.
        host: Gives the place where terminals run.
        settings: Of the instance.
        settler: Knows the rules for one record.
        starter: Launches terminals for those in line.
        clock: Seconds since the epoch.
        hold: Keeps other launches of a name away, and waits for none of them.
    """

    def __init__(
        self,
        store: TerminalStore,
        host: Callable[[], HostPool],
        settings: Settings,
        settler: Settler,
        starter: Starter,
        *,
        clock: Callable[[], float],
        hold: Callable[[str], contextlib.AbstractContextManager[object]],
    ) -> None:
        self._store = store
        self._host = host
        self._settings = settings
        self._settler = settler
        self._starter = starter
        self._clock = clock
        self._hold = hold
        self._swept = Swept()
        self._until = 0.0
        self._left = MOST_CHANGES

    def sweep(self, *, after: str = "") -> Swept:
        """Do one round.

        Args:
            after: Name of the record after which to begin: an earlier round's `next`.

        Raises:
            UpstreamError: The records can't be read at all.
        """
        records = self._store.everybody()
        if not self._settings.call_actor:
            self._swept.looked_at = len(records)
            return self._swept
        census = self._ask_hosts()
        # However long that took, something is done, and the next message gets on.
        self._until = self._clock() + MOST_SECONDS
        if self._settle_all(records, census, after) and census is not None:
            self._end_orphans({record.name for record in records}, census)
            self._serve_line(census)
        return self._swept

    def _ask_hosts(self) -> Census | None:
        try:
            census = self._host().census()
        except HostUnreachable:
            terminals = self._settings.terminals
            names = [host.name for host in terminals.hosts] or [terminals.host]
            self._swept.silent_hosts = tuple(names)
            return None
        self._swept.silent_hosts = tuple(sorted(census.silent))
        return census

    def _settle_all(
        self, records: Sequence[TerminalRecord], census: Census | None, after: str
    ) -> bool:
        """Settle what disagrees; false if the next message has to go on."""
        living = by_name(census)
        done = after
        for record in records:
            if record.name <= after:
                continue
            if self._disagrees(record, living[record.name], census):
                if not self._may_go_on():
                    self._swept.next = done
                    return False
                with self._excused():
                    self._settle(record.user)
            self._swept.looked_at += 1
            done = record.name
        return True

    def _disagrees(
        self, record: TerminalRecord, living: Sequence[Launched], census: Census | None
    ) -> bool:
        """Return whether a record is worth a second look."""
        if record.is_overdue(self._clock()):
            return True
        if census is None or record.status is Status.SUBMITTED:
            return False
        if record.status is not Status.READY:
            return bool(living)
        if not living:
            return census.is_gone(record.name, record.host)
        return [one.launch for one in living] != [record.launch]

    def _settle(self, user: str) -> None:
        stored, now = self._store.read(user), self._clock()
        record = stored.record
        is_starting = record.status is Status.SUBMITTED and not record.is_overdue(now)
        if not stored.uuid or is_starting:
            return
        try:
            census = self._host().census()
        except HostUnreachable:
            # Nothing can be asked at all; what is overdue is so all the same.
            if record.is_overdue(now):
                self._store.write(stored, record.as_of(now))
                self._swept.failed += 1
            return
        settled = self._settler.settle(stored, census, adopts=False)
        self._swept.stopped += settled.change is Change.STOPPED
        self._swept.failed += settled.change is Change.FAILED
        self._swept.orphans_ended += settled.ended

    def _end_orphans(self, known: set[str], census: Census) -> None:
        suffix = f"-{self._settings.instance}-IPT"
        for one in census.living:
            is_ours = one.name.endswith(suffix) and one.name not in known
            if is_ours and self._settler.is_old(one) and self._may_go_on():
                with self._excused():
                    # A name may look like ours and belong to another instance.
                    if not self._store.is_known(one.name):
                        self._swept.orphans_ended += self._host().stop(
                            one.name, one.launch, last_host=one.host
                        )

    def _serve_line(self, census: Census) -> None:
        """Start terminals for those in line, as long as there is room."""
        if census.free == 0 and not self._swept.orphans_ended:
            return
        waiting: list[TerminalRecord] = []
        with self._excused():
            waiting = in_order(self._store.in_line(), self._clock())
        for record in waiting[:MOST_ADMITTED]:
            if not self._may_go_on() or not self._admit(record):
                return

    def _admit(self, record: TerminalRecord) -> bool:
        """Start the terminal of somebody in line; false where the next need not try."""
        try:
            with self._hold(record.name):
                stored = self._store.read(record.user)
                if not stored.record.is_waiting:
                    return True
                admitted = self._starter.launch(stored, asking=False)
        except LaunchUnderWay:
            self._swept.skipped += 1
            return True
        except HostUnreachable:
            self._swept.skipped += 1
            return False
        except TerminalError:
            self._swept.failed += 1
            return True
        except IptwebError:
            self._swept.skipped += 1
            return False
        self._swept.admitted += admitted.status is Status.READY
        return not admitted.is_waiting

    def _may_go_on(self) -> bool:
        self._left -= 1
        return self._left >= 0 and self._clock() < self._until

    @contextlib.contextmanager
    def _excused(self) -> Iterator[None]:
        """Let one that can't be dealt with not keep us from the others."""
        try:
            yield
        except IptwebError:
            self._swept.skipped += 1


def by_name(census: Census | None) -> Mapping[str, list[Launched]]:
    """Return what lives, by name."""
    found: defaultdict[str, list[Launched]] = defaultdict(list)
    for one in census.living if census else ():
        found[one.name].append(one)
    return found
