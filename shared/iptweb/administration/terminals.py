"""All terminals of an instance, as administrators look at them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from iptweb.terminals.queue import position_of
from iptweb.terminals.record import TerminalRecord, read_time
from iptweb.terminals.states import Status

from .answers import AdminTerminal, AdminTerminals

__all__ = ["SORTS", "TerminalFilter", "to_page"]

_UP: Final = (Status.SUBMITTED, Status.READY)


@dataclass(frozen=True)
class TerminalFilter:
    """Which terminals are wanted, and in which order; empty texts want all.

    Attributes:
        user: Whose.
        status: In which state.
        host: On which host.
        search: What some text of the record has in it, in capitals or not.
        sort: One of `SORTS`; with `-` before it, the other way round.
    """

    user: str = ""
    status: str = ""
    host: str = ""
    search: str = ""
    sort: str = "user"

    def wants(self, record: TerminalRecord) -> bool:
        """Return whether a record is wanted."""
        return (
            self.user in {"", record.user}
            and self.status in {"", record.status}
            and self.host in {"", record.host}
            and self.search.lower() in text_of(record)
        )


def text_of(record: TerminalRecord) -> str:
    """Return what a search looks at; an address or a launch is nobody's search."""
    texts = (record.user, record.status, record.host, record.reason)
    return "\n".join(texts).lower()


_KEYS: Final[Mapping[str, Callable[[TerminalRecord], tuple[str, ...]]]] = {
    "user": lambda record: (record.user,),
    "status": lambda record: (record.status, record.user),
    "host": lambda record: (record.host, record.user),
    "since": lambda record: (record.since, record.user),
}
SORTS: Final = tuple(sign + name for name in _KEYS for sign in ("", "-"))


def to_page(
    records: Sequence[TerminalRecord],
    wanted: TerminalFilter,
    now: float,
    *,
    limit: int,
    offset: int,
) -> AdminTerminals:
    """Return one page of terminals, with how many there are of each state.

    Args:
        records: All of the instance.
        wanted: Which of them.
        now: Seconds since the epoch.
        limit: How many at most.
        offset: How many to leave out at the beginning.
    """
    current = [record.as_of(now) for record in records]
    in_line = [record for record in current if record.queued]
    fitting = [record for record in current if wanted.wants(record)]
    name = wanted.sort.removeprefix("-")
    fitting.sort(key=_KEYS[name], reverse=wanted.sort.startswith("-"))
    page = [
        record.at(position_of(record, in_line, now)) if record.is_waiting else record
        for record in fitting[offset : offset + limit]
    ]
    return {
        "terminals": [to_row(record, now) for record in page],
        "total": len(fitting),
        "limit": limit,
        "offset": offset,
        "counts": {str(s): sum(r.status is s for r in current) for s in Status},
    }


def to_row(record: TerminalRecord, now: float) -> AdminTerminal:
    """Return one terminal: what its user sees, without the address, and its times."""
    # It opens nothing without a ticket, and nobody but its user gets one.
    shown = {name: v for name, v in record.to_answer().items() if name != "url"}
    since = read_time(record.since)
    age = max(0, round(now - since)) if since else None
    times = {"age_s": age if record.status in _UP else None, "state_s": age}
    row = {**shown, **times, "idle_s": None, "can_delete": may_delete(record)}
    return cast("AdminTerminal", row)


def may_delete(record: TerminalRecord) -> bool:
    """Return whether nothing lives, or may live, behind a record.

    `host` stays in a record that is ended or failed as long as a host that was silent
    may run it after all (docs/architecture.md §5.7).
    """
    return record.status not in _UP and not record.host
