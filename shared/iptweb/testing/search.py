"""Agave's searches for jobs and for documents, as far as the functions use them."""

import fnmatch
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from iptweb.agave import MetadataItem

__all__ = ["is_found", "matches"]


def is_found(job: Mapping[str, Any], terms: Mapping[str, str | Sequence[str]]) -> bool:
    """Return whether a job satisfies all terms, such as `name.like` and `*heat*`."""
    return all(
        _TESTS[term.partition(".")[2]](str(job.get(term.partition(".")[0])), value)
        for term, given in terms.items()
        for value in ([given] if isinstance(given, str) else given)
    )


def is_comparable(value: Any, test: Mapping[str, Any]) -> bool:
    """Return whether a value can be compared with what a test names."""
    return all(
        isinstance(value, str) == isinstance(wanted, str)
        and isinstance(value, str | int | float)
        for wanted in test.values()
    )


def matches(item: "MetadataItem", path: str, test: Any) -> bool:
    """Return whether a document's field is a value, or stands `$regex` and `$gt`."""
    name, *inside = path.split(".")
    value: Any = getattr(item, name)
    for key in inside:
        value = value.get(key) if isinstance(value, Mapping) else None
    if not isinstance(test, Mapping):
        return bool(value == test)
    if not is_comparable(value, test):
        return False
    return all(
        re.search(wanted, value) is not None if operator == "$regex" else value > wanted
        for operator, wanted in test.items()
    )


def _is_like(known: str, wanted: str) -> bool:
    # An asterisk is all that is special to Agave.
    pattern = wanted.lower().replace("[", "[[]").replace("?", "[?]")
    return fnmatch.fnmatchcase(known.lower(), pattern)


_TESTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "": lambda known, wanted: known == wanted,
    "like": _is_like,
    "nlike": lambda known, wanted: not _is_like(known, wanted),
    "in": lambda known, wanted: known in wanted.split(","),
    "gte": lambda known, wanted: known >= wanted,
    "lt": lambda known, wanted: known < wanted,
}
