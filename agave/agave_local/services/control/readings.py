"""What a tenant tells of itself when somebody reads the numbers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agave_local.entrance.metrics import Reading
from agave_local.records.tables import summed

if TYPE_CHECKING:
    from agave_local.tenant import Tenant

_EXECUTION, _JOB = "actors.execution", "job"
_FILES = ("tenant.sqlite", "tenant.sqlite-wal", "tenant.sqlite-shm")
_EXECUTIONS_HELP = "Executions in the records, by status; SUBMITTED ones are queued."


def read_tenant(tenant: "Tenant") -> Iterator[Reading]:
    """Return the numbers of a tenant."""
    yield Reading("ready", "Whether the tenant answers calls.", float(tenant.is_ready))
    executions = tenant.actors.executions
    yield Reading(
        "messages_accepted",
        "Messages of actors accepted.",
        executions.accepted.value,
        only_grows=True,
    )
    yield Reading(
        "messages_finished",
        "Executions that ended, one for each message.",
        executions.finished.value,
        only_grows=True,
    )
    for status, number in tenant.store.rows(_EXECUTION, summed(by="status")):
        labels = {"status": str(status)}
        yield Reading("executions", _EXECUTIONS_HELP, number, labels)
    for status, number in tenant.store.rows(_JOB, summed(by="status")):
        labels = {"status": str(status)}
        yield Reading("jobs", "Jobs in the records, by status.", number, labels)
    yield Reading("store_bytes", "Size of the records on disk.", _size(tenant))


def _size(tenant: "Tenant") -> int:
    paths = (tenant.settings.data / name for name in _FILES)
    return sum(path.stat().st_size for path in paths if path.exists())
