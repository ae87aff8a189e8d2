"""The record of one terminal: a metadata document (docs/architecture.md §5.6)."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from iptweb.errors import BadRequest
from iptweb.users import read_user_name

from .states import MESSAGES, Status, check_move

__all__ = ["TerminalRecord", "to_time"]


def to_time(seconds: float) -> str:
    """Return a moment as ISO 8601 in UTC."""
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_time(text: str) -> float:
    """Return the seconds of an ISO time; 0 for anything else."""
    try:
        return dt.datetime.fromisoformat(text).timestamp()
    except ValueError:
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
        host: Where it runs, for people.
        launch: The attempt that started it.
        since: When it came into this state.
        deadline: Until when a start must have ended.
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
        texts = {
            field.name: str(value.get(field.name, ""))
            for field in dataclasses.fields(cls)
            if field.name not in {"name", "user", "status"}
        }
        status = value.get("status")
        known = Status(status) if status in set(Status) else Status.ERROR
        return cls(name, user, known, **texts)

    def to_value(self) -> dict[str, str]:
        """Return the document's value."""
        return {
            field.name: str(getattr(self, field.name))
            for field in dataclasses.fields(self)
        }

    def to_answer(self) -> dict[str, str]:
        """Return what callers see: the value, with a sentence for the person."""
        answer = self.to_value()
        del answer["deadline"]
        answer["message"] = MESSAGES[self.status]
        if self.reason:
            answer["message"] = f"{self.reason} {answer['message']}"
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
        )

    def is_overdue(self, now: float) -> bool:
        """Return whether a start is under way for longer than it may be.

        A record without a deadline waits for somebody who sets it by hand.
        """
        return (
            self.status is Status.SUBMITTED
            and self.deadline != ""
            and now >= read_time(self.deadline)
        )

    def as_of(self, now: float) -> "TerminalRecord":
        """Return the record as it is to be read now: a start may have overrun."""
        if not self.is_overdue(now):
            return self
        return self.move(
            Status.ERROR, now, reason="The start took too long and was given up."
        )
