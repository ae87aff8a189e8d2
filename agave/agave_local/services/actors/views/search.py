"""Searches of all of a kind, or by the query of a listing (spec: Abaco, A.11)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from agave_local.call import Answer, Call, Identity
from agave_local.services.actors.access import Visit, identify
from agave_local.services.actors.errors import Unrecognized
from agave_local.services.actors.search import Page, Search, read_search
from agave_local.services.actors.search_sources import (
    Scope,
    Shown,
    find_actors,
    find_executions,
    find_logs,
    find_workers,
    of_visit,
    whole,
)

if TYPE_CHECKING:
    from agave_local.services.actors.models import Actors

_Find = Callable[["Actors", Scope, Search], Page[Shown]]
_KINDS: dict[str, _Find] = {
    "actors": find_actors,
    "executions": find_executions,
    "workers": find_workers,
    "logs": find_logs,
}
# Abaco forgot to fill its list in; clients compare the words.
_NO_KIND = (
    "'Inputted search_type is invalid, must be one of {list(store_dict.keys())}.'"
)


def on_search(call: Call) -> Answer:
    """Search everything of a kind that the caller may read."""
    identity = identify(call)
    kind = call.args["search_type"]
    if kind not in _KINDS:
        raise Unrecognized("KeyError", _NO_KIND)
    scope = whole(call.tenant.actors, identity)
    return _answer(call, kind, scope, "Search completed successfully.")


def search_actors(call: Call, identity: Identity) -> Answer:
    """Search the actors that a caller may read, by the query of their listing."""
    scope = whole(call.tenant.actors, identity)
    return _answer(call, "actors", scope, "Actors search completed successfully.")


def search_of(call: Call, kind: str, visited: Visit) -> Answer:
    """Search what belongs to an actor, by the query of its listing.

    Args:
        call: of the listing.
        kind: `executions`, `workers` or `logs`.
        visited: the actor.
    """
    scope = of_visit(visited, call.args.get("execution_id"))
    message = f"{kind.capitalize()} search completed successfully."
    return _answer(call, kind, scope, message)


def _answer(call: Call, kind: str, scope: Scope, message: str) -> Answer:
    actors = call.tenant.actors
    search = read_search(call.request.args)
    page = _KINDS[kind](actors, scope, search)
    metadata = {
        "countReturned": len(page.records),
        "recordLimit": search.limit,
        "recordsSkipped": search.skip,
        "totalCount": page.total,
    }
    found = {"_metadata": actors.naming.show(metadata), "search": page.records}
    return Answer(found, message=message)
