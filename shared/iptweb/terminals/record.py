"""The record of one terminal: a metadata document (docs/architecture.md §5.6)."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from iptweb.errors import BadRequest
from iptweb.users import is_user_name, read_user_name

from .answers import Terminal
from .states import MESSAGES, Status, check_move

__all__ = ["LAPSE_SECONDS", "TerminalRecord", "read_time", "to_time"]

# Who does not ask for so long is passed over by those who do.
LAPSE_SECONDS: Final = 600.0
# Clocks differ by less; what is later than that was written before one was set back.
SKEW_SECONDS: Final = 60.0
# `asked` says that somebody asked about this long ago, or less.
ASKED_SECONDS: Final = 60.0
_PLACES: Final = frozenset({Status.SUBMITTED, Status.ERROR})


def to_time(seconds: float) -> str:
    """Return a moment as ISO 8601 in UTC."""
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_time(text: str) -> float:
    """Return the seconds of an ISO time; 0 for anything else."""
    try:
        return dt.datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return 0.0


@dataclass(frozen=True)
class TerminalRecord:
    """What is known of a user's terminal.

    Attributes:
        name: `<user>-<instance>-IPT`, also the name of the document.
        user: Whose terminal it is.
        status: One of the table's states.
        url: Where its WebSocket is, while it is ready.
        reason: Why it failed or ended, for the person.
        host: Where it runs, or may still run, for hosts and for people.
        launch: The attempt that started it, or the last one.
        since: When it came into this state.
        deadline: Until when a start must have ended.
        queued: Since when it has its place in line, empty where it has none.
        asked: When somebody last asked for it while it was in line.
        position: Which one in line it is, 1 for the next; for answers only.
    """

    name: str
    user: str
    status: Status = Status.PENDING
    url: str = ""
    reason: str = ""
    host: str = ""
    launch: str = ""
    since: str = ""
    deadline: str = ""
    queued: str = ""
    asked: str = ""
    position: int = dataclasses.field(default=0, compare=False)

    @staticmethod
    def name_of(user: str, instance: str) -> str:
        """Return the name of a user's record.

        Raises:
            BadRequest: That can't be a user.
        """
        return f"{read_user_name(user)}-{instance}-IPT"

    @classmethod
    def new(cls, user: str, instance: str, now: float) -> "TerminalRecord":
        """Return the record of a user who never had a terminal."""
        return cls(cls.name_of(user, instance), user, since=to_time(now))

    @classmethod
    def from_value(cls, value: Any, user: str, instance: str) -> "TerminalRecord":
        """Read a document's value; one that is not a record of this user is refused.

        Raises:
            BadRequest: It is another user's, or no record at all.
        """
        name = cls.name_of(user, instance)
        if not isinstance(value, Mapping) or value.get("name") != name:
            raise BadRequest("That is not this user's record.")
        owner = value.get("user")
        if is_user_name(owner) and owner != user:
            # `bob-my` of the instance `dev`, and `bob` of the instance `my-dev`.
            raise BadRequest("Another instance has a record of that name.")
        texts = {
            field.name: str(value.get(field.name, ""))
            for field in dataclasses.fields(cls)
            if field.name not in {"name", "user", "status", "position"}
        }
        status = value.get("status")
        is_known = isinstance(status, str) and status in set(Status)
        known = Status(str(status)) if is_known else Status.ERROR
        changes: dict[str, Any] = dict(texts)
        return cls(name, user, known, **changes)

    def to_value(self) -> dict[str, str]:
        """Return the document's value."""
        return {
            field.name: str(getattr(self, field.name))
            for field in dataclasses.fields(self)
            if field.name != "position"
        }

    def to_answer(self) -> Terminal:
        """Return what callers see: most of the value, and a sentence for the person."""
        waits = self.is_waiting
        message = describe_place(self.position) if waits else MESSAGES[self.status]
        answer: Terminal = {
            "name": self.name,
            "user": self.user,
            "status": self.status,
            "url": self.url,
            "reason": self.reason,
            "host": self.host,
            "launch": self.launch,
            "since": self.since,
            "queued": self.queued,
            "message": f"{self.reason} {message}" if self.reason else message,
        }
        if waits:
            answer["position"] = self.position
        return answer

    def move(
        self,
        status: Status,
        now: float,
        *,
        url: str = "",
        reason: str = "",
        host: str = "",
        launch: str = "",
        deadline_s: float = 0,
    ) -> "TerminalRecord":
        """Return the record in another state; what is not given is forgotten.

        A place in line is kept while a start is under way and where it failed.

        Raises:
            IllegalTransition: The table does not have that move.
        """
        check_move(self.status, status)
        return dataclasses.replace(
            self,
            status=status,
            url=url,
            reason=reason,
            host=host,
            launch=launch,
            since=to_time(now),
            deadline=to_time(now + deadline_s) if deadline_s else "",
            queued=self.queued if status in _PLACES else "",
            asked=self.asked if status in _PLACES else "",
        )

    def line_up(
        self, now: float, *, asking: bool = True, reason: str = ""
    ) -> "TerminalRecord":
        """Return the record in line: at the place it has, else at the end.

        Args:
            now: Seconds since the epoch.
            asking: Whether somebody asks for it now.
            reason: Why nobody gets one now, where it is not that all is full.

        Raises:
            IllegalTransition: The table does not have that move.
        """
        waiting = self.move(Status.PENDING, now, reason=reason)
        asked = self.ask(now).asked if asking else self.asked
        return dataclasses.replace(
            waiting,
            queued=self.queued if self.keeps_place(now) else to_time(now),
            asked=asked,
            since=self.since if self.is_waiting else waiting.since,
        )

    def ask(self, now: float) -> "TerminalRecord":
        """Return the record, noting about when somebody asked for it."""
        if abs(now - read_time(self.asked)) < ASKED_SECONDS:
            return self
        return dataclasses.replace(self, asked=to_time(now))

    def at(self, position: int) -> "TerminalRecord":
        """Return the record with its position, for an answer."""
        return dataclasses.replace(self, position=position)

    def tell(
        self, now: float, *, url: str, host: str, launch: str, reason: str = ""
    ) -> "TerminalRecord":
        """Return the record telling of a terminal that is known to live.

        The record itself is returned where it tells of that one already.
        """
        told = (self.status, self.url, self.launch)
        if told == (Status.READY, url, launch):
            return self
        on_the_way = self
        if self.status not in {Status.SUBMITTED, Status.READY}:
            on_the_way = self.move(Status.SUBMITTED, now)
        return on_the_way.move(
            Status.READY, now, url=url, host=host, launch=launch, reason=reason
        )

    @property
    def is_waiting(self) -> bool:
        """Whether it is in line."""
        return self.status is Status.PENDING and self.queued != ""

    def keeps_place(self, now: float) -> bool:
        """Return whether a place in line that it once got is still its own.

        After a start that failed it is, as long as one tries again soon.
        """
        is_going = self.status in {Status.PENDING, Status.SUBMITTED}
        return self.queued != "" and (is_going or self.is_asked_for(now))

    def is_asked_for(self, now: float) -> bool:
        """Return whether somebody asked for it a short while ago."""
        return abs(now - read_time(self.asked)) < LAPSE_SECONDS

    def is_overdue(self, now: float) -> bool:
        """Return whether a start is under way for longer than it may be.

        A record without a deadline waits for somebody who sets it by hand.
        """
        if self.status is not Status.SUBMITTED or not self.deadline:
            return False
        is_from_later = now < read_time(self.since) - SKEW_SECONDS
        return is_from_later or now >= read_time(self.deadline)

    def as_of(self, now: float) -> "TerminalRecord":
        """Return the record as it is to be read now: a start may have overrun."""
        if not self.is_overdue(now):
            return self
        return self.move(
            Status.ERROR,
            now,
            reason="The start took too long and was given up.",
            host=self.host,
            launch=self.launch,
        )


def describe_place(position: int) -> str:
    """Return a place in line as a sentence; 0 for one that is not known."""
    place = f"number {position} in line" if position > 1 else "next in line"
    if not position:
        place = "in line"
    return f"No place is free for you yet. You are {place}, and keep your place."
