"""Searches of actors, executions, workers and logs (spec: Abaco, A.11).

query ─▶ `read_search` ─▶ `Search.narrow`, which the database decides
                       ─▶ `Search.page`, which looks at what is left
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from werkzeug.datastructures import MultiDict

from agave_local.errors import BadRequest
from agave_local.records.conditions import ALWAYS, Condition, among
from agave_local.services.actors.search_operators import Filter, read_filter
from agave_local.services.actors.search_values import coerce, items, texts_of

LIMIT = 100
_MOST = 10_000
_MOST_CONDITIONS = 50
_MOST_WORDS = 50
_LONGEST = 4_000
_NONCE = "x-nonce"
_WORD = re.compile(r"\w+")
_Record = TypeVar("_Record")


@dataclass(frozen=True)
class Page(Generic[_Record]):
    """What a search found.

    Attributes:
        records: those of the page.
        total: how many there are without pages.
    """

    records: list[_Record]
    total: int


@dataclass(frozen=True)
class Search:
    """What a caller looks for.

    Attributes:
        filters: conditions of fields, all of which hold.
        patterns: of texts, each of which matches some text of the document.
        skip: how many are left out at the beginning.
        limit: how many are returned at most.
    """

    filters: tuple[Filter, ...] = ()
    patterns: tuple[re.Pattern[str], ...] = ()
    skip: int = 0
    limit: int = LIMIT

    @property
    def is_plain(self) -> bool:
        """Whether no document has to be looked at."""
        return not self.filters and not self.patterns

    def narrow(self, columns: Mapping[str, str]) -> tuple["Search", Condition]:
        """Let the database decide what it can.

        Args:
            columns: fields that always hold a text → their names in the records.

        Returns:
            What is left to look for, and the condition of the rest.
        """
        condition, left = ALWAYS, []
        for each in self.filters:
            column = columns.get(".".join(each.path))
            texts = None if column is None else _texts(each)
            if column is None or texts is None:
                left.append(each)
            else:
                condition &= among(column, texts)
        return replace(self, filters=tuple(left)), condition

    def page(self, found: Iterable[tuple[_Record, Any]]) -> Page[_Record]:
        """Return the page of the records whose documents match.

        Args:
            found: records and their documents, as callers see them.
        """
        records: list[_Record] = []
        total = 0
        for record, document in found:
            if self.matches(document):
                if self.skip <= total < self.skip + self.limit:
                    records.append(record)
                total += 1
        return Page(records, total)

    def matches(self, document: Any) -> bool:
        """Tell whether a document is looked for."""
        return all(each.matches(document) for each in self.filters) and all(
            any(pattern.search(text) for text in texts_of(document))
            for pattern in self.patterns
        )


def is_search(query: MultiDict[str, str]) -> bool:
    """Tell whether a query makes a listing a search: it has more than a nonce."""
    return bool(set(query) - {_NONCE})


def read_search(query: MultiDict[str, str]) -> Search:
    """Read a query.

    Raises:
        BadRequest: for what cannot be looked for, saying why.
    """
    filters: list[Filter] = []
    patterns: list[re.Pattern[str]] = []
    given = [pair for pair in query.items(multi=True) if pair[0] != _NONCE]
    if len(given) > _MOST_CONDITIONS:
        raise BadRequest(f"A search has at most {_MOST_CONDITIONS} conditions.")
    for key, text in given:
        if len(key) + len(text) > _LONGEST:
            words = f"a condition has at most {_LONGEST} characters."
            raise BadRequest(f"{key[:80]}: {words}")
        match key:
            case "skip" | "limit":
                continue
            case "search":
                patterns.append(_words(text))
            case "exactsearch":
                patterns.append(_phrase(text))
            case _:
                filters.append(read_filter(key, text))
    skip, limit = _count(query, "skip", 0), _count(query, "limit", LIMIT)
    return Search(tuple(filters), tuple(patterns), skip, min(limit, _MOST))


def _texts(each: Filter) -> list[str] | None:
    """Return the texts that satisfy a condition; None where it is of another kind."""
    if each.operator == "eq" and coerce(each.text) is not None:
        return [each.text]
    if each.operator == "in":
        listed = items(each.text, each.operator)
        texts = [item for item in listed if isinstance(item, str)]
        if len(texts) == len(listed) and all(
            coerce(text) is not None for text in texts
        ):
            return texts
    return None


def _words(text: str) -> re.Pattern[str]:
    """Return what finds a text that has one of some words, or one that begins so."""
    words = list(dict.fromkeys(_WORD.findall(text)))[:_MOST_WORDS]
    if not words:
        raise BadRequest("search: there is no word to look for.")
    return re.compile(r"\b(?:" + "|".join(map(re.escape, words)) + ")", re.IGNORECASE)


def _phrase(text: str) -> re.Pattern[str]:
    if not text.strip():
        raise BadRequest("exactsearch: there is no phrase to look for.")
    return re.compile(re.escape(text.strip().strip('"')), re.IGNORECASE)


def _count(query: MultiDict[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < len("1234567890")):
        raise BadRequest(f"{name} is a whole number, 0 or greater.")
    return int(text)
