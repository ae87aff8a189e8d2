"""How records look to a caller: links, case, nothing private (A.4 to A.10)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from agave_local.clock import to_iso
from agave_local.records.store import Document
from agave_local.services.actors.naming import Naming

if TYPE_CHECKING:
    from agave_local.services.actors.workers import Worker

_ACTOR = (
    *("cronNextEx", "cronOn", "cronSchedule", "defaultEnvironment", "description"),
    *("gid", "hints", "id", "image", "link", "logEx", "maxCpus", "maxWorkers"),
    *("memLimit", "name", "owner", "privileged", "queue", "revision", "state"),
    *("stateless", "status", "statusMessage", "tasdir", "token", "type", "uid"),
    *("useContainerUid", "webhook"),
)
_NONCE = (
    *("actorId", "currentUses", "description", "id", "level", "maxUses"),
    *("owner", "remainingUses", "roles"),
)
_CONFIG = ("actors", "isSecret", "name", "value")
_ALIAS = ("actorId", "alias", "owner")
# What Abaco says of a worker's host; there is one, and nobody else's business.
_HOST = {
    "hostId": "0",
    "hostIp": "127.0.0.1",
    "location": "unix://var/run/docker.sock",
}


class Display:
    """Writes records as Abaco answers them.

    Args:
        base_url: of the tenant.
        code: of the tenant.
        naming: how fields are written.
        mounts: that every actor has.
    """

    def __init__(
        self,
        base_url: str,
        code: str,
        naming: Naming = Naming.CAMEL,
        mounts: Sequence[Mapping[str, str]] = (),
    ) -> None:
        self.base_url = base_url
        self.code = code
        self.naming = naming
        self._mounts = [dict(mount) for mount in mounts]

    def actor(
        self, actor: Document, *, fresh: Collection[str] = (), nulls: bool = False
    ) -> dict[str, Any]:
        """Return an actor.

        Args:
            actor: its record.
            fresh: names of times that were set just now.
            nulls: whether fields without a value are shown in either case.
        """
        times = {"createTime": actor["created"], "lastUpdateTime": actor["updated"]}
        shown = {
            **self.actor_fields(actor),
            **{
                n: (to_fresh_iso if n in fresh else to_iso)(t) for n, t in times.items()
            },
            "_links": {
                "executions": self._at(actor["id"], "executions"),
                "owner": self._profile(actor["owner"]),
                "self": self._at(actor["id"]),
            },
        }
        return self.naming.show(shown, nulls=nulls)

    def actor_fields(self, actor: Document) -> dict[str, Any]:
        """Return the fields of an actor, without times and links, in camel case."""
        return {**_pick(actor, _ACTOR), "mounts": self._mounts}

    def mailbox(self, actor: Document, **fields: Any) -> dict[str, Any]:
        """Return what there is to say about an actor's mailbox."""
        links = {
            "owner": self._profile(actor["owner"]),
            "self": self._at(actor["id"], "messages"),
        }
        return {**fields, "_links": links}

    def message(self, actor: Document, execution_id: str, said: Any) -> dict[str, Any]:
        """Return the receipt of a message."""
        shown = {
            "executionId": execution_id,
            "msg": said,
            "_links": {
                "messages": self._at(actor["id"], "messages"),
                "owner": self._profile(actor["owner"]),
                "self": self._at(actor["id"], "executions", execution_id),
            },
        }
        return self.naming.show(shown, nulls=True)

    def execution(self, actor: Document, record: Document) -> dict[str, Any]:
        """Return an execution."""
        home = ("executions", record["id"])
        shown = {
            **self.execution_fields(actor["id"], record),
            "apiServer": self.base_url,
            "_links": {
                "logs": self._at(actor["id"], *home, "logs"),
                "owner": self._profile(actor["owner"]),
                "self": self._at(actor["id"], *home),
            },
        }
        return self.naming.show(shown)

    def execution_fields(self, actor_id: str, record: Document) -> dict[str, Any]:
        """Return the fields of an execution, without links, in camel case."""
        return {
            "actorId": actor_id,
            "cpu": record.get("cpu", 0),
            "executor": record["executor"],
            "exitCode": record.get("exitCode"),
            "finalState": _final_state(record),
            "finishTime": _iso(record.get("finished")),
            "id": record["id"],
            "io": record.get("io", 0),
            "messageReceivedTime": to_iso(record["received"]),
            "runtime": runtime(record),
            "startTime": _iso(record.get("started")),
            "status": record["status"],
            "workerId": record.get("workerId"),
        }

    def executions(
        self, actor: Document, records: list[Document], totals: Mapping[str, int]
    ) -> dict[str, Any]:
        """Return the summary of an actor's executions.

        Args:
            actor: their actor.
            records: those that are listed.
            totals: of those and all others that the caller may read.
        """
        shown = {
            "actorId": actor["id"],
            "apiServer": self.base_url,
            "owner": actor["owner"],
            "totalExecutions": totals["count"],
            "totalCpu": totals["cpu"],
            "totalIo": totals["io"],
            "totalRuntime": totals["runtime"],
            "executions": [self._line(record) for record in records],
            "_links": {
                "owner": self._profile(actor["owner"]),
                "self": self._at(actor["id"], "executions"),
            },
        }
        return self.naming.show(shown, nulls=True)

    def _line(self, record: Document) -> dict[str, Any]:
        line = {
            "id": record["id"],
            "status": record["status"],
            "startTime": http_date(record.get("started")),
            "finishTime": http_date(record.get("finished")),
            "messageReceivedTime": http_date(record["received"]),
        }
        return self.naming.show(line, nulls=True)

    def log(self, actor: Document, execution_id: str, text: str) -> dict[str, Any]:
        """Return the log of an execution."""
        home = ("executions", execution_id)
        return {
            "logs": text,
            "_links": {
                "execution": self._at(actor["id"], *home),
                "owner": self._profile(actor["owner"]),
                "self": self._at(actor["id"], *home, "logs"),
            },
        }

    def alias(self, record: Document) -> dict[str, Any]:
        """Return an alias."""
        shown = {
            **_pick(record, _ALIAS),
            "_links": {
                "actor": self._at(record["actorId"]),
                "owner": self._profile(record["owner"]),
                "self": self._at("aliases", record["alias"]),
            },
        }
        return self.naming.show(shown)

    def deleted_alias(self, record: Document) -> str:
        """Return Abaco's sentence about an alias that is gone."""
        shown = {
            "tenant": self.code,
            "alias_id": f"{self.code}_{record['alias']}",
            "alias": record["alias"],
            "actor_id": record["actorId"],
            "db_id": f"{self.code}_{record['actorId']}",
            "owner": record["owner"],
            "api_server": self.base_url,
        }
        return f"Alias {shown} deleted successfully."

    def nonce(self, nonce: Document, *, fresh: bool = False) -> dict[str, Any]:
        """Return a nonce; one of an alias links to no actor, as Abaco has it.

        Args:
            nonce: its record.
            fresh: whether it was made just now.
        """
        actor = str(nonce.get("actorId"))
        shown = {
            **_pick(nonce, _NONCE),
            "apiServer": self.base_url,
            "createTime": (to_fresh_iso if fresh else to_iso)(nonce["created"]),
            "lastUseTime": _iso(nonce["used"]) or "None",
            "_links": {
                "actor": self._at(actor),
                "owner": self._profile(nonce["owner"]),
                "self": self._at(actor, "nonces", nonce["id"]),
            },
        }
        if "alias" in nonce:
            shown["alias"] = nonce["alias"]
        return self.naming.show(shown)

    def config(self, config: Document, *, value: bool = True) -> dict[str, Any]:
        """Return a config, a secret one with its ciphertext.

        Args:
            config: to show.
            value: whether the caller may read its value.
        """
        shown = _pick(config, _CONFIG)
        if not value:
            del shown["value"]
        return self.naming.show(shown)

    def worker(self, worker: "Worker") -> dict[str, Any]:
        """Return a worker."""
        shown = {
            **self.worker_fields(worker),
            "createTime": to_iso(worker.created),
            "lastExecutionTime": _iso(worker.last_execution) or "None",
            "lastHealthCheckTime": to_iso(worker.checked),
        }
        return self.naming.show(shown)

    def worker_fields(self, worker: "Worker") -> dict[str, Any]:
        """Return the fields of a worker, without times, in camel case."""
        return {
            **_HOST,
            "chName": f"worker_{worker.id}",
            "cid": worker.cid,
            "id": worker.id,
            "image": worker.image,
            "status": worker.status,
            "tenant": self.code,
        }

    def _at(self, *parts: str) -> str:
        return "/".join((self.base_url, "actors/v2", *parts))

    def _profile(self, username: str) -> str:
        return f"{self.base_url}/profiles/v2/{username}"


