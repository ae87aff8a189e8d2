"""Agave's search for jobs, as far as the functions use it."""

import fnmatch
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

__all__ = ["is_found"]


def is_found(job: Mapping[str, Any], terms: Mapping[str, str | Sequence[str]]) -> bool:
    """Return whether a job satisfies all terms, such as `name.like` and `*heat*`."""
    return all(
        _TESTS[term.partition(".")[2]](str(job.get(term.partition(".")[0])), value)
        for term, given in terms.items()
        for value in ([given] if isinstance(given, str) else given)
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
