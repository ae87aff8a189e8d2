"""Workers of an actor: list, show, add, let go (spec: Abaco, A.9)."""

from agave_local.call import Answer, Call
from agave_local.errors import BadRequest, NotFound
from agave_local.services.actors.access import Visit, identify, unknown, visit
from agave_local.services.actors.errors import NO_STAFFING
from agave_local.services.actors.fields import Field, integer, read_fields
from agave_local.services.actors.permissions import Level
from agave_local.services.actors.registry import ERROR
from agave_local.services.actors.search import is_search
from agave_local.services.actors.views.search import search_of
from agave_local.services.actors.workers import Worker

_PREFIX = "Invalid workers description"
_MOST = 64
_FIELDS = (Field("num", integer, "How many workers there are at least.", default=1),)


def on_list(call: Call) -> Answer:
    """List the workers of an actor."""
    visited = visit(call, Level.READ)
    if is_search(call.request.args):
        return search_of(call, "workers", visited)
    actors = call.tenant.actors
    workers = actors.engine.workers(visited.actor["id"])
    shown = [actors.display.worker(worker) for worker in workers]
    return Answer(shown, message="Workers retrieved successfully.")


def on_get(call: Call) -> Answer:
    """Show a worker."""
    worker = _find(call, visit(call, Level.READ))
    shown = call.tenant.actors.display.worker(worker)
    return Answer(shown, message="Worker retrieved successfully.")


def on_add(call: Call) -> Answer:
    """Have so many workers at least; only administrators may ask for it."""
    identifier = call.args["actor_id"]
    if not identify(call, identifier, Level.UPDATE).is_admin:
        raise BadRequest(NO_STAFFING)
    actor = call.tenant.actors.find(identifier)
    if actor is None:
        raise unknown(call, identifier)
    number = read_fields(call.request, _FIELDS, prefix=_PREFIX)["num"]
    if number > _MOST:
        raise BadRequest(f"{_PREFIX}: an actor can have {_MOST} workers at most.")
    if number > 1 and not actor["stateless"]:
        raise BadRequest(f"{_PREFIX}: stateful actors can only have 1 worker.")
    if actor["status"] == ERROR:
        raise BadRequest(actor["statusMessage"])
    added, before = call.tenant.actors.engine.staff(actor["id"], number)
    if not added:
        return Answer(message=f"Actor {actor['id']} already had {number} worker(s).")
    return Answer(
        message=f"Scheduled {added} new worker(s) to start. "
        f"Previously, there were {before} workers."
    )


def on_delete(call: Call) -> Answer:
    """Let a worker go, after what it does now."""
    visited = visit(call, Level.UPDATE)
    worker = _find(call, visited)
    call.tenant.actors.engine.dismiss(visited.actor["id"], worker.id)
    return Answer(message="Worker scheduled to be stopped.")


def _find(call: Call, visited: Visit) -> Worker:
    for worker in call.tenant.actors.engine.workers(visited.actor["id"]):
        if worker.id == call.args["worker_id"]:
            return worker
    raise NotFound("Worker not found.")
