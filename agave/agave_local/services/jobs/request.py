"""A job request, checked against its app, its system and its queue."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agave_local.errors import BadRequest
from agave_local.records.store import Document
from agave_local.services.jobs.quantities import (
    read_count,
    read_flag,
    read_memory,
    read_time,
    to_time,
)
from agave_local.services.jobs.values import Values, read_values

_MOST_NAME = 128
_MOST_TEXT = 4096
# What is kept of a request, to be submitted once more; nobody else has a use for more.
FIELDS = (
    "name",
    "appId",
    "inputs",
    "parameters",
    "batchQueue",
    "nodeCount",
    "processorsPerNode",
    "memoryPerNode",
    "maxRunTime",
    "archive",
    "archiveSystem",
    "archivePath",
    "notifications",
)
DEFAULT_SECONDS = 3600
_UNLIMITED = -1


@dataclass(frozen=True)
class JobRequest:
    """What is to run, where, and for how long.

    Attributes:
        name: as the caller wrote it.
        inputs: addresses by input.
        parameters: values by parameter.
        queue: its name.
        nodes: number of nodes.
        processors: number on each node.
        memory: on each node in GB; None where nobody set a limit.
        seconds: of run time.
        archive: whether outputs go to a storage system.
        archive_system: its id; None for the owner's default.
        archive_path: with macros; None for the usual place.
    """

    name: str
    inputs: Values
    parameters: Values
    queue: str
    nodes: int
    processors: int
    memory: float | None
    seconds: int
    archive: bool
    archive_system: str | None
    archive_path: str | None


def read_request(
    body: Mapping[str, Any], app: Document, system: Document
) -> JobRequest:
    """Check a job request.

    Args:
        body: of the request.
        app: that it names.
        system: where the app runs.

    Raises:
        BadRequest: naming the field that is wrong.
    """
    queue = _find_queue(body.get("batchQueue") or app.get("defaultQueue"), system)
    nodes = _count(body, app, "nodeCount", "defaultNodeCount")
    processors = _count(body, app, "processorsPerNode", "defaultProcessorsPerNode")
    _check_most(nodes, queue.get("maxNodes"), "nodeCount", queue)
    most_processors = queue.get("maxProcessorsPerNode")
    _check_most(processors, most_processors, "processorsPerNode", queue)
    return JobRequest(
        name=_read_name(body.get("name")),
        inputs=read_values(app["inputs"], body.get("inputs"), "inputs"),
        parameters=read_values(app["parameters"], body.get("parameters"), "parameters"),
        queue=str(queue["name"]),
        nodes=nodes,
        processors=processors,
        memory=_memory(body, app, queue),
        seconds=_seconds(body, app, queue),
        archive=_archive(body),
        archive_system=_text(body, "archiveSystem"),
        archive_path=_text(body, "archivePath"),
    )


def _read_name(name: object) -> str:
    if (
        not isinstance(name, str)
        or not name.strip()
        or len(name) > _MOST_NAME
        or not name.isprintable()
    ):
        raise BadRequest(
            f"`name` must be given, with at most {_MOST_NAME} printable characters."
        )
    return name


def _archive(body: Mapping[str, Any]) -> bool:
    value = body.get("archive")
    return True if value in (None, "") else read_flag(value, "archive")


def _text(body: Mapping[str, Any], field: str) -> str | None:
    value = body.get(field)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > _MOST_TEXT:
        raise BadRequest(f"`{field}` must be a text of at most {_MOST_TEXT} letters.")
    return value


def _find_queue(name: object, system: Document) -> Document:
    queues: list[Document] = system["queues"]
    if name in (None, ""):
        default = [queue for queue in queues if queue.get("default")]
        return (default or queues)[0]
    for queue in queues:
        if queue["name"] == name:
            return queue
    names = ", ".join(str(queue["name"]) for queue in queues)
    raise BadRequest(f"`batchQueue` must be a queue of {system['id']}: {names}.")


def _count(body: Mapping[str, Any], app: Document, field: str, default: str) -> int:
    value = body.get(field)
    if value in (None, ""):
        value = app.get(default, 1)
    return read_count(value, field)


def _check_most(value: float, most: object, field: str, queue: Document) -> None:
    if not isinstance(most, int | float) or most == _UNLIMITED:
        return
    if value > most:
        raise BadRequest(f"`{field}` is at most {most:g} in the queue {queue['name']}.")


def _memory(body: Mapping[str, Any], app: Document, queue: Document) -> float | None:
    value = body.get("memoryPerNode") or app.get("defaultMemoryPerNode")
    if value == _UNLIMITED:
        value = None
    limit = queue.get("maxMemoryPerNode")
    most = (
        None
        if limit in (None, "", _UNLIMITED)
        else read_memory(limit, "maxMemoryPerNode")
    )
    if value is None:
        return most
    amount = read_memory(value, "memoryPerNode")
    _check_most(amount, most, "memoryPerNode", queue)
    return amount


def _seconds(body: Mapping[str, Any], app: Document, queue: Document) -> int:
    limit = queue.get("maxRequestedTime")
    most = read_time(limit, "maxRequestedTime") if limit else None
    asked = body.get("maxRunTime")
    if not asked:
        default = app.get("defaultMaxRunTime")
        usual = read_time(default, "defaultMaxRunTime") if default else DEFAULT_SECONDS
        return usual if most is None else min(usual, most)
    seconds = read_time(asked, "maxRunTime")
    if most is not None and seconds > most:
        raise BadRequest(
            f"`maxRunTime` is at most {to_time(most)} in the queue {queue['name']}."
        )
    return seconds
