"""How records look to a caller: camel case, links, nothing private (A.4 to A.10)."""

from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

from agave_local.clock import to_iso
from agave_local.store import Document

_ACTOR = (
    *("cronOn", "cronSchedule", "defaultEnvironment", "description", "hints", "id"),
    *("image", "link", "logEx", "maxCpus", "maxWorkers", "memLimit", "name", "owner"),
    *("privileged", "queue", "revision", "state", "stateless", "status"),
    *("statusMessage", "token", "type", "useContainerUid", "webhook"),
)
_NONCE = (
    *("actorId", "alias", "currentUses", "description", "id", "level", "maxUses"),
    *("owner", "remainingUses", "roles"),
)
_CONFIG = ("actors", "isSecret", "name", "value")


class Display:
    """Writes records as Abaco answers them.

    Args:
        base_url: of the tenant.
        code: of the tenant.
    """

    def __init__(self, base_url: str, code: str) -> None:
        self.base_url = base_url
        self._code = code

    def actor(self, actor: Document) -> dict[str, Any]:
        """Return an actor; fields without a value are left out."""
        return {
            **_present(actor, _ACTOR),
            "createTime": to_iso(actor["created"]),
            "lastUpdateTime": to_iso(actor["updated"]),
            "mounts": [],
            "_links": {
                "executions": self._at(actor["id"], "executions"),
                "owner": self._profile(actor["owner"]),
                "self": self._at(actor["id"]),
            },
        }

    def mailbox(self, actor: Document, **fields: Any) -> dict[str, Any]:
        """Return what there is to say about an actor's mailbox."""
        links = {
            "owner": self._profile(actor["owner"]),
            "self": self._at(actor["id"], "messages"),
        }
        return {**fields, "_links": links}

    def message(self, actor: Document, execution_id: str, said: Any) -> dict[str, Any]:
        """Return the receipt of a message."""
        return {
            "executionId": execution_id,
            "msg": said,
            "_links": {
                "messages": self._at(actor["id"], "messages"),
                "owner": self._profile(actor["owner"]),
                "self": self._at(actor["id"], "executions", execution_id),
            },
        }

    def execution(self, actor: Document, record: Document) -> dict[str, Any]:
        """Return an execution; what is not known yet is left out."""
        home = ("executions", record["id"])
        shown = {
            "actorId": actor["id"],
            "apiServer": self.base_url,
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
            "_links": {
                "logs": self._at(actor["id"], *home, "logs"),
                "owner": self._profile(actor["owner"]),
                "self": self._at(actor["id"], *home),
            },
        }
        return {name: value for name, value in shown.items() if value is not None}

    def executions(self, actor: Document, records: list[Document]) -> dict[str, Any]:
        """Return the summary of an actor's executions."""
        return {
            "actorId": actor["id"],
            "apiServer": self.base_url,
            "owner": actor["owner"],
            "totalExecutions": len(records),
            "totalCpu": sum(record.get("cpu", 0) for record in records),
            "totalIo": sum(record.get("io", 0) for record in records),
            "totalRuntime": sum(runtime(record) for record in records),
            "executions": [
                {
                    "id": record["id"],
                    "status": record["status"],
                    "startTime": _http_date(record.get("started")),
                    "finishTime": _http_date(record.get("finished")),
                    "messageReceivedTime": _http_date(record["received"]),
                }
                for record in records
            ],
            "_links": {
                "owner": self._profile(actor["owner"]),
                "self": self._at(actor["id"], "executions"),
            },
        }

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
        return {
            **_present(record, ("actorId", "alias", "owner")),
            "_links": {
                "actor": self._at(record["actorId"]),
                "owner": self._profile(record["owner"]),
                "self": self._at("aliases", record["alias"]),
            },
        }

    def deleted_alias(self, record: Document) -> str:
        """Return Abaco's sentence about an alias that is gone."""
        shown = {
            "tenant": self._code,
            "alias_id": f"{self._code}_{record['alias']}",
            "alias": record["alias"],
            "actor_id": record["actorId"],
            "db_id": f"{self._code}_{record['actorId']}",
            "owner": record["owner"],
            "api_server": self.base_url,
        }
        return f"Alias {shown} deleted successfully."

    def nonce(self, nonce: Document) -> dict[str, Any]:
        """Return a nonce; one of an alias links to no actor, as Abaco has it."""
        actor = str(nonce.get("actorId"))
        return {
            **_present(nonce, _NONCE),
            "apiServer": self.base_url,
            "createTime": to_iso(nonce["created"]),
            "lastUseTime": _iso(nonce["used"]) or "None",
            "_links": {
                "actor": self._at(actor),
                "owner": self._profile(nonce["owner"]),
                "self": self._at(actor, "nonces", nonce["id"]),
            },
        }

    def config(self, config: Document, *, value: bool = True) -> dict[str, Any]:
        """Return a config, a secret one with its ciphertext.

        Args:
            config: to show.
            value: whether the caller may read its value.
        """
        shown = _present(config, _CONFIG)
        if not value:
            del shown["value"]
        return shown

    def _at(self, *parts: str) -> str:
        return "/".join((self.base_url, "actors/v2", *parts))

    def _profile(self, username: str) -> str:
        return f"{self.base_url}/profiles/v2/{username}"


def runtime(record: Mapping[str, Any]) -> int:
    """Return how many whole seconds an execution took."""
    started, finished = record.get("started"), record.get("finished")
    return 0 if started is None or finished is None else int(finished - started)


def _present(record: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: record[name] for name in names if record.get(name) is not None}


def _iso(seconds: float | None) -> str | None:
    return None if seconds is None else to_iso(seconds)


def _http_date(seconds: float | None) -> str | None:
    return None if seconds is None else formatdate(seconds, usegmt=True)


def _final_state(record: Document) -> dict[str, Any] | None:
    """Return the state that a container would have been left in."""
    if record.get("started") is None or record.get("finished") is None:
        return None
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
