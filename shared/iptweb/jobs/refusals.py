"""What it means that Agave does not take a job: whose fault, and of which field."""

import dataclasses
from http import HTTPStatus

from iptweb.errors import AgaveRefused, BadRequest, Forbidden
from iptweb.files import HomePath

from .kinds import JobRequest

__all__ = ["explain"]


def explain(
    error: AgaveRefused, job: JobRequest, user: str
) -> BadRequest | Forbidden | AgaveRefused:
    """Return whose fault it is: a file that is not there is the request's.

    Args:
        error: What Agave said.
        job: What was to be submitted.
        user: Whose it is.
    """
    if error.upstream_status == HTTPStatus.FORBIDDEN:
        return Forbidden(error.message)
    blamed = _find_blamed(error.message, job, user)
    if error.upstream_status == HTTPStatus.NOT_FOUND:
        if blamed is None:
            return BadRequest(error.message)
        field, path = blamed
        return BadRequest(f"There is no file {path.text} in your home.", field=field)
    if error.upstream_status in {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }:
        return BadRequest(error.message, field=blamed[0] if blamed else None)
    return error


def _find_blamed(
    message: str, job: JobRequest, user: str
) -> tuple[str, HomePath] | None:
    """Return the field whose file a message names, and the file."""
    named = [
        (field, path) for field, path in _files(job) if f"{user}/{path.text}" in message
    ]
    # Of `a.c` and `a.c.bak` the longer one is meant where both seem to be.
    return max(named, key=lambda pair: len(pair[1].text), default=None)


def _files(job: JobRequest) -> list[tuple[str, HomePath]]:
    found = []
    for field in dataclasses.fields(job):
        value = getattr(job, field.name)
        paths = value if isinstance(value, tuple) else (value,)
        found += [(field.name, path) for path in paths if isinstance(path, HomePath)]
    return found
