"""What jobs somebody looks for, and the terms that the platform finds them by."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from iptweb.errors import BadRequest

from .apps import app_terms
from .registry import Registry

__all__ = ["JobFilter", "Terms", "holds"]

Terms = dict[str, Any]

_MOST_WORDS: Final = 10
_STATUS: Final = re.compile(r"[A-Z_]{1,40}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Of a job's id: digits and letters in groups.
_OF_ID: Final = re.compile(r"(?=.*[0-9])[0-9a-f-]{4,}")
# The site shows `ipt-build-run-heat-…` as "Compile and run heat".
_SHOWN: Final = re.compile(r"compile\s+and\s+run")


@dataclass(frozen=True)
class JobFilter:
    """Which jobs are wanted; what is empty does not matter.

    Attributes:
        words: All of them are in the job's name, or the only one is in its id.
        kind: As in docs/architecture.md §5.3.
        statuses: One of them is the job's.
        system: Name of the system.
        since: The job was made at that moment or later.
        until: The job was made before that moment.
    """

    words: tuple[str, ...] = ()
    kind: str = ""
    statuses: tuple[str, ...] = ()
    system: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    @classmethod
    def read(
        cls,
        *,
        search: str = "",
        kind: str = "",
        status: str = "",
        system: str = "",
        since: str = "",
        until: str = "",
    ) -> "JobFilter":
        """Read what a caller wrote.

        Raises:
            BadRequest: It makes no sense; names the field.
        """
        # An asterisk stands for anything where the platform compares names.
        plain = _SHOWN.sub("build-run", search.lower().replace("*", " "))
        words = tuple(dict.fromkeys(plain.split()))
        if len(words) > _MOST_WORDS:
            raise BadRequest(
                f"search has more than {_MOST_WORDS} words.", field="search"
            )
        statuses = tuple(one.strip().upper() for one in status.split(",") if one)
        if not all(_STATUS.fullmatch(one) for one in statuses):
            raise BadRequest(
                "status must be the names of states, such as RUNNING,QUEUED.",
                field="status",
            )
        return cls(
            words=words,
            kind=kind,
            statuses=statuses,
            system=system,
            since=_read_moment(since, "since"),
            until=_read_moment(until, "until", end=True),
        )

    @property
    def is_empty(self) -> bool:
        """Whether every job is wanted."""
        return self == JobFilter()

    @property
    def id_part(self) -> str:
        """The word that may be a part of a job's id instead of its name, or empty."""
        only = self.words[0] if len(self.words) == 1 else ""
        return only if _OF_ID.fullmatch(only) else ""

    def to_terms(self, registry: Registry) -> Terms | None:
        """Return the terms of the platform's search, None where nothing can match."""
        terms = app_terms(registry, self.kind, self.system)
        if terms is None:
            return None
        if self.words:
            terms["name.like"] = [f"*{word}*" for word in self.words]
        if self.statuses:
            terms["status.in"] = ",".join(self.statuses)
        if self.since:
            terms["created.gte"] = _to_text(self.since)
        if self.until:
            terms["created.lt"] = _to_text(self.until)
        return terms

    def matches(self, job: Mapping[str, Any]) -> bool:
        """Return whether a job, as callers see it, is wanted."""
        name = job["name"].lower()
        named = all(word in name for word in self.words)
        found = named or (self.id_part and self.id_part in job["id"].lower())
        made = _parse(job["created"])
        return bool(
            found
            and self.is_of(job)
            and (not self.statuses or job["status"] in self.statuses)
            and (made is None or _is_between(made, self.since, self.until))
        )

    def is_of(self, job: Mapping[str, Any]) -> bool:
        """Return whether a job is of the wanted kind and system."""
        return self.kind in {"", job["kind"]} and self.system in {"", job["system"]}


def holds(terms: Terms, raw: Mapping[str, Any]) -> bool:
    """Return whether a job that the platform found satisfies the terms.

    A platform that knows no search leaves the terms out of account and returns every
    job.  What a job does not tell counts as right.
    """
    return all(
        _holds(raw.get(term.partition(".")[0]), term.partition(".")[2], value)
        for term, given in terms.items()
        for value in (given if isinstance(given, list) else [given])
    )


def _holds(known: Any, operator: str, wanted: str) -> bool:
    if known is None:
        return True
    text = str(known)
    match operator:
        case "like":
            return _is_like(text, wanted)
        case "nlike":
            return not _is_like(text, wanted)
        case "in":
            return text.upper() in wanted.split(",")
        case "gte" | "lt":
            made, moment = _parse(text), _parse(wanted)
            # What does not tell its time is taken for right.
            later = made >= moment if made and moment else operator == "gte"
            return later is (operator == "gte")
        case _:
            return text == wanted


def _is_like(text: str, pattern: str) -> bool:
    rest = text.lower()
    first, *others = pattern.lower().split("*")
    if not rest.startswith(first):
        return False
    position = len(first)
    for piece in others:
        found = rest.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return True


def _read_moment(text: str, field: str, *, end: bool = False) -> dt.datetime | None:
    """Return a moment; of a day its beginning, or its end."""
    if not text:
        return None
    moment = _parse(text)
    try:
        if moment is not None and end and _DAY.fullmatch(text):
            moment += dt.timedelta(days=1)
    except OverflowError:
        moment = None
    if moment is None:
        raise BadRequest(
            f"{field} must be a day or a time, such as 2027-01-31 or "
            "2027-01-31T12:00:00Z.",
            field=field,
        )
    return moment


def _parse(text: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text)
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return zoned.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def _is_between(
    made: dt.datetime, since: dt.datetime | None, until: dt.datetime | None
) -> bool:
    return (since is None or made >= since) and (until is None or made < until)


def _to_text(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
