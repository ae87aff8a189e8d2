"""What administrators get (docs/architecture.md §5.3)."""

from typing import Literal, NotRequired, TypedDict

from iptweb.terminals.states import Status

__all__ = [
    "AdminHost",
    "AdminHosts",
    "AdminJob",
    "AdminJobs",
    "AdminTerminal",
    "AdminTerminals",
    "AuditEntry",
    "AuditPage",
    "HostDone",
    "RecordDone",
    "TerminalDone",
]


class _AnyTerminal(TypedDict):
    """A user's terminal, without the address, which is its user's alone.

    Attributes:
        name: `<user>-<instance>-IPT`.
        user: Whose it is.
        status: As in the function `terminal`.
        reason: Why it failed or ended, for a person.
        host: Where it runs or may still run; empty where it does not.
        launch: Which start it comes from; STOP and RESTART take it.
        since: When it came into this status, ISO 8601.
        queued: When its place in line was taken; empty where it has none.
        position: Which one in line it is, where that is known.
        message: The sentence for its user.
    """

    name: str
    user: str
    status: Status
    reason: str
    host: str
    launch: str
    since: str
    queued: str
    position: NotRequired[int]
    message: str


class AdminTerminal(_AnyTerminal):
    """A user's terminal in the list of all.

    Attributes:
        age_s: Seconds since it came up, or since its start began; null where it is
            neither.
        state_s: Seconds since it came into its status; null where that is not known.
        idle_s: Seconds since it was last used; null where that was not asked for, or
            its server does not tell.
        can_delete: Whether nothing runs, or may run, behind its record.
    """

    age_s: int | None
    state_s: int | None
    idle_s: int | None
    can_delete: bool


class AdminTerminals(TypedDict):
    """One page of all users' terminals.

    Attributes:
        terminals: The page.
        total: How many fit the query.
        limit: Of the query.
        offset: Of the query.
        counts: How many terminals of the whole instance are in each status.
    """

    terminals: list[AdminTerminal]
    total: int
    limit: int
    offset: int
    counts: dict[str, int]


class TerminalDone(_AnyTerminal):
    """A user's terminal after an action.

    Attributes:
        audit_id: `id` of the action in the audit record.
    """

    audit_id: str


class RecordDone(TypedDict):
    """What became of a record.

    Attributes:
        user: Whose it was.
        deleted: False where there was none.
        audit_id: `id` of the action in the audit record.
    """

    user: str
    deleted: bool
    audit_id: str


class AdminHost(TypedDict):
    """A host of terminals; it was not asked, so the numbers are the records'.

    Attributes:
        name: Of the settings; `this-machine` where there are no execution hosts.
        capacity: Most terminals on it; null for no limit.
        terminals: How many run on it, or are being started.
        drained: Whether it takes no new terminals.
        drained_by: Which administrator drains it; empty where nobody does.
        drained_since: Since when, ISO 8601.
        drained_in_settings: Whether it drains by the settings, which only a deployment
            changes.
    """

    name: str
    capacity: int | None
    terminals: int
    drained: bool
    drained_by: str
    drained_since: str
    drained_in_settings: bool


class AdminHosts(TypedDict):
    """All hosts of terminals.

    Attributes:
        hosts: As the settings have them.
    """

    hosts: list[AdminHost]


class HostDone(AdminHost):
    """A host after an action.

    Attributes:
        audit_id: `id` of the action in the audit record.
    """

    audit_id: str


class AdminJob(TypedDict):
    """A job that somebody submitted through this instance.

    Attributes:
        id: Of the job.
        user: Who submitted it.
        name: Of the job.
        kind: `compile`, `run`, `build-run` or `compare`.
        created: When it was submitted, ISO 8601.
        status: Of the platform; null where the service may not read the job, or its
            user removed it.
        system: Where it runs; empty where that is not known.
        system_label: The same for people.
        started: When it began to run; empty where it did not, or that is not known.
        ended: When it ended; empty in the same cases.
        exit_code: Of the program, where the platform tells.
    """

    id: str
    user: str
    name: str
    kind: str
    created: str
    status: str | None
    system: str
    system_label: str
    started: str
    ended: str
    exit_code: int | None


class AdminJobs(TypedDict):
    """One page of all users' jobs, the newest first.

    Attributes:
        jobs: The page.
        total: How many fit the query.
        limit: Of the query.
        offset: Of the query.
        days: Of the query.
        complete: Whether the platform told the status of every job of the page.
        source: Where the list is from, in a sentence.
    """

    jobs: list[AdminJob]
    total: int
    limit: int
    offset: int
    days: int
    complete: bool
    source: str


class AuditEntry(TypedDict):
    """One action of an administrator.

    Attributes:
        id: Of the entry.
        at: When it began, ISO 8601.
        by: Which administrator.
        action: `start`, `stop`, `sync`, `restart`, `delete-record`, `drain` or
            `undrain`.
        target: The user or the host.
        request_id: The administrator's own.
        ended: When it ended; empty where it was never seen to end.
        result: `unknown`: it is under way, or was cut off.
        code: Of the error, where it was refused or failed.
        message: The sentence of that error.
    """

    id: str
    at: str
    by: str
    action: str
    target: str
    request_id: str
    ended: str
    result: Literal["done", "refused", "failed", "unknown"]
    code: str
    message: str


class AuditPage(TypedDict):
    """One page of the audit record, the newest first.

    Attributes:
        entries: The page.
        total: How many fit the query.
        limit: Of the query.
        offset: Of the query.
        days: Of the query.
    """

    entries: list[AuditEntry]
    total: int
    limit: int
    offset: int
    days: int
