"""What a system's description must say, and what of it is secret."""

import re
from collections.abc import Mapping
from typing import Any

from agave_local.errors import BadRequest
from agave_local.records.store import Document
from agave_local.services.systems.auth import read_auth
from agave_local.services.systems.fields import (
    check_choice,
    check_count,
    check_host,
    check_host_key,
    check_memory,
    check_path,
    check_port,
    check_switch,
    check_text,
    check_texts,
    check_time,
    pick,
    read_part,
)

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{2,63}")
_STORAGE_PROTOCOLS = frozenset(
    (
        "SFTP",
        "FTP",
        "GRIDFTP",
        "IRODS",
        "IRODS4",
        "S3",
        "AZURE",
        "SWIFT",
        "LOCAL",
        "HTTP",
        "HTTPS",
    )
)
_LOGIN_PROTOCOLS = frozenset(("SSH", "GSISSH", "LOCAL", "API"))
_STATUSES = frozenset(("UP", "DOWN", "MAINTENANCE", "UNKNOWN"))
_EXECUTION_TYPES = frozenset(("HPC", "CONDOR", "CLI"))
_SCHEDULERS = frozenset(
    (
        "SLURM",
        "SGE",
        "PBS",
        "TORQUE",
        "MOAB",
        "LSF",
        "LOADLEVELER",
        "CONDOR",
        "FORK",
        "COBALT",
        "CUSTOM_SLURM",
        "CUSTOM_SGE",
        "CUSTOM_PBS",
        "CUSTOM_TORQUE",
        "CUSTOM_MOAB",
        "CUSTOM_LSF",
        "CUSTOM_LOADLEVELER",
        "CUSTOM_CONDOR",
        "CUSTOM_GRIDENGINE",
        "UNKNOWN",
    )
)
_EXECUTION_ONLY = frozenset(
    (
        "login",
        "executionType",
        "scheduler",
        "queues",
        "workDir",
        "scratchDir",
        "environment",
        "startupScript",
        "maxSystemJobs",
        "maxSystemJobsPerUser",
    )
)
_TOP = _EXECUTION_ONLY | {
    "id",
    "name",
    "type",
    "description",
    "site",
    "status",
    "storage",
    "available",
}
# `hostKey` is ours: the one public key that the machine may show over SSH.
_CONNECTION = ("host", "port", "protocol", "proxy", "auth", "hostKey")
_STORAGE = frozenset(
    (
        *_CONNECTION,
        "rootDir",
        "homeDir",
        "publicAppsDir",
        "mirror",
        "zone",
        "resource",
        "container",
    )
)
_LOGIN = frozenset(_CONNECTION)
_PROXY = frozenset(("name", "host", "port"))
_QUEUE_COUNTS = ("maxJobs", "maxUserJobs", "maxNodes", "maxProcessorsPerNode")
_QUEUE_TEXTS = ("description", "mappedName", "customDirectives")
_QUEUE = frozenset(
    (
        "name",
        "default",
        "maxMemoryPerNode",
        "maxRequestedTime",
        *_QUEUE_COUNTS,
        *_QUEUE_TEXTS,
    )
)
_MOST_QUEUES = 100


def read_description(body: Mapping[str, Any]) -> tuple[Document, Document]:
    """Check a system's description, and part it from the secrets in it.

    Fields that only the tenant sets (owner, uuid, public …) are left out, and so are
    fields that nobody knows.

    Returns:
        The description whose `auth` says only the type and server, and the secrets
        by the part (`storage`, `login`) that held them.

    Raises:
        BadRequest: naming the field and the rule.
    """
    system = pick(dict(body), _TOP)
    if not _ID.fullmatch(check_text(system, "id")):
        raise BadRequest(
            "id has 3 to 64 letters, digits, dots and hyphens, "
            "and begins with a letter or digit."
        )
    check_text(system, "name")
    check_texts(system, ("description", "site"))
    check_choice(system, "type", frozenset(("STORAGE", "EXECUTION")))
    check_choice(system, "status", _STATUSES, default="UP")
    check_switch(system, "available")
    secrets: Document = {}
    system["storage"] = _read_storage(read_part(system, "storage"), secrets)
    if system["type"] == "EXECUTION":
        _read_execution(system, secrets)
    else:
        system = {
            field: value
            for field, value in system.items()
            if field not in _EXECUTION_ONLY
        }
    return system, secrets


def _read_storage(storage: Document, secrets: Document) -> Document:
    storage = pick(storage, _STORAGE)
    _read_connection(storage, "storage", _STORAGE_PROTOCOLS, secrets)
    for field in ("rootDir", "homeDir"):
        storage.setdefault(field, "/")
        check_text(storage, field, "storage.")
    for field in ("rootDir", "homeDir", "publicAppsDir"):
        check_path(storage, field, "storage.")
    check_switch(storage, "mirror", "storage.")
    check_texts(storage, ("zone", "resource", "container"), "storage.")
    return storage


def _read_execution(system: Document, secrets: Document) -> None:
    check_choice(system, "executionType", _EXECUTION_TYPES)
    check_choice(system, "scheduler", _SCHEDULERS)
    login = pick(read_part(system, "login"), _LOGIN)
    _read_connection(login, "login", _LOGIN_PROTOCOLS, secrets)
    system["login"] = login
    queues = system.get("queues")
    if not isinstance(queues, list) or not queues:
        raise BadRequest("queues is a list of at least one queue.")
    if len(queues) > _MOST_QUEUES:
        raise BadRequest(f"queues has at most {_MOST_QUEUES} queues.")
    system["queues"] = [_read_queue(queue, i) for i, queue in enumerate(queues)]
    if len({queue["name"] for queue in system["queues"]}) < len(queues):
        raise BadRequest("queues: two of them have the same name.")
    for field in ("maxSystemJobs", "maxSystemJobsPerUser"):
        check_count(system, field)
    for field in ("workDir", "scratchDir", "startupScript"):
        check_path(system, field)
    check_texts(system, ("environment",))


def _read_connection(
    part: Document, name: str, protocols: frozenset[str], secrets: Document
) -> None:
    within = f"{name}."
    check_choice(part, "protocol", protocols, within)
    check_host(part, "host", within)
    check_port(part, within)
    check_host_key(part, "hostKey", within)
    if "proxy" in part:
        proxy = pick(read_part(part, "proxy", within), _PROXY)
        check_host(proxy, "host", f"{within}proxy.")
        check_texts(proxy, ("name",), f"{within}proxy.")
        check_port(proxy, f"{within}proxy.")
        part["proxy"] = proxy
    if "auth" in part:
        auth = read_auth(read_part(part, "auth", within), f"{within}auth.")
        part["auth"] = auth.shown
        if auth.secrets:
            secrets[name] = auth.secrets


def _read_queue(queue: object, place: int) -> Document:
    within = f"queues[{place}]."
    if not isinstance(queue, dict):
        raise BadRequest(f"queues[{place}] is an object.")
    queue = pick(queue, _QUEUE)
    check_text(queue, "name", within)
    check_switch(queue, "default", within, default=False)
    for field in _QUEUE_COUNTS:
        check_count(queue, field, within)
    check_texts(queue, _QUEUE_TEXTS, within)
    check_memory(queue, "maxMemoryPerNode", within)
    check_time(queue, "maxRequestedTime", within)
    return queue
