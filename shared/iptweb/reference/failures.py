"""Which errors a route answers with: what all have, and what its docstring raises."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from iptweb import errors
from iptweb.http import Route

from .docs import read_docs

__all__ = ["ANY_ROUTE", "OWN_TOKEN", "Failure", "failures_of"]


@dataclass(frozen=True)
class Failure:
    """A way in which a route refuses.

    Attributes:
        status: As in HTTP.
        code: For programs.
        meaning: For people.
    """

    status: int
    code: str
    meaning: str


def _failure(error: type[errors.IptwebError], meaning: str) -> Failure:
    return Failure(error.status, error.code, meaning)


ANY_ROUTE: Final = (
    _failure(
        errors.BadRequest,
        "The message or a field of it is not what it should be; `details.field` names "
        "the field.",
    ),
    _failure(
        errors.Unauthorized,
        "The platform names no caller, or `authorization` is missing where it is "
        "needed, or is no bearer token.",
    ),
    _failure(errors.PayloadTooLarge, "The message or the answer is too long."),
    _failure(
        errors.IptwebError,
        "A fault here, or in the settings; report `request_id` if it stays.",
    ),
    _failure(errors.AgaveRefused, "The platform refused what we asked it."),
    _failure(
        errors.AgaveUnavailable,
        "The platform does not answer, or is in trouble; try again a little later.",
    ),
)
OWN_TOKEN: Final = (
    _failure(errors.TokenExpired, "The token in `authorization` is no longer good."),
    _failure(
        errors.Forbidden,
        "The token in `authorization` is somebody else's, or the platform does not "
        "let its owner do that.",
    ),
)


def failures_of(route: Route) -> tuple[Failure, ...]:
    """Return what a route adds to `ANY_ROUTE`, the lowest status first.

    Raises:
        AttributeError: Its docstring raises what is no error of ours.
    """
    own = list(_told(route))
    known = {(each.status, each.code) for each in own}
    shared = () if route.own_token is False else OWN_TOKEN
    own += [each for each in shared if (each.status, each.code) not in known]
    return tuple(sorted(own, key=lambda each: (each.status, each.code)))


def _told(route: Route) -> Iterator[Failure]:
    for name, meaning in read_docs(route.view).sections.get("Raises", {}).items():
        yield _failure(getattr(errors, name), meaning)
