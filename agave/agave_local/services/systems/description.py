"""What a system's description must say, and what of it is secret."""

import re
from collections.abc import Mapping
from typing import Any

from agave_local.errors import BadRequest
from agave_local.store import Document

_PORTS = range(65536)
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
_TOP = frozenset(
    (
        "id",
        "name",
        "type",
        "description",
        "site",
        "status",
        "storage",
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
        "available",
    )
)
_SECRET = frozenset(("password", "publicKey", "privateKey", "credential", "username"))


def read_description(body: Mapping[str, Any]) -> Document:
    """Check a system's description.

    Fields that only the tenant sets (owner, uuid, public …) are left out.

    Raises:
        BadRequest: naming the field and the rule.
    """
    system = {field: value for field, value in body.items() if field in _TOP}
    identifier = _text(system, "id")
    if not _ID.fullmatch(identifier):
        raise BadRequest(
            "id has 3 to 64 letters, digits, dots and hyphens, "
            "and begins with a letter or digit."
        )
    _text(system, "name")
    for field in ("description", "site"):
        if system.get(field) is not None:
            _text(system, field, empty=True)
    _choose(system, "type", frozenset(("STORAGE", "EXECUTION")))
    _choose(system, "status", _STATUSES, default="UP")
    if not isinstance(system.get("available", True), bool):
        raise BadRequest("available is true or false.")
    system["storage"] = _read_storage(_part(system, "storage"))
    if system["type"] == "EXECUTION":
        _read_execution(system)
    return system


def take_secrets(description: Document) -> tuple[Document, Document]:
    """Part a checked description from the secrets in it.

    Returns:
        The description whose `auth` says only the type and server, and the secrets
        by the part (`storage`, `login`) that held them.
    """
    shown, secrets = dict(description), {}
    for part in ("storage", "login"):
        auth = shown.get(part, {}).get("auth")
        if auth is None:
            continue
        shown[part] = {
            **shown[part],
            "auth": {
                field: value
                for field, value in auth.items()
                if field in ("type", "server")
            },
        }
        hidden = {field: value for field, value in auth.items() if field in _SECRET}
        if hidden:
            secrets[part] = hidden
    return shown, secrets


def _read_storage(storage: Document) -> Document:
    _choose(storage, "protocol", _STORAGE_PROTOCOLS, within="storage.")
    _text(storage, "host", within="storage.")
    for field, default in (("rootDir", "/"), ("homeDir", "/")):
        storage.setdefault(field, default)
        path = _text(storage, field, within="storage.")
        if ".." in path.split("/") or not path.isprintable():
            raise BadRequest(f"storage.{field} is a plain path without `..`.")
    _check_port(storage, "storage.")
    _check_auth(storage, "storage.")
    return storage


def _read_execution(system: Document) -> None:
    _choose(system, "executionType", _EXECUTION_TYPES)
    _choose(system, "scheduler", _SCHEDULERS)
    login = _part(system, "login")
    _choose(login, "protocol", _LOGIN_PROTOCOLS, within="login.")
    _text(login, "host", within="login.")
    _check_port(login, "login.")
    _check_auth(login, "login.")
    system["login"] = login
    queues = system.get("queues")
    if not isinstance(queues, list) or not queues:
        raise BadRequest("queues is a list of at least one queue.")
    system["queues"] = [_read_queue(queue, i) for i, queue in enumerate(queues)]
    if len({queue["name"] for queue in system["queues"]}) < len(queues):
        raise BadRequest("queues: two of them have the same name.")
    for field in ("maxSystemJobs", "maxSystemJobsPerUser"):
        _check_count(system, field)


def _read_queue(queue: object, place: int) -> Document:
    within = f"queues[{place}]."
    if not isinstance(queue, dict):
        raise BadRequest(f"queues[{place}] is an object.")
    queue = dict(queue)
    _text(queue, "name", within=within)
    if not isinstance(queue.setdefault("default", False), bool):
        raise BadRequest(f"{within}default is true or false.")
    for field in ("maxJobs", "maxUserJobs", "maxNodes", "maxProcessorsPerNode"):
        _check_count(queue, field, within)
    return queue


def _part(system: Document, field: str) -> Document:
    part = system.get(field)
    if not isinstance(part, dict):
        raise BadRequest(f"{field} is an object.")
    return dict(part)


def _text(part: Document, field: str, *, within: str = "", empty: bool = False) -> str:
    value = part.get(field)
    if not isinstance(value, str) or not (empty or value.strip()) or "\0" in value:
        raise BadRequest(f"{within}{field} is a text and must be given.")
    return value


def _choose(
    part: Document,
    field: str,
    choices: frozenset[str],
    *,
    within: str = "",
    default: str | None = None,
) -> None:
    value = str(part.get(field, default)).upper()
    if value not in choices:
        raise BadRequest(f"{within}{field} is one of {', '.join(sorted(choices))}.")
    part[field] = value


def _check_count(part: Document, field: str, within: str = "") -> None:
    value = part.get(field)
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int) or value < -1:
        raise BadRequest(f"{within}{field} is a whole number.")


def _check_port(part: Document, within: str) -> None:
    port = part.get("port")
    if port is not None and (
        isinstance(port, bool) or not isinstance(port, int) or port not in _PORTS
    ):
        raise BadRequest(f"{within}port is a number from 0 to 65535.")


def _check_auth(part: Document, within: str) -> None:
    auth = part.get("auth")
    if auth is not None and not isinstance(auth, dict):
        raise BadRequest(f"{within}auth is an object.")
