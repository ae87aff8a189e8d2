"""The job that is an earlier one once more: the same files, the same line, new id."""

from collections.abc import Mapping
from typing import Any, Final

from iptweb.errors import Conflict

from .document import build_document
from .kinds import JobRequest
from .registry import Registry
from .repeat import to_request
from .request import read_job_request

__all__ = ["read_same_job"]

# What must be as it was.  Where the outputs go is told by the new request.
_SAME: Final = ("batchQueue", "nodeCount", "processorsPerNode", "maxRunTime")


def read_same_job(
    raw: Mapping[str, Any],
    request_id: Any,
    registry: Registry,
    *,
    user: str,
    storage_system: str,
    local: bool = False,
) -> JobRequest:
    """Return the job that would be the same once more.

    Args:
        raw: The earlier job, as Agave has it.
        request_id: Of the new one.
        registry: The systems of the instance.
        user: Whose jobs they are.
        storage_system: Where the home is.
        local: Whether the platform is on this machine alone.

    Raises:
        Conflict: The job is not one of ours, or would not be the same.
        BadRequest: What was possible then is so no longer; names the field.
    """
    fields = to_request(raw, registry, user=user, storage_system=storage_system)
    if fields is None:
        raise Conflict(
            "This job was not made by one of our forms, so it can't be made again here."
        )
    job = read_job_request(fields | {"request_id": request_id}, registry, local=local)
    again = build_document(job, user=user, storage_system=storage_system, now=0)
    if not _is_same(raw, again):
        raise Conflict(
            "The system has changed since, and this job would not be the same. Open it "
            "in its form, look it over, and submit it from there."
        )
    return job


def _is_same(raw: Mapping[str, Any], again: Mapping[str, Any]) -> bool:
    same = [name for name in _SAME if name in again]
    if any(_plain(raw.get(name)) != _plain(again[name]) for name in same):
        return False
    return all(
        _values(raw.get(part)) == _values(again[part])
        for part in ("inputs", "parameters")
    )


def _values(given: Any) -> dict[str, list[str]]:
    """Return values as lists of texts: Agave makes lists and fractions of them."""
    values = given if isinstance(given, Mapping) else {}
    return {name: _plain(value) for name, value in values.items() if _plain(value)}


def _plain(value: Any) -> list[str]:
    many = value if isinstance(value, list) else [value]
    return [
        str(one).removesuffix(".0") for one in many if one is not None and one != ""
    ]
