"""Routes of `admin`."""

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from iptweb.administration import AuditFilter, Command, JobsFilter, TerminalFilter
from iptweb.administration.answers import (
    AdminHosts,
    AdminJobs,
    AdminTerminals,
    AuditPage,
    HostDone,
    RecordDone,
    TerminalDone,
)
from iptweb.errors import NotFound
from iptweb.http import App, flag, number, read_body, read_query, text
from iptweb.reference import offer_schema
from iptweb.runtime import Call, inline, warm

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("admin")
run_inline = inline(app)
offer_schema(app)

_MOST: Final = 100
_FARTHEST: Final = 1_000_000
_MOST_DAYS: Final = 3650


def _request_id() -> Any:
    return text(
        max_length=64,
        pattern="[A-Za-z0-9-]{8,64}",
        hint="8 to 64 characters of letters, digits and '-'",
    )


@dataclass(frozen=True)
class TerminalsQuery:
    """Which terminals, in which order, and which page; what is empty does not matter.

    Attributes:
        user: Whose.
        status: In which state.
        host: On which host.
        search: A part of the user's name, the state, the host or the reason.
        sort: What to order by; with `-`, the other way round.
        idle: Whether the terminals of the answer are asked when they were used.
        limit: Most terminals of the answer.
        offset: How many to leave out before.
    """

    user: str = text(default="", max_length=64)
    status: Literal["", "PENDING", "SUBMITTED", "READY", "STOPPED", "ERROR"] = text(
        default=""
    )
    host: str = text(default="", max_length=100)
    search: str = text(default="", max_length=100)
    sort: Literal[
        "user", "-user", "status", "-status", "host", "-host", "since", "-since"
    ] = text(default="user")
    idle: bool = flag(default=False)
    limit: int = number(default=20, least=1, most=_MOST)
    offset: int = number(default=0, most=_FARTHEST)


@dataclass(frozen=True)
class JobsQuery:
    """Which jobs, and which page of them; what is empty does not matter.

    Attributes:
        user: Whose.
        kind: Of which kind.
        search: A part of the name or of the id.
        days: How far to look back.
        limit: Most jobs of the answer.
        offset: How many to leave out before.
    """

    user: str = text(default="", max_length=64)
    kind: Literal["", "compile", "run", "build-run", "compare"] = text(default="")
    search: str = text(default="", max_length=100)
    days: int = number(default=30, least=1, most=_MOST_DAYS)
    limit: int = number(default=20, least=1, most=_MOST)
    offset: int = number(default=0, most=_FARTHEST)


@dataclass(frozen=True)
class AuditQuery:
    """Which entries of the audit record, and which page; empty does not matter.

    Attributes:
        by: Of which administrator.
        action: Which action.
        target: Of which user or host.
        days: How far to look back.
        limit: Most entries of the answer.
        offset: How many to leave out before.
    """

    by: str = text(default="", max_length=64)
    action: str = text(default="", max_length=40)
    target: str = text(default="", max_length=100)
    days: int = number(default=30, least=1, most=_MOST_DAYS)
    limit: int = number(default=20, least=1, most=_MOST)
    offset: int = number(default=0, most=_FARTHEST)


@dataclass(frozen=True)
class ActionBody:
    """An action.

    Attributes:
        request_id: The administrator's own id of it: the same one again is done once.
    """

    request_id: str = _request_id()


@dataclass(frozen=True)
class CommandBody:
    """An action on a terminal.

    Attributes:
        request_id: The administrator's own id of it: the same one again is done once.
        launch: With stop and restart: which start is meant, so that a later one is left
            alone; the one that is there where empty.
    """

    request_id: str = _request_id()
    launch: str = text(default="", max_length=100)


@app.route("/terminals", query=TerminalsQuery)
def list_terminals(call: Call) -> AdminTerminals:
    """List all users' terminals.

    Raises:
        Forbidden: The caller is no administrator.
    """
    service = call.administration()
    query = read_query(TerminalsQuery, call.request.query)
    wanted = TerminalFilter(
        query.user, query.status, query.host, query.search, query.sort
    )
    return service.list_terminals(
        wanted, limit=query.limit, offset=query.offset, idle=query.idle
    )


@app.route("/terminals/<user>/<command>", methods=["POST"], body=CommandBody)
def command_terminal(call: Call, user: str, command: str) -> TerminalDone:
    """Start, stop, restart or sync a user's terminal.

    `<command>` is `start`, `stop`, `restart` or `sync`, as in the function `terminal`,
    which does it.  The same `request_id` again is answered as the first time.

    Raises:
        Forbidden: The caller is no administrator.
        NotFound: There is no such command.
        Conflict: The `request_id` is another action's, or the action is under way.
        TooMany: All hosts are full, and there can be no line.
        TerminalError: The host can't be asked, or the terminal did not start.
    """
    service = call.administration()
    body = read_body(CommandBody, call.request.body)
    for known in get_args(Command):
        if command == known:
            return service.command(user, known, body.request_id, launch=body.launch)
    raise NotFound(f"A terminal can be told {', '.join(get_args(Command))}.")


@app.route("/terminals/<user>/record", methods=["DELETE"], body=ActionBody)
def delete_record(call: Call, user: str) -> RecordDone:
    """Delete the record of a terminal that does not run.

    A user without a record is no error.

    Raises:
        Forbidden: The caller is no administrator.
        Conflict: It runs, or may run on a host that does not answer; says what to do.
    """
    service = call.administration()
    body = read_body(ActionBody, call.request.body)
    return service.delete_record(user, body.request_id)


@app.route("/hosts")
def list_hosts(call: Call) -> AdminHosts:
    """List the hosts of terminals, and which of them drain.

    Raises:
        Forbidden: The caller is no administrator.
    """
    return call.administration().list_hosts()


@app.route("/hosts/<name>/drain", methods=["POST"], body=ActionBody)
def drain_host(call: Call, name: str) -> HostDone:
    """Let a host take no new terminals.

    Those that run on it go on; where no other host has room, who presses Start waits
    in line.

    Raises:
        Forbidden: The caller is no administrator.
        NotFound: There is no such host.
    """
    service = call.administration()
    body = read_body(ActionBody, call.request.body)
    return service.drain(name, body.request_id)


@app.route("/hosts/<name>/undrain", methods=["POST"], body=ActionBody)
def undrain_host(call: Call, name: str) -> HostDone:
    """Let a host take terminals again.

    Raises:
        Forbidden: The caller is no administrator.
        NotFound: There is no such host.
        Conflict: It drains by the settings, too, which only a deployment changes.
    """
    service = call.administration()
    body = read_body(ActionBody, call.request.body)
    return service.undrain(name, body.request_id)


@app.route("/jobs", query=JobsQuery)
def list_jobs(call: Call) -> AdminJobs:
    """List all users' jobs, the newest first.

    They are those that were submitted through this instance.

    Raises:
        Forbidden: The caller is no administrator.
    """
    service = call.administration()
    query = read_query(JobsQuery, call.request.query)
    wanted = JobsFilter(query.days, query.user, query.kind, query.search)
    return service.list_jobs(wanted, limit=query.limit, offset=query.offset)


@app.route("/audit", query=AuditQuery)
def list_audit(call: Call) -> AuditPage:
    """List what administrators did, the newest first.

    Raises:
        Forbidden: The caller is no administrator.
    """
    service = call.administration()
    query = read_query(AuditQuery, call.request.query)
    wanted = AuditFilter(query.days, query.by, query.action, query.target)
    return service.list_audit(wanted, limit=query.limit, offset=query.offset)
