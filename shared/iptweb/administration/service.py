"""What the function `admin` does, once the caller is known to be an administrator."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, cast

from iptweb.agave import Agave
from iptweb.documents import delete_quietly, find_own
from iptweb.errors import BadRequest, Conflict, TerminalError
from iptweb.jobs import Registry
from iptweb.settings import Settings
from iptweb.terminals.actor import TerminalActor
from iptweb.terminals.drains import Drains
from iptweb.terminals.record import TerminalRecord
from iptweb.terminals.service import Hold
from iptweb.terminals.states import Status
from iptweb.terminals.store import TerminalStore
from iptweb.users import read_user_name

from .answers import (
    AdminHost,
    AdminHosts,
    AdminJobs,
    AdminTerminals,
    AuditPage,
    HostDone,
    RecordDone,
    TerminalDone,
)
from .audit import AuditFilter, AuditLog, Entry
from .commands import ask_idle, command_terminal
from .deeds import Deed, Deeds
from .hosts import find_host, to_hosts
from .jobs import InstanceJobs, JobsFilter
from .terminals import TerminalFilter, may_delete, to_page

__all__ = ["Administration", "Command"]

Command = Literal["start", "stop", "sync", "restart"]
# Commands that are about one launch, and leave a later one alone.
_OF_A_LAUNCH: Final = ("stop", "restart")
# No launch is called so.
_NO_LAUNCH: Final = "none"


class Administration:
    """Looks at everybody's, and acts for anybody.

    Args:
        agave: The tenant, with the service's token.
        owner: Name of the service account.
        settings: Of the instance.
        admin: Who asks.
        actor: The function `terminal`.
        hold: Keeps other deliveries of a request away.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        agave: Agave,
        owner: str,
        settings: Settings,
        admin: str,
        *,
        actor: TerminalActor,
        hold: Hold,
        clock: Callable[[], float],
    ) -> None:
        self._agave = agave
        self._owner = owner
        self._settings = settings
        self._admin = admin
        self._actor = actor
        self._clock = clock
        instance = settings.instance
        self._store = TerminalStore(agave, owner, instance, clock)
        self._drains = Drains(agave, owner, instance, clock)
        self._audit = AuditLog(agave, owner, instance, clock)
        self._deeds = Deeds(self._audit, hold)

    def list_terminals(
        self, wanted: TerminalFilter, *, limit: int, offset: int, idle: bool = False
    ) -> AdminTerminals:
        """Return one page of all users' terminals.

        Args:
            wanted: Which of them.
            limit: How many at most.
            offset: How many to leave out before.
            idle: Whether those that are up are asked when they were used.
        """
        everybody = self._store.everybody()
        page = to_page(everybody, wanted, self._clock(), limit=limit, offset=offset)
        rows = page["terminals"]
        up = [row["user"] for row in rows if row["status"] is Status.READY]
        times = ask_idle(self._actor, up) if idle and up else {}
        for row in rows:
            row["idle_s"] = times.get(row["user"])
        return page

    def command(
        self, user: str, command: Command, request_id: str, *, launch: str = ""
    ) -> TerminalDone:
        """Have the function `terminal` do a command for a user.

        Args:
            user: Whose terminal it is.
            command: What to do.
            request_id: The administrator's own id of this action.
            launch: Stop or restart this one only; the one that is there where empty.

        Raises:
            BadRequest: That can't be a user, or the command is about no launch.
            Conflict: The request is another one, or another one is in the way.
            TerminalError: It did not work; says why.
        """
        name = read_user_name(user, field="user")
        if launch and command not in _OF_A_LAUNCH:
            raise BadRequest("launch is for stop and restart.", field="launch")

        def act(entry: Entry) -> Mapping[str, Any]:
            meant = entry.launch
            if not meant and find_launch():
                # There was none when this was asked for; that one came afterwards.
                meant = _NO_LAUNCH
            return command_terminal(self._actor, command.upper(), name, launch=meant)

        def find_launch() -> str:
            is_of_one = command in _OF_A_LAUNCH
            return self._store.read(name).record.launch if is_of_one else ""

        deed = Deed(self._admin, request_id, command, name, launch=launch)
        done = self._deeds.do(deed, act, launch=find_launch)
        return cast("TerminalDone", done)

    def delete_record(self, user: str, request_id: str) -> RecordDone:
        """Delete a user's record, if nothing lives behind it; none is fine.

        Raises:
            BadRequest: That can't be a user.
            Conflict: The terminal runs, or may run; says what to do first.
        """
        name = read_user_name(user, field="user")
        deed = Deed(self._admin, request_id, "delete-record", name)
        done = self._deeds.do(deed, lambda _entry: self._delete(name))
        return cast("RecordDone", done)

    def list_hosts(self) -> AdminHosts:
        """Return the hosts, and which of them drain."""
        now = self._clock()
        current = [record.as_of(now) for record in self._store.everybody()]
        return {"hosts": to_hosts(self._settings, self._drains.read(), current)}

    def drain(self, host: str, request_id: str) -> HostDone:
        """Let a host take no new terminals; those it has stay.

        Raises:
            NotFound: There is no such host.
        """
        name = find_host(self._settings, host)

        def act(_entry: Entry) -> Mapping[str, Any]:
            self._drains.begin(name, self._admin)
            return self._host(name)

        done = self._deeds.do(Deed(self._admin, request_id, "drain", name), act)
        return cast("HostDone", done)

    def undrain(self, host: str, request_id: str) -> HostDone:
        """Let a host take terminals again.

        Raises:
            NotFound: There is no such host.
            Conflict: It drains by the settings, which a deployment changes.
        """
        name = find_host(self._settings, host)

        def act(_entry: Entry) -> Mapping[str, Any]:
            self._drains.end(name)
            host = self._host(name)
            if host["drained_in_settings"]:
                raise Conflict(
                    "No administrator drains this host any more, but the settings do. "
                    "Take its drain out of the profile and deploy."
                )
            return host

        done = self._deeds.do(Deed(self._admin, request_id, "undrain", name), act)
        return cast("HostDone", done)

    def list_jobs(self, wanted: JobsFilter, *, limit: int, offset: int) -> AdminJobs:
        """Return one page of all users' jobs."""
        jobs = InstanceJobs(
            self._agave,
            self._owner,
            self._settings.instance,
            Registry(self._settings.systems),
            self._clock,
        )
        return jobs.page(wanted, limit=limit, offset=offset)

    def list_audit(self, wanted: AuditFilter, *, limit: int, offset: int) -> AuditPage:
        """Return one page of what administrators did, the newest first."""
        return self._audit.page(wanted, limit=limit, offset=offset)

    def _host(self, name: str) -> AdminHost:
        hosts = self.list_hosts()["hosts"]
        return next(host for host in hosts if host["name"] == name)

    def _delete(self, user: str) -> Mapping[str, Any]:
        if not self._store.read(user).uuid:
            return {"user": user, "deleted": False}
        try:
            command_terminal(self._actor, "SYNC", user)
        except TerminalError as error:
            raise Conflict(
                f"Nobody knows whether this terminal runs: {error.message} Where its "
                "host is gone for good, Restart gives the terminal up."
            ) from error
        # Read after the hosts were asked, and right before it goes.
        record = self._store.read(user).record.as_of(self._clock())
        if not may_delete(record):
            raise Conflict(describe_life(record))
        name = TerminalRecord.name_of(user, self._settings.instance)
        found = find_own(self._agave, name, self._owner)
        for item in found:
            delete_quietly(self._agave, item.uuid)
        return {"user": user, "deleted": bool(found)}


def describe_life(record: TerminalRecord) -> str:
    """Return why a record stays, and what to do about it."""
    where = f" on {record.host}" if record.host else ""
    may = "may still run" if record.host and not record.url else "is running"
    return f"This terminal {may}{where}. Stop it first, then delete its record."
