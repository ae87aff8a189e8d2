"""Which apps a search looks for: those of some kinds and systems, of any version.

The platform compares app ids with patterns, all of which have to hold; it knows no
"one of these patterns".  So a search asks for what the wanted apps' names begin with
and leaves out other apps that begin so, too.
"""

from collections.abc import Iterable
from typing import Any, Final

from .registry import Registry

__all__ = ["OTHER", "app_terms"]

OTHER: Final = "other"
# A platform takes so many terms in one search.
_MOST: Final = 40


def app_terms(registry: Registry, kind: str, system: str) -> dict[str, Any] | None:
    """Return the terms that find a kind's or a system's jobs; None: there can be none.

    They may find a few jobs more, of apps that the registry does not have any more.

    Args:
        registry: The systems of the instance.
        kind: Of the jobs; empty for all, `other` for those that are not ours.
        system: A system's name; for jobs that are not ours, the platform's id of it.
    """
    if not (kind or system):
        return {}
    known = registry.app_names()
    named = {name for name, _ in known.values()}
    if kind == OTHER or (system and system not in named):
        if kind not in {"", OTHER} or system in named:
            return None
        terms: dict[str, Any] = {"appId.nlike": _patterns(known)[:_MOST]}
        return {**terms, "executionSystem": system} if system else terms
    wanted = {
        app
        for app, (its_system, its_kind) in known.items()
        if kind in {"", its_kind} and system in {"", its_system}
    }
    return _only(wanted, set(known) - wanted) if wanted else None


def _only(wanted: set[str], others: set[str]) -> dict[str, Any]:
    ours = [f"{app}-" for app in wanted]
    beginning, ending = _common_parts(ours)
    pattern = f"{beginning}*{ending}*" if ending else f"{beginning}*"
    left_out = {
        prefix
        for app in others
        if f"{app}-".startswith(beginning) and ending in f"{app}-"
        for prefix in _first_that_spares(f"{app}-", ours)
    }
    terms: dict[str, Any] = {"appId.like": pattern}
    if left_out:
        terms["appId.nlike"] = [f"{prefix}*" for prefix in sorted(left_out)][:_MOST]
    return terms


def _first_that_spares(app: str, ours: list[str]) -> list[str]:
    """Return the shortest beginning of an app that none of ours has, if there is one.

    Short ones are the same for many apps, which saves terms.
    """
    for index, character in enumerate(app):
        prefix = app[: index + 1]
        if character == "-" and not any(own.startswith(prefix) for own in ours):
            return [prefix]
    return []


def _common_parts(apps: list[str]) -> tuple[str, str]:
    """Return what all apps begin with up to a dash, and what they end with from one.

    The end is empty where an app has no more than the beginning.
    """
    beginning = _common_beginning(apps)
    beginning = beginning[: beginning.rfind("-") + 1]
    ending = _common_beginning([app[::-1] for app in apps])[::-1]
    dash = ending.find("-")
    ending = ending[dash:] if 0 <= dash < len(ending) - 1 else ""
    if any(len(app) < len(beginning) + len(ending) for app in apps):
        ending = ""
    return beginning, ending


def _common_beginning(texts: list[str]) -> str:
    # Whatever lies between the first and the last in order begins as these two do.
    low, high = min(texts), max(texts)
    pairs = enumerate(zip(low, high, strict=False))
    return low[: next((index for index, (a, b) in pairs if a != b), len(low))]


def _patterns(apps: Iterable[str]) -> list[str]:
    return [f"{app}-*" for app in apps]
