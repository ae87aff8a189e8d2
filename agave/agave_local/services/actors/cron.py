"""Schedules of actors: `2026-11-22 18 + 2 days`, `now + 1 hour` (spec: Abaco, A.4).

description ─▶ `planned` ─▶ fields of the record ─▶ `Cron.run_due`, a duty ─▶ messages
"""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from agave_local.clock import Clock
from agave_local.errors import BadRequest
from agave_local.records.conditions import equal, less
from agave_local.records.store import Document, Store
from agave_local.services.actors.errors import Unrecognized
from agave_local.services.actors.executions import Executions, Message
from agave_local.services.actors.identifiers import ActorIds
from agave_local.services.actors.registry import ACTOR_KIND, SHUTTING_DOWN

if TYPE_CHECKING:
    from agave_local.services.actors.engine import Engine

EXECUTOR = "cron"
MESSAGE = "This is your cron execution"
EVERY_S = 30.0
# One actor that cannot run must not collect messages for ever.
_MOST_WAITING = 100
_LONGEST = 100
_FORMAT = re.compile(
    r"\s*(?:(now)|((\d{4})-(\d{1,2})-(\d{1,2})\s+(\d{1,2})))"
    r"\s*\+\s*(\d{1,6})\s*([a-z]+)\s*",
    re.ASCII | re.IGNORECASE,
)
_HOURS = {"hour": 1, "day": 24, "week": 168}
_MONTH = "month"


