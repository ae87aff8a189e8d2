"""Finding jobs by their fields: `status=RUNNING`, `name.like=ipt-*`, `status.in=…`."""

import fnmatch
from collections.abc import Callable, Iterable, Mapping

from agave_local.errors import BadRequest
from agave_local.store import Document

_FIELDS = frozenset(
    {"id", "name", "owner", "status", "appId", "executionSystem", "batchQueue"}
)
# Of the envelope and of paging; not of a search.
_OTHER = frozenset(
    {"limit", "offset", "pretty", "naked", "filter", "x-nonce", "order", "orderBy"}
)
Matches = Callable[[Document], bool]


def read_search(query: Iterable[tuple[str, str]]) -> Matches:
    """Read the terms of a search.

    Args:
        query: names and values of the address.

    Returns:
        What tells whether a job has everything that is asked for.

    Raises:
        BadRequest: a field or an operator that there is not.
    """
    terms = [_read_term(name, value) for name, value in query if name not in _OTHER]
    return lambda job: all(matches(job) for matches in terms)


def _is_like(value: str, wanted: str) -> bool:
    # Only `*` is a wildcard; fnmatch's others are taken as they are.
    pattern = wanted.replace("[", "[[]").replace("?", "[?]")
    return fnmatch.fnmatchcase(value.lower(), pattern.lower())


def _is_in(value: str, wanted: str) -> bool:
    return value in [word.strip() for word in wanted.split(",")]


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "eq": lambda value, wanted: value == wanted,
    "neq": lambda value, wanted: value != wanted,
    "like": _is_like,
    "nlike": lambda value, wanted: not _is_like(value, wanted),
    "in": _is_in,
    "nin": lambda value, wanted: not _is_in(value, wanted),
}


def _read_term(name: str, wanted: str) -> Matches:
    field, _, operator = name.partition(".")
    if field not in _FIELDS:
        raise BadRequest(f"Jobs can't be searched by `{field}`.")
    compare = _OPERATORS.get((operator or "eq").lower())
    if compare is None:
        raise BadRequest(f"`{operator}` is not one of {', '.join(_OPERATORS)}.")
    return lambda job: compare(str(job[field]), wanted)
