"""What can be searched, and by whom: those who may read it, administrators included.

Only permissions count here, not the role of an administrator (spec: Abaco, A.11).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from agave_local.call import Identity
from agave_local.clock import to_iso
from agave_local.errors import BadRequest
from agave_local.records.conditions import Condition, among, equal
from agave_local.records.store import Document
from agave_local.services.actors.access import Visit, allows, own_name, readable_of
from agave_local.services.actors.display import Display
from agave_local.services.actors.permissions import Level, may
from agave_local.services.actors.search import Page, Search
from agave_local.services.actors.workers import Worker

if TYPE_CHECKING:
    from agave_local.services.actors.models import Actors

Shown = dict[str, Any]
# Their logs may have a megabyte each.
_MOST_TEXT = 256 * 2**20
_MOST_SHOWN = 32 * 2**20
_COLUMNS = {
    "id": "id",
    "actorId": "parent",
    "executor": "executor",
    "status": "status",
}


@dataclass(frozen=True)
class Scope:
    """Where is searched.

    Attributes:
        identity: the caller.
        actors: that the caller may read.
        executor: whose executions, where only theirs can be meant; else None.
        execution_id: of the one execution, where only its log is meant.
    """

    identity: Identity
    actors: list[Document]
    executor: str | None = None
    execution_id: str | None = None


def whole(actors: "Actors", identity: Identity) -> Scope:
    """Return all that a caller may read."""
    return Scope(identity, actors.registry.readable_by(identity.username))


def of_visit(visited: Visit, execution_id: str | None = None) -> Scope:
    """Return one actor, where its visitor has a permission to read it."""
    identity, actor = visited.identity, visited.actor
    is_readable = may(actor["permissions"], identity.username, Level.READ)
    return Scope(
        identity,
        [actor] if is_readable else [],
        executor=readable_of(visited),
        execution_id=execution_id,
    )


def find_actors(actors: "Actors", scope: Scope, search: Search) -> Page[Shown]:
    """Search actors."""
    display = actors.display
    found = search.page(
        (actor, _actor_fields(display, actor)) for actor in scope.actors
    )
    return _shown(found, partial(display.actor, nulls=True))


def find_executions(actors: "Actors", scope: Scope, search: Search) -> Page[Shown]:
    """Search executions."""
    display = actors.display
    by_id = {actor["id"]: actor for actor in scope.actors}
    search, condition = search.narrow(_COLUMNS)
    found = list(actors.executions.those(_executions_of(scope) & condition))
    page: Page[Document]
    if search.is_plain:
        wanted = found[search.skip : search.skip + search.limit]
        page = Page(list(actors.executions.read(wanted)), len(found))
    else:
        page = search.page(
            (record, display.execution_fields(record["parent"], record))
            for record in actors.executions.read(found)
        )
    return _shown(
        page, lambda record: _show_execution(display, by_id[record["parent"]], record)
    )


def find_workers(actors: "Actors", scope: Scope, search: Search) -> Page[Shown]:
    """Search workers."""
    display = actors.display
    found = search.page(
        (worker, {**_worker_fields(display, worker), "actorId": actor["id"]})
        for actor in scope.actors
        for worker in actors.engine.workers(actor["id"])
    )
    return _shown(found, display.worker)


def find_logs(actors: "Actors", scope: Scope, search: Search) -> Page[Shown]:
    """Search the logs of executions that have ended."""
    condition = _executions_of(scope)
    if scope.execution_id is not None:
        condition &= equal("id", scope.execution_id)
    found = search.page(_logs(actors, scope, actors.executions.those(condition)))
    if sum(len(shown["logs"]) for shown in found.records) > _MOST_SHOWN:
        raise BadRequest("So many logs are too much at once; use a smaller limit.")
    return found


def _logs(
    actors: "Actors", scope: Scope, parents: Mapping[str, str]
) -> Iterator[tuple[Shown, Shown]]:
    by_id = {actor["id"]: actor for actor in scope.actors}
    looked_at = 0
    for execution_id, text in actors.executions.logs(list(parents)):
        looked_at += len(text)
        if looked_at > _MOST_TEXT:
            raise BadRequest(
                "There are too many logs to look through; search those of one actor "
                "or of one execution."
            )
        actor = by_id[parents[execution_id]]
        fields = {"actorId": actor["id"], "id": execution_id, "logs": text}
        shown = actors.display.log(actor, execution_id, text)
        yield {**actors.display.naming.show(fields), **shown}, fields


def _executions_of(scope: Scope) -> Condition:
    """Return the condition of the executions that a caller may read.

    Executions are their executor's, and of those who may change the actor.
    """
    changeable: list[str] = []
    others: list[str] = []
    for actor in scope.actors:
        mine = allows(scope.identity, actor, Level.UPDATE)
        (changeable if mine else others).append(actor["id"])
    own = among("parent", others) & equal("executor", own_name(scope.identity))
    condition = among("parent", changeable) | own
    if scope.executor is not None:
        condition &= equal("executor", scope.executor)
    return condition


def _actor_fields(display: Display, actor: Document) -> Shown:
    return {
        **display.actor_fields(actor),
        "createTime": to_iso(actor["created"]),
        "lastUpdateTime": to_iso(actor["updated"]),
    }


def _worker_fields(display: Display, worker: Worker) -> Shown:
    last = worker.last_execution
    return {
        **display.worker_fields(worker),
        "createTime": to_iso(worker.created),
        "lastExecutionTime": None if last is None else to_iso(last),
        "lastHealthCheckTime": to_iso(worker.checked),
    }


def _show_execution(display: Display, actor: Document, record: Document) -> Shown:
    """Return an execution as a search shows it: its link to logs leaves itself out."""
    links = display.execution(actor, record)["_links"]
    logs = f"{display.actor(actor)['_links']['self']}/logs"
    shown = {
        **display.execution_fields(actor["id"], record),
        "_links": {**links, "logs": logs},
    }
    return display.naming.show(shown, nulls=True)


def _shown(page: Page[Any], show: Callable[[Any], Shown]) -> Page[Shown]:
    return Page([show(record) for record in page.records], page.total)
