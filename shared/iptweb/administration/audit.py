"""The audit record: what administrators did, as documents that are only ever added.

    begun: who, what, to whom, when ─▶ the action ─▶ ended: how, when, with what answer

Both have the same `entry`.  One that begins and never ends was cut off, and its result
is not known; the first sentence of an action is on record before anything is touched.
"""

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from iptweb.agave import Agave, MetadataItem
from iptweb.documents import find_all
from iptweb.errors import IptwebError
from iptweb.terminals.record import to_time

from .answers import AuditEntry, AuditPage

__all__ = ["AuditFilter", "AuditLog", "Entry", "Outcome", "Result", "entry_id"]

DAY_SECONDS: Final = 86_400.0
# What a person reads; the rest of a longer message is in the execution's log.
MOST_MESSAGE: Final = 300
Outcome = Literal["done", "refused", "failed", "unknown"]
_REFUSALS: Final = range(400, 500)
_OUTCOMES: Final[tuple[Outcome, ...]] = ("done", "refused", "failed")


def entry_id(admin: str, request_id: str) -> str:
    """Return what one request of one administrator is known by."""
    return hashlib.sha256(f"{admin}\0{request_id}".encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Result:
    """How an action ended.

    Attributes:
        result: `done`, `refused` by our own rules, or `failed`.
        code: Of the error; empty where it was done.
        message: For people.
        answer: What the caller got, where it was done.
    """

    result: Outcome
    code: str = ""
    message: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_error(cls, error: IptwebError) -> "Result":
        """Return how an action ended that could not be done."""
        outcome: Outcome = "refused" if error.status in _REFUSALS else "failed"
        return cls(outcome, error.code, error.message)


@dataclass(frozen=True)
class Entry:
    """One action.

    Attributes:
        id: See `entry_id`.
        at: When it began.
        by: Which administrator.
        action: In one word, such as `stop`.
        target: The user or the host.
        request_id: The administrator's own.
        launch: Of the terminal that was there before, where that matters.
        ended: When it ended; empty where that is not known.
        result: How it ended; None where that is not known.
    """

    id: str
    at: str
    by: str
    action: str
    target: str
    request_id: str
    launch: str = ""
    ended: str = ""
    result: Result | None = None

    def to_answer(self) -> AuditEntry:
        """Return what callers see."""
        result = self.result or Result("unknown", message="It was never seen to end.")
        return {
            "id": self.id,
            "at": self.at,
            "by": self.by,
            "action": self.action,
            "target": self.target,
            "request_id": self.request_id,
            "ended": self.ended,
            "result": result.result,
            "code": result.code,
            "message": result.message,
        }


@dataclass(frozen=True)
class AuditFilter:
    """Which entries are wanted; empty texts want all.

    Attributes:
        days: How far to look back.
        by: Of which administrator.
        action: Which action.
        target: Of which user or host.
    """

    days: int
    by: str = ""
    action: str = ""
    target: str = ""

    def wants(self, entry: Entry) -> bool:
        """Return whether an entry is wanted."""
        return (
            self.by in {"", entry.by}
            and self.action in {"", entry.action}
            and self.target in {"", entry.target}
        )


class AuditLog:
    """The audit record of one instance.

    Args:
        agave: The tenant, with the service's token.
        owner: Name of the service account; documents of others don't count.
        instance: Name of the instance.
        clock: Seconds since the epoch.
    """

    def __init__(
        self, agave: Agave, owner: str, instance: str, clock: Callable[[], float]
    ) -> None:
        self._agave = agave
        self._owner = owner
        self._name = f"ipt-{instance}-audit"
        self._clock = clock

    def now(self) -> str:
        """Return the time, as entries have it."""
        return to_time(self._clock())

    def find(self, entry: str) -> Entry | None:
        """Return what is on record of one request."""
        found = self._read({"value.entry": entry})
        return next((known for known in found if known.id == entry), None)

    def begin(self, entry: Entry) -> None:
        """Put on record that an action begins."""
        value = {
            "part": "begun",
            "entry": entry.id,
            "at": entry.at,
            "by": entry.by,
            "action": entry.action,
            "target": entry.target,
            "request_id": entry.request_id,
            "launch": entry.launch,
        }
        self._agave.add_metadata(self._name, value)

    def end(self, entry: Entry, result: Result) -> None:
        """Put on record how an action ended."""
        value = {
            "part": "ended",
            "entry": entry.id,
            "at": self.now(),
            "result": result.result,
            "code": result.code,
            "message": result.message[:MOST_MESSAGE],
            "answer": dict(result.answer),
        }
        self._agave.add_metadata(self._name, value)

    @contextlib.contextmanager
    def on_record(self, entry: Entry) -> Iterator[None]:
        """Put on record that the block begins, and how it ends."""
        self.begin(entry)
        try:
            yield
        except IptwebError as error:
            self.end(entry, Result.of_error(error))
            raise
        self.end(entry, Result("done"))

    def page(self, wanted: AuditFilter, *, limit: int, offset: int) -> AuditPage:
        """Return one page of entries, the newest first, and how many there are."""
        since = to_time(self._clock() - wanted.days * DAY_SECONDS)
        entries = self._read({"value.at": {"$gt": since}})
        fitting = [entry for entry in entries if wanted.wants(entry)]
        page = fitting[offset : offset + limit]
        return {
            "entries": [entry.to_answer() for entry in page],
            "total": len(fitting),
            "limit": limit,
            "offset": offset,
            "days": wanted.days,
        }

    def _read(self, more: Mapping[str, Any]) -> list[Entry]:
        """Return the entries of some documents, the newest first."""
        found = find_all(self._agave, self._owner, {"name": self._name, **more})
        items = [item for item in found if item.name == self._name]
        # The first beginning counts, and the last end: a request that failed may have
        # been made again.
        items.sort(key=lambda item: (item.created, item.uuid))
        begun: dict[str, Mapping[str, Any]] = {}
        ended: dict[str, Mapping[str, Any]] = {}
        for value in map(read_value, items):
            if value.get("part") == "begun":
                begun.setdefault(text_of(value, "entry"), value)
            elif value.get("part") == "ended":
                ended[text_of(value, "entry")] = value
        entries = [to_entry(value, ended.get(key)) for key, value in begun.items()]
        # Of one moment, the one that was put on record later comes first.
        entries.sort(key=lambda entry: entry.at)
        entries.reverse()
        return entries


def read_value(item: MetadataItem) -> Mapping[str, Any]:
    """Return a document's value; an empty one where it is none of ours."""
    return item.value if isinstance(item.value, Mapping) else {}


def to_entry(begun: Mapping[str, Any], ended: Mapping[str, Any] | None) -> Entry:
    """Return the entry of two values."""
    result = None
    if ended is not None:
        answer = ended.get("answer")
        result = Result(
            read_outcome(ended.get("result")),
            text_of(ended, "code"),
            text_of(ended, "message"),
            answer if isinstance(answer, Mapping) else {},
        )
    return Entry(
        id=text_of(begun, "entry"),
        at=text_of(begun, "at"),
        by=text_of(begun, "by"),
        action=text_of(begun, "action"),
        target=text_of(begun, "target"),
        request_id=text_of(begun, "request_id"),
        launch=text_of(begun, "launch"),
        ended=text_of(ended or {}, "at"),
        result=result,
    )


def read_outcome(value: object) -> Outcome:
    """Return how an action ended, as a document says it."""
    return next((known for known in _OUTCOMES if known == value), "unknown")


def text_of(value: Mapping[str, Any], name: str) -> str:
    """Return a text of a value, empty where there is none."""
    return str(value.get(name) or "")
