"""An actor's description: what a caller may say about it (spec: Abaco, A.4)."""

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request

from agave_local.call import Identity
from agave_local.errors import BadRequest
from agave_local.services.actors.errors import Unrecognized
from agave_local.services.actors.fields import (
    Field,
    boolean,
    integer,
    mapping,
    read_fields,
    text,
    texts,
)
from agave_local.services.actors.naming import Naming

PREFIX = "Invalid actor description"
PRIVILEGED_ROLES = frozenset({"Internal/abaco-admin", "Internal/abaco-privileged"})
LOG_EXPIRY_LIMIT_S = 3_000_000
_QUEUES = ("default", "special")
_TYPES = ("none", "bin", "json")
_FORBIDDEN_IN_HINTS = "\"'{}[]"

FIELDS = (
    Field(
        "image",
        text,
        "Reference to image on docker hub for this actor.",
        required=True,
    ),
    Field("name", text, "Name of this actor for people."),
    Field("stateless", boolean, "Whether this actor keeps no state.", default=True),
    Field("type", text, "What this actor returns: none, bin or json.", default="none"),
    Field("link", text, "Actor that gets the events of this actor.", default=""),
    Field("webhook", text, "URL that gets the events of this actor.", default=""),
    # Left out, Abaco fills in its configuration's text, not a truth value.
    Field("token", boolean, "Whether this actor gets a token.", default="false"),
    Field("hints", texts, "Tags of this actor; some have a meaning.", default=[]),
    Field("description", text, "What this actor is for.", default=""),
    Field("privileged", boolean, "Whether it runs privileged.", default=False),
    Field("maxWorkers", integer, "How many workers it may have at once."),
    Field("memLimit", text, "Memory it may use, as docker writes it."),
    Field("maxCpus", integer, "Processors it may use, in billionths."),
    Field(
        "useContainerUid",
        boolean,
        "Whether it runs as the user of its image.",
        default=False,
    ),
    Field("defaultEnvironment", mapping, "Variables of each execution.", default={}),
    Field("queue", text, "Command queue of this actor.", default="default"),
    Field("logEx", integer, "Seconds after which its logs expire."),
    Field("cronSchedule", text, "yyyy-mm-dd hh + number and unit of time."),
    Field("cronOn", boolean, "Whether the schedule is followed.", default=False),
    Field("force", boolean, "Whether the image is pulled again.", default=False),
)
_PRIVILEGED = (
    ("privileged", "make privileged actors"),
    ("maxWorkers", "set max workers"),
    ("maxCpus", "set max CPUs"),
    ("memLimit", "set mem limit"),
    ("queue", "set queue"),
    ("useContainerUid", "use container uid"),
)


def read_description(
    request: Request,
    identity: Identity,
    naming: Naming = Naming.CAMEL,
    *,
    changes: bool = False,
) -> dict[str, Any]:
    """Return the description of a request, checked.

    Args:
        request: with the description.
        identity: who sent it.
        naming: how callers write the fields' names.
        changes: whether it is of an actor that is there already.

    Raises:
        BadRequest: for what Abaco refuses, in its words.
        Unrecognized: for a queue or a hint that a change cannot have, as Abaco does.
    """
    described = read_fields(request, FIELDS, prefix=PREFIX, naming=naming)
    _check_privileges(described, identity)
    _check_parsed(described, changes=changes)
    _check_values(described, naming)
    if described["logEx"] is not None:
        described["logEx"] = min(described["logEx"], LOG_EXPIRY_LIMIT_S)
    return described


def _check_privileges(described: Mapping[str, Any], identity: Identity) -> None:
    if identity.roles & PRIVILEGED_ROLES:
        return
    defaults = {field.name: field.default for field in FIELDS}
    for name, what in _PRIVILEGED:
        if described[name] != defaults[name]:
            raise BadRequest(
                f"Not authorized -- only admins and privileged users can {what}."
            )


def _check_parsed(described: Mapping[str, Any], *, changes: bool) -> None:
    """Check what Abaco checks while it parses, and answers for a change by a 500."""
    wrong = _unparsable(described)
    if wrong is None:
        return
    whole = f"400 Bad Request: {wrong}"
    if changes:
        raise Unrecognized("werkzeug.exceptions.BadRequest", whole)
    raise BadRequest(f"{PREFIX}: Unable to process the JSON description.: {whole}")


def _unparsable(described: Mapping[str, Any]) -> str | None:
    if described["queue"] not in _QUEUES:
        return "Invalid queue name."
    for character in "".join(described["hints"]):
        if character in _FORBIDDEN_IN_HINTS:
            return (
                "Hints must be simple stings or numbers, "
                f"no lists or dicts. Error character: {character}"
            )
    return None


def _check_values(described: Mapping[str, Any], naming: Naming) -> None:
    if described["type"] not in _TYPES:
        raise _wrong("type", naming)
    if described["maxWorkers"] is not None:
        if not described["stateless"]:
            raise BadRequest(f"{PREFIX}: stateful actors can only have 1 worker.")
        if described["maxWorkers"] < 1:
            raise _wrong("maxWorkers", naming)
    if described["maxCpus"] is not None and described["maxCpus"] < 1:
        raise _wrong("maxCpus", naming)
    memory_limit(described["memLimit"], naming)


def memory_limit(written: str | None, naming: Naming = Naming.CAMEL) -> int | None:
    """Return docker's notation of a memory size in bytes, 0 for no limit.

    Args:
        written: such as `512m`; `-1` for no limit.
        naming: how callers write the fields' names.

    Raises:
        BadRequest: where it is none.
    """
    if written is None:
        return None
    if written == "-1":
        return 0
    size = str(written).lower()
    unit = {"b": 0, "k": 1, "m": 2, "g": 3}.get(size[-1:])
    number = size if unit is None else size[:-1]
    if not (number.isascii() and number.isdigit()):
        raise _wrong("memLimit", naming)
    factor: int = 1024 ** (unit or 0)
    return int(number[:18]) * factor


def _wrong(name: str, naming: Naming) -> BadRequest:
    about = next(field.about for field in FIELDS if field.name == name)
    return BadRequest(f"{PREFIX}: { {naming.write(name): about} }")