@dataclass(frozen=True)
class Schedule:
    """When an actor runs.

    Attributes:
        start: of the first execution; a whole hour.
        number: of units between executions.
        unit: hour, day, week or month.
        written: the start as Abaco shows it.
    """

    start: datetime
    number: int
    unit: str
    written: str

    def after(self, moment: datetime) -> datetime:
        """Return the first execution after a moment.

        Raises:
            OverflowError: where it lies beyond the calendar.
        """
        if moment < self.start:
            return self.start
        if self.unit == _MONTH:
            past = (moment.year - self.start.year) * 12 + moment.month
            steps = max(0, (past - self.start.month) // self.number)
        else:
            steps = (moment - self.start) // self._step()
        while (found := self._at(steps)) <= moment:
            steps += 1
        return found

    def _step(self) -> timedelta:
        return timedelta(hours=_HOURS[self.unit] * self.number)

    def _at(self, steps: int) -> datetime:
        if self.unit != _MONTH:
            return self.start + steps * self._step()
        # Months are counted from the start: the 31st does not become a 28th for good.
        years, month = divmod(self.start.month - 1 + steps * self.number, 12)
        year = self.start.year + years
        if year > MAXYEAR:
            raise OverflowError
        last = calendar.monthrange(year, month + 1)[1]
        return self.start.replace(
            year=year, month=month + 1, day=min(self.start.day, last)
        )


def read_schedule(written: str, now: float) -> Schedule:
    """Read a schedule as a description has it.

    Args:
        written: `yyyy-mm-dd hh + N unit` or `now + N unit`.
        now: in seconds since the epoch.

    Raises:
        BadRequest: where it is none, or begins in the past.
        Unrecognized: for a unit that is none, as Abaco does.
    """
    found = _FORMAT.fullmatch(written[:_LONGEST])
    if found is None or len(written) > _LONGEST:
        raise _wrong()
    hour = _hour(now)
    unit = found[8].lower().removesuffix("s")
    start = hour if found[1] else _moment(found)
    if start < hour:
        raise BadRequest(
            "The starting datetime is old. "
            f"The current UTC time is {hour:%Y-%m-%d %H:%M:%S}"
        )
    if unit not in {*_HOURS, _MONTH}:
        raise Unrecognized(
            "werkzeug.exceptions.BadRequest",
            f"400 Bad Request: {found[8]} is an invalid unit of time",
        )
    shown = to_hour(start) if found[1] else " ".join(found[2].split())
    schedule = Schedule(start, int(found[7]), unit, shown)
    try:
        if schedule.number:
            schedule.after(start)
            return schedule
    except OverflowError:
        pass
    raise _wrong()


def planned(
    described: Mapping[str, Any], before: Document | None, now: float
) -> dict[str, Any]:
    """Return the fields of an actor's schedule.

    Args:
        described: checked description.
        before: the actor's record, where it is changed.
        now: in seconds since the epoch.

    Raises:
        BadRequest: where the schedule is none, or begins in the past.
        Unrecognized: for a unit that is none.
    """
    written = described["cronSchedule"]
    if not written:
        kept = {"cronSchedule": None, "cronOn": described["cronOn"]}
        return {**kept, "cronNextEx": None, "cronStart": None, "cronDue": None}
    # A new actor's schedule is on; a changed one's is what the caller says.
    fields = {
        "cronSchedule": written,
        "cronOn": True if before is None else described["cronOn"],
    }
    if before is not None and before.get("cronSchedule") == written:
        # It goes on where it was: its start may be long past.
        same = ("cronNextEx", "cronStart", "cronDue")
        return {**fields, **{name: before.get(name) for name in same}}
    schedule = read_schedule(written, now)
    start = schedule.start.timestamp()
    times = {"cronStart": start, "cronDue": start}
    return {**fields, **times, "cronNextEx": schedule.written}


def to_hour(moment: datetime) -> str:
    """Write an hour as Abaco does, without leading zeros."""
    return f"{moment.year}-{moment.month}-{moment.day} {moment.hour}"


class Cron:
    """Runs what is due.

    Args:
        store: of the tenant.
        clock: of the tenant.
        executions: takes the messages.
        engine: has them run.
        ids: names executions.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        executions: Executions,
        engine: "Engine",
        ids: ActorIds,
    ) -> None:
        self._store = store
        self._clock = clock
        self._executions = executions
        self._engine = engine
        self._ids = ids

    def run_due(self) -> None:
        """Send every actor that is due its message; once, however many it missed."""
        now = self._clock.now()
        due = equal("cronOn", value=True) & less("cronDue", now + 1e-6)
        for actor in self._store.select(ACTOR_KIND, due):
            execution_id = self._accept(actor["id"], now)
            if execution_id is not None:
                self._engine.admit(actor["id"], execution_id, EXECUTOR)

    def _accept(self, actor_id: str, now: float) -> str | None:
        """Record a message and the next time in one step, so that neither is lost."""
        with self._store.transaction():
            actor = self._store.get(ACTOR_KIND, actor_id)
            if actor is None or not _is_due(actor, now):
                return None
            self._store.put(ACTOR_KIND, actor_id, actor | _advanced(actor, now))
            if self._engine.waiting(actor_id, EXECUTOR) >= _MOST_WAITING:
                return None
            execution_id = self._ids.new()
            message = Message(MESSAGE, "str", EXECUTOR)
            self._executions.accept(execution_id, actor_id, message)
            return execution_id


def _is_due(actor: Document, now: float) -> bool:
    due = actor.get("cronDue")
    is_on = actor["cronOn"] and actor["status"] != SHUTTING_DOWN
    return bool(is_on and due is not None and due <= now)


def _advanced(actor: Document, now: float) -> dict[str, Any]:
    found = _FORMAT.fullmatch(actor["cronSchedule"])
    if found is None:
        return {"cronOn": False}
    start = datetime.fromtimestamp(actor["cronStart"], UTC)
    unit = found[8].lower().removesuffix("s")
    try:
        following = Schedule(start, int(found[7]), unit, "").after(_hour(now))
    except OverflowError:
        return {"cronOn": False}
    return {"cronNextEx": to_hour(following), "cronDue": following.timestamp()}


def _hour(now: float) -> datetime:
    return datetime.fromtimestamp(now, UTC).replace(minute=0, second=0, microsecond=0)


def _moment(found: re.Match[str]) -> datetime:
    try:
        year, month, day, hour = (int(found[place]) for place in (3, 4, 5, 6))
        return datetime(year, month, day, hour, tzinfo=UTC)
    except ValueError as error:
        raise _wrong() from error


def _wrong() -> BadRequest:
    return BadRequest("The cron is not in the correct format")
