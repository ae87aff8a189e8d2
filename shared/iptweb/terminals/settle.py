"""Bringing a record and the hosts in line with each other, by one set of rules.

The record's own launch counts where it lives; else whatever lives is made the
record's, so that nobody loses a terminal; only what a person stopped, or what is one
too many, is ended.  A host that does not answer is not taken for a dead terminal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from iptweb.errors import HostUnreachable
from iptweb.settings import TerminalSettings

from .host.base import Ending, Launched
from .host.census import Census
from .host.pool import HostPool
from .record import TerminalRecord
from .states import Status
from .store import Stored, TerminalStore

__all__ = ["Change", "Settled", "Settler", "public_url"]

_HOUR: Final = 3600
_MINUTE: Final = 60
_UP: Final = (Status.SUBMITTED, Status.READY)


class Change(StrEnum):
    """What became of a record."""

    NONE = ""
    ADOPTED = "adopted"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class Settled:
    """What was done for one record.

    Attributes:
        record: As it is now.
        change: What became of it.
        ended: How many terminals were ended.
    """

    record: TerminalRecord
    change: Change = Change.NONE
    ended: int = 0


class Settler:
    """Makes records say what is true on the hosts.

    Args:
        store: The records.
        host: Gives the place where terminals run.
        settings: Of terminals.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        store: TerminalStore,
        host: Callable[[], HostPool],
        settings: TerminalSettings,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._host = host
        self._settings = settings
        self._clock = clock

    def settle(self, stored: Stored, census: Census, *, adopts: bool = True) -> Settled:
        """Apply the rules to one record.

        Args:
            stored: The record, read a moment ago.
            census: What lives, asked for after that.
            adopts: Whether a terminal that a record does not ask for is made its own;
                else it is ended once it is old enough not to be starting.

        Raises:
            HostUnreachable: It may live on a host that does not answer.
        """
        record = stored.record
        living = census.of(record.name)
        kept = self._choose(record, living, adopts=adopts)
        ended = self._end_others(record, living, kept, at_once=adopts)
        if kept is not None:
            told = self.tell(record, kept)
            if told is record:
                return Settled(record, ended=ended)
            return self._replace(stored, told, Change.ADOPTED, ended)
        return self._bury(stored, census, ended)

    def tell(
        self, record: TerminalRecord, living: Launched, *, reason: str = ""
    ) -> TerminalRecord:
        """Return the record telling of a terminal that is known to live."""
        return record.tell(
            self._clock(),
            url=public_url(living.url, self._settings.ws_scheme),
            host=living.host,
            launch=living.launch,
            reason=reason or living.note.strip(),
        )

    def _choose(
        self, record: TerminalRecord, living: tuple[Launched, ...], *, adopts: bool
    ) -> Launched | None:
        """Return the terminal that is to be the record's."""
        own = next((one for one in living if one.launch == record.launch), None)
        if record.status is Status.STOPPED:
            # What a person stopped must not come back; a later start's may.
            later = [one for one in living if one is not own]
            return later[0] if adopts and later else None
        if own is not None:
            return own
        may_adopt = adopts or record.status in _UP
        return living[0] if living and may_adopt else None

    def _end_others(
        self,
        record: TerminalRecord,
        living: tuple[Launched, ...],
        kept: Launched | None,
        *,
        at_once: bool,
    ) -> int:
        others = [one for one in living if one is not kept]
        return sum(
            self._host().stop(record.name, one.launch, last_host=one.host)
            for one in others
            if at_once or self.is_old(one)
        )

    def is_old(self, living: Launched) -> bool:
        """Return whether it can't be one that is just being started."""
        return self._clock() - living.started >= self._settings.deadline_s

    def _bury(self, stored: Stored, census: Census, ended: int) -> Settled:
        """Tell of a record's terminal that does not live."""
        record, now = stored.record, self._clock()
        if record.is_overdue(now):
            return self._replace(stored, record.as_of(now), Change.FAILED, ended)
        if record.status is not Status.READY:
            return Settled(record, ended=ended)
        if not census.is_gone(record.name, record.host):
            is_known = record.host in {*census.silent, *census.absent}
            hosts = record.host if is_known else ", ".join(census.silent)
            raise HostUnreachable(
                f"The execution host {hosts} does not answer now, so nobody knows "
                "whether your terminal lives. Try again in a few minutes.",
                host=record.host,
            )
        over = record.move(
            Status.STOPPED, now, reason=self._why(record), launch=record.launch
        )
        return self._replace(stored, over, Change.STOPPED, ended)

    def _replace(
        self, stored: Stored, record: TerminalRecord, change: Change, ended: int
    ) -> Settled:
        """Write what became of a record, unless others did something with it."""
        now = self._store.replace(stored, record).record
        return Settled(now, change if now is record else Change.NONE, ended)

    def _why(self, record: TerminalRecord) -> str:
        try:
            known = self._host().endings(record.name)
        except HostUnreachable:
            known = []
        endings = [one.ending for one in known if one.launch == record.launch]
        return describe_ending(next(iter(endings), Ending.UNKNOWN), self._settings)


def describe_ending(ending: Ending, settings: TerminalSettings) -> str:
    """Return why a terminal ended, as a sentence for its person."""
    match ending:
        case Ending.EXIT:
            return "Its shell was left."
        case Ending.IDLE:
            return f"It ended after {to_words(settings.idle_s)} without activity."
        case Ending.AGE:
            age = to_words(settings.max_age_s)
            return f"It ended because no terminal may live longer than {age}."
        case Ending.STOPPED:
            return "It was stopped."
        case Ending.MEMORY:
            return "It ended because it used more memory than it may."
        case Ending.UNKNOWN:
            return "The terminal has ended."


def to_words(seconds: int) -> str:
    """Return a duration for a person: `4 hours`, `90 minutes`."""
    for size, unit in ((_HOUR, "hour"), (_MINUTE, "minute"), (1, "second")):
        if seconds >= size and seconds % size == 0:
            number = seconds // size
            return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
    return "some time"


def public_url(url: str, scheme: str) -> str:
    """Return where browsers reach a terminal.

    Where a proxy speaks TLS for the terminals, they must speak it, too.
    """
    return f"{scheme}:{url.partition(':')[2]}"