def to_fresh_iso(seconds: float) -> str:
    """Write a time as Abaco does before it has stored it: to the microsecond.

    Stored times have milliseconds and a zone, fresh ones neither (spec: Abaco, A.4).
    """
    written = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.%f}"
    return f"{written[:-3]}Z" if written.endswith("000") else written


def http_date(seconds: float | None) -> str | None:
    """Write a time as HTTP does, which is how Abaco's summaries have it."""
    return None if seconds is None else formatdate(seconds, usegmt=True)


def runtime(record: Mapping[str, Any]) -> int:
    """Return how many whole seconds an execution took."""
    started, finished = record.get("started"), record.get("finished")
    return 0 if started is None or finished is None else int(finished - started)


def _pick(record: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: record.get(name) for name in names}


def _iso(seconds: float | None) -> str | None:
    return None if seconds is None else to_iso(seconds)


def _final_state(record: Document) -> dict[str, Any] | None:
    """Return the state that a container would have been left in."""
    if record.get("started") is None or record.get("finished") is None:
        return None
    if record.get("state"):
        state: dict[str, Any] = record["state"]
        return state | {"Error": state.get("Error") or record["error"] or ""}
    return {
        "Status": "exited",
        "Running": False,
        "Paused": False,
        "Restarting": False,
        "OOMKilled": False,
        "Dead": False,
        "Pid": 0,
        "ExitCode": record["exitCode"],
        "Error": record["error"] or "",
        "StartedAt": to_iso(record["started"]),
        "FinishedAt": to_iso(record["finished"]),
    }
